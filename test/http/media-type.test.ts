import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isCompressible, mediaTypeOf } from '../../src/http/media-type.ts';

test('what the web uses has the type that browsers want', () => {
  const rows: readonly (readonly [extensions: string, type: string])[] = [
    ['html htm', 'text/html; charset=utf-8'],
    ['css', 'text/css; charset=utf-8'],
    ['js mjs cjs', 'text/javascript; charset=utf-8'],
    ['json map topojson har', 'application/json; charset=utf-8'],
    ['jsonld', 'application/ld+json; charset=utf-8'],
    ['geojson', 'application/geo+json; charset=utf-8'],
    ['importmap', 'application/importmap+json; charset=utf-8'],
    ['webmanifest', 'application/manifest+json; charset=utf-8'],
    ['gltf', 'model/gltf+json; charset=utf-8'],
    ['svg svgz', 'image/svg+xml; charset=utf-8'],
    ['txt log ini conf', 'text/plain; charset=utf-8'],
    ['tsx cts py rb rs go sh diff patch', 'text/plain; charset=utf-8'],
    ['md markdown', 'text/markdown; charset=utf-8'],
    ['csv', 'text/csv; charset=utf-8'],
    ['ics', 'text/calendar; charset=utf-8'],
    ['vcf', 'text/vcard; charset=utf-8'],
    ['vtt', 'text/vtt; charset=utf-8'],
    ['xml', 'application/xml'],
    ['xhtml', 'application/xhtml+xml'],
    ['atom', 'application/atom+xml'],
    ['rss', 'application/rss+xml'],
    ['yaml yml', 'application/yaml'],
    ['toml', 'application/toml'],
    ['wasm', 'application/wasm'],
    ['pdf', 'application/pdf'],
    ['zip', 'application/zip'],
    ['gz tgz', 'application/gzip'],
    ['zst', 'application/zstd'],
    ['tar', 'application/x-tar'],
    ['png', 'image/png'],
    ['jpg jpeg jfif pjpeg', 'image/jpeg'],
    ['gif', 'image/gif'],
    ['webp', 'image/webp'],
    ['avif', 'image/avif'],
    ['jxl', 'image/jxl'],
    ['apng', 'image/apng'],
    ['ico cur', 'image/x-icon'],
    ['woff', 'font/woff'],
    ['woff2', 'font/woff2'],
    ['ttf', 'font/ttf'],
    ['otf', 'font/otf'],
    ['mp3', 'audio/mpeg'],
    ['m4a', 'audio/mp4'],
    ['aac', 'audio/aac'],
    ['wav', 'audio/wav'],
    ['flac', 'audio/flac'],
    ['ogg oga opus', 'audio/ogg'],
    ['weba', 'audio/webm'],
    ['mp4 m4v', 'video/mp4'],
    ['webm', 'video/webm'],
    ['ogv', 'video/ogg'],
    ['mov', 'video/quicktime'],
    ['ts mts m2ts', 'video/mp2t'],
    ['m3u8', 'application/vnd.apple.mpegurl'],
    ['mpd', 'application/dash+xml'],
    ['glb', 'model/gltf-binary'],
    ['exe bin dmg iso', 'application/octet-stream'],
  ];
  for (const [extensions, type] of rows) {
    for (const extension of extensions.split(' '))
      assert.equal(mediaTypeOf(`name.${extension}`), type, extension);
  }
});

test('the last extension decides, in any case', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['INDEX.HTML', 'text/html; charset=utf-8'],
    ['jquery.min.js', 'text/javascript; charset=utf-8'],
    ['app.js.map', 'application/json; charset=utf-8'],
    ['photo.png.html', 'text/html; charset=utf-8'],
    ['.eslintrc.json', 'application/json; charset=utf-8'],
    ['a b.txt', 'text/plain; charset=utf-8'],
    ['你.css', 'text/css; charset=utf-8'],
  ];
  for (const [name, expected] of rows) assert.equal(mediaTypeOf(name), expected, name);
});

test('a name that tells nothing is a stream of octets', () => {
  for (const name of [
    '',
    '.',
    'README',
    '.html',
    '.env',
    'a.',
    'a.unknown',
    'a.constructor',
    'a.__proto__',
    'html',
    'a.html ',
  ]) {
    assert.equal(mediaTypeOf(name), 'application/octet-stream', name);
  }
});

test('every name has a type that can stand in a field', () => {
  fc.assert(
    fc.property(fc.string(), name => {
      assert.match(mediaTypeOf(name), /^[a-z]+\/[\w.+-]+(?:; charset=utf-8)?$/);
    }),
  );
});

test('text and its kin get smaller when they are coded; what is packed, or unknown, does not', () => {
  const yes =
    'html css js json map svg xml txt md csv wasm ttf otf yaml importmap webmanifest ico bmp vcf vtt';
  const no = 'png jpg webp avif gif mp3 mp4 ts woff woff2 zip gz zst br pdf wav m3u8 bin exe iso unknown';
  for (const extension of yes.split(' ')) assert.ok(isCompressible(mediaTypeOf(`a.${extension}`)), extension);
  for (const extension of no.split(' ')) assert.ok(!isCompressible(mediaTypeOf(`a.${extension}`)), extension);
});

test('a type that mime-db does not know is judged by its form', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['text/x-new', true],
    ['application/x-new+json; charset=utf-8', true],
    ['application/x-new+xml', true],
    ['application/yaml', true],
    ['application/x-new', false],
    ['x-text/new', false],
    ['constructor', false],
    ['', false],
  ];
  for (const [type, expected] of rows) assert.equal(isCompressible(type), expected, type);
});
