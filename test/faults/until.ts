// Waiting for what must come.
import assert from 'node:assert/strict';

/** Waits until `look` sees what is wanted; fails the test with what it saw when that does not come. */
export async function until(look: () => string, wanted: string): Promise<void> {
  const guardAtMs = performance.now() + guardMs;
  while (look() !== wanted) {
    if (performance.now() > guardAtMs) assert.equal(look(), wanted);
    await new Promise(setImmediate);
  }
}

/** Nothing takes longer: a guard, never a measure. */
const guardMs = 20_000;
