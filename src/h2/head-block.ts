import { writtenLength, writtenLines } from '../http/answer-head.ts';
import type { Response } from '../http/message.ts';
import { literalLine, stringLiteral } from './literal.ts';
import { entryOverheadBytes, staticLineIndex } from './static-table.ts';

/** Lines that are numbered; whatever comes later is written out each time. */
const wordsMax = 512;

/** Octets of a line that is numbered: a longer one would drive too many others out of a table. */
const wordBytesMax = 1024;

/** A line that many answers have, and that goes into the tables of connections. */
export interface Word {
  /** As it is written where the table does not have it yet. */
  readonly literal: Buffer;
  /** What it takes of a table. RFC 7541 §4.1. */
  readonly tableBytes: number;
}

/**
 * The lines that answers have in common. All connections share it, so that a head is put into octets once: only
 * the index of each word differs from connection to connection.
 */
export class Vocabulary {
  readonly #numbers = new Map<string, number>();
  readonly #words: Word[] = [];
  #date = '';
  #dateLiteral: Buffer = noOctets;

  /** The number of a line; undefined when it is none that others would have. The name is in lower case. */
  numberOf(name: string, value: string): number | undefined {
    if (!commonFields.has(name)) return undefined;
    const text = `${name}:${value}`;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const tableBytes = name.length + value.length + entryOverheadBytes;
    if (this.#words.length === wordsMax || tableBytes > wordBytesMax) return undefined;
    const number = this.#words.push({ literal: literalLine(name, value, 'incremental'), tableBytes }) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  /** The word of a number that was given. */
  word(number: number): Word {
    return this.#words[number] as Word;
  }

  /** The value of a Date field as a string literal, made once for all who need it in the same second. */
  dateLiteral(date: string): Buffer {
    if (date !== this.#date) {
      this.#date = date;
      this.#dateLiteral = stringLiteral(date);
    }
    return this.#dateLiteral;
  }
}

/**
 * The head of an answer as far as it is the same on every connection: the words that it has, and the octets of
 * all other lines. Kept with an answer that is sent again.
 */
export class HeadBlock {
  readonly status: number;
  /** Of the words of the vocabulary that it was made with. */
  readonly words: readonly number[];
  /** The `:status` line, which comes first. RFC 9113 §8.3. */
  readonly statusLine: Buffer;
  /** Lines that are written out on every connection. */
  readonly literals: Buffer;
  /** Octets that it takes at most, its date left out. */
  readonly bytesMax: number;

  /** Throws as `writtenLines` does. */
  constructor(response: Response, vocabulary: Vocabulary) {
    this.status = response.status;
    this.statusLine = statusLine(response.status);
    const literals: Buffer[] = [];
    const words: number[] = [];
    let wordBytes = 0;
    const writtenOut: string[] = [];
    for (const [given, value] of writtenLines(response)) {
      // RFC 9113 §8.2.1.
      const name = given.toLowerCase();
      // Words come first: a line that is written out takes the later ones of its name with it. RFC 9110 §5.3.
      const number = writtenOut.includes(name) ? undefined : vocabulary.numberOf(name, value);
      if (number === undefined) {
        writtenOut.push(name);
        literals.push(literalLine(name, value, secretFields.has(name) ? 'never' : 'none'));
      } else {
        words.push(number);
        wordBytes += vocabulary.word(number).literal.length;
      }
    }
    const length = writtenLength(response);
    if (length !== undefined) literals.push(literalLine('content-length', String(length), 'none'));
    this.words = words;
    this.literals = Buffer.concat(literals);
    this.bytesMax = this.statusLine.length + this.literals.length + wordBytes;
  }
}

/** The octets of a `:status` line. */
export function statusLine(status: number): Buffer {
  const index = staticLineIndex(':status', String(status));
  return index === undefined ? literalLine(':status', String(status), 'none') : Buffer.of(0x80 | index);
}

const noOctets = Buffer.alloc(0);

/** Never in any table: RFC 7541 §7.1.3. */
const secretFields: ReadonlySet<string> = new Set(['set-cookie', 'authentication-info']);

/**
 * Fields with few values in a whole site. Those that differ from file to file (entity tags, lengths, times, places)
 * would only drive others out of the tables.
 */
const commonFields: ReadonlySet<string> = new Set([
  'accept-ranges',
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'access-control-max-age',
  'allow',
  'alt-svc',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-security-policy',
  'content-type',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'permissions-policy',
  'referrer-policy',
  'server',
  'strict-transport-security',
  'timing-allow-origin',
  'vary',
  'x-content-type-options',
  'x-frame-options',
  'x-robots-tag',
  'x-xss-protection',
]);
