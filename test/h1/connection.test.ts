import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continueBytes, H1Connection } from '../../src/h1/connection.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import type { Response } from '../../src/http/message.ts';
import { answerAll, singleBytes } from './transcript.ts';

const date = 'Sun, 22 Nov 2026 15:00:00 GMT';
const ok: Response = { status: 200, fields: [], content: { kind: 'bytes', bytes: Buffer.from('hello') } };
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n';

function connectionWith(text: string, limits = defaultLimits): H1Connection {
  const connection = new H1Connection(limits);
  connection.receive(Buffer.from(text, 'latin1'));
  return connection;
}

test('the phase tells what is waited for', () => {
  const connection = new H1Connection(defaultLimits);
  const phases: string[] = [connection.phase];
  const note = (): number => phases.push(connection.phase);
  connection.receive(Buffer.from('PO'));
  note();
  assert.equal(connection.next().kind, 'need-bytes');
  note();
  connection.receive(Buffer.from(post.slice(2)));
  assert.equal(connection.next().kind, 'need-bytes');
  note();
  connection.receive(Buffer.from('hello'));
  assert.equal(connection.next().kind, 'request');
  note();
  connection.respond(ok, date);
  note();
  connection.receive(Buffer.from('\r\n'));
  note();
  assert.equal(connection.next().kind, 'need-bytes');
  note();
  connection.receive(Buffer.from('GET\r\n'));
  assert.equal(connection.next().kind, 'violation');
  note();
  connection.respond(ok, date);
  note();
  const expected = [
    'idle',
    'head',
    'head',
    'content',
    'answering',
    'idle',
    'head',
    'head',
    'answering',
    'ended',
  ];
  assert.deepEqual(phases, expected);
});

test('an answer says whether content follows and whether the connection persists', () => {
  const rows: readonly [
    request: string,
    close: boolean,
    sendsContent: boolean,
    isPersistent: boolean,
    field: string,
  ][] = [
    [get, false, true, true, ''],
    [get, true, true, false, 'close'],
    [get.replace('GET', 'HEAD'), false, false, true, ''],
    ['GET / HTTP/1.0\r\n\r\n', false, true, false, 'close'],
    ['GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', false, true, true, 'keep-alive'],
    ['GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', true, true, false, 'close'],
    ['HEAD / HTTP/1.1\r\n\r\n', false, false, false, 'close'],
    ['\0', false, true, false, 'close'],
  ];
  for (const [request, close, sendsContent, isPersistent, field] of rows) {
    const connection = connectionWith(request);
    connection.next();
    const head = connection.respond(ok, date, { close });
    assert.equal(head.sendsContent, sendsContent, request);
    assert.equal(head.isPersistent, isPersistent, request);
    const text = head.bytes.toString('latin1');
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n.*\r\nContent-Length: 5\r\n/s);
    assert.equal(/\r\nConnection: (.*)\r\n/.exec(text)?.[1] ?? '', field, request);
    assert.equal(connection.next().kind, isPersistent ? 'need-bytes' : 'ended', request);
  }
});

test('next() before respond() and respond() before next() are bugs of the caller', () => {
  const connection = connectionWith(get);
  assert.throws(() => connection.respond(ok, date), /without a request/);
  connection.next();
  assert.throws(() => connection.next(), /before respond/);
  connection.respond(ok, date);
  assert.throws(() => connection.respond(ok, date), /without a request/);
});

test('a response that cannot be written leaves the request to be answered', () => {
  const connection = connectionWith(get);
  connection.next();
  assert.throws(() => connection.respond({ ...ok, fields: [['A', '\n']] }, date), /not a field line/);
  assert.equal(connection.phase, 'answering');
  assert.equal(connection.respond(ok, date).isPersistent, true);
});

test('slowloris: a refused client gets the violation, wherever it stood', () => {
  const rows: readonly [received: string, head: string | undefined][] = [
    ['', undefined],
    ['\r\n', undefined],
    ['GET / HT', undefined],
    ['GET / HTTP/1.1\r\nHo', undefined],
    [post, 'POST'],
    [`${post}hel`, 'POST'],
  ];
  for (const [received, method] of rows) {
    const connection = connectionWith(received);
    assert.equal(connection.next().kind, 'need-bytes');
    connection.refuse(408, 'too slow');
    assert.equal(connection.phase, 'answering');
    connection.receive(Buffer.from(get));
    assert.equal(connection.bufferedBytes, 0);
    const event = connection.next();
    assert.ok(event.kind === 'violation');
    assert.deepEqual([event.status, event.why, event.head?.method], [408, 'too slow', method]);
    assert.equal(connection.respond(ok, date).isPersistent, false);
    assert.equal(connection.next().kind, 'ended');
  }
});

test('refusing does nothing while an answer is under way or after the end', () => {
  const connection = connectionWith(get);
  connection.next();
  connection.refuse(408, 'too slow');
  assert.equal(connection.respond(ok, date, { close: true }).isPersistent, false);
  connection.refuse(408, 'too slow');
  assert.equal(connection.next().kind, 'ended');
});

test('refusing twice tells the first reason', () => {
  const connection = connectionWith('GET');
  connection.refuse(408, 'first');
  connection.refuse(503, 'second');
  const event = connection.next();
  assert.ok(event.kind === 'violation');
  assert.equal(event.why, 'first');
});

test('nothing is kept of what comes after the last request', () => {
  const rows: readonly string[] = [
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n${get}`,
    `GET / HTTP/1.0\r\n\r\n${get}`,
    `GET\r\n${get}`,
  ];
  for (const received of rows) {
    const connection = connectionWith(received);
    connection.next();
    assert.equal(connection.bufferedBytes, 0);
    connection.receive(Buffer.from(get));
    assert.equal(connection.bufferedBytes, 0);
    connection.respond(ok, date);
    connection.receive(Buffer.from(get));
    assert.equal(connection.bufferedBytes, 0);
    assert.equal(connection.next().kind, 'ended');
  }
});

test('closing by the server forgets what was read ahead', () => {
  const connection = connectionWith(get + get);
  connection.next();
  assert.equal(connection.bufferedBytes, get.length);
  connection.respond(ok, date, { close: true });
  assert.equal(connection.bufferedBytes, 0);
  assert.equal(connection.next().kind, 'ended');
});

test('1,000 requests in one piece come out in order', () => {
  const text = Array.from({ length: 1000 }, (_, at) => get.replace('/', `/${at}`)).join('');
  const expected = Array.from({ length: 1000 }, (_, at) => `request GET /${at} HTTP/1.1 at a`);
  assert.deepEqual(answerAll(connectionWith(text)), expected);
});

test('1,000 requests byte by byte behind one that is not answered come out in order', () => {
  const connection = connectionWith(get);
  connection.next();
  const text = Array.from({ length: 1000 }, (_, at) => get.replace('/', `/${at}`)).join('');
  for (const byte of singleBytes(Buffer.from(text))) connection.receive(byte);
  assert.equal(connection.bufferedBytes, text.length);
  connection.respond(ok, date);
  assert.equal(answerAll(connection).length, 1000);
  assert.equal(connection.bufferedBytes, 0);
});

test('limits are those that were given', () => {
  const limits = {
    ...defaultLimits,
    emptyLinesMax: 0,
    requestLineBytesMax: 20,
    fieldSectionBytesMax: 100,
    fieldLinesMax: 3,
    drainedContentBytesMax: 4,
    chunkLineBytesMax: 3,
  };
  const rows: readonly [received: string, status: number][] = [
    [`\r\n${get}`, 400],
    [`GET /${'a'.repeat(20)}`, 414],
    [`GET / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(100)}`, 431],
    ['GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\nA: b\r\n', 431],
    [post, 413],
    ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n', 413],
    ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0001', 400],
  ];
  for (const [received, status] of rows) {
    const event = connectionWith(received, limits).next();
    assert.ok(event.kind === 'violation', received);
    assert.equal(event.status, status, received);
  }
});

test('the interim answer is a whole head', () => {
  assert.equal(continueBytes.toString('latin1'), 'HTTP/1.1 100 Continue\r\n\r\n');
});
