/**
 * The octets that were received and not yet understood. Holds no buffer while it is empty, and costs linear
 * time in all however small the pieces come: a full buffer is replaced by one of twice the octets it holds.
 */
export class Input {
  #buffer: Buffer = noOctets;
  #start = 0;
  #end = 0;
  #isEnded = false;

  /** How many octets wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Whether the client has said that nothing further will come. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The waiting octets lie in `buffer` from `start` up to `end`; the view holds until the next call. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** Copies octets behind those that wait. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const length = this.length;
    if (length === 0) {
      this.#hold(Buffer.from(bytes), bytes.length);
      return;
    }
    if (this.#end + bytes.length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(2 * (length + bytes.length));
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#hold(larger, length);
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Notes that nothing further will come. */
  finish(): void {
    this.#isEnded = true;
  }

  /** Forgets the first `count` waiting octets. */
  drop(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.#hold(noOctets, 0);
  }

  /** Forgets every waiting octet. */
  clear(): void {
    this.#hold(noOctets, 0);
  }

  #hold(buffer: Buffer, length: number): void {
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = length;
  }
}

const noOctets = Buffer.alloc(0);
