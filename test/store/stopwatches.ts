// Stopwatches under which a disk is always quick, or never again after its first call.
import type { Stopwatch } from '../../src/store/stopwatch.ts';

/** No call takes any time: all are made at once. */
export const quick: Stopwatch = { elapsed: () => 0, heldUp: () => 0 };

/** The first call takes so long that all others go through the thread pool. */
function slow(): Stopwatch {
  let isFirst = true;
  const elapsed = (): number => {
    if (!isFirst) return 1e9;
    isFirst = false;
    return 0;
  };
  return { elapsed, heldUp: () => 0 };
}

/** Both ways in which a disk store makes its calls. */
export const ways: readonly (readonly [name: string, stopwatch: () => Stopwatch])[] = [
  ['at once', () => quick],
  ['through the pool', slow],
];
