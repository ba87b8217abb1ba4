// Contents that are made while they are sent, as a feature would answer them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange, StreamContent } from '../../src/http/message.ts';
import { StreamFailure } from '../../src/http/message.ts';
import { type Gate, memoryStore, type ServerOptions } from '../../src/index.ts';
import { until } from '../faults/until.ts';
import { RawConnection, requestBytes } from './client.ts';
import { startRaw } from './transports.ts';

const get = requestBytes({ method: 'GET', target: '/', fields: [] });

/** A server that answers everything with this stream. */
async function streaming(
  content: Omit<StreamContent, 'kind' | 'bytesHeld'>,
  options: ServerOptions = {},
): Promise<{ server: Awaited<ReturnType<typeof startRaw>>; exchanges: Exchange[] }> {
  const exchanges: Exchange[] = [];
  const gate: Gate = () => ({
    status: 200,
    fields: [],
    content: { kind: 'stream', bytesHeld: 100, ...content },
  });
  const observers = [(exchange: Exchange): void => void exchanges.push(exchange)];
  const server = await startRaw({ store: memoryStore({}), gates: [gate], observers, ...options });
  return { server, exchanges };
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array, void> {
  for (const text of texts) yield Buffer.from(text);
}

test('a stream of known length has it, and the connection goes on in either version', async t => {
  const { server } = await streaming({ length: 5, chunks: () => pieces('ab', '', 'cde') });
  t.after(() => server.stop());
  const connection = await RawConnection.open(server.place);
  t.after(() => connection.destroy());
  for (const version of ['1.1', '1.0']) {
    connection.write(`GET / HTTP/${version}\r\nHost: h\r\nConnection: keep-alive\r\n\r\n`);
    const { content, lines } = await connection.response();
    assert.equal(content.toString(), 'abcde');
    assert.ok(lines.some(([name, value]) => name === 'Content-Length' && value === '5'));
  }
});

const failures: readonly (readonly [
  name: string,
  length: number | undefined,
  chunks: StreamContent['chunks'],
  report: string,
])[] = [
  ['less comes than was announced', 6, () => pieces('abcde'), 'less was made than was announced'],
  ['more comes than was announced', 4, () => pieces('abc', 'de'), 'more was made than was announced'],
  [
    'the making fails',
    undefined,
    async function* () {
      yield Buffer.from('abc');
      throw new StreamFailure('it broke');
    },
    'it broke',
  ],
];

for (const [name, length, chunks, report] of failures) {
  test(`when ${name} the connection is torn down, and what came does not look whole`, async t => {
    const { server, exchanges } = await streaming({ length, chunks });
    t.after(() => server.stop());
    const connection = await RawConnection.open(server.place);
    connection.write(get);
    const { bytes } = await connection.rest();
    const content = bytes.toString().split('\r\n\r\n').slice(1).join('\r\n\r\n');
    assert.ok(length === undefined ? !content.includes('0\r\n\r\n') : content.length !== length, content);
    await until(() => exchanges.map(({ outcome }) => outcome).join(), 'aborted');
    assert.deepEqual(server.reports, [`/: ${report}; connection closed`]);
  });
}

test('a reader that stalls stops the making, and one that leaves ends it', async t => {
  let made = 0;
  let ended = 0;
  const { server } = await streaming({
    length: undefined,
    async *chunks() {
      try {
        for (;;) {
          made += 1;
          yield Buffer.alloc(256 * 1024);
        }
      } finally {
        ended += 1;
      }
    },
  });
  t.after(() => server.stop());
  const connection = await RawConnection.open(server.place);
  connection.write(get);
  await connection.atLeast(1);
  connection.pause();
  // All that systems hold for a reader that does not read is a few megabytes.
  for (let before = -1; before !== made; ) {
    before = made;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.ok(made < 400, String(made));
  assert.equal(ended, 0);
  connection.destroy();
  await until(() => String(ended), '1');
});

test('beyond what streams may hold together it is 503, until one of them has ended', async t => {
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const { server } = await streaming(
    {
      length: undefined,
      async *chunks() {
        yield Buffer.from('a');
        await held;
      },
    },
    { limits: { streamBytesMax: 150 } },
  );
  t.after(() => server.stop());
  const first = await RawConnection.open(server.place);
  first.write(get);
  await first.atLeast(1);
  const ask = async (method: string): Promise<number> =>
    (await server.exchange({ method, target: '/', fields: [] })).status;
  assert.equal(await ask('GET'), 503);
  assert.equal(await ask('HEAD'), 200, 'which makes nothing');
  release();
  assert.equal((await first.response()).content.toString(), 'a');
  first.destroy();
  assert.equal(await ask('GET'), 200);
});

for (const leave of ['end', 'destroy'] as const)
  test(`a stream that waits learns that its reader has left: ${leave}`, async t => {
    let endings = 0;
    async function* waiting(left?: AbortSignal): AsyncGenerator<Uint8Array, void> {
      yield Buffer.from('first');
      await new Promise(resolve => left?.addEventListener('abort', resolve));
      endings += 1;
    }
    const { server } = await streaming({ length: undefined, chunks: waiting });
    t.after(() => server.stop());
    const connection = await RawConnection.open(server.place);
    t.after(() => connection.destroy());
    connection.write(get);
    let bytes = await connection.atLeast(1);
    while (!bytes.includes('first')) bytes = await connection.atLeast(bytes.length + 1);
    connection[leave]();
    await until(() => `${endings}`, '1');
  });
