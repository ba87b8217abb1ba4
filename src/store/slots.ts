/** A bounded number of slots, given out in the order of asking; who waits too long goes without. */
export class Slots {
  readonly #max: number;
  readonly #waitTimeoutMs: number;
  /** Those who wait, first come first; each is told whether it got a slot. */
  readonly #waiting = new Set<(granted: boolean) => void>();
  #taken = 0;

  /** `max` slots at once (at least 1); a wait ends after `waitTimeoutMs`. */
  constructor(max: number, waitTimeoutMs: number) {
    this.#max = max;
    this.#waitTimeoutMs = waitTimeoutMs;
  }

  /** Slots that are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Whether whoever asks now has to wait. */
  get isFull(): boolean {
    return this.#taken >= this.#max;
  }

  /** Takes a slot if one is free. Each true is followed by one `give`. */
  takeNow(): boolean {
    if (this.isFull) return false;
    this.#taken += 1;
    return true;
  }

  /** Takes a slot, waiting for one if need be. False: none came free in time. Each true is followed by one `give`. */
  take(): Promise<boolean> {
    if (this.takeNow()) return Promise.resolve(true);
    return new Promise(resolve => {
      const settle = (granted: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(granted);
      };
      const timer = setTimeout(settle, this.#waitTimeoutMs, false);
      this.#waiting.add(settle);
    });
  }

  /** Gives one slot back: it goes to whoever has waited longest. */
  give(): void {
    const [first] = this.#waiting;
    if (first === undefined) this.#taken -= 1;
    else first(true);
  }
}
