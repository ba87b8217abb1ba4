import type { FieldLine } from '../http/message.ts';
import { decodeHuffman } from './huffman.ts';
import { entryOverheadBytes, staticTable } from './static-table.ts';

/** A block that cannot be decoded: the state of the table is lost, and with it the connection. RFC 9113 §4.3. */
export interface HpackFault {
  readonly kind: 'hpack-fault';
  readonly why: string;
  /** Of RFC 7541. */
  readonly section: string;
}

/** What a field block says. */
export interface DecodedBlock {
  readonly kind: 'block';
  /** In the order sent; as many as the limits let through. */
  readonly lines: readonly FieldLine[];
  /** Octets of all lines, each with 4 for what stands around it in HTTP/1.1; also of those that were left out. */
  readonly bytes: number;
  /** How many lines there were. */
  readonly count: number;
}

/** Limits of one block. What is beyond is counted and not kept: few octets can stand for very many. */
export interface BlockLimits {
  readonly bytesMax: number;
  readonly linesMax: number;
}

/**
 * Reads field blocks of one connection. Each has to go through here, also that of a stream which nobody waits for:
 * the table is made of all of them. RFC 7541.
 */
export class HpackDecoder {
  readonly #limits: BlockLimits;
  readonly #table: DecoderTable;
  readonly #tableBytesMax: number;
  #block: Uint8Array = noOctets;
  #at = 0;

  /** `tableBytesMax` is what our settings allow the client to use. */
  constructor(tableBytesMax: number, limits: BlockLimits) {
    this.#limits = limits;
    this.#tableBytesMax = tableBytesMax;
    this.#table = new DecoderTable(tableBytesMax);
  }

  /** Changes whenever an equal block may mean something else than before. */
  get generation(): number {
    return this.#table.generation;
  }

  /** Reads a whole block. */
  decode(block: Uint8Array): DecodedBlock | HpackFault {
    this.#block = block;
    this.#at = 0;
    const lines: FieldLine[] = [];
    let bytes = 0;
    let count = 0;
    while (this.#at < block.length) {
      const first = block[this.#at] as number;
      if ((first & 0xe0) === 0x20) {
        const fault = this.#updateSize(count === 0);
        if (fault !== undefined) return fault;
        continue;
      }
      const line = first & 0x80 ? this.#indexedLine() : this.#literalLine(first);
      if ('kind' in line) return line;
      bytes += line[0].length + line[1].length + lineOverheadBytes;
      count += 1;
      if (bytes <= this.#limits.bytesMax && count <= this.#limits.linesMax) lines.push(line);
    }
    return { kind: 'block', lines, bytes, count };
  }

  /** RFC 7541 §6.1. */
  #indexedLine(): FieldLine | HpackFault {
    const index = this.#integer(7);
    if (index === malformed) return malformedInteger;
    return this.#table.line(index) ?? unknownIndex;
  }

  /** RFC 7541 §6.2: with incremental indexing, without, and never indexed; the last two differ for whoever passes them on. */
  #literalLine(first: number): FieldLine | HpackFault {
    const isIndexed = (first & 0x40) !== 0;
    const index = this.#integer(isIndexed ? 6 : 4);
    if (index === malformed) return malformedInteger;
    const name = index === 0 ? this.#string() : (this.#table.line(index)?.[0] ?? unknownIndex);
    if (typeof name !== 'string') return name;
    const value = this.#string();
    if (typeof value !== 'string') return value;
    const line: FieldLine = [name, value];
    if (isIndexed) this.#table.insert(line);
    return line;
  }

  /** RFC 7541 §4.2, §6.3. */
  #updateSize(isAtStart: boolean): HpackFault | undefined {
    const bytesMax = this.#integer(5);
    if (bytesMax === malformed) return malformedInteger;
    if (!isAtStart) return fault('4.2', 'a size update behind a field');
    if (bytesMax > this.#tableBytesMax) return fault('6.3', 'a size update beyond the setting');
    this.#table.resize(bytesMax);
    return undefined;
  }

  /** RFC 7541 §5.2. */
  #string(): string | HpackFault {
    const block = this.#block;
    const isHuffman = ((block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    if (length === malformed) return malformedInteger;
    const start = this.#at;
    const end = start + length;
    if (end > block.length) return cutShort;
    this.#at = end;
    if (isHuffman) return decodeHuffman(block, start, end) ?? malformedHuffman;
    return Buffer.from(block.buffer, block.byteOffset + start, length).toString('latin1');
  }

  /** RFC 7541 §5.1; no integer of a block that we take is longer than the prefix and four octets. */
  #integer(prefixBits: number): number {
    const block = this.#block;
    const prefix = (1 << prefixBits) - 1;
    const first = block[this.#at++];
    if (first === undefined) return malformed;
    let value = first & prefix;
    if (value < prefix) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const octet = block[this.#at++];
      if (octet === undefined) return malformed;
      value += (octet & 0x7f) << shift;
      if (octet < 0x80) return value;
    }
    return malformed;
  }
}

/** The static table, and behind it the lines that the client has put into the dynamic one, the newest first. */
class DecoderTable {
  /** A ring; the newest line stands before `#next`. */
  readonly #lines: (FieldLine | undefined)[];
  #next = 0;
  #count = 0;
  #bytes = 0;
  #bytesMax: number;
  #generation = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#lines = new Array(Math.max(1, Math.floor(bytesMax / entryOverheadBytes)));
  }

  get generation(): number {
    return this.#generation;
  }

  /** Undefined for 0 and for an index beyond the last line. */
  line(index: number): FieldLine | undefined {
    if (index <= staticTable.length) return staticTable[index - 1];
    const age = index - staticTable.length;
    if (age > this.#count) return undefined;
    const place = this.#next - age;
    return this.#lines[place < 0 ? place + this.#lines.length : place];
  }

  /** RFC 7541 §4.4: a line that is larger than the table empties it. */
  insert(line: FieldLine): void {
    this.#generation += 1;
    const bytes = sizeOf(line);
    this.#evict(this.#bytesMax - bytes);
    if (bytes > this.#bytesMax) return;
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % this.#lines.length;
    this.#count += 1;
    this.#bytes += bytes;
  }

  resize(bytesMax: number): void {
    this.#generation += 1;
    this.#bytesMax = bytesMax;
    this.#evict(bytesMax);
  }

  #evict(bytesLeft: number): void {
    while (this.#count > 0 && this.#bytes > bytesLeft) {
      const place = this.#next - this.#count;
      const oldest = place < 0 ? place + this.#lines.length : place;
      this.#bytes -= sizeOf(this.#lines[oldest] as FieldLine);
      this.#lines[oldest] = undefined;
      this.#count -= 1;
    }
  }
}

function sizeOf([name, value]: FieldLine): number {
  return name.length + value.length + entryOverheadBytes;
}

function fault(section: string, why: string): HpackFault {
  return { kind: 'hpack-fault', why, section };
}

/** Colon, space and CRLF. */
const lineOverheadBytes = 4;
const malformed = -1;
const malformedInteger = fault('5.1', 'an integer that is cut short or too large');
const malformedHuffman = fault('5.2', 'a string that is not in the Huffman code');
const cutShort = fault('5.2', 'a string that is longer than its block');
const unknownIndex = fault('2.3.3', 'an index that no line has');
const noOctets = new Uint8Array(0);
