// The Fetch handler, called as Bun, Deno and Hono call it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type Response as Answer,
  createHandler,
  type Exchange,
  type FetchHandler,
  type Gate,
  type HandlerOptions,
  memoryStore,
} from '../../src/index.ts';
import { until } from '../faults/until.ts';
import { big, bigBytes, type Folder, hashOf, makeFolder } from './folder.ts';

let folder: Folder;
before(() => {
  folder = makeFolder();
});
after(() => folder.remove());

function get(handler: FetchHandler, path: string, init: RequestInit = {}, from?: object): Promise<Response> {
  return handler(new Request(`http://site.test:81${path}`, init), from);
}

function made(options: HandlerOptions = {}): FetchHandler {
  return createHandler({ root: folder.root, ...options });
}

test('a file, a page, a redirect, what is not there, and methods', async () => {
  await using handler = made();
  const rows: readonly (readonly [method: string, path: string, status: number, content: string | RegExp])[] =
    [
      ['GET', '/a.txt', 200, 'content of a'],
      ['GET', '/a.txt?x#y', 200, 'content of a'],
      ['GET', '', 200, 'home'],
      ['GET', '/docs', 308, ''],
      ['GET', '/old', 301, ''],
      ['GET', '/none', 404, 'not here'],
      ['GET', '/bare/', 404, 'not here'],
      ['GET', '/.env', 404, 'not here'],
      ['GET', '/way-out', 404, 'not here'],
      ['GET', '/private/../a.txt', 200, 'content of a'],
      ['GET', '/%61.txt', 308, ''],
      ['GET', '//a.txt', 308, ''],
      ['HEAD', '/a.txt', 200, ''],
      ['POST', '/a.txt', 405, /^405/],
      ['OPTIONS', '/a.txt', 204, ''],
    ];
  for (const [method, path, status, content] of rows) {
    const response = await get(handler, path, { method });
    assert.equal(response.status, status, `${method} ${path}`);
    const text = await response.text();
    if (content instanceof RegExp) assert.match(text, content);
    else assert.equal(text, content);
    const length = response.headers.get('content-length');
    if (method !== 'HEAD') assert.equal(length, status === 204 ? null : String(text.length));
  }
  assert.equal((await get(handler, '/docs?q=1')).headers.get('location'), '/docs/?q=1');
  assert.equal((await get(handler, '/private/%2e%2e/docs')).headers.get('location'), '/docs/');
});

test('with a base, a site stands below a path of the program, and leads to below it', async () => {
  await using handler = made({ base: '/static' });
  const rows: readonly (readonly [path: string, status: number, location: string | null])[] = [
    ['/static/a.txt', 200, null],
    ['/static', 308, '/static/'],
    ['/static/docs?q=1', 308, '/static/docs/?q=1'],
    ['/static/old', 301, '/static/docs/'],
    ['/static/%61.txt', 308, '/static/a.txt'],
    ['/a.txt', 404, null],
  ];
  for (const [path, status, location] of rows) {
    const response = await get(handler, path);
    assert.deepEqual([response.status, response.headers.get('location')], [status, location], path);
  }
});

test('what has no content has none: 304, 204 and HEAD', async () => {
  await using handler = made();
  const whole = await get(handler, '/big.bin', { method: 'HEAD' });
  assert.equal(whole.body, null);
  assert.equal(whole.headers.get('content-length'), String(bigBytes));
  const kept = await get(handler, '/big.bin', {
    headers: { 'If-None-Match': whole.headers.get('etag') ?? '' },
  });
  assert.equal(kept.status, 304);
  assert.equal(kept.body, null);
  assert.equal(folder.descriptors(), 0);
});

test('a large file and ranges of it come byte for byte', async () => {
  await using handler = made();
  const whole = await get(handler, '/big.bin');
  assert.equal(whole.headers.get('content-length'), String(bigBytes));
  assert.equal(hashOf(new Uint8Array(await whole.arrayBuffer())), hashOf(big));
  const part = await get(handler, '/big.bin', { headers: { Range: 'bytes=1000001-3000000' } });
  assert.equal(part.status, 206);
  assert.equal(hashOf(new Uint8Array(await part.arrayBuffer())), hashOf(big.subarray(1_000_001, 3_000_001)));
  const parts = await get(handler, '/big.bin', { headers: { Range: 'bytes=0-9,1000000-1999999' } });
  const octets = Buffer.from(await parts.arrayBuffer());
  assert.match(parts.headers.get('content-type') ?? '', /^multipart\/byteranges/);
  assert.equal(octets.length, Number(parts.headers.get('content-length')));
  assert.ok(octets.includes(big.subarray(1_000_000, 2_000_000)));
  assert.equal((await get(handler, '/big.bin', { headers: { Range: `bytes=${bigBytes}-` } })).status, 416);
});

test('what is made on the way is streamed: a coded text, an archive', async () => {
  await using handler = made({ listing: true });
  const archive = await get(handler, '/bare/?download=zip');
  assert.equal(
    Buffer.from(await archive.arrayBuffer())
      .subarray(0, 2)
      .toString(),
    'PK',
  );
  const listing = await get(handler, '/bare/', { headers: { Accept: 'application/json' } });
  assert.match(await listing.text(), /x\.txt/);
});

test('a reader that leaves gives the file back, whether it has begun or not', async () => {
  const handler = made();
  const unread = await get(handler, '/big.bin');
  await unread.body?.cancel();
  const begun = (await get(handler, '/big.bin')).body?.getReader();
  const { value } = (await begun?.read()) ?? {};
  assert.deepEqual(value && Buffer.from(value), big.subarray(0, value?.length));
  assert.ok((value?.length ?? 0) < 1e6, 'no more is read than is asked for');
  await begun?.cancel();
  await handler.close();
  await until(() => String(folder.descriptors()), '0');
});

test('a stream without an end is let go of when its reader leaves, and when the site is closed', async () => {
  const outcomes: string[] = [];
  const observers = [({ outcome }: Exchange) => outcomes.push(outcome)];
  const handler = made({ dev: true, allowedHosts: 'site.test', observers });
  const open = async (): Promise<ReadableStreamDefaultReader<Uint8Array> | undefined> =>
    (await get(handler, '/.plinth/events')).body?.getReader();
  const [leaving, staying] = [await open(), await open()];
  await leaving?.read();
  const waiting = leaving?.read();
  await leaving?.cancel();
  assert.equal((await waiting)?.done, true);
  assert.deepEqual(outcomes, ['aborted']);
  await staying?.read();
  const last = staying?.read();
  await handler.close();
  assert.equal((await last)?.done, true);
  assert.deepEqual(outcomes, ['aborted', 'completed']);
});

test('a response that nobody reads gives the file back with itself', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const handler = made();
  for (let count = 0; count < 20; count++) await get(handler, '/big.bin');
  await handler.close();
  await until(() => {
    collect();
    return String(folder.descriptors());
  }, '0');
});

test('whose request it is comes from Bun, from Deno or in plain words, and is else unknown', async () => {
  const seen: string[] = [];
  const gate: Gate = ({ client, authority }) => {
    seen.push(`${client.address} ${client.port} ${authority}`);
    return undefined;
  };
  await using handler = made({ gates: [gate] });
  const rows: readonly (readonly [from: object | undefined, client: string])[] = [
    [{ requestIP: () => ({ address: '192.0.2.1', port: 5, family: 'IPv4' }) }, '192.0.2.1 5'],
    [{ requestIP: () => null }, 'unknown 0'],
    [{ remoteAddr: { transport: 'tcp', hostname: '2001:db8::1', port: 6 } }, '2001:db8::1 6'],
    [{ remoteAddr: { transport: 'unix', path: '/x' } }, 'unknown 0'],
    [{ address: '192.0.2.2', port: 7 }, '192.0.2.2 7'],
    [{ address: '192.0.2.3' }, '192.0.2.3 0'],
    [{}, 'unknown 0'],
    [undefined, 'unknown 0'],
  ];
  for (const [from] of rows) await get(handler, '/a.txt', {}, from);
  assert.deepEqual(
    seen,
    rows.map(([, client]) => `${client} site.test:81`),
  );
});

test('a list of addresses refuses a client that is not known, and hosts are those of the URL', async () => {
  await using listed = made({ allow: '10.0.0.0/8' });
  await using denying = made({ deny: '10.0.0.0/8' });
  await using unix = made({ allow: 'unix' });
  await using hosted = made({ allowedHosts: 'other.test' });
  const statuses = [
    (await get(listed, '/a.txt')).status,
    (await get(listed, '/a.txt', {}, { address: '10.1.2.3' })).status,
    (await get(denying, '/a.txt')).status,
    (await get(unix, '/a.txt')).status,
    (await get(hosted, '/a.txt')).status,
  ];
  assert.deepEqual(statuses, [403, 200, 403, 403, 403]);
});

test('observers are told of each answer once, when it has been read', async () => {
  const told: Exchange[] = [];
  await using handler = made({ observers: [exchange => told.push(exchange)] });
  await (await get(handler, '/a.txt')).text();
  await (await get(handler, '/big.bin')).arrayBuffer();
  await (await get(handler, '/big.bin')).body?.cancel();
  await get(handler, '/none', { method: 'HEAD' });
  assert.deepEqual(
    told.map(({ status, contentBytes, outcome, head }) => [head?.target, status, contentBytes, outcome]),
    [
      ['/a.txt', 200, 12, 'completed'],
      ['/big.bin', 200, bigBytes, 'completed'],
      ['/big.bin', 200, 0, 'aborted'],
      ['/none', 404, 0, 'completed'],
    ],
  );
});

test('what a feature breaks is answered 500 and reported', async () => {
  const reports: string[] = [];
  await using handler = made({
    onReport: line => reports.push(line),
    // An answer that it takes part in may be remembered.
    finishers: [
      Object.assign(
        (_request: unknown, response: Answer): Answer => ({ ...response, fields: [['bad name', 'x']] }),
        {
          reads: [],
        },
      ),
    ],
    store: memoryStore({ 'a.txt': { content: 'x', modifiedMs: 1e12 } }),
  });
  for (let round = 0; round < 3; round++) assert.equal((await get(handler, '/a.txt')).status, 500);
  await using throwing = made({
    onReport: line => reports.push(line),
    gates: [
      () => {
        throw new Error('broken');
      },
    ],
  });
  assert.equal((await get(throwing, '/a.txt')).status, 500);
  assert.match(reports.join('\n'), /not a field line[\s\S]*broken/);
});

test('what is asked for after closing gets 503, and a second closing joins the first', async () => {
  const handler = made();
  const under = await get(handler, '/big.bin');
  assert.equal(handler.close(), handler.close());
  await handler.close();
  assert.equal((await get(handler, '/a.txt')).status, 503);
  assert.equal(
    hashOf(new Uint8Array(await under.arrayBuffer())),
    hashOf(big),
    'what is under way comes to its end',
  );
  await until(() => String(folder.descriptors()), '0');
});

test('a changed file is seen, and an answer that stands is given again', async () => {
  const { writeFileSync } = await import('node:fs');
  await using handler = made({ revalidateMs: 0 });
  const ask = async (): Promise<string> => (await get(handler, '/fresh.txt')).text();
  for (const content of ['first', 'second, longer']) {
    writeFileSync(`${folder.root}/fresh.txt`, content);
    for (let round = 0; round < 3; round++) assert.equal(await ask(), content);
  }
});
