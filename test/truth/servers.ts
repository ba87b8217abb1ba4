// One folder served three times: by a cache that a watcher keeps true, by one that looks again in a while, and by one
// that does neither, which shows that what was asked before a change was really remembered.
import { resolve } from 'node:path';
import { defaultLimits } from '../../src/http/limits.ts';
import { cachedStore } from '../../src/store/cache.ts';
import { diskStore } from '../../src/store/disk.ts';
import type { Store } from '../../src/store/store.ts';
import { FolderWatch } from '../../src/store/watch.ts';
import { type Running, startRaw } from '../wire/transports.ts';

/** How a change comes to be seen. */
export type Seeing = 'at once, by a watcher' | 'when the time is over' | 'not at all';

/** Far longer than any test lasts: what shows before has not waited for it. */
export const neverMs: number = 600_000;
/** Files that have just changed are looked at each time; after so long they are remembered. */
export const settledMs: number = 1100;
/** Short, so that tests need not wait long; the default is a second. */
const soonMs = 100;

/** Starts a server on a folder. */
export function startSeeing(seeing: Seeing, root: string): Promise<Running> {
  // As a user has it, but for the time.
  if (seeing === 'at once, by a watcher') return startRaw({ root, revalidateMs: neverMs });
  return startRaw({ store: cachedFolder(root, seeing === 'not at all' ? neverMs : soonMs, () => {}) });
}

/** A folder behind a cache, with a watcher or without one. `counted` is told of each path that is looked at, and each file that is `read`, on the disk. */
export function cachedFolder(
  root: string,
  revalidateMs: number,
  counted: (path: string) => void,
  watch?: FolderWatch,
): Store {
  const disk = diskStore({
    root,
    dotfiles: false,
    followSymlinks: false,
    ...defaultLimits,
    openFilesMax: 64,
  });
  const counting: Store = {
    find: segments => {
      counted(segments.join('/'));
      return disk.find(segments);
    },
    list: segments => disk.list(segments),
    open: file => {
      counted(`read ${file.location}`);
      return disk.open(file);
    },
  };
  return cachedStore(counting, {
    ...defaultLimits,
    revalidateMs,
    now: Date.now,
    elapsed: () => performance.now(),
    ...(watch && { watch }),
  });
}

/** A watcher of a folder, and what it reports. */
export function watchOf(
  root: string,
  foldersMax?: number,
): { readonly watch: FolderWatch; readonly reports: readonly string[] } {
  const reports: string[] = [];
  const report = (line: string): void => void reports.push(line);
  return {
    watch: new FolderWatch({ root: resolve(root), report, ...(foldersMax && { foldersMax }) }),
    reports,
  };
}

/** Looks again and again until something holds; the guard is far beyond what that takes. */
export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let looks = 0; !(await holds()); looks++) {
    if (looks === 1000) throw new Error(`it does not come to this: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
