// Time-outs and bounds of a connection, made small so that nobody waits.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import type { Limits } from '../../src/index.ts';
import { field, RawConnection, text } from './client.ts';
import { makeSite, type SiteFolder } from './site.ts';
import { type Running, startRaw } from './transports.ts';

let site: SiteFolder;

before(() => {
  site = makeSite();
});
after(() => site.remove());

const get = 'GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n';
const getBig = 'GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n';

async function withLimits(t: TestContext, limits: Partial<Limits>): Promise<Running> {
  const server = await startRaw({ root: site.root, limits });
  t.after(() => server.stop());
  return server;
}

/** Sends a byte now and then until the server has ended its side. */
async function drip(client: RawConnection, bytes: string): Promise<void> {
  for (const byte of bytes) {
    if (client.ending !== undefined) return;
    client.write(byte);
    await pause(20);
  }
}

/** Looks again and again until something holds; the guard is far beyond what that takes. */
async function until(holds: () => boolean): Promise<void> {
  for (let looks = 0; !holds(); looks++) {
    assert.ok(looks < 1000, 'it does not come to hold');
    await pause(20);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

test('Caddy#7913: a head that only drips is answered 408 and the connection ended', async t => {
  const server = await withLimits(t, { headTimeoutMs: 200 });
  const client = await RawConnection.open(server.place);
  const dripping = drip(client, `GET / HTTP/1.1\r\nHost: ${'a'.repeat(500)}`);
  const response = await client.response();
  assert.equal(response.status, 408);
  assert.equal(field(response, 'connection'), 'close');
  await client.expectEnd();
  await dripping;
});

test('empty lines that only drip are timed like a head', async t => {
  const server = await withLimits(t, { headTimeoutMs: 200, emptyLinesMax: 10_000 });
  const client = await RawConnection.open(server.place);
  const dripping = drip(client, '\r\n'.repeat(250));
  assert.equal((await client.response()).status, 408);
  await client.expectEnd();
  await dripping;
});

test('a slow head within its time is served', async t => {
  const server = await withLimits(t, { headTimeoutMs: 20_000, idleTimeoutMs: 100 });
  const client = await RawConnection.open(server.place);
  await drip(client, get);
  assert.equal((await client.response()).status, 200);
  client.end();
  await client.expectEnd();
});

test('a connection without a request is ended in order and without a word', async t => {
  const server = await withLimits(t, { idleTimeoutMs: 100 });
  const fresh = await RawConnection.open(server.place);
  const used = await RawConnection.open(server.place);
  used.write(get);
  assert.equal((await used.response()).status, 200);
  await fresh.expectEnd();
  await used.expectEnd();
});

test('stalled content is answered 408, content that flows is waited for', async t => {
  const server = await withLimits(t, { contentTimeoutMs: 600 });
  const client = await RawConnection.open(server.place);
  client.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n');
  await drip(client, 'x'.repeat(9));
  const response = await client.response();
  assert.equal(response.status, 408);
  await client.expectEnd();

  const flowing = await RawConnection.open(server.place);
  flowing.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n');
  await drip(flowing, 'x'.repeat(60));
  assert.equal((await flowing.response()).status, 405);
  flowing.end();
  await flowing.expectEnd();
});

test('a reader that takes nothing is torn down, one that takes slowly is served', async t => {
  const server = await withLimits(t, { stalledReaderTimeoutMs: 1000 });
  const descriptors = readdirSync('/proc/self/fd').length;
  const stalled = await RawConnection.open(server.place);
  const slow = await RawConnection.open(server.place);
  for (const client of [stalled, slow]) {
    client.write(getBig);
    await client.atLeast(1);
    client.pause();
  }
  for (let round = 1; round <= 24; round++) {
    // A part that the system has taken counts as progress: the end comes after twice the time at the latest.
    await pause(100);
    slow.resume();
    // The system asks for more only when a good part of its buffer, of some MiB, is free.
    await slow.atLeast(round * 1024 * 1024);
    slow.pause();
  }
  assert.equal(slow.ending, undefined);
  await assertCutShort(stalled);
  slow.destroy();
  await until(() => readdirSync('/proc/self/fd').length <= descriptors);
});

test('a reader that takes nothing is torn down though it goes on sending', async t => {
  const server = await withLimits(t, { stalledReaderTimeoutMs: 300 });
  const client = await RawConnection.open(server.place);
  client.write(getBig);
  await client.atLeast(1);
  client.pause();
  for (let round = 0; round < 100; round++) {
    client.write('G');
    await pause(20);
  }
  await assertCutShort(client);
});

/** A server that has torn down leaves what the system had taken, far from the whole file. */
async function assertCutShort(client: RawConnection): Promise<void> {
  client.resume();
  assert.ok((await client.rest(2 ** 27)).bytes.length < 2 ** 27, 'the server still sends');
  client.destroy();
}

test('a client that never ends its side is let go', async t => {
  const server = await withLimits(t, { lingerTimeoutMs: 100 });
  const client = await RawConnection.open(server.place);
  client.write('nonsense\r\n\r\n');
  assert.equal((await client.response()).status, 400);
  const { bytes, ending } = await client.rest();
  assert.deepEqual([bytes.length, ending], [0, 'end']);
  // Our side is still open; only a server that has let go of the socket answers a write with a reset.
  await written(client);
});

test('a client that sends without end is let go', async t => {
  const server = await withLimits(t, { lingerBytesMax: 1000, lingerTimeoutMs: 20_000 });
  const client = await RawConnection.open(server.place);
  client.write('nonsense\r\n\r\n');
  assert.equal((await client.response()).status, 400);
  await written(client);
});

/** Resolves once writing has failed. */
async function written(client: RawConnection): Promise<void> {
  await until(() => {
    if (!client.isBroken) client.write('x'.repeat(100));
    return client.isBroken;
  });
}

test('when the house is full, the connection that has been idle longest makes room', async t => {
  const server = await withLimits(t, { connectionsMax: 3 });
  const open = async (): Promise<RawConnection> => {
    const client = await RawConnection.open(server.place);
    await ask(client);
    return client;
  };
  const [first, second, third] = [await open(), await open(), await open()];
  await ask(first);
  const fourth = await open();
  await second.expectEnd();
  for (const client of [first, third, fourth]) await ask(client);
  const fifth = await open();
  await first.expectEnd();
  for (const client of [third, fourth, fifth]) {
    await ask(client);
    client.destroy();
  }
});

test('when the house is full and nobody idle, the newcomer is turned away', async t => {
  const server = await withLimits(t, { connectionsMax: 2 });
  const busy: RawConnection[] = [];
  for (let count = 0; count < 2; count++) {
    const client = await RawConnection.open(server.place);
    client.write(getBig);
    await client.atLeast(1);
    client.pause();
    busy.push(client);
  }
  const newcomer = await RawConnection.open(server.place);
  assert.equal((await newcomer.rest()).bytes.length, 0);
  for (const client of busy) {
    assert.equal(client.ending, undefined);
    client.destroy();
  }
  let served: number | undefined;
  for (let tries = 0; tries < 1000 && served !== 200; tries++) {
    const client = await RawConnection.open(server.place);
    client.write(get);
    served = (await client.response().catch(() => undefined))?.status;
    client.destroy();
  }
  assert.equal(served, 200);
});

async function ask(client: RawConnection): Promise<void> {
  client.write(get);
  const response = await client.response();
  assert.equal(response.status, 200);
  assert.equal(text(response).length, 36);
}

test('requests are not read ahead without bound while an answer is under way', async t => {
  const server = await withLimits(t, { readAheadBytesMax: 1000, stalledReaderTimeoutMs: 60_000 });
  const client = await RawConnection.open(server.place);
  const count = 200_000;
  client.pause();
  client.write(get.repeat(count));
  await pause(300);
  assert.ok(client.unsentBytes > 0, 'the server has read everything');
  client.resume();
  for (let answered = 0; answered < 1000; answered++) assert.equal((await client.response()).status, 200);
  client.destroy();
});
