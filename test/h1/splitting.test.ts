import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { H1Connection } from '../../src/h1/connection.ts';
import { defaultLimits, type Limits } from '../../src/http/limits.ts';
import { answerAll, transcript } from './transcript.ts';

// Small, so that generated input passes them now and then.
const limits: Limits = {
  ...defaultLimits,
  requestLineBytesMax: 40,
  fieldSectionBytesMax: 120,
  fieldLinesMax: 5,
  drainedContentBytesMax: 20,
  chunkLineBytesMax: 12,
};

const words = [
  ...[
    'GET',
    'POST',
    'HEAD',
    ' ',
    '  ',
    '/',
    '/a b',
    '*',
    'http://b/',
    'HTTP/1.1',
    'HTTP/1.0',
    'HTTP/2.0',
    'HTTP/1.',
  ],
  ...[
    '\r\n',
    '\r\n\r\n',
    '\r',
    '\n',
    '\0',
    '\t',
    '\x7f',
    '\xa0',
    'GET / HTTP/1.1\r\nHost: a\r\n',
    'Host: a\r\n',
  ],
  ...['Host', ': ', ':', 'a', 'Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'Content-Length: 21\r\n'],
  ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip\r\n', 'Connection: close\r\n', 'hello'],
  ...[
    'Expect: 100-continue\r\n',
    'Expect: x\r\n',
    '5\r\nhello\r\n',
    '0\r\n\r\n',
    '0\r\nA: b\r\n\r\n',
    '5;a="b"\r\n',
  ],
  ...[
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
  ...['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n', 'x'.repeat(15)],
];

const bytesOfWords = fc
  .array(fc.constantFrom(...words), { maxLength: 12 })
  .map(parts => Buffer.from(parts.join(''), 'latin1'));
const input = fc.oneof(
  bytesOfWords,
  fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)),
);
const cuts = fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 20 });

test('however the input is cut, the events are the same, and nothing throws', () => {
  fc.assert(
    fc.property(input, cuts, fc.boolean(), (bytes, lengths, ends) => {
      const whole = eventsOf([bytes], ends);
      assert.deepEqual(eventsOf(cut(bytes, lengths), ends), whole);
      assert.deepEqual(eventsOf(cut(bytes, [1]), ends), whole);
    }),
    { numRuns: 3000 },
  );
});

test('what is buffered never exceeds the head and the chunk line under way', () => {
  fc.assert(
    fc.property(input, bytes => {
      const connection = new H1Connection(limits);
      for (const piece of cut(bytes, [1])) {
        transcript(connection, [piece]);
        assert.ok(connection.bufferedBytes <= limits.fieldSectionBytesMax + 2);
        if (connection.phase === 'idle' || connection.phase === 'ended')
          assert.equal(connection.bufferedBytes, 0);
      }
    }),
    { numRuns: 1000 },
  );
});

/** Without 'continue', which is left out when content has come with its head: that depends on the pieces. */
function eventsOf(pieces: Iterable<Uint8Array>, ends: boolean): readonly string[] {
  const connection = new H1Connection(limits);
  const events = transcript(connection, pieces, true);
  if (ends) {
    connection.receiveEnd();
    events.push(...answerAll(connection, true));
  }
  events.push(connection.phase, String(connection.bufferedBytes));
  return events.filter(line => line !== 'continue');
}

/** Pieces of the given lengths, over and over; some are empty. */
function* cut(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  let turn = 0;
  for (let at = 0; at < bytes.length; turn++) {
    // An end that never advances is no cut.
    const length = Math.max(lengths[turn % lengths.length] ?? 1, turn % 2);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
