// What a driver tells its observers; what it does on the wire, test/wire shows.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Exchange } from '../../src/http/message.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { RawConnection } from '../wire/client.ts';
import { type Running, startRaw } from '../wire/transports.ts';

const store = memoryStore({ 'a.txt': '0123456789', large: Buffer.alloc(64 * 2 ** 20, 'x') });

async function observed(t: TestContext): Promise<{
  readonly server: Running;
  readonly exchanges: Exchange[];
  readonly next: () => Promise<Exchange>;
}> {
  const exchanges: Exchange[] = [];
  let wake: (() => void) | undefined;
  const server = await startRaw({
    store,
    observers: [
      exchange => {
        exchanges.push(exchange);
        wake?.();
      },
    ],
  });
  t.after(() => server.stop());
  const next = async (): Promise<Exchange> => {
    if (exchanges.length === 0) await new Promise<void>(resolve => (wake = resolve));
    const exchange = exchanges.shift();
    assert.ok(exchange !== undefined);
    return exchange;
  };
  return { server, exchanges, next };
}

const rows: readonly (readonly [
  bytes: string,
  status: number,
  contentBytes: number | undefined,
  target: string | undefined,
])[] = [
  ['GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n', 200, 10, '/a.txt'],
  ['HEAD /a.txt HTTP/1.1\r\nHost: h\r\n\r\n', 200, 0, '/a.txt'],
  ['GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=1-3\r\n\r\n', 206, 3, '/a.txt'],
  ['GET /a.txt HTTP/1.1\r\nHost: h\r\nIf-None-Match: *\r\n\r\n', 304, 0, '/a.txt'],
  ['OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n', 204, 0, '*'],
  ['GET /none HTTP/1.1\r\nHost: h\r\n\r\n', 404, undefined, '/none'],
  ['GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n', 400, undefined, '/%00'],
  ['GET /a.txt HTTP/1.1\r\n\r\n', 400, undefined, '/a.txt'],
  ['nonsense\r\n\r\n', 400, undefined, undefined],
];

for (const [bytes, status, contentBytes, target] of rows) {
  test(`an exchange is told: ${JSON.stringify(bytes)}`, async t => {
    const { server, next } = await observed(t);
    const startedMs = Date.now();
    const client = await RawConnection.open(server.place);
    client.write(bytes);
    const response = await client.response(bytes.split(' ', 1)[0]);
    const exchange = await next();
    client.destroy();
    assert.equal(exchange.status, status);
    assert.equal(exchange.head?.target, target);
    assert.equal(exchange.contentBytes, contentBytes ?? response.content.length);
    assert.equal(exchange.outcome, 'completed');
    assert.equal(exchange.client.address, '127.0.0.1');
    assert.ok(exchange.client.port > 0);
    assert.ok(exchange.startedAtMs >= startedMs - 1 && exchange.startedAtMs <= Date.now());
    assert.ok(exchange.durationMs >= 0);
    if (status >= 400) assert.equal(typeof exchange.note, status === 404 ? 'undefined' : 'string');
  });
}

test('each request of a pipeline is one exchange, in order', async t => {
  const { server, next } = await observed(t);
  const client = await RawConnection.open(server.place);
  client.write([1, 2, 3].map(n => `GET /a.txt?${n} HTTP/1.1\r\nHost: h\r\n\r\n`).join(''));
  for (const n of [1, 2, 3]) assert.equal((await next()).head?.target, `/a.txt?${n}`);
  client.destroy();
});

test('a reader that leaves under way is told as aborted, with fewer octets than there are', async t => {
  const { server, next } = await observed(t);
  const client = await RawConnection.open(server.place);
  client.write('GET /large HTTP/1.1\r\nHost: h\r\n\r\n');
  await client.atLeast(1);
  client.pause();
  client.reset();
  const exchange = await next();
  assert.equal(exchange.outcome, 'aborted');
  assert.equal(exchange.status, 200);
  assert.ok(exchange.contentBytes < 64 * 2 ** 20);
});

test('a connection without a request is no exchange', async t => {
  const { server, exchanges } = await observed(t);
  const client = await RawConnection.open(server.place);
  client.end();
  await client.expectEnd();
  assert.deepEqual(exchanges, []);
});

test('an observer that throws is reported; the others see the exchange and the connection lives on', async t => {
  const seen: number[] = [];
  const server = await startRaw({
    store,
    observers: [
      exchange => {
        if (exchange.head?.target === '/none') throw new Error('a broken observer');
      },
      exchange => seen.push(exchange.status),
    ],
  });
  t.after(() => server.stop());
  const client = await RawConnection.open(server.place);
  client.write('GET /none HTTP/1.1\r\nHost: h\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.equal((await client.response()).status, 404);
  assert.equal((await client.response()).status, 200);
  client.destroy();
  assert.match(server.reports.join(), /^bug: an observer: Error: a broken observer/);
  assert.deepEqual(seen, [404, 200]);
});
