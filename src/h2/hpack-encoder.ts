import type { HeadBlock, Vocabulary } from './head-block.ts';
import { writeInteger } from './literal.ts';
import { entryOverheadBytes, staticTable } from './static-table.ts';

/** Octets beside a head: two size updates, and the date. */
const besideHeadBytesMax = 64;

/** What a Date line takes of a table: its name, its value of 29 octets. */
const dateTableBytes = 'date'.length + 29 + entryOverheadBytes;

/**
 * Writes the heads of one connection's answers. It keeps no lines: its table is the order in which words went in. A date
 * goes in when a second answer has it: a page's many answers then share one, and a lone answer a second does not drive
 * words out.
 */
export class HpackEncoder {
  readonly #vocabulary: Vocabulary;
  readonly #bytesLimit: number;
  #bytesMax: number;
  #bytes = 0;
  /** How many entries ever went in, and how many of them are gone again: the first ones. */
  #inserted = 0;
  #evicted = 0;
  /** What entries take that are still there, by their number modulo the ring's length. */
  readonly #sizes: Uint16Array;
  /** By the number of a word: which entry it is, counted from 1. */
  readonly #places: number[] = [];
  #date = '';
  #datePlace = 0;
  /** The table is to be emptied before the next head, because the client wants it smaller. */
  #isResized = false;

  /** Uses at most `bytesLimit` octets of the table that the client offers, of which 4096 are there from the start. RFC 9113 §6.5.2. */
  constructor(vocabulary: Vocabulary, bytesLimit: number) {
    this.#vocabulary = vocabulary;
    this.#bytesLimit = bytesLimit;
    this.#bytesMax = Math.min(bytesLimit, initialTableBytes);
    // A table that we want smaller than the initial one has to be told so too.
    this.#isResized = this.#bytesMax < initialTableBytes;
    this.#sizes = new Uint16Array(Math.max(1, Math.ceil(bytesLimit / entryOverheadBytes)));
  }

  /**
   * The client's SETTINGS_HEADER_TABLE_SIZE. When the size changes the table is emptied and told so with the next head: it
   * is small and soon full again. RFC 7541 §4.2.
   */
  resize(bytesMax: number): void {
    const next = Math.min(bytesMax, this.#bytesLimit);
    if (next === this.#bytesMax) return;
    this.#bytesMax = next;
    this.#isResized = true;
  }

  /** Octets that `write` takes at most. */
  bytesMaxOf(head: HeadBlock): number {
    return head.bytesMax + besideHeadBytesMax;
  }

  /** Writes a head with the date of now, and answers where it ends. */
  write(head: HeadBlock, date: string, buffer: Buffer, start: number): number {
    let at = this.#isResized ? this.#writeResizing(buffer, start) : start;
    at = copy(head.statusLine, buffer, at);
    at = this.#writeDate(date, buffer, at);
    const { words } = head;
    for (let n = 0; n < words.length; n++) {
      const number = words[n] as number;
      const place = this.#places[number] ?? 0;
      if (place > this.#evicted) {
        at = this.#writeIndex(place, buffer, at);
      } else {
        const word = this.#vocabulary.word(number);
        at = copy(word.literal, buffer, at);
        this.#places[number] = this.#insert(word.tableBytes);
      }
    }
    return copy(head.literals, buffer, at);
  }

  #writeResizing(buffer: Buffer, start: number): number {
    this.#isResized = false;
    this.#evict(0);
    const at = writeInteger(0, 5, sizeUpdate, buffer, start);
    return writeInteger(this.#bytesMax, 5, sizeUpdate, buffer, at);
  }

  #writeDate(date: string, buffer: Buffer, start: number): number {
    if (this.#date !== date) {
      this.#date = date;
      this.#datePlace = 0;
      // 33 is the index of `date`, as a literal that does not go in.
      const at = writeInteger(dateIndex, 4, 0x00, buffer, start);
      return copy(this.#vocabulary.dateLiteral(date), buffer, at);
    }
    if (this.#datePlace > this.#evicted) return this.#writeIndex(this.#datePlace, buffer, start);
    const at = writeInteger(dateIndex, 6, 0x40, buffer, start);
    this.#datePlace = this.#insert(dateTableBytes);
    return copy(this.#vocabulary.dateLiteral(date), buffer, at);
  }

  #writeIndex(place: number, buffer: Buffer, at: number): number {
    return writeInteger(staticTable.length + 1 + this.#inserted - place, 7, 0x80, buffer, at);
  }

  /** Answers which entry it is; one that the table has no room for is gone at once. RFC 7541 §4.4. */
  #insert(bytes: number): number {
    this.#evict(Math.max(0, this.#bytesMax - bytes));
    if (bytes > this.#bytesMax) return 0;
    this.#inserted += 1;
    this.#sizes[this.#inserted % this.#sizes.length] = bytes;
    this.#bytes += bytes;
    return this.#inserted;
  }

  #evict(bytesLeft: number): void {
    while (this.#bytes > bytesLeft) {
      this.#evicted += 1;
      this.#bytes -= this.#sizes[this.#evicted % this.#sizes.length] as number;
    }
  }
}

/** Copies all octets, and answers where they end. */
function copy(octets: Buffer, buffer: Buffer, at: number): number {
  const { length } = octets;
  // A call of the system's copy costs more than to copy so few.
  if (length < 32) for (let n = 0; n < length; n++) buffer[at + n] = octets[n] as number;
  else octets.copy(buffer, at);
  return at + length;
}

const initialTableBytes = 4096;
const sizeUpdate = 0x20;
const dateIndex = 33;
