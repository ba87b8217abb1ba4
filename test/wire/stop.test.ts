// The life of a server: start, the end in order, and the end by force.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer } from '../../src/index.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { field, RawConnection } from './client.ts';
import { startRaw } from './transports.ts';

const large = Buffer.alloc(32 * 2 ** 20, 'x');
const store = memoryStore({ 'a.txt': 'a', large });
const get = 'GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n';
const getLarge = 'GET /large HTTP/1.1\r\nHost: h\r\n\r\n';

let guard: NodeJS.Timeout;
before(() => {
  guard = setTimeout(() => assert.fail('a server does not stop'), 60_000);
});
after(() => clearTimeout(guard));

test('SuperAgent#1134: an answer under way is finished, idle connections end at once, nobody else comes in', async () => {
  const server = await startRaw({ store });
  const idle = await RawConnection.open(server.place);
  const used = await RawConnection.open(server.place);
  used.write(get);
  await used.response();
  const busy = await RawConnection.open(server.place);
  busy.write(getLarge);
  await busy.atLeast(1);
  busy.pause();
  const stopped = server.stop(30_000);
  await idle.expectEnd();
  await used.expectEnd();
  await assert.rejects(RawConnection.open(server.place), { code: 'ECONNREFUSED' });
  busy.resume();
  assert.ok((await busy.response()).content.equals(large));
  await busy.expectEnd();
  await stopped;
});

test('a request whose head is under way is answered and told that the connection ends', async () => {
  const server = await startRaw({ store });
  const client = await RawConnection.open(server.place);
  client.write(get.slice(0, 10));
  // A second connection shows that the server has read what came before it.
  const other = await RawConnection.open(server.place);
  other.write(get);
  await other.response();
  const stopped = server.stop(30_000);
  client.write(get.slice(10));
  const response = await client.response();
  assert.equal(response.status, 200);
  assert.equal(field(response, 'connection'), 'close');
  await client.expectEnd();
  other.end();
  await stopped;
});

test('the rest of a pipeline is not answered', async () => {
  const server = await startRaw({ store });
  const client = await RawConnection.open(server.place);
  client.write(getLarge + get + get);
  await client.atLeast(1);
  client.pause();
  const stopped = server.stop(30_000);
  client.resume();
  await client.response();
  const last = await client.response();
  assert.equal(field(last, 'connection'), 'close');
  await client.expectEnd();
  await stopped;
});

test('a stop that lets idle connections have a last request answers it and then ends them', async () => {
  const server = createServer({ store, host: '127.0.0.1', port: 0 });
  const [address] = await server.start();
  assert.ok(address?.kind === 'tcp');
  const fresh = await RawConnection.open(address);
  const used = await RawConnection.open(address);
  const busy = await RawConnection.open(address);
  used.write(get);
  await used.response();
  busy.write(getLarge);
  await busy.atLeast(1);
  busy.pause();
  const stopped = server.stop(30_000, 30_000);
  await assert.rejects(RawConnection.open(address), { code: 'ECONNREFUSED' });
  busy.resume();
  // This answer had begun before the stop, and told its client that it may go on.
  assert.equal(field(await busy.response(), 'connection'), undefined);
  for (const client of [fresh, used, busy]) {
    client.write(get);
    const last = await client.response();
    assert.equal(last.status, 200);
    assert.equal(field(last, 'connection'), 'close');
    await client.expectEnd();
  }
  await stopped;
});

test('a stop waits no longer for a last request than it is told to', async () => {
  const server = createServer({ store, host: '127.0.0.1', port: 0 });
  const [address] = await server.start();
  assert.ok(address?.kind === 'tcp');
  const idle = await RawConnection.open(address);
  const stopped = server.stop(30_000, 20);
  await idle.expectEnd();
  await stopped;
});

test('what does not end within the grace is torn down', async () => {
  const server = await startRaw({ store });
  const client = await RawConnection.open(server.place);
  client.write(getLarge);
  await client.atLeast(1);
  client.pause();
  await server.stop(100);
  client.resume();
  assert.ok((await client.rest()).bytes.length < large.length);
  client.destroy();
});

test('a server can be stopped twice, before it starts, and started again', async () => {
  const server = createServer({ store, host: '127.0.0.1', port: 0 });
  await server.stop();
  for (let round = 0; round < 2; round++) {
    const [address] = await server.start();
    assert.ok(address?.kind === 'tcp');
    const client = await RawConnection.open(address);
    client.write(get);
    assert.equal((await client.response()).status, 200);
    client.end();
    await Promise.all([server.stop(), server.stop()]);
  }
});

test('a server that is started or starting cannot be started', async () => {
  const server = createServer({ store, host: '127.0.0.1', port: 0 });
  const starts = await Promise.allSettled([server.start(), server.start()]);
  assert.deepEqual(starts.map(start => start.status).sort(), ['fulfilled', 'rejected']);
  await assert.rejects(server.start(), /started already/);
  await server.stop();
});

test('a bug of a feature is a 500 and a report, and the server lives on', async () => {
  let isBroken = true;
  const broken = (): never => {
    throw new Error('a gate that is broken');
  };
  const server = await startRaw({
    store,
    gates: [() => (isBroken ? broken() : undefined)],
    finishers: [
      (request, response) =>
        request?.fields.get('x-break') === undefined
          ? response
          : { ...response, fields: [...response.fields, ['X-Evil', 'a\r\nSet-Cookie: b']] },
    ],
  });
  const ask = (fields: readonly (readonly [string, string])[] = []) =>
    server.exchange({ method: 'GET', target: '/a.txt', fields });
  const first = await ask();
  assert.equal(first.status, 500);
  assert.ok(!first.content.includes('broken'));
  assert.match(server.reports.join(), /a gate that is broken/);
  isBroken = false;
  assert.equal((await ask()).status, 200);
  const unwritable = await ask([['X-Break', '1']]);
  assert.equal(unwritable.status, 500);
  assert.equal(field(unwritable, 'set-cookie'), undefined);
  assert.equal(server.reports.length, 2);
  assert.equal((await ask()).status, 200);
  await server.stop();
});
