// Counts calls down to the one that fails.
import type { SystemFailure } from '../../src/store/system.ts';

/** Whether only the n-th call fails, or all from there on until the fault is repaired. */
export type Lasting = 'once' | 'from then on';

/** Decides which call fails: none until it is armed. */
export class Countdown {
  #left = Number.POSITIVE_INFINITY;
  #lasting: Lasting = 'once';
  #calls = 0;
  #strikes = 0;

  /** The n-th call from now fails, counted from 1. */
  arm(n: number, lasting: Lasting): void {
    this.#left = n;
    this.#lasting = lasting;
    this.#calls = 0;
    this.#strikes = 0;
  }

  /** No call fails any more. */
  repair(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  /** Calls since it was armed. */
  get calls(): number {
    return this.#calls;
  }

  /** Calls that failed since it was armed. */
  get strikes(): number {
    return this.#strikes;
  }

  /** Told of each call: whether this one fails. */
  strikesNow(): boolean {
    this.#calls += 1;
    this.#left -= 1;
    if (this.#left > 0 || (this.#lasting === 'once' && this.#left < 0)) return false;
    this.#strikes += 1;
    return true;
  }
}

/** An error as the system's calls give it. */
export function systemFailure(code: string, call: string): SystemFailure {
  return Object.assign(new Error(`${code}: injected by a test, ${call}`), { code, syscall: call });
}
