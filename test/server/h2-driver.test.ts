// HTTP/2 connections on real sockets: many requests at a time, slow and hostile clients, and the end.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Exchange } from '../../src/http/message.ts';
import type { Gate, ServerOptions } from '../../src/index.ts';
import { until } from '../faults/until.ts';
import { clientOctets } from '../h2/client-frames.ts';
import { FrameClient } from '../h2/frame-client.ts';
import { field, text } from '../wire/client.ts';
import { exchange, type H2Server, openSession, startH2 } from '../wire/h2.ts';

let root = '';
const big = Buffer.alloc(3_000_000, 'big content ');

before(() => {
  root = mkdtempSync(join(tmpdir(), 'plinth-h2-'));
  mkdirSync(join(root, 'many'));
  for (let n = 0; n < 100; n++) writeFileSync(join(root, 'many', `${n}.txt`), `file ${n}`);
  writeFileSync(join(root, 'a.txt'), 'a');
  writeFileSync(join(root, 'big.bin'), big);
  // Beyond what is kept in memory.
  writeFileSync(join(root, 'medium.bin'), big.subarray(0, 1_100_000));
});
after(() => rmSync(root, { recursive: true }));

async function serve(t: TestContext, options: ServerOptions = {}): Promise<H2Server> {
  const server = await startH2({ root, ...options });
  t.after(() => server.stop());
  return server;
}

/** Files below the root that this process holds open. */
function openFiles(): number {
  return readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(root);
    } catch {
      return false;
    }
  }).length;
}

test('a hundred requests at once are answered, each with its own content', async t => {
  const { port } = await serve(t);
  const session = openSession(port);
  t.after(() => session.destroy());
  const targets = Array.from({ length: 100 }, (_, n) => `/many/${n}.txt`);
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(
      targets.map(target => exchange(session, { method: 'GET', target, fields: [] })),
    );
    assert.deepEqual(
      answers.map(text),
      targets.map((_, n) => `file ${n}`),
    );
  }
});

test('large files beside each other come whole, and ranges of them too', async t => {
  const { port } = await serve(t);
  const session = openSession(port);
  t.after(() => session.destroy());
  const range = 'bytes=0-9,2000000-2000009';
  const asked = [[], [], [['Range', 'bytes=1000000-1999999']], [['Range', range]]] as const;
  const [one, other, part, parts] = await Promise.all(
    asked.map(fields => exchange(session, { method: 'GET', target: '/big.bin', fields })),
  );
  assert.ok(one?.content.equals(big) && other?.content.equals(big));
  assert.ok(part?.content.equals(big.subarray(1_000_000, 2_000_000)));
  assert.equal(parts?.status, 206);
  assert.ok(parts.content.includes(big.subarray(2_000_000, 2_000_010)));
  assert.equal(parts.content.length, Number(field(parts, 'content-length')));
  await until(() => String(openFiles()), '0');
});

test('observers are told of every exchange, with what was sent of it', async t => {
  const exchanges: Exchange[] = [];
  const { port } = await serve(t, { observers: [told => void exchanges.push(told)] });
  const session = openSession(port);
  t.after(() => session.destroy());
  await exchange(session, { method: 'GET', target: '/a.txt', fields: [] });
  await exchange(session, { method: 'HEAD', target: '/a.txt', fields: [] });
  await exchange(session, { method: 'GET', target: '/none', fields: [] });
  const client = new FrameClient(t, port);
  client.send('hello', 'GET 1 /big.bin');
  await until(() => client.types(1), '1 0');
  client.send('RST_STREAM 1 8');
  const shown = (): string =>
    exchanges
      .map(({ head, status, contentBytes, outcome }) =>
        [head?.method, head?.target, head?.version, status, status === 404 ? '' : contentBytes, outcome].join(
          ' ',
        ),
      )
      .join(', ');
  await until(
    shown,
    'GET /a.txt 2.0 200 1 completed, HEAD /a.txt 2.0 200 0 completed, GET /none 2.0 404  completed, GET /big.bin 2.0 200 65535 aborted',
  );
});

test('a client that takes nothing of many files has a few of them held open, and gets the others later', async t => {
  const { port } = await serve(t);
  const client = new FrameClient(t, port);
  client.send('hello', 'SETTINGS 4=0', '100 × GET {1} /medium.bin');
  const heads = (): string => String(client.frames.filter(({ type }) => type === 1).length);
  await until(heads, '32');
  assert.ok(openFiles() <= 32, `${openFiles()} files`);
  client.send('32 × RST_STREAM {1} 8');
  await until(heads, '64');
  client.send('WINDOW_UPDATE 0 2147418112', 'SETTINGS 4=2147483647');
  const whole = (): string =>
    String(client.frames.filter(({ type, flags }) => type === 0 && flags & 1).length);
  await until(whole, '68');
});

test('a client that leaves in the middle leaves nothing open', async t => {
  const exchanges: Exchange[] = [];
  const server = await serve(t, { observers: [told => void exchanges.push(told)] });
  const client = new FrameClient(t, server.port);
  client.send('hello', '30 × GET {1} /big.bin');
  await until(() => String(client.frames.filter(({ type }) => type === 1).length), '30');
  client.socket.resetAndDestroy();
  await until(() => `${openFiles()} ${server.held()}`, '0 0');
  await until(() => String(exchanges.filter(({ outcome }) => outcome === 'aborted').length), '30');
});

test('a client that ends its sending takes what its windows let through, and nothing stays open', async t => {
  const server = await serve(t);
  const client = new FrameClient(t, server.port);
  client.send('hello', 'SETTINGS 4=100', '20 × GET {1} /big.bin');
  await until(() => String(client.frames.filter(({ type }) => type === 0).length), '20');
  client.socket.end();
  await until(() => `${openFiles()} ${server.held()} ${client.ending}`, '0 0 end');
});

test('an answer whose window stays closed is given up, and the connection goes on', async t => {
  const { port } = await serve(t, { limits: { stalledReaderTimeoutMs: 200 } });
  const client = new FrameClient(t, port);
  client.send('hello', 'SETTINGS 4=0', 'GET 1 /big.bin', 'GET 3 /a.txt');
  await until(() => client.types(1), '1 3');
  client.send('SETTINGS 4=100', 'GET 5 /a.txt');
  await until(() => client.types(5), '1 0');
  await until(() => String(openFiles()), '0');
});

test('a client that takes nothing from its socket is ended', async t => {
  const server = await serve(t, { limits: { stalledReaderTimeoutMs: 200 } });
  const client = new FrameClient(t, server.port);
  client.send('hello', 'SETTINGS 4=2147483647', 'WINDOW_UPDATE 0 2147418112', '10 × GET {1} /big.bin');
  client.socket.pause();
  await until(() => `${openFiles()} ${server.held()}`, '0 0');
});

test('CVE-2019-9517 a client that asks and asks and takes no answer is not read any further', async t => {
  const server = await serve(t, {
    limits: { stalledReaderTimeoutMs: 1500, concurrentStreamsMax: 10_000 },
    rules: { fields: [{ from: '/**', set: { 'X-Long': 'long '.repeat(800).trim() } }] },
  });
  const client = new FrameClient(t, server.port);
  client.socket.pause();
  client.send('hello');
  await until(() => String(server.held()), '1');
  // Fewer than a hundred in one read, more than the system holds for both sides.
  let written = 0;
  const fields = `  x-long: ${'0'.repeat(1200)}`;
  for (let n = 0; n < 200; n++) {
    const octets = clientOctets([`64 × HEAD {${1 + 128 * n}} /a.txt`, fields]);
    client.socket.write(octets, error => {
      if (!error) written += 1;
    });
  }
  await until(() => String(server.held()), '0');
  assert.ok(written < 200, 'all was read');
});

test('an answer from memory whose window stays closed stops no other one', async t => {
  const { port } = await serve(t);
  writeFileSync(join(root, 'kept.bin'), big.subarray(0, 1_000_000));
  const client = new FrameClient(t, port);
  client.send('hello', 'WINDOW_UPDATE 0 100000000', 'GET 1 /kept.bin', 'WINDOW_UPDATE 1 1000000');
  await until(() => String(lastOf(client, 1)), 'true');
  // From 128 KiB on it is kept once it is asked for again.
  client.send('GET 3 /kept.bin', 'WINDOW_UPDATE 3 1000000');
  await until(() => String(lastOf(client, 3)), 'true');
  client.send('GET 5 /kept.bin');
  await until(() => client.types(5), '1 0');
  client.send('GET 7 /medium.bin', 'WINDOW_UPDATE 7 2000000');
  await until(() => String(lastOf(client, 7)), 'true');
});

test('a made answer whose window stays closed stops no other one, and comes whole later', async t => {
  const made = Buffer.alloc(1_000_000, 'made on the way ');
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield made.subarray(0, 900_000);
    yield made.subarray(900_000);
  };
  const gate: Gate = request =>
    request.target.kind === 'path' && request.target.segments[0] === 'made'
      ? { status: 200, fields: [], content: { kind: 'stream', length: made.length, bytesHeld: 1, chunks } }
      : undefined;
  const { port } = await serve(t, { gates: [gate] });
  const client = new FrameClient(t, port);
  client.send('hello', 'WINDOW_UPDATE 0 100000000', 'SETTINGS 4=10', 'GET 1 /made');
  await until(() => client.types(1), '1 0');
  client.send('GET 3 /medium.bin', 'WINDOW_UPDATE 3 2000000');
  await until(() => String(lastOf(client, 3)), 'true');
  client.send('WINDOW_UPDATE 1 2000000');
  await until(() => String(lastOf(client, 1)), 'true');
  const sent = client.frames.filter(({ type, stream }) => type === 0 && stream === 1);
  assert.ok(Buffer.concat(sent.map(({ payload }) => payload)).equals(made));
});

function lastOf(client: FrameClient, stream: number): boolean {
  return client.frames.some(frame => frame.stream === stream && frame.type === 0 && frame.flags & 1);
}

const slow: readonly (readonly [string, Partial<ServerOptions['limits']>, readonly string[], string])[] = [
  ['no preface', { headTimeoutMs: 200 }, ['octets 505249'], '0 11'],
  ['half a frame', { headTimeoutMs: 200 }, ['hello', 'octets 0000'], '0 11'],
  ['half a field block', { headTimeoutMs: 200 }, ['hello', 'frame 1 1 1 82'], '0 11'],
  ['nothing to ask', { idleTimeoutMs: 200 }, ['hello'], '0 0'],
  ['nothing to ask after an answer', { idleTimeoutMs: 200 }, ['hello', 'GET 1 /a.txt'], '1 0'],
];
for (const [what, limits, lines, goaway] of slow) {
  test(`a client with ${what} is told goodbye`, async t => {
    const server = await serve(t, { limits: limits as NonNullable<ServerOptions['limits']> });
    const client = new FrameClient(t, server.port);
    client.send(...lines);
    await until(() => client.goaway, goaway);
    await until(() => client.ending, 'end');
    client.socket.end();
    await until(() => String(server.held()), '0');
  });
}

test('content that comes in pieces of frames has the time of contents', async t => {
  const { port } = await serve(t, { limits: { headTimeoutMs: 500 } });
  const client = new FrameClient(t, port);
  client.send('hello', 'POST 1 /a.txt');
  const octets = clientOctets(['20 × DATA 1 100', 'DATA 1 5 END_STREAM']);
  for (let at = 0; at < octets.length; at += 70) {
    client.socket.write(octets.subarray(at, at + 70));
    await pause(30);
  }
  await until(() => client.types(1), '1 0');
  assert.equal(client.goaway, '');
});

test('pings do not keep a connection that asks for nothing', async t => {
  const server = await serve(t, { limits: { idleTimeoutMs: 300 } });
  const client = new FrameClient(t, server.port);
  client.send('hello');
  while (client.goaway === '') {
    client.send('octets 00000806', 'octets 0000000000', 'PING 00');
    client.socket.write(Buffer.alloc(0));
    await pause(20);
    if (client.ending !== '') break;
  }
  assert.ok(client.goaway !== '');
});

test('content that does not come is 408, and the connection goes on', async t => {
  const { port } = await serve(t, { limits: { contentTimeoutMs: 200 } });
  const client = new FrameClient(t, port);
  client.send('hello', 'POST 1 /a.txt', 'DATA 1 5');
  await until(() => client.types(1), '1 0 3');
  client.send('GET 3 /a.txt');
  await until(() => client.types(3), '1 0');
});

test('a file that changes while it is sent is torn, and the connection goes on', async t => {
  const server = await serve(t);
  const path = join(root, 'changing.bin');
  writeFileSync(path, big);
  const client = new FrameClient(t, server.port);
  client.send('hello', 'GET 1 /changing.bin');
  await until(() => client.types(1), '1 0');
  writeFileSync(path, big.subarray(0, 100_000));
  client.send('WINDOW_UPDATE 0 100000000', 'WINDOW_UPDATE 1 100000000', 'GET 3 /a.txt');
  await until(() => client.types(1), '1 0 3');
  await until(() => client.types(3), '1 0');
  assert.equal(client.frames.find(({ type }) => type === 3)?.payload.readUInt32BE(), 2);
  assert.match(
    server.reports.join('\n'),
    /^\/changing\.bin: the file (shrank|changed) while it was sent; stream reset$/,
  );
  await until(() => String(openFiles()), '0');
});

test('a stop lets answers end, and a request that crosses it is answered', async t => {
  const server = await serve(t);
  const client = new FrameClient(t, server.port);
  client.send('hello', 'GET 1 /big.bin');
  await until(() => client.types(1), '1 0');
  const stopped = server.stop(10_000);
  await until(() => client.goaway, `${2 ** 31 - 1} 0`);
  client.send('GET 3 /a.txt', 'WINDOW_UPDATE 0 1');
  await until(() => client.types(3), '1 0');
  client.send('frame 6 1 0 6661726577656c6c', 'WINDOW_UPDATE 0 100000000', 'WINDOW_UPDATE 1 100000000');
  await until(() => client.ending, 'end');
  assert.equal(client.goaway, '3 0');
  const sent = client.frames.filter(({ type, stream }) => type === 0 && stream === 1);
  assert.equal(
    sent.reduce((sum, { payload }) => sum + payload.length, 0),
    big.length,
  );
  client.socket.end();
  await stopped;
});

test('a stop ends what is idle at once', async t => {
  const server = await serve(t);
  const client = new FrameClient(t, server.port);
  client.send('hello', 'GET 1 /a.txt');
  await until(() => client.types(1), '1 0');
  const stopped = server.stop(10_000);
  await until(() => client.ending, 'end');
  assert.equal(client.goaway, '1 0');
  client.socket.end();
  await stopped;
});

test('a broken field of a feature is 500, and others are answered', async t => {
  const server = await serve(t, {
    finishers: [
      (request, response) =>
        request?.target.kind === 'path' && request.target.segments[0] === 'a.txt'
          ? { ...response, fields: [...response.fields, ['X-Broken', 'a\nb'] as const] }
          : response,
    ],
  });
  const session = openSession(server.port);
  t.after(() => session.destroy());
  const answers = ['/a.txt', '/many/1.txt', '/a.txt'].map(target =>
    exchange(session, { method: 'GET', target, fields: [] }),
  );
  assert.deepEqual(
    (await Promise.all(answers)).map(({ status }) => status),
    [500, 200, 500],
  );
  assert.match(server.reports[0] ?? '', /^bug: Error: not a field line/);
});

test('after a fault the connection is closed, though its client does not close it', async t => {
  const server = await serve(t, { limits: { lingerTimeoutMs: 50 } });
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => socket.destroy());
  let isEnded = false;
  socket.on('end', () => {
    isEnded = true;
  });
  socket.on('error', () => {});
  socket.resume();
  socket.write(clientOctets(['hello', 'DATA 0 1']));
  await until(() => `${isEnded} ${server.held()}`, 'true 0');
});

test('an HTTP/1.1 client is told goodbye', async t => {
  const { port } = await serve(t);
  const client = new FrameClient(t, port);
  client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await until(() => client.ending, 'end');
  assert.equal(client.goaway, '0 1');
});

/** A gate that answers with octets which come one by one and never end by themselves, and counts those under way. */
function endless(): { readonly gate: Gate; readonly underWay: () => number } {
  let underWay = 0;
  async function* chunks(left?: AbortSignal): AsyncGenerator<Uint8Array> {
    underWay += 1;
    try {
      yield Buffer.from('first');
      while (!left?.aborted)
        await new Promise<void>(resolve => left?.addEventListener('abort', () => resolve(), { once: true }));
    } finally {
      underWay -= 1;
    }
  }
  const gate: Gate = request =>
    request.target.kind === 'path' && request.target.segments[0] === 'endless'
      ? { status: 200, fields: [], content: { kind: 'stream', length: undefined, bytesHeld: 0, chunks } }
      : undefined;
  return { gate, underWay: () => underWay };
}

const leavings: readonly (readonly [string, (client: FrameClient) => void])[] = [
  ['its client takes it back', client => client.send('RST_STREAM 1 8')],
  ['its client ends its sending', client => client.socket.end()],
  ['its client is gone', client => client.socket.resetAndDestroy()],
];
for (const [what, leave] of leavings) {
  test(`an answer without an end stops nobody, and ends when ${what}`, async t => {
    const { gate, underWay } = endless();
    const { port } = await serve(t, { gates: [gate] });
    const client = new FrameClient(t, port);
    client.send('hello', 'WINDOW_UPDATE 0 100000000', 'SETTINGS 4=100000000', 'GET 1 /endless');
    await until(() => client.types(1), '1 0');
    client.send('GET 3 /a.txt', 'GET 5 /big.bin');
    await until(() => `${client.types(3)}, ${client.types(5)}`, '1 0, 1 0');
    assert.equal(underWay(), 1);
    leave(client);
    await until(() => String(underWay()), '0');
  });
}

// Other clients, each with the package it comes from.
const clients: readonly (readonly [string, string, readonly string[], RegExp])[] = [
  ['curl', 'curl', ['-s', '--http2-prior-knowledge', '-w', ' %{http_version} %{http_code}'], /^a 2 200$/],
  ['nghttp', 'nghttp2-client', ['-s'], /^a/],
  ['h2load', 'nghttp2-client', ['-n', '500', '-c', '5', '-m', '20'], /500 succeeded/],
];
for (const [name, packageName, argv, expected] of clients) {
  test(`${name} gets a file`, {
    skip: speaksH2(name) ? false : `needs ${name} with HTTP/2; to get it: apt-get install ${packageName}`,
  }, async t => {
    const { port } = await serve(t);
    const { stdout } = await promisify(execFile)(name, [...argv, `http://127.0.0.1:${port}/a.txt`]);
    assert.match(stdout, expected);
  });
}

function speaksH2(name: string): boolean {
  const { error, stdout } = spawnSync(name, ['--version'], { encoding: 'utf8' });
  return error === undefined && /HTTP2|nghttp2/.test(stdout);
}
