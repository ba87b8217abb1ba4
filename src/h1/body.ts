import type { Fields } from '../http/fields.ts';
import type { Limits } from '../http/limits.ts';
import { listMembers } from '../http/list.ts';
import { type RequestHead, type Violation, violation } from '../http/message.ts';
import { isToken } from '../http/method.ts';
import type { Input } from './input.ts';
import { LineReader } from './line.ts';
import { SectionReader } from './section.ts';

/** Reads a request's content and drops it: a static site has no use for it, but the next request lies behind it. */
export interface ContentReader {
  /** Takes what it can out of the input. 'more': not at the end yet. A violation ends the connection. */
  read(input: Input): 'more' | 'done' | Violation;
}

/**
 * The reader for the content that a head announces; undefined when it announces none. Wherever two parties could
 * find the end of the content in two places, the answer is a violation: 400 for contradictory or malformed framing,
 * 501 for a transfer coding that is not known, 413 for more than is drained. RFC 9112 §6.
 */
export function contentReader(head: RequestHead, limits: Limits): ContentReader | Violation | undefined {
  const codings = head.fields.get('transfer-encoding');
  const lengths = head.fields.values('content-length');
  if (codings !== undefined) {
    if (lengths.length > 0) return violation(400, 'both Transfer-Encoding and Content-Length');
    // Who speaks 1.0 may not know the coding and have copied the field: RFC 9112 §6.1.
    if (head.version === '1.0') return violation(400, 'Transfer-Encoding in HTTP/1.0');
    return judgeCodings(codings) ?? new ChunkedReader(limits);
  }
  const [length] = lengths;
  if (length === undefined) return undefined;
  // Equal ones could be merged (RFC 9112 §6.3), but nobody sends them without having gone through someone confused.
  if (lengths.length > 1) return violation(400, 'more than one Content-Length');
  if (!/^[0-9]+$/.test(length)) return violation(400, 'a malformed Content-Length');
  // More digits than a double holds exactly make a number that is beyond every limit all the same.
  const octets = Number(length);
  if (octets > limits.drainedContentBytesMax) return tooMuchContent;
  return octets === 0 ? undefined : new CountedReader(octets);
}

/** Undefined for exactly `chunked`. */
function judgeCodings(text: string): Violation | undefined {
  const codings = listMembers(text);
  if (!codings.every(isToken)) return violation(400, 'a malformed Transfer-Encoding');
  const chunked = codings.indexOf('chunked');
  // Chunked anywhere but last, or twice, leaves the end of the content unknown: RFC 9112 §6.1.
  if (chunked !== -1 && chunked !== codings.length - 1)
    return violation(400, 'chunked is not the last coding');
  return codings.length === 1 && chunked === 0 ? undefined : violation(501, 'an unknown transfer coding');
}

class CountedReader implements ContentReader {
  #remaining: number;

  constructor(octets: number) {
    this.#remaining = octets;
  }

  read(input: Input): 'more' | 'done' {
    const taken = Math.min(this.#remaining, input.length);
    input.drop(taken);
    this.#remaining -= taken;
    return this.#remaining === 0 ? 'done' : 'more';
  }
}

type ChunkedState =
  | { readonly kind: 'size' }
  /** Octets of the chunk that are still to come, its CRLF not counted. */
  | { readonly kind: 'data'; readonly remaining: number }
  | { readonly kind: 'trailer'; readonly section: SectionReader };

/** RFC 9112 §7.1. */
class ChunkedReader implements ContentReader {
  readonly #limits: Limits;
  readonly #sizeLines: LineReader;
  #state: ChunkedState = sizeLine;
  #drained = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#sizeLines = new LineReader(limits.chunkLineBytesMax, sizeLineTooLong);
  }

  read(input: Input): 'more' | 'done' | Violation {
    for (;;) {
      const state = this.#state;
      switch (state.kind) {
        case 'size': {
          const next = this.#readSize(input);
          if (next === undefined) return 'more';
          if (next.kind === 'violation') return next;
          this.#state = next;
          break;
        }
        case 'data': {
          const next = readData(input, state.remaining);
          if (next.kind === 'violation') return next;
          this.#state = next;
          if (next.kind === 'data') return 'more';
          break;
        }
        case 'trailer': {
          const fields = state.section.read(input);
          if (fields === undefined) return 'more';
          return 'kind' in fields ? fields : (judgeTrailer(fields) ?? 'done');
        }
        default:
          return state satisfies never;
      }
    }
  }

  #readSize(input: Input): ChunkedState | Violation | undefined {
    const line = this.#sizeLines.read(input);
    if (typeof line !== 'string') return line;
    const digits = sizeLineForm.exec(line)?.[1];
    if (digits === undefined) return violation(400, 'a malformed chunk-size line');
    const octets = Number.parseInt(digits, 16);
    // Extensions count as content: else a client could send a thousand octets with each octet of it.
    this.#drained += octets + line.length - digits.length;
    if (this.#drained > this.#limits.drainedContentBytesMax) return tooMuchContent;
    return octets === 0
      ? { kind: 'trailer', section: new SectionReader(this.#limits) }
      : { kind: 'data', remaining: octets };
  }
}

/** Whoever sends framing behind the content hopes that someone believes it: RFC 9110 §6.5.1. */
function judgeTrailer(fields: Fields): Violation | undefined {
  const framing = ['content-length', 'transfer-encoding'].some(name => fields.values(name).length > 0);
  return framing ? violation(400, 'framing fields in a trailer') : undefined;
}

/** Drops a chunk's data and the CRLF after it. */
function readData(input: Input, remaining: number): ChunkedState | Violation {
  const taken = Math.min(remaining, input.length);
  input.drop(taken);
  const left = remaining - taken;
  if (left > 0 || input.length === 0) return { kind: 'data', remaining: left };
  const { buffer, start } = input;
  if (buffer[start] !== cr) return violation(400, 'chunk data that does not end where its size says');
  if (input.length === 1) return { kind: 'data', remaining: 0 };
  if (buffer[start + 1] !== lf) return violation(400, 'chunk data that does not end where its size says');
  input.drop(2);
  return sizeLine;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quotedString = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';

/**
 * The size in at most 16 digits, then extensions: RFC 9112 §7.1.1. Every octet can be matched in one way only,
 * so that the match takes linear time.
 */
const sizeLineForm = new RegExp(
  `^([0-9A-Fa-f]{1,16})(?:[\\t ]*;[\\t ]*${token}(?:[\\t ]*=[\\t ]*(?:${token}|${quotedString}))?)*$`,
);

const sizeLine: ChunkedState = { kind: 'size' };
const sizeLineTooLong = violation(400, 'the chunk-size line is too long');
const tooMuchContent = violation(413, 'more content than is read');
const lf = 0x0a;
const cr = 0x0d;
