import type { CompactHead } from '../h1/compact-head.ts';
import type { Framing, SerializedHead } from '../h1/serialize.ts';
import { noContent, type Response } from '../http/message.ts';
import type { Look, Rereadable } from '../store/store.ts';
import type { Departures } from './departures.ts';

/** Octets of a file that is read anew for each answer. */
const rereadBytesMax = 64 * 1024;

/** Octets of a head, and those of them that come beside its field lines: its status, date, length and connection option. */
const headBytesMax = 4096;
const framingBytesMax = 192;

/** What an answer costs beside the texts of its head and its key; 70,000 of them took 554 each with both, on Node 20. */
const overheadBytes = 440;

/** Times in a second that a file is read for the same answer; what is asked for more often is kept in memory. */
const readsASecondMax = 4;

/** How often the use of an answer is noted: which of two was used last matters to that. */
const usedAgainSeconds = 5;

/**
 * An answer of which all is remembered but the content: that of a file which is asked for now and then. To read it
 * once more tells by itself whether it still stands, and takes a third of the time of a whole answer.
 */
export class RareAnswer {
  readonly #head: CompactHead;
  readonly #file: Rereadable;
  readonly #looks: readonly Look[];
  readonly #looksBytes: number;
  #second = 0;
  #times = 0;

  /**
   * `isFit` tells whether a head and a file are; `looks` are those that it rests on beside that at the file, `looksBytes`
   * what they take that no other answer has taken.
   */
  constructor(head: CompactHead, file: Rereadable, looks: readonly Look[], looksBytes: number) {
    this.#head = head;
    this.#file = file;
    this.#looks = looks;
    this.#looksBytes = looksBytes;
  }

  /** Whether these can be one. */
  static isFit(head: CompactHead, file: Rereadable): boolean {
    return file.size <= rereadBytesMax && head.linesBytes + framingBytesMax <= headBytesMax;
  }

  /** Octets that it holds. */
  get bytesHeld(): number {
    return overheadBytes + this.#head.bytesHeld + this.#looksBytes;
  }

  /** Whether it is asked for so often that its content should be in memory. */
  get isHot(): boolean {
    return this.#times > readsASecondMax;
  }

  /** Whether it was last given so long ago that its use is to be noted. */
  isLongUnused(elapsedMs: number): boolean {
    return Math.floor(elapsedMs / 1000) > this.#second + usedAgainSeconds;
  }

  /** The answer with its content as it is now; undefined when it has to be made anew. */
  repeat(elapsedMs: number, departures: Departures): RareRepeat | undefined {
    const second = Math.floor(elapsedMs / 1000);
    this.#times = second === this.#second ? this.#times + 1 : 1;
    this.#second = second;
    for (const look of this.#looks) if (!look.isFresh(elapsedMs)) return undefined;
    if (this.isHot) return undefined;
    const headRoomBytes = this.#head.linesBytes + framingBytesMax;
    const buffer = departures.room(headRoomBytes + this.#file.size);
    const start = departures.usedBytes + headRoomBytes;
    if (!this.#file.reread(buffer, start)) return undefined;
    return new RareRepeat(this.#head, { buffer, start, length: this.#file.size }, departures);
  }
}

interface Read {
  readonly buffer: Buffer;
  readonly start: number;
  readonly length: number;
}

/** One giving of a rare answer: its content has been read, and leaves at the end of the turn. */
class RareRepeat implements SerializedHead {
  readonly leavesLater = true;
  readonly #head: CompactHead;
  readonly #content: Read;
  readonly #departures: Departures;

  constructor(head: CompactHead, content: Read, departures: Departures) {
    this.#head = head;
    this.#content = content;
    this.#departures = departures;
  }

  get head(): SerializedHead {
    return this;
  }

  get status(): number {
    return this.#head.status;
  }

  /** The response without its content. */
  get response(): Response {
    return { status: this.#head.status, fields: this.#head.fields, content: noContent };
  }

  get contentBytes(): number {
    return this.#content.length;
  }

  /** The content, in memory of its own. */
  octets(): Uint8Array {
    const { buffer, start, length } = this.#content;
    return Buffer.from(buffer.subarray(start, start + length));
  }

  /** The octets of its head, put before its content; both are kept until they have left. */
  bytes(framing: Framing): Buffer {
    const { buffer, start, length } = this.#content;
    this.#departures.use(start + length);
    return buffer.subarray(this.#head.writeBefore(buffer, start, framing), start);
  }

  /** Those octets of its head, and its content behind them. */
  message(headBytes: Buffer): Buffer {
    const { buffer, start, length } = this.#content;
    return buffer.subarray(start - headBytes.length, start + length);
  }
}
