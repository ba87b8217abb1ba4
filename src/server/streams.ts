/** Bounds the memory of streams under way: what each holds to make the rest of its content from. */
export class Streams {
  readonly #bytesMax: number;
  #bytesHeld = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /**
   * Takes room for a stream, beside what it has taken `before`; false when there is none. The first one is let in whatever
   * its size. What was taken is given back.
   */
  take(bytes: number, before: number = 0): boolean {
    if (this.#bytesHeld > before && this.#bytesHeld + bytes > this.#bytesMax) return false;
    this.#bytesHeld += bytes;
    return true;
  }

  /** Gives it back. */
  give(bytes: number): void {
    this.#bytesHeld -= bytes;
  }
}
