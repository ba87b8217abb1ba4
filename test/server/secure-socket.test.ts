import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { unwrap } from '../../src/server/adopt.ts';
import { secureSocket } from '../../src/server/secure-socket.ts';
import { until } from '../faults/until.ts';
import { makeTlsFolder, type TlsFolder } from './tls-fixture.ts';

let folder: TlsFolder;
before(async () => {
  folder = await makeTlsFolder();
});
after(() => folder.remove());

const question = Buffer.alloc(300_000, 'question ');
const answer = Buffer.alloc(300_000, 'answer ');

const ways = [
  ['on the handle of the connection', unwrap],
  ['upon the accepted socket', (accepted: Socket) => accepted],
] as const;

for (const [name, beneath] of ways) {
  test(`a connection is secured ${name}, with what was read of it before`, async t => {
    const issued = await folder.issue('server', ['localhost']);
    const secureContext = createSecureContext(issued);
    const received: Buffer[] = [];
    const take = (accepted: Socket): void => {
      accepted.once('data', first => {
        const options = { isServer: true, secureContext };
        const connection = beneath(accepted);
        assert.ok(connection !== undefined);
        // The buffer is the reader's own again afterwards.
        const receive = (bytes: Buffer): void => {
          received.push(Buffer.from(bytes));
          if (Buffer.concat(received).length < question.length) return;
          socket.write(answer);
          socket.end();
        };
        const { socket, begin } = secureSocket(connection, first, options, receive);
        socket.on('error', () => {});
        begin();
        assert.equal(socket.remoteAddress, '127.0.0.1');
      });
      accepted.resume();
    };
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, highWaterMark: 1 }, take);
    t.after(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const place = { port: address.port, host: '127.0.0.1', servername: 'localhost' };
    const client = connect({ ...place, ca: folder.authority.cert });
    client.write(question);
    const chunks: Buffer[] = [];
    for await (const chunk of client) chunks.push(chunk as Buffer);
    assert.ok(Buffer.concat(chunks).equals(answer));
    assert.ok(Buffer.concat(received).equals(question));
  });
}

for (const [name, beneath] of ways)
  for (const [how, leave] of [
    ['ends', (client: TLSSocket, _wire: Socket) => client.end()],
    ['is reset', (_client: TLSSocket, wire: Socket) => wire.resetAndDestroy()],
  ] as const)
    test(`${name}, what comes after our end is taken, and the connection is gone when it ${how}`, async t => {
      const secureContext = createSecureContext(await folder.issue('server', ['localhost']));
      let received = 0;
      let state = 'open';
      const server = createServer(
        { allowHalfOpen: true, pauseOnConnect: true, highWaterMark: 1 },
        accepted => {
          accepted.once('data', first => {
            const connection = beneath(accepted);
            assert.ok(connection !== undefined);
            const { socket, begin } = secureSocket(
              connection,
              first,
              { isServer: true, secureContext },
              bytes => {
                received += bytes.length;
              },
            );
            socket.on('error', () => {});
            socket.on('secure', () => socket.end('answer'));
            socket.on('close', () => {
              state = 'gone';
            });
            begin();
          });
          accepted.resume();
        },
      );
      t.after(() => server.close());
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const wire = connectTcp({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
      const client = connect({ socket: wire, servername: 'localhost', ca: folder.authority.cert });
      t.after(() => wire.destroy());
      client.on('error', () => {});
      client.resume();
      await once(client, 'end');
      client.write(question);
      await until(() => `${received} ${state}`, `${question.length} open`);
      leave(client, wire);
      await until(() => state, 'gone');
    });
