import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Growth, GrowthFailure } from '../../src/server/growth.ts';
import { SendFailure } from '../../src/server/send.ts';
import { sendGrowing } from '../../src/server/send-growing.ts';

const head = Buffer.from('head\r\n\r\n');
const means = { stalledReaderTimeoutMs: 60_000 };

/** Both ends of a connection. */
async function pair(t: TestContext): Promise<{ readonly server: Socket; readonly client: Socket }> {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  assert.ok(typeof address === 'object' && address !== null);
  const client = connect(address.port, '127.0.0.1');
  const [server] = (await once(listener, 'connection')) as [Socket];
  // What there is to say about a broken socket, the sending says.
  for (const socket of [server, client]) socket.on('error', () => {});
  t.after(() => {
    client.destroy();
    server.destroy();
    listener.close();
  });
  return { server, client };
}

async function allOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

function finished(growth: Growth): void {
  growth.end(growth.joined());
}

test('octets leave as they come, each piece a chunk, and an empty one is none', async t => {
  const { server, client } = await pair(t);
  const growth = new Growth();
  const sending = sendGrowing(server, head, growth, means);
  growth.push(Buffer.from('first'));
  const [came] = await once(client, 'data');
  assert.equal(String(came), 'head\r\n\r\n5\r\nfirst');
  const rest = allOf(client);
  growth.push(Buffer.alloc(0));
  growth.push(Buffer.alloc(26, 'x'));
  finished(growth);
  assert.equal(await sending, 31);
  server.end();
  assert.equal(await rest, `\r\n1a\r\n${'x'.repeat(26)}\r\n0\r\n\r\n`);
});

test('whenever a reader comes, it gets every octet once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
      fc.array(fc.nat(14), { maxLength: 5 }),
      async (pieces, comings) => {
        const growth = new Growth();
        const readers: Promise<Buffer>[] = [];
        const read = async (): Promise<Buffer> => {
          const got: Uint8Array[] = [];
          for await (const octets of growth.octets()) {
            assert.ok(octets.length > 0);
            got.push(octets);
          }
          return Buffer.concat(got);
        };
        for (let step = 0; step <= pieces.length + 1; step++) {
          for (const coming of comings) if (coming === step) readers.push(read());
          await new Promise(setImmediate);
          const piece = pieces[step];
          if (piece !== undefined) growth.push(Buffer.from(piece));
          else if (step === pieces.length) finished(growth);
        }
        for (const got of await Promise.all(readers)) assert.deepEqual(got, Buffer.concat(pieces));
      },
    ),
    { numRuns: 60 },
  );
});

test('a failure midway sends no last chunk', async t => {
  const { server, client } = await pair(t);
  const growth = new Growth();
  const sending = sendGrowing(server, head, growth, means);
  const received = allOf(client);
  growth.push(Buffer.from('some'));
  growth.end(new GrowthFailure('no memory'));
  await assert.rejects(sending, new SendFailure('no memory'));
  server.end();
  assert.doesNotMatch(await received, /0\r\n\r\n$/);
});

test('a reader that takes nothing, and one that leaves, stop neither the making nor the others', async t => {
  const [stalled, leaving, quick] = [await pair(t), await pair(t), await pair(t)];
  const growth = new Growth();
  const sendings = [stalled, leaving, quick].map(({ server }) => sendGrowing(server, head, growth, means));
  const [, leaver, done] = sendings;
  const left = leaver?.then(
    () => 'sent',
    () => 'gone',
  );
  const received = allOf(quick.client);
  leaving.client.resume();
  const piece = Buffer.alloc(256 * 1024, 'p');
  for (let count = 0; count < 32; count++) {
    growth.push(piece);
    await new Promise(setImmediate);
    if (count === 3) leaving.client.resetAndDestroy();
  }
  finished(growth);
  const total = 32 * piece.length;
  assert.equal(await done, total);
  quick.server.end();
  assert.ok((await received).length > total);
  assert.equal(await left, 'gone');
  assert.ok(stalled.server.writableLength < 2 * piece.length);
  const late = allOf(stalled.client);
  assert.equal(await sendings[0], total);
  stalled.server.end();
  assert.ok((await late).length > total);
});
