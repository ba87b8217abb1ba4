import { readFileSync } from 'node:fs';

/** What tells a call that waited for a disk from one that was only interrupted. */
export interface Stopwatch {
  /** Milliseconds of a clock that is never set back, and finer than a millisecond. */
  readonly elapsed: () => number;
  /** Milliseconds in which this thread could have run and others did, in all; 0 where the system does not tell. */
  readonly heldUp: () => number;
}

/** The stopwatch of this thread. Linux counts the time for which it was held up: proc(5), `schedstat`. */
export const systemStopwatch: Stopwatch = {
  elapsed: () => performance.now(),
  heldUp: () => {
    try {
      return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1e6 || 0;
    } catch {
      return 0;
    }
  },
};
