import assert from 'node:assert/strict';
import { H2Connection } from '../../src/h2/connection.ts';
import type { Limits } from '../../src/http/limits.ts';
import { randomPieces, singleBytes } from '../../test/h1/transcript.ts';
import { clientOctets } from '../../test/h2/client-frames.ts';
import { readFixtures } from '../../test/h2/fixtures.ts';
import { sharing, Transcript } from '../../test/h2/transcript.ts';
import { hashOf, Random } from '../random.ts';
import type { FuzzTarget } from '../target.ts';

const hello = clientOctets(['hello']);

/** Limits that short inputs pass now and then. */
const tight: Partial<Limits> = {
  concurrentStreamsMax: 3,
  fieldSectionBytesMax: 120,
  fieldLinesMax: 5,
  requestLineBytesMax: 40,
  drainedContentBytesMax: 20,
  fieldBlockBytesMax: 200,
  continuationsMax: 2,
  resetsMax: 3,
  idleFramesMax: 20,
};

/** Octets of a frame that is not whole, and of what is sent without anybody reading it. */
const heldBytesMax = 9 + 16_384;
const outputBytesMax = 256 * 1024;

/**
 * Whole connections. What a client is told does not depend on the pieces in which it speaks; a connection holds little
 * whatever comes, sends nothing but whole frames, and ends with its client.
 */
export const h2: FuzzTarget = {
  name: 'h2',
  words: words(),
  seeds: () =>
    [...readFixtures().values()]
      .flat()
      .map(({ rounds }) => Buffer.concat(rounds.map(({ bytes }) => bytes)))
      .filter(({ length }) => length < 3000)
      .map(bytes => (bytes.subarray(0, hello.length).equals(hello) ? bytes.subarray(hello.length) : bytes)),
  check: input => {
    // Most that breaks the greeting is the same story.
    const isGreeting = input.subarray(0, 4).equals(hello.subarray(0, 4));
    const bytes = isGreeting ? input : Buffer.concat([hello, input]);
    checkLives(bytes, tight);
    return checkLives(bytes, {});
  },
};

function checkLives(input: Buffer, limits: Partial<Limits>): string {
  const random = new Random(hashOf(input));
  const whole = silent([input], limits);
  if (input.length < 1024 || random.chance(0.05))
    assert.deepEqual(silent(singleBytes(input), limits), whole, 'octet by octet it is another story');
  const pieces = [...randomPieces(input, () => random.fraction())];
  assert.deepEqual(silent(pieces, limits), whole, 'in pieces it is another story');
  answered(pieces, limits);
  answered([input], limits);
  return whole
    .map(line => line.replace(/\d+/g, '').slice(0, 40))
    .slice(0, 5)
    .join('|');
}

/** Everything is received before anything is answered: so the story is one of the octets alone. */
function silent(pieces: Iterable<Uint8Array>, limits: Partial<Limits>): readonly string[] {
  const shared = sharing(limits);
  const transcript = new Transcript(new H2Connection(shared), shared);
  for (const piece of pieces) {
    transcript.hear(piece);
    checkBuffer(transcript.connection);
  }
  transcript.pump();
  return ending(transcript);
}

/** Everything is answered at once. */
function answered(pieces: Iterable<Uint8Array>, limits: Partial<Limits>): void {
  const shared = sharing(limits);
  const transcript = new Transcript(new H2Connection(shared), shared);
  for (const piece of pieces) {
    transcript.receive(piece);
    checkBuffer(transcript.connection);
  }
  ending(transcript);
}

function ending(transcript: Transcript): readonly string[] {
  const { connection, lines } = transcript;
  connection.receiveEnd();
  transcript.pump();
  connection.expire(1e9);
  transcript.pump();
  const owed = lines.some(line => /^request \d+ \S+ \/later /.test(line));
  // Whoever is owed an answer, or has a window of nothing, is waited for.
  if (!owed) assert.equal(connection.next().kind, 'ended', `the end of the input does not end it: ${lines}`);
  return [...lines, connection.phase];
}

function checkBuffer(connection: H2Connection): void {
  const { bufferedBytes } = connection;
  assert.ok(bufferedBytes <= heldBytesMax + outputBytesMax, `${bufferedBytes} octets are held`);
}

/** Whole frames, for mutations to put together. */
function words(): readonly string[] {
  const lines = [
    'hello',
    'preface',
    'SETTINGS 4=0',
    'SETTINGS 4=2147483647 1=0',
    'GET 1 /',
    'GET 3 /bytes/70000',
    'GET 5 /pulled',
    'POST 7 /',
    'HEADERS 7 END_STREAM END_HEADERS',
    'DATA 7 5',
    'DATA 7 5 END_STREAM',
    'RST_STREAM 1 8',
    'WINDOW_UPDATE 0 100000',
    'WINDOW_UPDATE 3 1',
    'WINDOW_UPDATE 5 0',
    'PRIORITY_UPDATE 3 u=0, i',
    'PING 0011223344556677',
    'frame 7 0 0 0000000000000000',
    'frame 9 4 1 84410161',
    'frame 1 1 9 8286',
    'frame 2 0 1 0000000010',
  ];
  return lines.map(line => clientOctets([line]).toString('latin1'));
}
