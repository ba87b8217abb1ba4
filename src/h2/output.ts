import { writeFrameHead } from './frame.ts';

/** Octets that leave in one write: four whole DATA frames, and some heads before them. */
const largeBytes = 68 * 1024;

/** The same where many readers do not keep up: one whole DATA frame. */
const smallBytes = 20 * 1024;

/** Large chunks lent at once: a reader that stalls holds one for as long as it does. */
const largeMax = 40;

/** What frames are written into; shared by connections, so that the memory held for slow readers is bounded. */
export class Chunks {
  readonly #spare: Buffer[] = [];
  #lent = 0;

  /** A chunk to be filled; every one is released once. */
  borrow(): Buffer {
    if (this.#lent >= largeMax) return Buffer.allocUnsafeSlow(smallBytes);
    this.#lent += 1;
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(largeBytes);
  }

  /** Takes a chunk back, or what `H2Connection.take` gave of one, once nobody reads from it. */
  release(octets: Buffer): void {
    if (octets.buffer.byteLength !== largeBytes) return;
    this.#lent -= 1;
    this.#spare.push(Buffer.from(octets.buffer));
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

  /** Octets that still go into this write; enough for a whole frame while nothing waits. */
  get room(): number {
    this.#buffer ??= this.#chunks.borrow();
    return this.#buffer.length - this.#length;
  }

  /** Room for so many octets more, in the buffer that is answered, from `length` on. Then `length` is moved by `advance`. */
  reserve(count: number): Buffer {
    const needed = this.#length + count;
    this.#buffer ??= this.#chunks.borrow();
    if (needed <= this.#buffer.length) return this.#buffer;
    const larger = Buffer.allocUnsafeSlow(2 * needed);
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
