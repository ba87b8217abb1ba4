import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFingerprinted } from '../../src/site/fingerprint.ts';

test('a hash in the name of what a build tool made is told from words, years and versions', () => {
  const rows: readonly (readonly [path: string, isFingerprinted: boolean])[] = [
    ['assets/index-BxK3a9Qz.js', true],
    ['assets/index-BxK3a9Qz.css.map', true],
    ['assets/logo.3f2a1b4c.svg', true],
    ['static/js/main.3f2a1b4c9d.js', true],
    ['_next/static/chunks/pages-1a2b3c4d5e6f7a8b.js', true],
    ['_astro/index.Dk2P3_X1.css', true],
    ['app/build/chunk-5CDGWVJH.mjs', true],
    ['assets/font-d41d8cd98f00b204e9800998ecf8427e.woff2', true],
    // Not in a folder of builds.
    ['index-BxK3a9Qz.js', false],
    ['img/index-BxK3a9Qz.js', false],
    ['BxK3a9Qz/index.js', false],
    // Not a hash.
    ['assets/index.js', false],
    ['assets/my-document.js', false],
    ['assets/holiday-Summer24.jpg', false],
    ['assets/holiday-20240203.jpg', false],
    ['assets/lib-1.12.123.js', false],
    ['assets/report-BxK3a9Qz.pdf', false],
    ['assets/page-BxK3a9Qz.html', false],
    ['assets/index-BxK3a9Q.js', false],
    ['assets/index-BxK3a9Qz', false],
    ['assets/BxK3a9Qz.js', false],
  ];
  for (const [path, expected] of rows) assert.equal(isFingerprinted(path.split('/')), expected, path);
  assert.equal(isFingerprinted([]), false);
});
