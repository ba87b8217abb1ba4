import { Fields, noFields } from '../http/fields.ts';
import type { Limits } from '../http/limits.ts';
import { type FieldLine, type Violation, violation } from '../http/message.ts';
import { isToken } from '../http/method.ts';
import type { Input } from './input.ts';
import { isBlank, trimmed } from './list.ts';

/** What `endOfLine` answers when the line has not ended before `to`, and when an octet may not stand in a line. */
export const lineGoesOn = -1;
export const illegalOctet = -2;

/**
 * The index of the CR that ends the line in which `from` lies. A line holds HTAB, SP, visible ASCII and 0x80–0xff
 * and ends in CRLF; a CR or an LF alone, NUL and every other control is `illegalOctet`, because parties that
 * treat them unlike each other can be made to see two different messages. RFC 9112 §2.2, RFC 9110 §5.5.
 */
export function endOfLine(buffer: Buffer, from: number, to: number, end: number): number {
  for (let at = from; at < to; at++) {
    const octet = buffer[at] as number;
    if (octet >= space) {
      if (octet === del) return illegalOctet;
    } else if (octet === cr) {
      if (at + 1 === end) return lineGoesOn;
      return buffer[at + 1] === lf ? at : illegalOctet;
    } else if (octet !== htab) return illegalOctet;
  }
  return lineGoesOn;
}

/** Why an octet was refused, in words. */
export const illegalOctetWhy = 'a control octet, or a CR or LF that is not part of a CRLF';

/**
 * Reads a field section up to its empty line: the fields of a head, or the trailer of a chunked content.
 * RFC 9112 §5, §7.1.2.
 */
export class SectionReader {
  readonly #limits: Limits;
  /** Offsets from the start of the section: of the line under way, and of the first octet not looked at. */
  #line = 0;
  #scanned = 0;
  #lines = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Takes the section out of the input once its empty line is there. Undefined: more is needed. Violations: 431
   * as soon as a limit is passed, 400 for a malformed line.
   */
  read(input: Input): Fields | Violation | undefined {
    const { buffer, start, end } = input;
    // The CR of the empty line may stand here at the latest.
    const last = start + this.#limits.fieldSectionBytesMax;
    for (;;) {
      const lineStart = start + this.#line;
      const lineEnd = endOfLine(buffer, start + this.#scanned, Math.min(end, last + 1), end);
      if (lineEnd === illegalOctet) return violation(400, illegalOctetWhy);
      if (lineEnd === lineGoesOn) {
        if (end > last && buffer[last] !== cr) return sectionTooLong;
        // A CR at the very end is looked at again with the octet after it.
        this.#scanned = end - start - (end > start && buffer[end - 1] === cr ? 1 : 0);
        return undefined;
      }
      const next = lineEnd + 2;
      if (lineEnd === lineStart) {
        const fields = parseSection(buffer, start, lineStart);
        input.drop(next - start);
        return fields;
      }
      if (next > last) return sectionTooLong;
      if (++this.#lines > this.#limits.fieldLinesMax) return violation(431, 'too many field lines');
      this.#line = next - start;
      this.#scanned = this.#line;
    }
  }
}

function parseSection(buffer: Buffer, start: number, end: number): Fields | Violation {
  return start === end ? noFields : parseFieldLines(buffer.toString('latin1', start, end));
}

/** Field lines, each with its CRLF and free of illegal octets. */
function parseFieldLines(text: string): Fields | Violation {
  const lines: FieldLine[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r', at);
    const colon = text.indexOf(':', at);
    const name = text.slice(at, colon === -1 || colon > end ? end : colon);
    if (colon !== at + name.length || !isToken(name)) return malformedLine(name, colon === at + name.length);
    lines.push([name, trimmed(text, colon + 1, end)]);
    at = end + 2;
  }
  return new Fields(lines);
}

function malformedLine(name: string, hasColon: boolean): Violation {
  // RFC 9112 §5.2 lets a server refuse a folded line; unfolding is where parties disagree.
  if (isBlank(name.charCodeAt(0))) return violation(400, 'a folded field line');
  if (!hasColon) return violation(400, 'a field line without a colon');
  if (name === '') return violation(400, 'an empty field name');
  if (isBlank(name.charCodeAt(name.length - 1))) return violation(400, 'white space before the colon');
  return violation(400, 'a field name that is no token');
}

const sectionTooLong = violation(431, 'the field section is too long');
const htab = 0x09;
const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;
const del = 0x7f;
