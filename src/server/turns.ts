/** Answers that are made at a time for one connection, with those whose contents hold a file open, or memory. */
const makingMax = 32;

/**
 * Which requests of one connection are being answered, and which wait until others have been: not so many are that one
 * client holds all files.
 */
export class Turns<Asked> {
  readonly #urgencyOf: (asked: Asked) => number;
  #making = 0;
  #holding = 0;
  #waiting: Asked[] = [];

  /** `urgencyOf`: how soon a request is to be answered that waits now, the lowest first. RFC 9218 §4.1. */
  constructor(urgencyOf: (asked: Asked) => number) {
    this.#urgencyOf = urgencyOf;
  }

  /** A request came; `next` gives it when its turn is. */
  add(asked: Asked): void {
    this.#waiting.push(asked);
  }

  /** The request whose answer is to be made now, until `made`: the most urgent, of these the first that came. */
  next(): Asked | undefined {
    if (this.#waiting.length === 0 || this.#making + this.#holding >= makingMax) return undefined;
    this.#making += 1;
    if (this.#waiting.length === 1) return this.#waiting.pop();
    const urgencies = this.#waiting.map(this.#urgencyOf);
    const first = urgencies.indexOf(urgencies.reduce((one, other) => Math.min(one, other)));
    return this.#waiting.splice(first, 1)[0];
  }

  /** An answer was made. */
  made(): void {
    this.#making -= 1;
  }

  /** A content holds a file or memory, until `letGo`. */
  hold(): void {
    this.#holding += 1;
  }

  letGo(): void {
    this.#holding -= 1;
  }

  /** Those that wait; they will get no turn. */
  clear(): readonly Asked[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}
