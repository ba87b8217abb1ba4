// Siblings that are sent in a file's stead, by Accept and by Accept-Language.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FieldLine } from '../../src/http/message.ts';
import { field, text, type WireResponse } from './client.ts';
import { type Running, transports } from './transports.ts';

const modified = new Date(1e12);
const files: Readonly<Record<string, string>> = {
  'both.jpg': 'jpeg of both',
  'both.avif': 'avif of both',
  'both.webp': 'webp of both',
  'old.png': 'png of old',
  'old.webp': 'webp of old',
  'alone.jpg': 'jpeg alone',
  'a.svg': '<svg/>',
  'a.webp': 'webp of a',
  'index.html': 'english front',
  'index.zh.html': 'chinese front',
  'page.html': 'english page',
  // As long as the English one, and as old.
  'page.zh.html': 'chinese page',
  'page.de.html': 'no language of this site',
  'plain.html': 'english plain',
};
let root: string;

before(() => {
  root = mkdtempSync(join(tmpdir(), 'plinth-variants-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    utimesSync(join(root, path), modified, modified);
  }
  utimesSync(join(root, 'old.webp'), modified, new Date(modified.getTime() - 1));
});
after(() => rmSync(root, { recursive: true, force: true }));

const chrome: FieldLine = ['Accept', 'image/avif,image/webp,image/apng,image/*,*/*;q=0.8'];
const safari: FieldLine = ['Accept', 'image/webp,image/*;q=0.8,*/*;q=0.5'];
const anything: FieldLine = ['Accept', '*/*'];
const images = 'Accept';
const pages = /^(?:Accept-Encoding, )?Accept-Language$/;

/** Each: what is asked with which field, which file answers, and what it says of itself. */
const rows: readonly (readonly [
  target: string,
  line: FieldLine | undefined,
  file: string,
  has: Readonly<Record<string, string | RegExp | undefined>>,
])[] = [
  ['/both.jpg', chrome, 'both.avif', { 'Content-Type': 'image/avif', Vary: images }],
  ['/both.jpg', safari, 'both.webp', { 'Content-Type': 'image/webp', Vary: images }],
  ['/both.jpg', anything, 'both.jpg', { 'Content-Type': 'image/jpeg', Vary: images }],
  ['/both.jpg', undefined, 'both.jpg', { Vary: images }],
  ['/both.jpg', ['Accept', 'image/avif;q=0, image/webp'], 'both.webp', { Vary: images }],
  ['/both.avif', anything, 'both.avif', { Vary: undefined }],
  ['/old.png', chrome, 'old.png', { Vary: images }],
  ['/alone.jpg', chrome, 'alone.jpg', { Vary: images }],
  [
    '/page',
    ['Accept-Language', 'zh-CN,zh;q=0.9,en;q=0.8'],
    'page.zh.html',
    { Vary: pages, 'Content-Language': 'zh' },
  ],
  ['/page.html', ['Accept-Language', 'zh'], 'page.zh.html', { Vary: pages, 'Content-Language': 'zh' }],
  ['/page', ['Accept-Language', 'en, zh;q=0.9'], 'page.html', { Vary: pages, 'Content-Language': 'en' }],
  ['/page', ['Accept-Language', 'de, fr'], 'page.html', { Vary: pages, 'Content-Language': 'en' }],
  ['/page', undefined, 'page.html', { Vary: pages, 'Content-Language': 'en' }],
  ['/', ['Accept-Language', 'zh'], 'index.zh.html', { Vary: pages, 'Content-Language': 'zh' }],
  ['/plain', ['Accept-Language', 'fr, zh;q=0.5'], 'plain.html', { Vary: pages, 'Content-Language': 'en' }],
  ['/plain', ['Accept-Language', 'zh'], 'plain.html', { Vary: pages, 'Content-Language': 'en' }],
];

for (const transport of transports.filter(({ name }) => !name.includes('pieces') && !name.includes('Unix'))) {
  describe(transport.name, () => {
    let server: Running;
    before(async () => {
      server = await transport.start({ root, variants: true, languages: ['en', 'zh', 'fr'] });
    });
    after(async () => {
      await server.stop();
      assert.deepEqual(server.reports, []);
    });

    const ask = (target: string, fields: readonly FieldLine[]): Promise<WireResponse> =>
      server.exchange({ method: 'GET', target, fields });

    for (const [target, line, file, has] of rows) {
      test(`${target} with ${line?.join(': ') ?? 'nothing'} is ${file}`, async () => {
        const fields = line === undefined ? [] : [line];
        const response = await ask(target, fields);
        assert.equal(response.status, 200);
        assert.equal(text(response), files[file]);
        for (const [name, value] of Object.entries(has)) {
          if (value instanceof RegExp) assert.match(field(response, name) ?? '', value, name);
          else assert.equal(field(response, name), value, name);
        }
        const tag = field(response, 'etag') ?? '';
        const again = await ask(target, [...fields, ['If-None-Match', tag]]);
        assert.equal(again.status, 304);
        assert.equal(field(again, 'vary'), field(response, 'vary'));
        const part = await ask(target, [...fields, ['Range', 'bytes=0-2'], ['If-Range', tag]]);
        assert.equal(part.status, 206);
        assert.equal(text(part), files[file]?.slice(0, 3));
      });
    }

    test('variants as long and as old as each other have tags of their own', async () => {
      const english = field(await ask('/page', []), 'etag') ?? '';
      const chinese = await ask('/page', [
        ['Accept-Language', 'zh'],
        ['If-None-Match', english],
      ]);
      assert.equal(chinese.status, 200);
      assert.notEqual(field(chinese, 'etag'), english);
    });
  });
}

test('without a switch a file is only itself', async t => {
  const [transport] = transports;
  assert.ok(transport !== undefined);
  const server = await transport.start({ root });
  t.after(() => server.stop());
  const image = await server.exchange({ method: 'GET', target: '/both.jpg', fields: [chrome] });
  assert.equal(text(image), 'jpeg of both');
  assert.equal(field(image, 'vary'), undefined);
  const page = await server.exchange({ method: 'GET', target: '/page', fields: [['Accept-Language', 'zh']] });
  assert.equal(text(page), 'english page');
  assert.equal(field(page, 'content-language'), undefined);
});
