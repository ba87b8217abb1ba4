import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { connect, createSecureContext } from 'node:tls';
import { unwrap } from '../../src/server/adopt.ts';
import { secureSocket } from '../../src/server/secure-socket.ts';
import { makeTlsFolder, type TlsFolder } from './tls-fixture.ts';

let folder: TlsFolder;
before(async () => {
  folder = await makeTlsFolder();
});
after(() => folder.remove());

const question = Buffer.alloc(300_000, 'question ');
const answer = Buffer.alloc(300_000, 'answer ');

for (const [name, beneath] of [
  ['on the handle of the connection', unwrap],
  ['upon the accepted socket', (accepted: Socket) => accepted],
] as const) {
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
