import { writeFrameHead } from './frame.ts';

/** Octets that leave in one write: four whole DATA frames, and some heads before them. */
const chunkBytes = 68 * 1024;

/** Chunks that are kept for later. */
const sparesMax = 16;

/** Chunks that were sent and may be filled again; shared by connections. */
export class Chunks {
  readonly #spare: Buffer[] = [];

  /** A chunk to be filled. */
  borrow(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
  }

  /** Takes back what `H2Connection.take` gave, once nobody reads from it. */
  release(octets: Buffer): void {
    const isChunk = octets.buffer.byteLength === chunkBytes && this.#spare.length < sparesMax;
    if (isChunk) this.#spare.push(Buffer.from(octets.buffer));
  }
}

/** The frames that leave next, one behind the other. Holds no memory while there are none. */
export class Output {
  readonly #chunks: Chunks;
  #buffer: Buffer | undefined;
  #length = 0;

  constructor(chunks: Chunks) {
    this.#chunks = chunks;
  }

  /** Octets that wait. */
  get length(): number {
    return this.#length;
  }

  /** Octets that still go into this write. */
  get room(): number {
    return chunkBytes - this.#length;
  }

  /** Room for so many octets more, in the buffer that is answered, from `length` on. Then `length` is moved by `advance`. */
  reserve(count: number): Buffer {
    const needed = this.#length + count;
    this.#buffer ??= this.#chunks.borrow();
    if (needed <= this.#buffer.length) return this.#buffer;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#chunks.release(this.#buffer);
    this.#buffer = larger;
    return larger;
  }

  /** So many octets were written. */
  advance(count: number): void {
    this.#length += count;
  }

  /** Puts a whole frame behind the others. */
  frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    const buffer = this.reserve(frameHeadMax + payload.length);
    const at = writeFrameHead(buffer, this.#length, payload.length, type, flags, stream);
    buffer.set(payload, at);
    this.#length = at + payload.length;
  }

  /** What waits; it is the caller's now. Undefined when nothing does. */
  take(): Buffer | undefined {
    if (this.#length === 0) return undefined;
    const octets = this.#buffer?.subarray(0, this.#length);
    this.#buffer = undefined;
    this.#length = 0;
    return octets;
  }
}

const frameHeadMax = 9;
