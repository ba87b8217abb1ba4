import { randomFrom } from '../test/h1/transcript.ts';

/** Choices that are the same for the same seed. */
export class Random {
  readonly #next: () => number;

  /** `seed` counts modulo 2^32. */
  constructor(seed: number) {
    this.#next = randomFrom(seed);
  }

  /** From 0 up to 1. */
  fraction(): number {
    return this.#next();
  }

  /** A whole number from 0 up to `limit`. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  /** A whole number from `least` to `most`, both inclusive; small ones are likelier. */
  around(least: number, most: number): number {
    return least + Math.floor(this.#next() ** 3 * (most - least + 1));
  }

  /** True so often: 0 never, 1 always. */
  chance(share: number): boolean {
    return this.#next() < share;
  }

  /** One of the choices, of which there is at least one. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

/** A number of 32 bits that bytes or a text decide (FNV-1a): what is derived from an input needs the input only. */
export function hashOf(bytes: Uint8Array | string): number {
  let hash = 0x811c9dc5;
  for (const octet of typeof bytes === 'string' ? Buffer.from(bytes) : bytes) {
    hash = Math.imul(hash ^ octet, 0x01000193);
  }
  return hash >>> 0;
}

/** The seed that was given, else one that the clock decides. */
export function seedOf(given: string | undefined): number {
  return given === undefined ? Date.now() >>> 0 : Number(given) >>> 0;
}
