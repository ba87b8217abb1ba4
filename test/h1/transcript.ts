import type { H1Connection } from '../../src/h1/connection.ts';
import type { FieldLine, RequestHead } from '../../src/http/message.ts';

const date = 'Sun, 22 Nov 2026 15:00:00 GMT';

/** Answers every event until the connection needs more, and tells the events one a line, without the last. */
export function answerAll(connection: H1Connection, withFields = false): readonly string[] {
  const lines: string[] = [];
  for (;;) {
    const event = connection.next();
    switch (event.kind) {
      case 'need-bytes':
      case 'ended':
        return lines;
      case 'continue':
        lines.push('continue');
        break;
      case 'request':
        lines.push(`request ${described(event.head)}`);
        if (withFields) lines.push(...event.head.fields.lines.map(shown));
        answer(connection, 200);
        break;
      case 'violation': {
        const about = event.head === undefined ? '' : ` in ${described(event.head)}`;
        lines.push(`violation ${event.status}: ${event.why}${about}`);
        answer(connection, event.status);
        break;
      }
      default:
        event satisfies never;
    }
  }
}

/** Gives the connection the pieces one after the other and tells the events of all. */
export function transcript(
  connection: H1Connection,
  pieces: Iterable<Uint8Array>,
  withFields = false,
): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    // The caller's buffer is used again at once, as the driver's is.
    const lent = Uint8Array.from(piece);
    connection.receive(lent);
    lent.fill(0x21);
    lines.push(...answerAll(connection, withFields));
  }
  return lines;
}

/** The bytes one by one. */
export function* singleBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}

/** The bytes in pieces of random length. `random` gives numbers from 0 up to 1. */
export function* randomPieces(bytes: Uint8Array, random: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(random() ** 3 * 60);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

function answer(connection: H1Connection, status: number): void {
  connection.respond({ status, fields: [], content: { kind: 'none' } }, date);
}

function described(head: RequestHead): string {
  return visible(
    `${head.method} ${head.target} HTTP/${head.version} at ${head.authority === '' ? '""' : (head.authority ?? 'nobody')}`,
  );
}

function shown([name, value]: FieldLine): string {
  return visible(`  ${name}: ${value}`);
}

/** As the fixtures write it: what would not be seen is escaped, white space at the end is left out. */
function visible(text: string): string {
  return text
    .replace(/\t/g, '\\t')
    .replace(/[^\x20-\x7e]/g, octet => `\\x${octet.charCodeAt(0).toString(16)}`)
    .trimEnd();
}
