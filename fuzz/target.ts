/** What a fuzzer tries: a way to use bytes, and what must hold whatever the bytes are. */
export interface FuzzTarget {
  /** Also the name of its folder in `corpus/`. */
  readonly name: string;
  /** Words that mean something to what is tried. */
  readonly words: readonly string[];
  /** Inputs to begin with, beside those of the corpus. */
  readonly seeds?: () => readonly Buffer[];
  /** Milliseconds of the processor that one input may take; a linear reader takes a hundredth of the usual 1000. */
  readonly cpuPerInputMaxMs?: number;
  /**
   * Uses the input. Throws when something does not hold; else tells in a few words how it went, so that inputs
   * that bring something new about are tried further. The input alone decides the outcome.
   */
  readonly check: (input: Buffer) => string;
}
