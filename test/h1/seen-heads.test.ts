import assert from 'node:assert/strict';
import { test } from 'node:test';
import { H1Connection } from '../../src/h1/connection.ts';
import { SeenHeads } from '../../src/h1/seen-heads.ts';
import { Fields } from '../../src/http/fields.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import type { RequestHead } from '../../src/http/message.ts';

/** Heads of which this one is known. */
function knowing(text: string): SeenHeads {
  const seen = new SeenHeads();
  headOf(seen, text);
  headOf(seen, text);
  assert.ok(knows(seen, text));
  return seen;
}

/** What a new connection makes of these octets, given in these pieces. */
function headOf(seen: SeenHeads, ...pieces: readonly string[]): RequestHead | number | undefined {
  const connection = new H1Connection(defaultLimits, seen);
  let event = connection.next();
  for (const piece of pieces) {
    connection.receive(Buffer.from(piece, 'latin1'));
    event = connection.next();
  }
  if (event.kind === 'violation') return event.status;
  return event.kind === 'request' ? event.head : undefined;
}

function knows(seen: SeenHeads, text: string): boolean {
  const octets = Buffer.from(`..${text}..`, 'latin1');
  return seen.recall(octets, 2, octets.length - 2) !== undefined;
}

const plain = 'GET /a HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n';

test('a head that was parsed twice is known from then on, whoever sends it', () => {
  const seen = new SeenHeads();
  const [first, second] = [headOf(seen, plain), headOf(seen, plain)];
  assert.ok(typeof first === 'object');
  assert.notEqual(second, first);
  for (const head of [first, second]) {
    assert.ok(typeof head === 'object');
    assert.deepEqual(head.fields.lines, [
      ['Host', 'h'],
      ['Accept', '*/*'],
    ]);
  }
  assert.equal(headOf(seen, plain), second);
  assert.notEqual(headOf(seen, plain.replace('*/*', '*/* ')), second);
});

test('a known head in pieces is read as the new one that it may become', () => {
  const seen = knowing(plain);
  const first = headOf(seen, plain);
  for (let cut = 1; cut < plain.length; cut++) {
    assert.deepEqual(headOf(seen, plain.slice(0, cut), plain.slice(cut)), first);
  }
});

test('what does not pass the parser, or has content, is read each time', () => {
  const seen = new SeenHeads();
  const rows: readonly (readonly [text: string, status: number])[] = [
    ['GET /a HTTP/1.1\r\nHost: h\r\nBad : x\r\n\r\n', 400],
    ['GET /a HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n', 400],
    ['GET /a HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n', 417],
    ['GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n', 413],
    ['GET /a HTTP/3.0\r\nHost: h\r\n\r\n', 505],
  ];
  for (const [text, status] of rows) {
    for (let sight = 0; sight < 3; sight++) assert.equal(headOf(seen, text), status);
    assert.ok(!knows(seen, text));
  }
  const withContent = 'GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n';
  assert.equal(typeof headOf(seen, `${withContent}ab`), 'object');
  assert.ok(!knows(seen, withContent));
});

test('a head is known with the empty lines before it or without them, never by half', () => {
  const seen = new SeenHeads();
  assert.equal(typeof headOf(seen, `\r\n\r\n${plain}`), 'object');
  assert.ok(!knows(seen, '\r\n\r\n'));
  assert.equal(headOf(seen, '\r\n\r\n'), undefined);
});

test('persistence and pipelining are as without memory', () => {
  const seen = new SeenHeads();
  const closing = 'GET /a HTTP/1.0\r\n\r\n';
  for (let round = 0; round < 3; round++) {
    const connection = new H1Connection(defaultLimits, seen);
    connection.receive(Buffer.from(plain + closing + plain, 'latin1'));
    const told: (boolean | string)[] = [];
    for (let event = connection.next(); ; event = connection.next()) {
      told.push(event.kind);
      if (event.kind !== 'request') break;
      told.push(
        connection.respond({ status: 200, fields: [], content: { kind: 'none' } }, 'now').isPersistent,
      );
    }
    assert.deepEqual(told, ['request', true, 'request', false, 'ended']);
  }
});

test('long heads are not kept, and many make room for new ones', () => {
  const seen = new SeenHeads();
  const long = `GET /a HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(5000)}\r\n\r\n`;
  for (let sight = 0; sight < 3; sight++) headOf(seen, long);
  assert.ok(!knows(seen, long));
  headOf(seen, plain);
  const first = headOf(seen, plain);
  assert.equal(headOf(seen, plain), first);
  for (let n = 0; n < 4000; n++)
    headOf(seen, `GET /${n >> 1} HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(3500)}\r\n\r\n`);
  assert.ok(!knows(seen, plain));
});

test('heads that differ in one octet anywhere are told apart', () => {
  const text = `GET /a HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(600)}\r\n\r\n`;
  const seen = knowing(text);
  const first = headOf(seen, text);
  for (let at = text.indexOf('x'); at < text.length - 4; at++) {
    const other = headOf(seen, `${text.slice(0, at)}y${text.slice(at + 1)}`);
    assert.ok(typeof other === 'object' && typeof first === 'object');
    assert.equal(other.fields.get('x')?.indexOf('y'), at - text.indexOf('x'));
  }
});

test('a known head that is followed by more before it is read begins what it has become', () => {
  const seen = knowing(plain);
  const connection = new H1Connection(defaultLimits, seen);
  connection.receive(Buffer.from(plain));
  assert.equal(connection.bufferedBytes, plain.length);
  assert.equal(connection.phase, 'head');
  connection.receive(Buffer.from(plain + plain.slice(0, 10)));
  for (let n = 0; n < 2; n++) {
    assert.equal(connection.next().kind, 'request');
    connection.respond({ status: 200, fields: [], content: { kind: 'none' } }, 'now');
  }
  assert.equal(connection.next().kind, 'need-bytes');
  assert.equal(connection.bufferedBytes, 10);
});

test('a known head is dropped with the client that is given up', () => {
  const seen = knowing(plain);
  const connection = new H1Connection(defaultLimits, seen);
  connection.receive(Buffer.from(plain));
  connection.refuse(408, 'too late');
  assert.equal(connection.bufferedBytes, 0);
  assert.equal(connection.next().kind, 'violation');
});

test('a known head is answered though the client has ended its side', () => {
  const seen = knowing(plain);
  const connection = new H1Connection(defaultLimits, seen);
  connection.receive(Buffer.from(plain));
  connection.receiveEnd();
  assert.equal(connection.next().kind, 'request');
  connection.respond({ status: 200, fields: [], content: { kind: 'none' } }, 'now');
  assert.equal(connection.next().kind, 'ended');
});

test('a field section that was parsed twice is known behind every path, and nowhere else', () => {
  const section = 'Host: h\r\nAccept: */*\r\nConnection: close\r\n\r\n';
  const seen = new SeenHeads();
  const fieldsOf = (line: string, ...cuts: readonly number[]): Fields | number | undefined => {
    const text = `${line}\r\n${section}`;
    const pieces = [0, ...cuts].map((cut, n, all) => text.slice(cut, all[n + 1]));
    const head = headOf(seen, ...pieces);
    return typeof head === 'object' ? head.fields : head;
  };
  fieldsOf('GET /1 HTTP/1.1');
  const known = fieldsOf('GET /2 HTTP/1.1');
  assert.ok(known instanceof Fields);
  for (const line of ['GET /3 HTTP/1.1', 'HEAD /?q HTTP/1.1', 'POST // HTTP/1.1', 'get /%ff HTTP/1.2']) {
    assert.equal(fieldsOf(line), known, line);
  }
  for (const line of ['GET /4 HTTP/1.0', 'GET http://other/ HTTP/1.1', 'OPTIONS * HTTP/1.1']) {
    const fields = fieldsOf(line);
    assert.ok(fields instanceof Fields && fields !== known, line);
  }
  const answered = new H1Connection(defaultLimits, seen);
  answered.receive(Buffer.from(`GET /5 HTTP/1.1\r\n${section}GET /6 HTTP/1.1\r\n${section}`));
  assert.equal(answered.next().kind, 'request');
  answered.respond({ status: 200, fields: [], content: { kind: 'none' } }, 'now');
  assert.equal(answered.next().kind, 'ended');
  for (let cut = 1; cut < `GET /7 HTTP/1.1\r\n${section}`.length; cut++) {
    const fields = fieldsOf('GET /7 HTTP/1.1', cut);
    assert.ok(fields instanceof Fields);
    assert.deepEqual(fields.lines, known.lines);
  }
});

test('a section without a field is known as any other: a path without a host is refused each time', () => {
  const seen = new SeenHeads();
  for (let n = 0; n < 4; n++) assert.equal(headOf(seen, `GET /${n} HTTP/1.1\r\n\r\n`), 400);
  for (let n = 0; n < 4; n++) assert.equal(typeof headOf(seen, `GET /${n} HTTP/1.0\r\n\r\n`), 'object');
  assert.equal(headOf(seen, 'GET /4 HTTP/1.1\r\n\r\n'), 400);
});

test('a section of which another request announced content is not known', () => {
  const seen = new SeenHeads();
  const section = 'Host: h\r\nContent-Length: 2\r\n\r\n';
  for (let n = 0; n < 3; n++) {
    assert.equal(typeof headOf(seen, `GET /${n} HTTP/1.1\r\n${section}ab`), 'object');
    assert.equal(headOf(seen, `GET /${n} HTTP/1.1\r\n${section}a`), undefined);
  }
});
