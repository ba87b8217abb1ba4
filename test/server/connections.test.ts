import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { defaultLimits, type Limits } from '../../src/http/limits.ts';
import { Background } from '../../src/server/background.ts';
import { systemClock } from '../../src/server/clock.ts';
import { Coder } from '../../src/server/coding.ts';
import { Connections } from '../../src/server/connections.ts';
import { createHandler } from '../../src/server/handler.ts';
import { ReadBuffers } from '../../src/server/read-buffers.ts';
import { siteOf } from '../site/fixture.ts';

interface House {
  readonly connections: Connections;
  /** A client whose connection the house has been given. */
  readonly enter: () => Promise<Socket>;
}

async function house(t: TestContext, limits: Partial<Limits> = {}): Promise<House> {
  const site = siteOf({ 'a.txt': 'a' });
  const connections = new Connections({
    handler: createHandler({ site, gates: [], rewrites: [], finishers: [], windows: false, now: Date.now }),
    store: site.store,
    limits: { ...defaultLimits, connectionsMax: 3, ...limits },
    clock: systemClock(),
    coder: new Coder({ limits: defaultLimits, now: Date.now, background: new Background(assert.fail) }),
    buffers: new ReadBuffers(),
    observers: [],
    report: line => assert.fail(line),
  });
  const server = createServer({ allowHalfOpen: true }, socket => connections.accept(socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    await connections.drain(0);
  });
  const enter = async (): Promise<Socket> => {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').resume();
    const accepted = once(server, 'connection');
    await once(client, 'connect');
    await accepted;
    t.after(() => client.destroy());
    return client;
  };
  return { connections, enter };
}

test('connections are counted while they last', async t => {
  const { connections, enter } = await house(t);
  assert.equal(connections.size, 0);
  const first = await enter();
  await enter();
  assert.equal(connections.size, 2);
  first.destroy();
  while (connections.size > 1) await new Promise(setImmediate);
});

test('never more than there may be: idle ones make room', async t => {
  const { connections, enter } = await house(t);
  const first = await enter();
  const left = once(first, 'close');
  for (let count = 0; count < 10; count++) {
    await enter();
    assert.ok(connections.size <= 3);
  }
  await left;
});

test('a drain of an empty house is done at once, and nobody comes in after it', async t => {
  const { connections, enter } = await house(t);
  await connections.drain(60_000);
  const late = await enter();
  if (!late.destroyed) await once(late, 'close');
  assert.equal(connections.size, 0);
});

test('a drain ends idle connections and waits for the last one to be gone', async t => {
  const { connections, enter } = await house(t);
  const clients = [await enter(), await enter()];
  const closed = clients.map(client => once(client, 'close'));
  await connections.drain(60_000);
  assert.equal(connections.size, 0);
  await Promise.all(closed);
});

const request = 'GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n';

/** Lets everybody who is here be one of those that last. */
function settle({ connections }: House): number {
  connections.settle();
  return connections.settle();
}

test('a connection goes on in another house, with what its client has sent meanwhile', async t => {
  const [one, other] = [await house(t), await house(t)];
  const client = (await one.enter()).setEncoding('latin1');
  client.write(request);
  assert.match(String(await once(client, 'data')), /a$/);
  assert.equal(settle(one), 1);
  const handle = one.connections.give() ?? assert.fail();
  assert.equal(one.connections.size, 0);
  client.write(request);
  assert.ok(other.connections.take(handle));
  assert.match(String(await once(client, 'data')), /a$/);
  assert.equal(other.connections.settle(), 1, 'it lasts there from the first moment');
});

test('only those that last and wait are given', async t => {
  const home = await house(t);
  const [early, late] = [await home.enter(), await home.enter()];
  assert.equal(home.connections.settle(), 0);
  assert.equal(home.connections.give(), undefined, 'too young');
  assert.equal(home.connections.settle(), 2);
  await home.enter();
  late.write(request);
  await once(late, 'data');
  early.write('GET /a.txt HT');
  // The answer to the other one shows that this was read before.
  late.write(request);
  await once(late, 'data');
  const given = [home.connections.give(), home.connections.give()];
  assert.notEqual(given[0], undefined);
  assert.equal(given[1], undefined, 'one is asking, one is too young');
  const left = once(late, 'close');
  given[0]?.close();
  await left;
});

test('a full house takes nobody, and neither does one that empties', async t => {
  const [one, full, emptied] = [await house(t), await house(t, { connectionsMax: 1 }), await house(t)];
  await one.enter();
  await full.enter();
  await emptied.connections.drain(0);
  settle(one);
  const handle = one.connections.give() ?? assert.fail();
  assert.ok(!full.connections.take(handle));
  assert.ok(!emptied.connections.take(handle));
  assert.ok(one.connections.take(handle), 'it may come back');
});
