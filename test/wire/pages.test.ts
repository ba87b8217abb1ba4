// Pages whose octets are changed before they are sent: representations like any other, over every transport.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gzipSync } from 'node:zlib';
import { editedBytesMax } from '../../src/store/edited.ts';
import { field, text, type WireResponse } from './client.ts';
import { type Running, transports } from './transports.ts';

const page = '<!doctype html><meta name="env:PLINTH_TEST_A" content="none"><p>0123456789';
const filled = page.replace('none', '&#60;one&#62;');
const long = `${page}${'<p>all work and no play'.repeat(200)}`;
const longFilled = long.replace('none', '&#60;one&#62;');
const secret = 'PLINTH_SECRET_VALUE';
let root: string;

before(() => {
  process.env.PLINTH_TEST_A = '<one>';
  process.env.PLINTH_SECRET = secret;
  root = mkdtempSync(join(tmpdir(), 'plinth-pages-'));
  mkdirSync(join(root, 'sub'));
  const files: Readonly<Record<string, string | Buffer>> = {
    'page.html': page,
    'page.txt': page,
    'long.html': long,
    'long.html.gz': gzipSync('stale: made of the page as it was'),
    'plain.html': '<p>nothing to fill',
    'script.html': `${page}<script></script>`,
    'coded.html.gz': gzipSync(page),
    '404.html': page,
    'sub/index.html': page,
    'built.html': page,
    'empty.html': '',
    'large.html': Buffer.concat([Buffer.from(page), Buffer.alloc(editedBytesMax)]),
    'foreign.html': '<meta name="env:PLINTH_SECRET" content="kept"><script>',
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(root, name), content);
    utimesSync(join(root, name), 1_700_000_000, name === 'built.html' ? 1 : 1_700_000_000);
  }
  symlinkSync('page.html', join(root, 'link.html'));
  symlinkSync('nowhere.html', join(root, 'broken.html'));
});
after(() => {
  rmSync(root, { recursive: true, force: true });
  delete process.env.PLINTH_TEST_A;
  delete process.env.PLINTH_SECRET;
});

for (const transport of transports) {
  describe(transport.name, () => {
    let server: Running;
    const get = (target: string, fields: Readonly<Record<string, string>> = {}, method = 'GET') =>
      server.exchange({ method, target, fields: Object.entries(fields) });

    before(async () => {
      server = await transport.start({ root, env: ['PLINTH_TEST_'] });
    });
    after(async () => {
      await server.stop();
      for (const line of server.reports) assert.match(line, /large\.html.* up to 4 MiB are edited$/);
    });

    test('an edited page has the length, the tag and the ranges of what is sent, and no time', async () => {
      for (const target of ['/page', '/page.html', '/link.html', '/sub/', '/empty.html', '/built.html']) {
        const whole = await get(target);
        assert.equal(text(whole), target === '/empty.html' ? '' : filled, target);
        assert.equal(field(whole, 'last-modified'), target === '/empty.html' ? modified : undefined);
        const etag = field(whole, 'etag') ?? '';
        if (target === '/built.html') continue;
        assert.match(etag, /^"[\w-]+"$/, target);
        const head = await get(target, {}, 'HEAD');
        assert.deepEqual(described(head), described(whole));
        assert.equal((await get(target, { 'If-None-Match': etag })).status, 304);
        assert.equal((await get(target, { 'If-Match': '"other"' })).status, 412);
      }
      const etag = field(await get('/page'), 'etag') ?? '';
      const part = await get('/page', { Range: 'bytes=-10', 'If-Range': etag });
      assert.deepEqual([part.status, text(part)], [206, '0123456789']);
      const start = filled.length - 10;
      assert.equal(field(part, 'content-range'), `bytes ${start}-${filled.length - 1}/${filled.length}`);
      assert.equal((await get('/page', { Range: `bytes=${filled.length}-` })).status, 416);
      assert.equal((await get('/page', { Range: 'bytes=-10', 'If-Range': '"other"' })).status, 200);
    });

    test('an edited page is coded from what is sent, never taken from what stands coded beside it', async () => {
      const coded = await get('/long', { 'Accept-Encoding': 'br, gzip' });
      assert.equal(field(coded, 'content-encoding'), 'br');
      assert.equal(brotliDecompressSync(coded.content).toString(), longFilled);
      assert.equal(field(coded, 'vary'), 'Accept-Encoding');
      const plain = await get('/long');
      assert.equal(text(plain), longFilled);
      assert.equal(field(plain, 'vary'), 'Accept-Encoding');
      assert.notEqual(field(plain, 'etag'), field(coded, 'etag'));
    });

    test('what has nothing to change, no page, and a page that is too large or only stored coded stay as they are', async () => {
      assert.equal(field(await get('/plain'), 'last-modified'), modified);
      assert.equal(text(await get('/page.txt')), page);
      assert.equal((await get('/large.html')).content.length, page.length + editedBytesMax);
      assert.equal(text(await get('/coded.html')), page);
      assert.equal((await get('/broken.html')).status, 404);
    });

    test('an error page is edited, too', async () => {
      const missing = await get('/missing', { Accept: 'text/html' });
      assert.deepEqual([missing.status, text(missing)], [404, filled]);
    });

    test('a page with a script gets the values from a script that may be kept for good', async () => {
      const path = /<script src="(\/\.plinth\/env-[\w-]+\.js)"><\/script>/.exec(
        text(await get('/script')),
      )?.[1];
      const script = await get(path ?? '');
      assert.equal(text(script), 'window.__ENV__ = Object.freeze({"PLINTH_TEST_A":"\\u003cone\\u003e"});\n');
      assert.equal(field(script, 'content-type'), 'text/javascript; charset=utf-8');
      assert.equal(field(script, 'cache-control'), 'public, max-age=31536000, immutable');
      for (const other of [`${path}x`, `${path}/`, `${path}/x`, '/.plinth/', '/.plinth', '/.plinth/env.js'])
        assert.equal((await get(other)).status, 404, other);
    });

    test('a variable of another name stays what it is: unknown', async () => {
      const foreign = text(await get('/foreign'));
      assert.match(foreign, /<meta name="env:PLINTH_SECRET" content="kept">/);
      assert.equal(foreign.includes(secret), false);
    });

    test('other values make another page with another tag', async () => {
      const before = await get('/page');
      process.env.PLINTH_TEST_A = 'two';
      const other = await transport.start({ root, env: ['PLINTH_TEST_'] });
      try {
        const etag = field(before, 'etag') ?? '';
        const ask = { method: 'GET', target: '/page', fields: [['If-None-Match', etag]] as const };
        const answer = await other.exchange(ask);
        assert.deepEqual([answer.status, text(answer)], [200, page.replace('none', 'two')]);
      } finally {
        await other.stop();
        process.env.PLINTH_TEST_A = '<one>';
      }
    });
  });
}

const modified = 'Tue, 14 Nov 2023 22:13:20 GMT';

function described({ status, lines }: WireResponse): unknown {
  return { status, lines: lines.filter(([name]) => name.toLowerCase() !== 'date') };
}
