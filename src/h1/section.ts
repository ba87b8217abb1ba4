import { Fields, noFields } from '../http/fields.ts';
import type { Limits } from '../http/limits.ts';
import { isBlank, trimmed } from '../http/list.ts';
import { type FieldLine, type Violation, violation } from '../http/message.ts';
import { isToken } from '../http/method.ts';
import type { Input } from './input.ts';
import {
  endOfLine,
  illegalOctet,
  illegalOctetFound,
  lineGoesOn,
  passesLimit,
  scannedOctets,
} from './line.ts';

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
      if (lineEnd === illegalOctet) return illegalOctetFound;
      if (lineEnd === lineGoesOn) {
        if (passesLimit(buffer, end, last)) return sectionTooLong;
        this.#scanned = scannedOctets(buffer, end, end - start);
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
