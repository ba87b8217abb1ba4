import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type Handle, own } from '../../src/server/adopt.ts';
import { readFirst, takeBare } from '../../src/server/bare-connections.ts';
import { until } from '../faults/until.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-bare-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const windows = process.platform === 'win32';
const places: readonly (readonly [name: string, place: () => ListenOptions])[] = [
  ['TCP', () => ({ port: 0, host: '127.0.0.1' })],
  ['a Unix socket', () => ({ path: windows ? `\\\\.\\pipe\\plinth-${process.pid}` : join(folder, 'bare') })],
];

function greet(socket: Socket, word: string): void {
  socket.on('error', () => {});
  socket.end(word);
}

/** A server that answers 'socket' on what Node accepts; `prepare` may have connections taken before that. */
async function serverAt(
  t: TestContext,
  place: ListenOptions,
  prepare: (server: Server) => void,
): Promise<() => Socket> {
  const server = createServer({ allowHalfOpen: true }, socket => greet(socket, 'socket'));
  t.after(() => server.close());
  server.listen(place);
  await once(server, 'listening');
  prepare(server);
  const address = server.address();
  assert.ok(address !== null);
  return () => (typeof address === 'string' ? connect(address) : connect(address.port, address.address));
}

async function answerTo(socket: Socket): Promise<string> {
  let answer = '';
  socket.setEncoding('latin1').on('data', text => {
    answer += text;
  });
  await once(socket, 'close');
  return answer;
}

for (const [name, place] of places) {
  test(`a connection over ${name} comes without a socket, and goes on in one after its first octets`, async t => {
    const firsts: string[] = [];
    const reach = await serverAt(t, place(), server =>
      takeBare(server, handle =>
        readFirst(handle, first => {
          firsts.push(`${first}`);
          const socket = own(handle);
          socket.on('data', bytes => greet(socket, `${bytes} back`)).resume();
        }),
      ),
    );
    const client = reach();
    client.write('first');
    await until(() => firsts.join(), 'first');
    client.write('later');
    assert.equal(await answerTo(client), 'later back');
    assert.deepEqual(firsts, ['first']);
  });
}

for (const [how, leave] of [
  ['ends', (client: Socket) => client.end()],
  ['is reset', (client: Socket) => client.resetAndDestroy()],
] as const)
  test(`a connection that ${how} before it sends anything has no first octets`, async t => {
    const taken: Handle[] = [];
    const firsts: (Buffer | undefined)[] = [];
    const reach = await serverAt(t, { port: 0, host: '127.0.0.1' }, server =>
      takeBare(server, handle => {
        taken.push(handle);
        readFirst(handle, first => {
          firsts.push(first);
          handle.close();
        });
      }),
    );
    const client = reach();
    t.after(() => client.destroy());
    client.on('error', () => {});
    await until(() => String(taken.length), '1');
    leave(client);
    await until(() => firsts.map(String).join(), 'undefined');
  });

test('a connection that is closed already has no first octets either', async t => {
  const firsts: (Buffer | undefined)[] = [];
  const reach = await serverAt(t, { port: 0, host: '127.0.0.1' }, server =>
    takeBare(server, handle => {
      handle.close();
      readFirst(handle, first => firsts.push(first));
    }),
  );
  assert.equal(await answerTo(reach()), '');
  assert.deepEqual(firsts, [undefined]);
});

test('where Node does not let connections be taken, they come as sockets as ever', async t => {
  const server = createServer(socket => greet(socket, 'socket'));
  t.after(() => server.close());
  // A server that does not listen has nothing that they could be taken from.
  takeBare(server, handle => handle.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  assert.equal(await answerTo(connect(address.port, address.address)), 'socket');
});
