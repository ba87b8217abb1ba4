import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Resolution, resolve } from '../../src/site/resolve.ts';
import type { Site } from '../../src/site/site.ts';
import type { Entry, Store } from '../../src/store/store.ts';
import { path, siteOf } from './fixture.ts';

const files = {
  'index.html': 'home',
  'a.txt': 'a',
  'about.html': 'about',
  both: 'file',
  'both.html': 'page',
  'team.html': 'page',
  'team/x': 'x',
  'docs/index.html': 'docs',
  'old/index.htm': 'old',
  'two/index.html': 'first',
  'two/index.htm': 'second',
  'list/x': 'x',
  'odd/index.html/x': 'a folder that is named like a page',
  '.env': 'secret',
  '.well-known/x': 'x',
  'plain.js': 'plain',
  'plain.js.br': 'coded',
  'alone.js.br': 'coded',
  'alone.js.gz': 'coded',
  'clean.html.zst': 'coded',
  'in/index.html.gz': 'coded',
  'pic.svgz': 'coded',
  'photo.png.gz': 'nobody looks for it',
  'bare.br': 'nobody looks for it',
};
const plainOnly = { stored: false, made: [], madeBytesMax: 0, undone: [] };

const rows: readonly (readonly [target: string, choices: Partial<Site>, found: string])[] = [
  ['/', {}, 'file index.html'],
  ['/a.txt', {}, 'file a.txt'],
  ['/about', {}, 'file about.html'],
  ['/about', { cleanUrls: false }, 'absent'],
  ['/about/', {}, 'absent'],
  ['/about.html', {}, 'file about.html'],
  ['/both', {}, 'file both'],
  ['/team', {}, 'file team.html'],
  ['/team', { cleanUrls: false }, 'moved /team/'],
  ['/team/', {}, 'listing team'],
  ['/docs', {}, 'moved /docs/'],
  ['/docs?q=1', {}, 'moved /docs/?q=1'],
  ['/docs/', {}, 'file index.html'],
  ['/old/', {}, 'file index.htm'],
  ['/two/', {}, 'file index.html'],
  ['/list/', {}, 'listing list'],
  ['/list/', { listing: false }, 'absent'],
  ['/list', { listing: false }, 'moved /list/'],
  ['/odd/', {}, 'listing odd'],
  ['/odd/', { listing: false }, 'absent'],
  ['/none', {}, 'absent'],
  ['/none/', {}, 'absent'],
  ['/a.txt/', {}, 'absent'],
  ['/a.txt/x', {}, 'absent'],
  ['/plain.js', {}, 'file plain.js'],
  ['/alone.js', {}, 'coded alone.js br,gzip'],
  ['/alone.js', { codings: plainOnly }, 'absent'],
  ['/alone.js.gz', {}, 'file alone.js.gz'],
  ['/clean', {}, 'coded clean.html zstd'],
  ['/clean', { cleanUrls: false }, 'absent'],
  ['/in/', {}, 'coded in/index.html gzip'],
  ['/pic.svgz', {}, 'coded pic.svgz gzip'],
  ['/pic.svgz', { codings: plainOnly }, 'coded pic.svgz gzip'],
  ['/photo.png', {}, 'absent'],
  ['/bare', {}, 'absent'],
  ['/.env', {}, 'denied hidden'],
  ['/.none', {}, 'denied hidden'],
  ['/.well-known', {}, 'moved /.well-known/'],
  ['/.well-known.html', {}, 'denied hidden'],
  ['//', {}, 'moved /'],
  ['//docs', {}, 'moved /docs'],
  ['/docs//?x', {}, 'moved /docs/?x'],
  ['//none', {}, 'moved /none'],
];

for (const [target, choices, found] of rows) {
  test(`${target} with ${JSON.stringify(choices)} leads to: ${found}`, async () => {
    assert.equal(inWords(await resolve(path(target), siteOf(files, choices))), found);
  });
}

const failures: readonly Entry[] = [{ kind: 'busy' }, { kind: 'denied', why: 'a device' }];

for (const failure of failures) {
  test(`a store that answers ${failure.kind} is believed, whatever else there may be`, async () => {
    const store: Store = { ...siteOf(files).store, find: async () => failure };
    for (const target of ['/', '/docs/', '/a.txt']) {
      assert.deepEqual(await resolve(path(target), { ...siteOf(files), store }), failure);
    }
  });
}

test('a store whose root is a file serves it under no name', async () => {
  const site = siteOf(files);
  const entry = await site.store.find(['a.txt']);
  const store: Store = { ...site.store, find: async () => entry };
  const target = { ...path('/'), endsInSlash: false };
  assert.equal(inWords(await resolve(target, { ...site, store })), 'file ');
});

function inWords(resolution: Resolution): string {
  switch (resolution.kind) {
    case 'file':
      return `file ${resolution.segments.at(-1) ?? ''}`;
    case 'coded':
      return `coded ${resolution.segments.join('/')} ${resolution.forms.map(({ coding }) => coding).join()}`;
    case 'listing':
      return `listing ${resolution.segments.join('/')}`;
    case 'moved':
      return `moved ${resolution.location}`;
    case 'denied':
      return `denied ${resolution.why}`;
    default:
      return resolution.kind;
  }
}
