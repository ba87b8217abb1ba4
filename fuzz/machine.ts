// What must hold for a connection whatever the client sends, shared by the targets that go through it.
import assert from 'node:assert/strict';
import {
  continueBytes,
  H1Connection,
  type H1Event,
  type H1Phase,
  type OutgoingHead,
} from '../src/h1/connection.ts';
import { SeenHeads } from '../src/h1/seen-heads.ts';
import { defaultLimits, type Limits } from '../src/http/limits.ts';
import type { Response } from '../src/http/message.ts';
import { randomPieces, singleBytes } from '../test/h1/transcript.ts';
import { hashOf, Random } from './random.ts';

/** Limits that short inputs pass now and then. */
const tightLimits: Limits = {
  ...defaultLimits,
  emptyLinesMax: 1,
  requestLineBytesMax: 40,
  fieldSectionBytesMax: 120,
  fieldLinesMax: 5,
  drainedContentBytesMax: 20,
  chunkLineBytesMax: 12,
};

/** An event that asks for an answer. */
export type Answerable = Extract<H1Event, { readonly kind: 'request' | 'violation' }>;

/** What a connection did with its input. */
export interface Life {
  /** What was to be answered, in order. */
  readonly events: readonly Answerable[];
  /** What the connection waited for at the end of the input. */
  readonly phase: H1Phase;
  /** The same in words, with what the connection waited for at the end of the input and what its end brought. */
  readonly told: readonly string[];
}

/**
 * Leads connections through the input: whole, octet by octet and in random pieces, within the usual limits and
 * within tight ones. Throws when something does not hold; answers what the input whole and the usual limits gave.
 */
export function checkMachine(input: Buffer): Life {
  checkLives(input, tightLimits);
  return checkLives(input, defaultLimits);
}

/** How it went, in a few words: for the fuzzer to tell inputs apart. */
export function behaviourOf(life: Life): string {
  const kinds = life.events.slice(0, 5).map(event => (event.kind === 'request' ? 'request' : event.why));
  return `${kinds.join('|')} ${life.phase}`;
}

/** The life of one connection that receives these pieces and then the end; `seen` is what it shares with others. */
export function live(pieces: Iterable<Uint8Array>, limits: Limits, seen?: SeenHeads): Life {
  const connection = new H1Connection(limits, seen);
  const events: Answerable[] = [];
  const told: string[] = [];
  let received = 0;
  const note = (event: Answerable): void => {
    events.push(event);
    told.push(inWords(event));
    // The shortest request has more octets than this, so that events without end are noticed.
    assert.ok(events.length <= received / 10 + 1, `${events.length} events from ${received} octets`);
  };
  for (const piece of pieces) {
    received += piece.length;
    connection.receive(Uint8Array.from(piece));
    pump(connection, note);
    checkBuffer(connection, limits);
  }
  const { phase } = connection;
  told.push(`then ${phase} with ${connection.bufferedBytes}`);
  connection.receiveEnd();
  pump(connection, note);
  // Content that is still to come is missed at the end; nothing else stays open.
  assert.equal(connection.phase, 'ended', 'the end of the input does not end the connection');
  assert.equal(connection.bufferedBytes, 0, 'octets are held after the end');
  return { events, phase, told };
}

function checkLives(input: Buffer, limits: Limits): Life {
  const random = new Random(hashOf(input));
  const whole = live([input], limits);
  // A long input costs as much as many short ones, and what it is made of is short.
  if (input.length < 1024 || random.chance(0.05)) {
    assert.deepEqual(live(singleBytes(input), limits).told, whole.told, 'octet by octet it is another story');
  }
  const pieces = [...randomPieces(input, () => random.fraction())];
  assert.deepEqual(live(pieces, limits).told, whole.told, 'in pieces it is another story');
  const seen = new SeenHeads();
  for (const again of [[input], pieces, [input], pieces]) {
    assert.deepEqual(
      live(again, limits, seen).told,
      whole.told,
      'with heads that are known it is another story',
    );
  }
  checkRefusal(pieces, limits, random.below(pieces.length + 1));
  return whole;
}

/** Gives up on the client after some pieces: that is one answer with its status at most, and the end. */
function checkRefusal(pieces: readonly Uint8Array[], limits: Limits, after: number): void {
  const connection = new H1Connection(limits);
  for (const piece of pieces.slice(0, after)) {
    connection.receive(piece);
    pump(connection, () => {});
  }
  const wasEnded = connection.phase === 'ended';
  connection.refuse(408, 'refused');
  const statuses: number[] = [];
  pump(connection, event => statuses.push(event.kind === 'violation' ? event.status : 200));
  assert.deepEqual(statuses, wasEnded ? [] : [408], 'a refusal is not what comes next');
  connection.receive(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
  assert.equal(connection.next().kind, 'ended', 'a refused connection goes on');
}

/** Answers whatever comes until the connection wants more. */
function pump(connection: H1Connection, note: (event: Answerable) => void): void {
  for (;;) {
    const event = connection.next();
    switch (event.kind) {
      case 'need-bytes':
      case 'ended':
        return;
      case 'continue':
        assert.ok(connection.phase === 'content', 'leave to send content that none waits for');
        break;
      case 'request':
      case 'violation':
        note(event);
        checkHead(connection.respond(answerTo(event), date), event);
        break;
      default:
        event satisfies never;
    }
  }
}

function answerTo(event: Answerable): Response {
  const status = event.kind === 'violation' ? event.status : 200;
  return {
    status,
    fields: [['Content-Type', 'text/plain']],
    content: { kind: 'bytes', bytes: continueBytes },
  };
}

function checkHead({ bytes, isPersistent, sendsContent }: OutgoingHead, event: Answerable): void {
  const head = bytes.toString('latin1');
  assert.match(head, answerHead);
  const { status } = answerTo(event);
  assert.ok(status >= 200 && status < 600);
  assert.ok(event.kind === 'request' || !isPersistent, 'the connection outlives a violation');
  assert.equal(head.includes('\r\nConnection: close\r\n'), !isPersistent);
  assert.ok(head.includes(`\r\nContent-Length: ${continueBytes.length}\r\n`));
  assert.equal(sendsContent, event.head?.method !== 'HEAD');
}

function checkBuffer(connection: H1Connection, limits: Limits): void {
  const { phase, bufferedBytes } = connection;
  const { requestLineBytesMax, fieldSectionBytesMax, chunkLineBytesMax } = limits;
  // A line may be complete but for its LF.
  const most = Math.max(requestLineBytesMax, fieldSectionBytesMax, chunkLineBytesMax) + 1;
  assert.ok(bufferedBytes <= most, `${bufferedBytes} octets are held`);
  if (phase === 'idle' || phase === 'ended') assert.equal(bufferedBytes, 0, `octets are held in ${phase}`);
  assert.notEqual(phase, 'answering', 'an answer is owed and was not asked for');
}

function inWords(event: Answerable): string {
  const { head } = event;
  const about = head && [head.method, head.target, head.version, head.authority ?? null, head.fields.lines];
  return event.kind === 'request'
    ? `request ${JSON.stringify(about)}`
    : `violation ${event.status} ${event.why} ${JSON.stringify(about ?? null)}`;
}

const date = 'Sun, 22 Nov 2026 15:00:00 GMT';
const answerHead =
  /^HTTP\/1\.1 [2-5][0-9][0-9] [ -~]+\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\x80-\xff]*\r\n)+\r\n$/;
