import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { OptionError, type Settings } from '../config/options.ts';
import type { Limits } from '../http/limits.ts';
import { judgeCacheFolder } from '../server/cache-folder.ts';
import type { Changes } from '../server/changes.ts';
import { CodedFiles } from '../server/coded-files.ts';
import { cachedStore } from '../store/cache.ts';
import { diskStore } from '../store/disk.ts';
import { patientStore } from '../store/patient.ts';
import type { Store } from '../store/store.ts';
import { FolderWatch } from '../store/watch.ts';

/** The folder behind a cache that a watcher keeps true, unless every answer is to ask the disk. */
export function openFolder(
  settings: Settings,
  limits: Limits,
  report: (line: string) => void,
  changes: Changes | undefined,
): { readonly store: Store; readonly rest: () => Promise<void> } {
  const keptDescriptorsMax = Math.min(Math.floor(limits.openFilesMax / 4), keptDescriptorsCap);
  const folder = diskStore({ ...settings, ...limits, withheld: withheldOf(settings), keptDescriptorsMax });
  const { revalidateMs } = settings;
  if (revalidateMs === 0 && changes === undefined) return { store: folder, rest: () => folder.rest() };
  const watch = new FolderWatch({
    root: resolve(settings.root),
    report,
    changed: changes && (path => changes.add(path)),
  });
  const patient =
    changes === undefined
      ? folder
      : patientStore(folder, { now: Date.now, isRestless: () => changes.isRestless });
  const store = cachedStore(patient, { ...limits, revalidateMs, now: Date.now, elapsed, watch });
  const rest = async (): Promise<void> => {
    watch.close();
    await folder.rest();
  };
  return { store, rest };
}

/** The files that the settings name, wherever they lie: each under its name, and where that leads. */
function withheldOf({ config, auth }: Settings): ReadonlySet<string> {
  const named = [...(config === undefined ? [] : [config]), ...auth.map(({ file }) => file)];
  return new Set(
    named.flatMap(file => {
      const above = realPathOf(dirname(resolve(file)));
      return [realPathOf(resolve(file)), above && join(above, basename(file))].filter(
        path => path !== undefined,
      );
    }),
  );
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** Where the best codings are kept on disk. Throws an OptionError for a folder that cannot be used. */
export function openCacheFolder(
  { cacheDir, root, limits }: Settings,
  isRootServed: boolean,
  report: (line: string) => void,
): CodedFiles | undefined {
  if (cacheDir === undefined) return undefined;
  const judged = judgeCacheFolder(cacheDir, isRootServed ? root : undefined);
  if (judged.kind === 'fault')
    throw new OptionError(`cache folder ${JSON.stringify(cacheDir)} ${judged.why}`);
  return new CodedFiles({ folder: judged.path, bytesMax: limits.cacheDirBytesMax, report });
}

/** Milliseconds of a clock that is never set back. */
export function elapsed(): number {
  return performance.now();
}

/** The most descriptors that are kept open for nobody; a quarter of the files that may be open if that is less. */
const keptDescriptorsCap = 256;
