// Answers over a slow line. What is measured are lower bounds only: nothing may come sooner than the line carries it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Exchange, FieldLine } from '../../src/http/message.ts';
import type { ServerOptions } from '../../src/index.ts';
import { until } from '../faults/until.ts';
import { field, RawConnection, requestBytes, type WireResponse } from './client.ts';
import { startRaw } from './transports.ts';

const root = mkdtempSync(join(tmpdir(), 'plinth-throttle-'));
after(() => rmSync(root, { recursive: true, force: true }));
const large = randomBytes(300 * 1024);
const page = '<p>slow</p>'.repeat(3000);
writeFileSync(join(root, 'large.bin'), large);
writeFileSync(join(root, 'page.html'), page);
writeFileSync(join(root, 'small.txt'), 'small');

type Started = Awaited<ReturnType<typeof startRaw>>;

/** The answer to one request on a connection of its own, and how long it took. */
async function timed(
  { place }: Started,
  target: string,
  { method = 'GET', fields = [] }: { readonly method?: string; readonly fields?: readonly FieldLine[] } = {},
): Promise<{ readonly response: WireResponse; readonly tookMs: number }> {
  const connection = await RawConnection.open(place);
  const startedMs = performance.now();
  connection.write(requestBytes({ method, target, fields }));
  const response = await connection.response(method);
  const tookMs = performance.now() - startedMs;
  connection.destroy();
  return { response, tookMs };
}

async function using(options: ServerOptions, use: (server: Started) => Promise<void>): Promise<void> {
  const server = await startRaw({ root, ...options });
  try {
    await use(server);
  } finally {
    await server.stop(0);
  }
}

test('the first octet of every kind of answer waits, and what follows is whole', async () => {
  await using({ throttle: '/**=100m,120ms' }, async server => {
    const { response: known } = await timed(server, '/small.txt');
    const match: FieldLine = ['If-None-Match', field(known, 'ETag') ?? ''];
    const rows: readonly (readonly [string, Parameters<typeof timed>[2], status: number, bytes: number])[] = [
      ['/small.txt', {}, 200, 5],
      ['/small.txt', { method: 'HEAD' }, 200, 0],
      ['/small.txt', { fields: [match] }, 304, 0],
      ['/small.txt', { fields: [['Range', 'bytes=1-2']] }, 206, 2],
      ['/large.bin', {}, 200, large.length],
      ['/large.bin', { fields: [['Range', 'bytes=100-299']] }, 206, 200],
      ['/page.html', {}, 200, page.length],
      ['/small.txt', { method: 'OPTIONS' }, 204, 0],
    ];
    for (const [target, request, status, bytes] of rows) {
      const { response, tookMs } = await timed(server, target, request);
      assert.deepEqual([response.status, response.content.length], [status, bytes], target);
      assert.ok(tookMs >= 120, `${target} came after ${tookMs} ms`);
    }
    const { response: none, tookMs } = await timed(server, '/absent');
    assert.equal(none.status, 404);
    assert.ok(tookMs >= 120);
    const { response: coded } = await timed(server, '/page.html', { fields: [['Accept-Encoding', 'gzip']] });
    assert.equal(field(coded, 'Content-Encoding'), 'gzip');
    const { response: archive } = await timed(server, '/?download=tar');
    assert.ok(archive.content.includes(large));
  });
});

test('contents leave at the speed of the line, which answers at once share', async () => {
  await using({ throttle: '1m' }, async server => {
    const one = await timed(server, '/large.bin');
    assert.ok(one.response.content.equals(large));
    assert.ok(one.tookMs >= (large.length * 1000) / 1024 ** 2, `${one.tookMs} ms`);
    const startedMs = performance.now();
    const both = await Promise.all([timed(server, '/large.bin'), timed(server, '/large.bin')]);
    for (const { response } of both) assert.ok(response.content.equals(large));
    assert.ok(performance.now() - startedMs >= (2 * large.length * 1000) / 1024 ** 2);
  });
});

test('the first rule for a path decides, others are not slowed, and nobody waits for a slow answer', async () => {
  const throttle = ['*.txt=1k,400s', '/page.html=1m', '*.bin=1,900s', '/**/page.*=1k,900s'];
  await using({ throttle }, async server => {
    const slow = [await RawConnection.open(server.place), await RawConnection.open(server.place)];
    for (const [index, target] of ['/small.txt', '/large.bin'].entries())
      slow[index]?.write(requestBytes({ method: 'GET', target, fields: [] }));
    const { response } = await timed(server, '/page.html');
    assert.equal(response.content.toString(), page);
    const { response: listing } = await timed(server, '/');
    assert.equal(listing.status, 200);
    for (const connection of slow) {
      assert.equal((await connection.atLeast(0)).length, 0, 'a slow answer has come');
      connection.destroy();
    }
  });
});

test('a path counts from the base of the site that the host leads to', async () => {
  const hosts = { 'a.example': { root }, 'b.example': { root, base: '/deep/b' } };
  await using({ throttle: '/small.txt=1k,400s', base: '/top', hosts }, async server => {
    const rows: readonly (readonly [host: string, target: string, status: number | undefined])[] = [
      ['a.example', '/small.txt', undefined],
      ['b.example', '/deep/b/small.txt', undefined],
      ['other', '/top/small.txt', undefined],
      ['a.example', '/page.html', 200],
      ['b.example', '/deep/b/page.html', 200],
      ['b.example', '/small.txt', 404],
      ['other', '/small.txt', 404],
    ];
    const waiting: RawConnection[] = [];
    for (const [host, target, status] of rows) {
      const connection = await RawConnection.open(server.place);
      connection.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      if (status === undefined) waiting.push(connection);
      else {
        assert.equal((await connection.response()).status, status, `${host}${target}`);
        connection.destroy();
      }
    }
    for (const [index, connection] of waiting.entries()) {
      assert.equal((await connection.atLeast(0)).length, 0, `${rows[index]} has come`);
      connection.destroy();
    }
  });
});

test('answers on one connection come in order, each after its wait', async () => {
  await using({ throttle: '10m,80ms' }, async ({ place }) => {
    const connection = await RawConnection.open(place);
    const startedMs = performance.now();
    const request = requestBytes({ method: 'GET', target: '/small.txt', fields: [] });
    connection.write(Buffer.concat(Array.from({ length: 12 }, () => request)));
    for (let answer = 1; answer <= 12; answer += 1) {
      assert.equal((await connection.response()).content.toString(), 'small');
      assert.ok(performance.now() - startedMs >= 80 * answer);
    }
    connection.destroy();
  });
});

test('the wait of the line is not that of its reader, who is still let go when it takes nothing', async () => {
  const exchanges: Exchange[] = [];
  const observers = [(exchange: Exchange): void => void exchanges.push(exchange)];
  const limits = { stalledReaderTimeoutMs: 150 };
  writeFileSync(join(root, 'huge.bin'), Buffer.alloc(24 * 1024 * 1024));
  await using({ throttle: ['huge.bin=500m', '1m,500ms'], limits, observers }, async server => {
    const { response } = await timed(server, '/large.bin');
    assert.ok(response.content.equals(large));
    const connection = await RawConnection.open(server.place);
    connection.write(requestBytes({ method: 'GET', target: '/huge.bin', fields: [] }));
    connection.pause();
    await until(() => exchanges.map(({ outcome }) => outcome).join(' '), 'completed aborted');
    connection.destroy();
  });
});

test('a client that leaves while it waits is known to have left, and a stop need not wait for it', async () => {
  const exchanges: Exchange[] = [];
  const observers = [(exchange: Exchange): void => void exchanges.push(exchange)];
  await using({ throttle: '1k,900s', observers }, async server => {
    const targets = ['/small.txt', '/large.bin', '/page.html', '/?download=zip'];
    const leaving: RawConnection[] = [];
    for (const target of targets) {
      const connection = await RawConnection.open(server.place);
      connection.write(requestBytes({ method: 'GET', target, fields: [['Accept-Encoding', 'gzip']] }));
      leaving.push(connection);
    }
    // Their answers have begun once one that came later is there.
    await timed(server, '*', { method: 'OPTIONS' });
    for (const connection of leaving) connection.reset();
    await until(() => String(exchanges.filter(({ outcome }) => outcome === 'aborted').length), '4');
    for (const { contentBytes } of exchanges) assert.equal(contentBytes, 0);
    const staying = await RawConnection.open(server.place);
    staying.write(requestBytes({ method: 'GET', target: '/small.txt', fields: [] }));
    await timed(server, '*', { method: 'OPTIONS' });
    await server.stop(0);
    staying.destroy();
    assert.deepEqual(server.reports, []);
  });
});
