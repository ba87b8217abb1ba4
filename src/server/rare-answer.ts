import type { Socket } from 'node:net';
import type { CompactHead } from '../h1/serialize.ts';
import { noContent, type Response } from '../http/message.ts';
import type { Look, Rereadable } from '../store/store.ts';

/** Octets of a file that is read anew for each answer. */
const rereadBytesMax = 64 * 1024;

/** Octets before a content in the scratch: room for its head, with its date and what it says of the connection. */
const headRoomBytes = 4096;
const framingBytesMax = 128;

/** What an answer costs beside the texts of its head and its key: 100,000 of them took 71 MB on Node 20. */
const overheadBytes = 430;

/** Times in a second that a file is read for the same answer; what is asked for more often is kept in memory. */
const readsASecondMax = 4;

/**
 * Where a rare answer is put together: its content is read behind the room for its head. What the system takes at once
 * needs no memory of its own; what it does not is given up to whoever waits for it.
 */
export class Scratch {
  #buffer: Buffer | undefined;

  /** The room; the same until it is given up. */
  get buffer(): Buffer {
    this.#buffer ??= Buffer.allocUnsafeSlow(headRoomBytes + rereadBytesMax);
    return this.#buffer;
  }

  /** Leaves the room to whoever uses it still. */
  giveUp(): void {
    this.#buffer = undefined;
  }
}

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
    return file.size <= rereadBytesMax && head.length + framingBytesMax <= headRoomBytes;
  }

  /** Octets that it holds. */
  get bytesHeld(): number {
    return overheadBytes + this.#head.length + this.#looksBytes;
  }

  /** Whether it is asked for so often that its content should be in memory. */
  get isHot(): boolean {
    return this.#times > readsASecondMax;
  }

  /** The answer with its content as it is now; undefined when it has to be made anew. */
  repeat(elapsedMs: number, scratch: Scratch): RareRepeat | undefined {
    const second = Math.floor(elapsedMs / 1000);
    this.#times = second === this.#second ? this.#times + 1 : 1;
    this.#second = second;
    for (const look of this.#looks) if (!look.isFresh(elapsedMs)) return undefined;
    if (this.isHot || !this.#file.reread(scratch.buffer, headRoomBytes)) return undefined;
    return new RareRepeat(this.#head, this.#file.size, scratch);
  }
}

/** One giving of a rare answer: its content lies in the scratch until it is written. */
class RareRepeat {
  readonly head: CompactHead;
  readonly contentBytes: number;
  readonly #scratch: Scratch;

  constructor(head: CompactHead, contentBytes: number, scratch: Scratch) {
    this.head = head;
    this.contentBytes = contentBytes;
    this.#scratch = scratch;
  }

  /** The response without its content. */
  get response(): Response {
    return { status: this.head.status, fields: this.head.fields, content: noContent };
  }

  /** The content, in memory of its own. */
  octets(): Uint8Array {
    return Buffer.from(this.#scratch.buffer.subarray(headRoomBytes, headRoomBytes + this.contentBytes));
  }

  /** Writes these octets of a head, and its content behind them. */
  write(socket: Socket, headBytes: Buffer): void {
    const { buffer } = this.#scratch;
    const start = headRoomBytes - headBytes.length;
    buffer.set(headBytes, start);
    socket.write(buffer.subarray(start, headRoomBytes + this.contentBytes));
    if (socket.writableLength > 0) this.#scratch.giveUp();
  }
}
