/**
 * How much of something a client may do that costs us and brings nobody forward. What it may do grows again with time,
 * and with what it does that has a use.
 */
export class Budget {
  readonly #max: number;
  readonly #perSecond: number;
  #left: number;
  #filledMs = 0;

  /** So many at once, and so many in each second after that. */
  constructor(max: number, perSecond: number) {
    this.#max = max;
    this.#perSecond = perSecond;
    this.#left = max;
  }

  /** Spends one; false when nothing is left. `nowMs` is of a clock that is never set back. */
  spend(nowMs: number): boolean {
    if (this.#left < 1 || nowMs - this.#filledMs >= 1000) this.#fill(nowMs);
    this.#left -= 1;
    return this.#left >= 0;
  }

  /** Gives some back. */
  earn(count: number): void {
    this.#left = Math.min(this.#max, this.#left + count);
  }

  #fill(nowMs: number): void {
    const gained = (Math.max(0, nowMs - this.#filledMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#max, this.#left + gained);
    this.#filledMs = nowMs;
  }
}
