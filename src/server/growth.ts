/** Octets of a piece that is read once all are there. */
const pieceBytes = 64 * 1024;

/** The octets could not be made to the end, after some of them had been read. */
export class GrowthFailure extends Error {}

/**
 * Octets that are still being made, for any number of readers. Each takes them at its own pace: one that is slow or
 * leaves stops neither the making nor the others, and once all octets are there they are held once for all.
 */
export class Growth {
  #pieces: Buffer[] = [];
  #end: Uint8Array | GrowthFailure | undefined;
  #waiting: (() => void)[] = [];

  /** Adds octets. */
  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#wake();
  }

  /** All octets that were added, in one piece. */
  joined(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** No more will come: these octets are what was added, or the making failed. */
  end(end: Uint8Array | GrowthFailure): void {
    this.#end = end;
    this.#pieces = [];
    this.#wake();
  }

  /** Every octet from the first on, as soon as it is there. Throws a GrowthFailure when the making fails. */
  async *octets(): AsyncGenerator<Uint8Array, void> {
    for (let position = 0, index = 0; ; ) {
      const end = this.#end;
      if (end instanceof GrowthFailure) throw end;
      const piece = end === undefined ? this.#pieces[index++] : end.subarray(position, position + pieceBytes);
      if (piece === undefined) {
        index -= 1;
        await new Promise<void>(resolve => this.#waiting.push(resolve));
        continue;
      }
      if (end !== undefined && piece.length === 0) return;
      position += piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
