import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Piece, StoredFile } from '../../src/http/message.ts';
import { ReadBuffers } from '../../src/server/read-buffers.ts';
import { type Body, discardBody, emptyBody, openBody, SendFailure, sendBody } from '../../src/server/send.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { OpenFailure, OpenFile, Store } from '../../src/store/store.ts';

const smallStepBytes = 2 ** 14;
const largeStepBytes = 124 * 1024;
const large = Buffer.alloc(8 * largeStepBytes + 17, 'abcdefghijk');
const store = memoryStore({ small: '0123456789', large });
const head = Buffer.from('HEAD\r\n\r\n');

async function fileAt(name: string): Promise<StoredFile> {
  const entry = await store.find([name]);
  assert.ok(entry.kind === 'file');
  return entry.file;
}

/** A pair of connected sockets; ours sends. */
async function socketPair(t: TestContext): Promise<{ readonly ours: Socket; readonly theirs: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const theirs = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [ours] = (await once(server, 'connection')) as [Socket];
  ours.on('error', () => {});
  theirs.on('error', () => {});
  t.after(() => {
    ours.destroy();
    theirs.destroy();
    server.close();
  });
  return { ours, theirs };
}

function means() {
  return { buffers: new ReadBuffers(), stalledReaderTimeoutMs: 60_000 };
}

async function received(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** An open file of `size` octets that does something before each read. */
function openFile(size: number, beforeRead: (count: number) => number | undefined = () => undefined) {
  const state = { reads: 0, isClosed: false, isUnchanged: true };
  const file: OpenFile = {
    read: async (buffer, length, position) => {
      const given = beforeRead(++state.reads) ?? Math.min(length, size - position);
      buffer.fill(120, 0, given);
      return given;
    },
    isUnchanged: async () => state.isUnchanged,
    close: () => {
      state.isClosed = true;
    },
  };
  return { file, state };
}

test('a content of none, of bytes and of a small file is in memory', async () => {
  assert.equal(await openBody({ kind: 'none' }, store), emptyBody);
  const bytes = Buffer.from('x');
  assert.deepEqual(await openBody({ kind: 'bytes', bytes }, store), { kind: 'bytes', bytes });
  const pieces: readonly Piece[] = [
    Buffer.from('<'),
    { first: 2, last: 4 },
    Buffer.from('|'),
    { first: 9, last: 9 },
  ];
  const body = await openBody({ kind: 'stored', file: await fileAt('small'), pieces }, store);
  assert.ok(typeof body !== 'string' && body.kind === 'bytes');
  assert.equal(Buffer.from(body.bytes).toString(), '<234|9');
});

test('a large file is held open, and closed by who discards it', async () => {
  const file = await fileAt('large');
  const pieces = [{ first: 0, last: file.size - 1 }];
  const body = await openBody({ kind: 'stored', file, pieces }, store);
  assert.ok(typeof body !== 'string' && body.kind === 'file');
  assert.equal(await body.file.isUnchanged(), true);
  discardBody(body);
  assert.equal(await body.file.isUnchanged(), false);
  discardBody(emptyBody);
});

const failures: readonly OpenFailure[] = ['changed', 'absent', 'denied', 'busy'];

for (const failure of failures) {
  test(`a file that is ${failure} when it is opened is told so`, async () => {
    const failing: Store = { ...store, open: async () => failure };
    const content = { kind: 'stored', file: await fileAt('small'), pieces: [{ first: 0, last: 9 }] } as const;
    assert.equal(await openBody(content, failing), failure);
  });
}

test('a small file that shrinks or changes while it is read has changed, and is closed', async () => {
  for (const shrinks of [true, false]) {
    const { file, state } = openFile(10, () => (shrinks ? 3 : undefined));
    state.isUnchanged = shrinks;
    const content = { kind: 'stored', file: await fileAt('small'), pieces: [{ first: 0, last: 9 }] } as const;
    assert.equal(await openBody(content, { ...store, open: async () => file }), 'changed');
    assert.equal(state.isClosed, true);
  }
});

const bodies: readonly (readonly [name: string, pieces: readonly Piece[]])[] = [
  ['whole', [{ first: 0, last: large.length - 1 }]],
  ['a range', [{ first: 5, last: 8 * smallStepBytes }]],
  [
    'parts',
    [
      Buffer.from('<'),
      { first: 1, last: largeStepBytes },
      Buffer.from('|'),
      { first: largeStepBytes + 5, last: large.length - 1 },
      Buffer.from('>'),
    ],
  ],
];

for (const [name, pieces] of bodies) {
  test(`a large file is sent byte for byte: ${name}`, async t => {
    const { ours, theirs } = await socketPair(t);
    const file = await fileAt('large');
    const body = await openBody({ kind: 'stored', file, pieces }, store);
    assert.ok(typeof body !== 'string' && body.kind === 'file');
    const reading = received(theirs);
    const sent = await sendBody(ours, head, body, means());
    ours.end();
    const expected = pieces.map(piece =>
      piece instanceof Uint8Array ? piece : large.subarray(piece.first, piece.last + 1),
    );
    assert.ok((await reading).equals(Buffer.concat([head, ...expected])));
    assert.equal(sent, Buffer.concat(expected).length);
    assert.equal(await body.file.isUnchanged(), false, 'the file is still open');
  });
}

test('bytes leave with their head', async t => {
  const { ours, theirs } = await socketPair(t);
  const reading = received(theirs);
  assert.equal(await sendBody(ours, head, { kind: 'bytes', bytes: Buffer.from('abc') }, means()), 3);
  assert.equal(await sendBody(ours, head, emptyBody, means()), 0);
  ours.end();
  assert.equal((await reading).toString(), 'HEAD\r\n\r\nabcHEAD\r\n\r\n');
});

const changes: readonly (readonly [
  name: string,
  beforeRead: (count: number) => number | undefined,
  isUnchanged: boolean,
])[] = [
  ['shrinks', count => (count === 3 ? 10 : undefined), true],
  ['is emptied', count => (count === 2 ? 0 : undefined), true],
  ['changes', () => undefined, false],
];

for (const [name, beforeRead, isUnchanged] of changes) {
  test(`a file that ${name} while it is sent is a failure before its last octets leave`, async t => {
    const { ours, theirs } = await socketPair(t);
    const size = 4 * largeStepBytes;
    const { file, state } = openFile(size, beforeRead);
    state.isUnchanged = isUnchanged;
    const body: Body = { kind: 'file', file, pieces: [{ first: 0, last: size - 1 }] };
    const reading = received(theirs);
    await assert.rejects(sendBody(ours, head, body, means()), SendFailure);
    ours.destroy();
    assert.ok((await reading.catch(() => head)).length < size + head.length);
    assert.equal(state.isClosed, true);
  });
}

test('nothing is read for a reader that has left', async t => {
  const { ours } = await socketPair(t);
  const { file, state } = openFile(2 ** 40, count => {
    if (count === 3) ours.destroy();
    return undefined;
  });
  const body: Body = { kind: 'file', file, pieces: [{ first: 0, last: 2 ** 40 - 1 }] };
  await assert.rejects(sendBody(ours, head, body, means()));
  assert.equal(state.reads, 3);
  assert.equal(state.isClosed, true);
});

test('a read that fails closes the file and is told', async t => {
  const { ours } = await socketPair(t);
  const { file, state } = openFile(2 ** 30, () => {
    throw new Error('EIO');
  });
  const body: Body = { kind: 'file', file, pieces: [{ first: 0, last: 2 ** 30 - 1 }] };
  await assert.rejects(sendBody(ours, head, body, means()), /EIO/);
  assert.equal(state.isClosed, true);
});

test('a reader that stalls holds one small buffer, and the socket tells when it takes too long', async t => {
  const { ours, theirs } = await socketPair(t);
  theirs.pause();
  const { file, state } = openFile(2 ** 40);
  const body: Body = { kind: 'file', file, pieces: [{ first: 0, last: 2 ** 40 - 1 }] };
  const timedOut = once(ours, 'timeout').then(() => ours.destroy());
  const sending = sendBody(ours, head, body, { buffers: new ReadBuffers(), stalledReaderTimeoutMs: 100 });
  await assert.rejects(sending);
  await timedOut;
  assert.ok(state.reads < 100, `${state.reads} reads for nobody`);
});

test('a reader whose socket and whose disk wait for nothing lets others have their turn after eight steps', async () => {
  class Sink extends Socket {
    override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
      done();
    }
    override _writev(_chunks: unknown, done: () => void): void {
      done();
    }
  }
  const steps: string[] = [];
  const { buffers, stalledReaderTimeoutMs } = means();
  const sends = ['one', 'other', 'third'].map(name => {
    const { file } = openFile(0);
    let left = 100;
    const read: OpenFile['read'] = (_buffer, length) => {
      steps.push(name);
      left -= 1;
      return left === 0 ? 0 : length;
    };
    const body: Body = { kind: 'file', file: { ...file, read }, pieces: [{ first: 0, last: 2 ** 40 - 1 }] };
    return assert.rejects(sendBody(new Sink(), head, body, { buffers, stalledReaderTimeoutMs }), SendFailure);
  });
  await Promise.all(sends);
  const runs = steps.flatMap((name, index) => (name === steps[index - 1] ? [] : [index]));
  assert.deepEqual(new Set(runs.slice(1).map((from, index) => from - (runs[index] ?? 0))), new Set([8, 4]));
});

test('large buffers are lent to forty at most and come back, also from sends that fail', async t => {
  const buffers = new ReadBuffers();
  const lent = Array.from({ length: 60 }, () => buffers.enlarge(buffers.borrow()));
  assert.deepEqual(
    lent.map(buffer => buffer.length),
    [...Array(40).fill(largeStepBytes), ...Array(20).fill(smallStepBytes)],
  );
  for (const buffer of lent) buffers.release(buffer);
  for (let count = 0; count < 50; count++) {
    const { ours, theirs } = await socketPair(t);
    theirs.resume();
    const { file } = openFile(2 ** 30, reads => (reads === 4 ? 0 : undefined));
    const body: Body = { kind: 'file', file, pieces: [{ first: 0, last: 2 ** 30 - 1 }] };
    await assert.rejects(
      sendBody(ours, head, body, { buffers, stalledReaderTimeoutMs: 60_000 }),
      SendFailure,
    );
  }
  assert.equal(buffers.enlarge(buffers.borrow()).length, largeStepBytes);
  assert.equal(buffers.shrink(buffers.enlarge(buffers.borrow())).length, smallStepBytes);
});

test('a large content in memory is sent byte for byte without a read, and its store is told when it has been', async t => {
  const content = Buffer.alloc(2 ** 20, 'abcdefghijk');
  const rows: readonly (readonly [pieces: readonly Piece[], expected: Buffer])[] = [
    [[{ first: 0, last: content.length - 1 }], content],
    [
      [Buffer.from('<'), { first: 5, last: 2 ** 19 }, Buffer.from('>'), { first: 1, last: 2 }],
      Buffer.concat([Buffer.from('<'), content.subarray(5, 2 ** 19 + 1), Buffer.from('>bc')]),
    ],
  ];
  for (const [pieces, expected] of rows) {
    const { ours, theirs } = await socketPair(t);
    const { file, state } = openFile(content.length);
    const opening: Store = { ...store, open: async () => ({ ...file, content }) };
    const body = await openBody({ kind: 'stored', file: await fileAt('large'), pieces }, opening);
    assert.ok(typeof body !== 'string');
    assert.equal(state.isClosed, false);
    const reading = received(theirs);
    assert.equal(await sendBody(ours, head, body, means()), expected.length);
    ours.end();
    assert.ok((await reading).equals(Buffer.concat([head, expected])));
    assert.deepEqual([state.reads, state.isClosed], [0, true]);
  }
});

test('a large content in memory is given back when its reader leaves or stalls', async t => {
  const content = Buffer.alloc(2 ** 26);
  for (const leaves of [true, false]) {
    const { ours, theirs } = await socketPair(t);
    theirs.pause();
    const { file, state } = openFile(content.length);
    const pieces = [{ first: 0, last: content.length - 1 }];
    const body: Body = { kind: 'file', file: { ...file, content }, pieces };
    const stalledReaderTimeoutMs = leaves ? 60_000 : 100;
    ours.once('timeout', () => ours.destroy());
    const sending = sendBody(ours, head, body, { buffers: new ReadBuffers(), stalledReaderTimeoutMs });
    if (leaves) theirs.destroy();
    await assert.rejects(sending);
    assert.equal(state.isClosed, true);
  }
});
