import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Entry, Store } from './store.ts';

/** When a store waits. */
export interface PatientStoreOptions {
  /** Milliseconds since 1970, of the clock that stamps files. */
  readonly now: () => number;
  /** Whether files are being written just now. */
  readonly isRestless: () => boolean;
}

/** How long a file has to have been left alone before it is taken for whole. */
const settlingMs = 50;

/** How often is looked again, and how long at most. */
const intervalMs = 20;
const waitMaxMs = 2000;

/** Paths at which a file was seen. */
const seenMax = 10_000;

/**
 * A store for files that a build writes: what is just being written is found when it has been left alone for a moment,
 * and what a build has taken away when it is back. Waits two seconds at most; a file that does not come back is absent,
 * and waited for no more.
 */
export function patientStore(store: Store, { now, isRestless }: PatientStoreOptions): Store {
  const scan = store.scan?.bind(store);
  const seen = new LRUCache<string, true>({ max: seenMax });
  const isWhole = (entry: Entry, path: string): boolean => {
    if (entry.kind === 'absent') return !seen.has(path) && !isRestless();
    if (entry.kind !== 'file') return true;
    const ageMs = now() - Number(entry.file.changedNs / nsPerMs);
    // A stamp of the future is one of another clock.
    return ageMs < 0 || ageMs >= settlingMs;
  };
  return {
    find: async segments => {
      const path = segments.join('/');
      const untilMs = performance.now() + waitMaxMs;
      let entry = await store.find(segments);
      while (!isWhole(entry, path) && performance.now() < untilMs) {
        await wait(intervalMs);
        entry = await store.find(segments);
      }
      if (entry.kind === 'file') seen.set(path, true);
      else seen.delete(path);
      return entry;
    },
    list: segments => store.list(segments),
    ...(scan && { scan }),
    open: file => store.open(file),
  };
}

const nsPerMs = 1_000_000n;
