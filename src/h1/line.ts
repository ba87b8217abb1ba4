import { type Violation, violation } from '../http/message.ts';
import type { Input } from './input.ts';

/** What `endOfLine` answers when the line has not ended before `to`. */
export const lineGoesOn = -1;

/** What `endOfLine` answers when there is an octet that may not stand in a line. */
export const illegalOctet = -2;

/**
 * The index of the CR that ends the line in which `from` lies. A line holds HTAB, SP, visible ASCII and 0x80–0xff
 * and ends in CRLF; a CR or an LF alone, NUL and every other control is `illegalOctet`, because parties that
 * treat them unlike each other can be made to see two different messages. RFC 9112 §2.2, RFC 9110 §5.5.
 * `end` is where the octets end; a line must have reached its CR before `to`.
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

/** How many of `length` octets need not be looked at again: a CR at the very end waits for the octet after it. */
export function scannedOctets(buffer: Buffer, end: number, length: number): number {
  return length > 0 && buffer[end - 1] === cr ? length - 1 : length;
}

/** Whether an octet other than CR stands where a line must end at the latest. */
export function passesLimit(buffer: Buffer, end: number, last: number): boolean {
  return end > last && buffer[last] !== cr;
}

/** The violation for an octet that may not stand in a line. */
export const illegalOctetFound: Violation = violation(
  400,
  'a control octet, or a CR or LF that is not part of a CRLF',
);

/** Reads one line after the other. Each octet is looked at once, however small the pieces come. */
export class LineReader {
  readonly #bytesMax: number;
  readonly #tooLong: Violation;
  #scanned = 0;

  /** `tooLong` answers a line of more than `bytesMax` octets, its CRLF not counted. */
  constructor(bytesMax: number, tooLong: Violation) {
    this.#bytesMax = bytesMax;
    this.#tooLong = tooLong;
  }

  /** Whether a part of the next line has been looked at. */
  get hasBegun(): boolean {
    return this.#scanned > 0;
  }

  /**
   * Takes the next line out of the input and gives it without its CRLF. Undefined: more is needed. A violation
   * comes as soon as the limit is passed or an octet is found that may not stand in a line.
   */
  read(input: Input): string | Violation | undefined {
    const { buffer, start, end } = input;
    // The CR may stand here at the latest.
    const last = start + this.#bytesMax;
    const lineEnd = endOfLine(buffer, start + this.#scanned, Math.min(end, last + 1), end);
    if (lineEnd === illegalOctet) return illegalOctetFound;
    if (lineEnd === lineGoesOn) {
      if (passesLimit(buffer, end, last)) return this.#tooLong;
      this.#scanned = scannedOctets(buffer, end, end - start);
      return undefined;
    }
    const text = buffer.toString('latin1', start, lineEnd);
    input.drop(lineEnd + 2 - start);
    this.#scanned = 0;
    return text;
  }
}

const htab = 0x09;
const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;
const del = 0x7f;
