import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolve } from '../../src/site/resolve.ts';
import type { Site } from '../../src/site/site.ts';
import { path, siteOf } from './fixture.ts';

const files = {
  'index.html': '',
  'about.html': '',
  'both.html': '',
  both: 'a file',
  'old/index.htm': '',
  'docs/index.html': '',
  'docs/page.htm': '',
  'team.html': '',
  'team/index.html': '',
  'list/a.txt': '',
  '.hidden.html': '',
};

const clean: Partial<Site> = { hasCleanHomes: true };
const add: Partial<Site> = { finalSlash: 'add' };
const remove: Partial<Site> = { finalSlash: 'remove' };

/** What is found, in short: the file, or where it has moved. */
const rows: readonly (readonly [target: string, choices: Partial<Site>, outcome: string])[] = [
  ['/about.html', {}, 'about.html'],
  ['/about.html', clean, 'to /about'],
  ['/about.html?a', clean, 'to /about?a'],
  ['/about', clean, 'about.html'],
  ['/index.html', clean, 'to /'],
  ['/docs/index.html', clean, 'to /docs/'],
  ['/old/index.htm', clean, 'to /old/'],
  ['/docs/', clean, 'docs/index.html'],
  // Its clean URL is another file.
  ['/both.html', clean, 'both.html'],
  ['/team.html', clean, 'to /team'],
  ['/about.html', { ...clean, cleanUrls: false }, 'about.html'],
  ['/docs/page.htm', clean, 'docs/page.htm'],
  ['/list/a.txt', clean, 'list/a.txt'],
  ['/list/', clean, 'listing'],
  ['/none.html', clean, 'absent'],
  ['/.hidden.html', clean, 'denied'],
  ['/about', add, 'to /about/'],
  ['/about/', add, 'about.html'],
  ['/about.html', add, 'about.html'],
  ['/about.html', { ...add, ...clean }, 'to /about/'],
  // With the slash it is another page.
  ['/team', add, 'team.html'],
  ['/team/', add, 'team/index.html'],
  ['/docs', add, 'to /docs/'],
  ['/both', add, 'both'],
  ['/about/', { ...add, cleanUrls: false }, 'absent'],
  ['/about/', remove, 'to /about'],
  ['/about', remove, 'about.html'],
  ['/docs/', remove, 'to /docs'],
  ['/docs', remove, 'docs/index.html'],
  ['/old/', remove, 'to /old'],
  ['/docs/index.html', { ...remove, ...clean }, 'to /docs'],
  // Without the slash it is another page.
  ['/team/', remove, 'team/index.html'],
  ['/', remove, 'index.html'],
  ['/index.html', { ...remove, ...clean }, 'to /'],
  ['/list', remove, 'to /list/'],
  ['/list/', remove, 'listing'],
];

for (const [target, choices, outcome] of rows) {
  test(`${target} with ${JSON.stringify(choices)} is ${outcome}`, async () => {
    const found = await resolve(path(target), siteOf(files, choices));
    const shown =
      found.kind === 'file'
        ? found.segments.join('/')
        : found.kind === 'moved'
          ? `to ${found.location}`
          : found.kind;
    assert.equal(shown, outcome);
  });
}
