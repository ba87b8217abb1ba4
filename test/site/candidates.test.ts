// A module of types alone still has to load.
import '../../src/site/site.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidates } from '../../src/site/candidates.ts';
import type { Site } from '../../src/site/site.ts';
import { path, siteOf } from './fixture.ts';

/** Each place as `path file/folder`, best first. */
const rows: readonly (readonly [target: string, choices: Partial<Site>, places: readonly string[]])[] = [
  ['/', {}, ['index.html serve/pass', 'index.htm serve/pass', ' pass/list']],
  ['/', { listing: false }, ['index.html serve/pass', 'index.htm serve/pass']],
  ['/', { indexNames: [] }, [' pass/list']],
  ['/', { indexNames: [], listing: false }, []],
  ['/docs/', {}, ['docs/index.html serve/pass', 'docs/index.htm serve/pass', 'docs pass/list']],
  ['/docs', {}, ['docs serve/move', 'docs.html serve/pass']],
  ['/docs', { cleanUrls: false }, ['docs serve/move']],
  ['/a/b.txt', {}, ['a/b.txt serve/move', 'a/b.txt.html serve/pass']],
  ['/about.html', {}, ['about.html serve/move', 'about.html.html serve/pass']],
];

for (const [target, choices, places] of rows) {
  test(`${target} with ${JSON.stringify(choices)} is looked for at ${places.join(', ')}`, () => {
    const found = candidates(path(target), siteOf({}, choices)).map(
      ({ segments, file, folder }) => `${segments.join('/')} ${file}/${folder}`,
    );
    assert.deepEqual(found, places);
  });
}

test('a path without segments and without a final slash is only itself', () => {
  const target = { ...path('/'), endsInSlash: false };
  assert.deepEqual(candidates(target, siteOf({})), [{ segments: [], file: 'serve', folder: 'move' }]);
});
