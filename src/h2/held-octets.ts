/** The memory that whole contents on one connection's streams hold, counted once however many streams have it. */
export class HeldOctets {
  /** By how many streams each memory is held. */
  readonly #streams = new Map<ArrayBufferLike, number>();
  #bytes = 0;

  /** How many octets it has. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many it would have with these. */
  bytesWith({ buffer }: Uint8Array): number {
    return this.#streams.has(buffer) ? this.#bytes : this.#bytes + buffer.byteLength;
  }

  /** A stream takes octets. A part of a content holds the whole of it. */
  add({ buffer }: Uint8Array): void {
    const streams = this.#streams.get(buffer) ?? 0;
    if (streams === 0) this.#bytes += buffer.byteLength;
    this.#streams.set(buffer, streams + 1);
  }

  /** A stream lets go of octets that it took. */
  remove({ buffer }: Uint8Array): void {
    const streams = this.#streams.get(buffer) ?? 0;
    if (streams > 1) {
      this.#streams.set(buffer, streams - 1);
      return;
    }
    this.#streams.delete(buffer);
    this.#bytes -= buffer.byteLength;
  }
}
