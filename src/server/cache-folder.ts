import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';

/** A folder in which coded contents may be kept, with its links followed; or in words why not. */
export type CacheFolderJudgement =
  | { readonly kind: 'fit'; readonly path: string }
  | { readonly kind: 'fault'; readonly why: string };

/**
 * Judges the folder for coded contents, and makes it where there is none. It must not be served itself, so it lies
 * apart from the folders that are; and what is in it is sent as it stands, so nobody else may write to it.
 */
export function judgeCacheFolder(folder: string, folders: readonly string[]): CacheFolderJudgement {
  return judged(folder, folders, wanted => {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
  });
}

/** The same judgement of a folder that is not made now, and whether this user may write to it or make it. */
export function checkCacheFolder(folder: string, folders: readonly string[]): CacheFolderJudgement {
  return judged(folder, folders, wanted => {
    // By its dot, so that what is no folder says so.
    accessSync(`${nearestStanding(wanted)}/.`, constants.W_OK | constants.X_OK);
  });
}

/** `prepare` throws what a disk throws when the folder cannot be had. */
function judged(
  folder: string,
  folders: readonly string[],
  prepare: (wanted: string) => void,
): CacheFolderJudgement {
  try {
    const wanted = realPathToBe(resolve(folder));
    for (const served of folders.map(one => realpathSync.native(resolve(one)))) {
      if (isWithin(wanted, served)) return fault('lies in the folder that is served');
      if (isWithin(served, wanted)) return fault('holds the folder that is served');
    }
    prepare(wanted);
    const status = statSync(wanted, { throwIfNoEntry: false });
    if (status === undefined) return { kind: 'fit', path: wanted };
    if (!status.isDirectory()) return fault('is not a folder');
    const user = process.geteuid?.();
    if (user !== undefined && status.uid !== user && status.uid !== 0) return fault("is another user's");
    if (user !== undefined && (status.mode & 0o022) !== 0)
      return fault('may be written to by other users; take that from them with chmod go-w');
    return { kind: 'fit', path: wanted };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return fault(code === 'EEXIST' || code === 'ENOTDIR' ? 'is not a folder' : `cannot be used: ${message}`);
  }
}

/** The path itself, or the nearest folder above it that is there. */
function nearestStanding(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestStanding(dirname(path));
}

function fault(why: string): CacheFolderJudgement {
  return { kind: 'fault', why };
}

/** Where a path will lead, links followed, once the folders that it lacks are made. */
function realPathToBe(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    return join(realPathToBe(dirname(path)), basename(path));
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
