import { codedLength, encodeHuffman } from './huffman.ts';
import { staticNameIndex } from './static-table.ts';

/** How a literal line goes with the table: put into it, left out, or kept out by whoever passes it on. RFC 7541 §6.2. */
export type Indexing = 'incremental' | 'none' | 'never';

/** The octets of a literal line; its name is in lower case. The name is taken from the static table where it stands there. */
export function literalLine(name: string, value: string, indexing: Indexing): Buffer {
  const { pattern, prefixBits } = forms[indexing];
  const index = staticNameIndex(name);
  const prefix =
    index === undefined
      ? Buffer.concat([Buffer.of(pattern), stringLiteral(name)])
      : integer(index, prefixBits, pattern);
  return Buffer.concat([prefix, stringLiteral(value)]);
}

/** The octets of a string, in the Huffman code where that is shorter. RFC 7541 §5.2. */
export function stringLiteral(text: string): Buffer {
  const coded = codedLength(text);
  if (coded >= text.length) return Buffer.concat([integer(text.length, 7, 0), Buffer.from(text, 'latin1')]);
  const octets = Buffer.allocUnsafe(coded);
  encodeHuffman(text, octets, 0);
  return Buffer.concat([integer(coded, 7, 0x80), octets]);
}

/**
 * Writes an integer behind the pattern that its first octet begins with, and answers where it ends: six octets further at
 * most. RFC 7541 §5.1.
 */
export function writeInteger(
  value: number,
  prefixBits: number,
  pattern: number,
  buffer: Uint8Array,
  start: number,
): number {
  const prefix = (1 << prefixBits) - 1;
  let at = start;
  if (value < prefix) {
    buffer[at++] = pattern | value;
    return at;
  }
  buffer[at++] = pattern | prefix;
  let left = value - prefix;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) buffer[at++] = (left % 0x80) | 0x80;
  buffer[at++] = left;
  return at;
}

function integer(value: number, prefixBits: number, pattern: number): Buffer {
  const octets = Buffer.alloc(6);
  return octets.subarray(0, writeInteger(value, prefixBits, pattern, octets, 0));
}

const forms: Readonly<Record<Indexing, { readonly pattern: number; readonly prefixBits: number }>> = {
  incremental: { pattern: 0x40, prefixBits: 6 },
  none: { pattern: 0x00, prefixBits: 4 },
  never: { pattern: 0x10, prefixBits: 4 },
};
