import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Held, hold } from '../../src/workers/hold.ts';

async function held(t: TestContext, port: number | undefined, workers = 2): Promise<Held> {
  const all = await hold({ hosts: ['127.0.0.1'], port }, workers);
  t.after(all.close);
  return all;
}

function portOf({ addresses: [address] }: Held): number {
  assert.ok(address?.kind === 'tcp');
  return address.port;
}

/** The code of the error that listening on a port ends with. */
function listenTo(port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = createServer();
    server.on('error', error => resolve((error as NodeJS.ErrnoException).code));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}

test('each worker gets sockets, and nobody is accepted before one of them listens', async t => {
  const all = await held(t, 0, 3);
  assert.equal(all.sockets.length, 3);
  for (const sockets of all.sockets) {
    assert.equal(sockets.length, 1);
    for (const descriptor of sockets) assert.ok(descriptor > 2);
  }
  const socket = connect(portOf(all), '127.0.0.1');
  const code = await new Promise(resolve =>
    socket.on('error', error => resolve((error as NodeJS.ErrnoException).code)),
  );
  assert.equal(code, 'ECONNREFUSED');
});

test('a port that somebody listens on is refused with its address, and the default one moves on', async t => {
  const server = createServer();
  const port = await new Promise<number>(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  t.after(() => server.close());
  await assert.rejects(held(t, port), { code: 'EADDRINUSE', address: '127.0.0.1', port });
  assert.ok(portOf(await held(t, undefined)) >= 8080);
});

test('what is given up is free again', async () => {
  const all = await hold({ hosts: ['127.0.0.1'], port: 0 }, 2);
  const port = portOf(all);
  all.close();
  // A handle closes in the next turn of the loop.
  await new Promise(setImmediate);
  assert.equal(await listenTo(port), undefined);
});
