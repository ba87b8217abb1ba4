import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { authorityPath } from '../authority/place.ts';
import type { PlacedFolder } from '../config/mount-values.ts';
import { OptionError, type Settings } from '../config/options.ts';
import type { Limits } from '../http/limits.ts';
import type { StoredFile } from '../http/message.ts';
import { judgeCacheFolder } from '../server/cache-folder.ts';
import type { Changes } from '../server/changes.ts';
import { CodedFiles } from '../server/coded-files.ts';
import { ruleFileNames } from '../server/site-rules.ts';
import { cachedStore } from '../store/cache.ts';
import { Contents } from '../store/contents.ts';
import { type DiskStore, diskStore } from '../store/disk.ts';
import type { Mount } from '../store/mounted.ts';
import { patientStore } from '../store/patient.ts';
import { FolderWatch, watchedFoldersMax } from '../store/watch.ts';

/** The folders of a site, opened. */
export interface OpenedFolders {
  /** With the files of rules at its top. */
  readonly root: Mount;
  /** Those beside it. */
  readonly others: readonly Mount[];
  readonly rest: () => Promise<void>;
}

/** What all folders of a server have in common, so that the bounds hold for all of them together. */
export interface Sharing {
  readonly contents: Contents;
  /** How many folders there are. */
  readonly sharers: number;
  /** Counts the descriptors; the first folder that is opened. */
  first: DiskStore | undefined;
}

/** For so many folders. */
export function sharingFor(limits: Limits, folders: number): Sharing {
  return { contents: new Contents(limits), sharers: Math.max(1, folders), first: undefined };
}

/** What folders are opened with. */
export interface FolderMeans {
  readonly limits: Limits;
  readonly report: (line: string) => void;
  /** Is told of what changes, by the path under which it is seen. */
  readonly changes: Changes | undefined;
  /** The folder in the first one that stands in its stead, as segments. */
  readonly served: () => readonly string[];
  readonly sharing: Sharing;
  /** Files that are never served, wherever they lie. */
  readonly withheld: ReadonlySet<string>;
}

/**
 * Each folder behind a cache that a watcher keeps true, unless every answer is to ask the disk. Descriptors, contents in
 * memory and folders that are watched are bounded for all of them together. Throws an Error for a folder that cannot be
 * served.
 */
export function openFolders(
  settings: Settings,
  folders: readonly [PlacedFolder, ...PlacedFolder[]],
  { limits, report, changes, served, sharing, withheld }: FolderMeans,
): OpenedFolders {
  const keptDescriptorsMax = Math.min(Math.floor(limits.openFilesMax / 4), keptDescriptorsCap);
  const { contents, sharers } = sharing;
  const rests: (() => Promise<void>)[] = [];
  const [first] = folders;
  const open = (placed: PlacedFolder): Mount => {
    const { at, folder } = placed;
    const tellsFolders = folders.length > 1;
    const disk = diskStore({
      ...settings,
      ...limits,
      root: folder,
      withheld: beside(folder, withheld),
      keptDescriptorsMax,
      beside: sharing.first,
      tellsFolders,
    });
    sharing.first ??= disk;
    rests.push(() => disk.rest());
    const opened = { at, store: disk, holds: (file: StoredFile) => disk.holds(file) };
    const { revalidateMs } = settings;
    if (revalidateMs === 0 && changes === undefined) return opened;
    const place = at.map(name => `/${name}`).join('');
    const tell = (path: string): void => {
      const seen = pathIn(placed === first ? served() : [], path);
      if (seen !== undefined) changes?.add(`${place}${seen}`);
    };
    const watch = new FolderWatch({
      root: resolve(folder),
      report,
      foldersMax: Math.ceil(watchedFoldersMax / sharers),
      changed: changes && tell,
    });
    rests.push(async () => watch.close());
    const patient =
      changes === undefined
        ? disk
        : patientStore(disk, { now: Date.now, isRestless: () => changes.isRestless });
    const cache = { ...limits, revalidateMs, now: Date.now, elapsed, watch, contents, sharers };
    return { ...opened, store: cachedStore(patient, cache) };
  };
  const [root, ...others] = folders;
  const rest = async (): Promise<void> => {
    for (const one of rests) await one();
  };
  return { root: open(root), others: others.map(open), rest };
}

/** A path as it is seen from a folder; the top for what that folder lies in, undefined for what is elsewhere. */
function pathIn(folder: readonly string[], path: string): string | undefined {
  if (folder.length === 0) return path;
  const top = `/${folder.join('/')}/`;
  if (path.startsWith(top)) return path.slice(top.length - 1);
  return top.startsWith(path.endsWith('/') ? path : `${path}/`) ? '/' : undefined;
}

/** The settings that name files of the server's own. */
type Withholding = Pick<Settings, 'config' | 'auth' | 'tlsCert' | 'tlsKey' | 'tlsPass'>;

/** The files that are never served; `lookAgain` adds those where links to keys lead now. */
export function withholding(
  all: readonly Withholding[],
  roots: readonly string[],
): { readonly withheld: ReadonlySet<string>; readonly lookAgain: () => void } {
  const withheld = new Set(withheldOf(all, roots));
  const lookAgain = (): void => {
    for (const path of withheldOf(all, roots)) withheld.add(path);
  };
  return { withheld, lookAgain };
}

/**
 * The files that settings name and the authority of `--tls`, wherever they lie: each under its name, and where that leads.
 * Of the files of rules at the top of these roots, which another folder may hold as well, the names. None need be there yet.
 */
function withheldOf(all: readonly Withholding[], roots: readonly string[]): ReadonlySet<string> {
  const named = all.flatMap(({ config, auth, tlsCert, tlsKey, tlsPass }) => [
    ...tlsCert,
    ...tlsKey,
    ...(tlsPass === undefined ? [] : [tlsPass]),
    ...(config === undefined ? [] : [config]),
    ...auth.map(({ file }) => file),
  ]);
  const files = [...named, ...ownAuthority()].flatMap(file => {
    const above = nearestPathOf(dirname(resolve(file)));
    return [realPathOf(resolve(file)), join(above, basename(file))].filter(path => path !== undefined);
  });
  const tops = roots.flatMap(root => [resolve(root), nearestPathOf(resolve(root))]);
  return new Set([...files, ...tops.flatMap(top => ruleFileNames.map(name => join(top, name)))]);
}

/** Without the files of rules at the top of a folder itself: they are read through its store, which is served without them. */
function beside(folder: string, withheld: ReadonlySet<string>): Pick<ReadonlySet<string>, 'has'> {
  const places = [resolve(folder), realPathOf(folder)];
  const isAtTop = (path: string): boolean =>
    ruleFileNames.includes(basename(path)) && places.includes(dirname(path));
  return { has: path => withheld.has(path) && !isAtTop(path) };
}

/** A user without a home, as in some containers, has none. */
function ownAuthority(): readonly string[] {
  try {
    return [authorityPath()];
  } catch {
    return [];
  }
}

/** Where a folder is, or will be once it is made. */
function nearestPathOf(folder: string): string {
  const above = dirname(folder);
  if (above === folder) return folder;
  return realPathOf(folder) ?? join(nearestPathOf(above), basename(folder));
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
  { cacheDir, limits }: Settings,
  folders: readonly PlacedFolder[],
  report: (line: string) => void,
): CodedFiles | undefined {
  if (cacheDir === undefined) return undefined;
  const judged = judgeCacheFolder(
    cacheDir,
    folders.map(({ folder }) => folder),
  );
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
