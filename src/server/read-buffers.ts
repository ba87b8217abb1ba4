/** Octets of the first read of a file, and of every read for a reader that does not keep up. */
export const smallStepBytes: number = 64 * 1024;

/** Octets of a read for a reader that keeps up: 64 KiB throughout costs twice the CPU. */
export const largeStepBytes: number = 1024 * 1024;

/** Large buffers lent at once; whoever finds none goes on with small steps. */
const largeBuffersMax = 16;

/** Large buffers kept while nobody needs them. */
const largeBuffersKept = 4;

/**
 * Lends read buffers, so that the memory held for slow readers is bounded: a reader holds one buffer, and at
 * most sixteen of all readers hold a large one.
 */
export class ReadBuffers {
  #lent = 0;
  readonly #free: Buffer[] = [];

  /** A buffer of the large step when one may be had, else one of the small step. Give it back with `release`. */
  borrow(wanted: 'small' | 'large'): Buffer {
    if (wanted === 'small' || this.#lent >= largeBuffersMax) return Buffer.allocUnsafeSlow(smallStepBytes);
    this.#lent++;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(largeStepBytes);
  }

  /** Takes a buffer back once no write reads from it. */
  release(buffer: Buffer): void {
    if (buffer.length !== largeStepBytes) return;
    this.#lent--;
    if (this.#free.length < largeBuffersKept) this.#free.push(buffer);
  }
}
