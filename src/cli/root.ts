import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { HostSite } from '../config/host-sites.ts';
import { placedFolders } from '../config/mount-values.ts';
import { printable } from './style.ts';

/** A root that may be served, as an absolute path with its links followed; or in words why it may not. */
export type RootJudgement =
  | { readonly kind: 'fit'; readonly path: string }
  | { readonly kind: 'fault'; readonly message: string };

/** What is served: the root, and by path what else is. Or in words why one of them may not be. */
export type FoldersJudgement =
  | { readonly kind: 'fit'; readonly path: string; readonly mounts: readonly MountedFolder[] }
  | { readonly kind: 'fault'; readonly message: string };

/** A folder beside the root. */
export interface MountedFolder {
  /** `/docs`; behind the host, where it has a site of its own: `example.com/docs`. */
  readonly at: string;
  /** Absolute, with its links followed. */
  readonly path: string;
  /** Whether names that begin with a dot are served from it. */
  readonly dotfiles: boolean;
}

/** Judges all folders that are to be served, those of `hosts` too, as `judgeRoot` does. */
export function judgeFolders({
  settings,
  sources,
  hosts,
}: Pick<HostSite, 'settings' | 'sources'> & { readonly hosts: readonly HostSite[] }): FoldersJudgement {
  const root = judgeRoot(settings.root, `${placeOf(sources.get('root'))}root`);
  if (root.kind === 'fault') return root;
  const [, ...beside] = foldersOf({ settings, sources, names: [] });
  const mounts: MountedFolder[] = [];
  for (const { at, path, dotfiles, place } of [...beside, ...hosts.flatMap(foldersOf)]) {
    const judged = judgeRoot(path, `${place}${at.startsWith('/') ? 'mount ' : ''}${printable(at)}: folder`);
    if (judged.kind === 'fault') return judged;
    mounts.push({ at, path: judged.path, dotfiles });
  }
  return { ...root, mounts };
}

/** The folders of a site, as they were given, and what a message about each begins with. */
function foldersOf({
  names,
  settings,
  sources,
}: Pick<HostSite, 'names' | 'settings' | 'sources'>): readonly (MountedFolder & {
  readonly place: string;
})[] {
  return placedFolders(settings).map(({ at, folder }, index) => ({
    at: `${names[0] ?? ''}${at.map(name => `/${name}`).join('')}`,
    path: folder,
    dotfiles: settings.dotfiles,
    place: placeOf(sources.get(index === 0 ? 'root' : 'mounts')),
  }));
}

/** The file and the line of what a configuration says, `plinth.config.json:3: `; flags are named by what they give. */
function placeOf(source: string | undefined): string {
  return /^.+?\.\w+(?::\d+)?: /.exec(source ?? '')?.[0] ?? '';
}

/**
 * Judges a root before anything is started: it has to be a folder, and not the root of the file system (nor
 * of a drive), whatever name or link leads there. `noun` is what the message calls it.
 */
export function judgeRoot(root: string, noun = 'root'): RootJudgement {
  const shown = `${noun} ${printable(JSON.stringify(root))}`;
  try {
    const path = realpathSync.native(resolve(root));
    if (!statSync(path).isDirectory()) return { kind: 'fault', message: `${shown} is not a folder` };
    if (dirname(path) === path) {
      return { kind: 'fault', message: `${shown} is the whole file system; serve a folder in it` };
    }
    accessSync(path, constants.R_OK | constants.X_OK);
    return { kind: 'fit', path };
  } catch (error) {
    return { kind: 'fault', message: `${shown} ${why(error)}` };
  }
}

function why(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'does not exist';
    case 'ENOTDIR':
      return 'is not a folder';
    case 'EACCES':
      return 'may not be read by this user';
    case 'ELOOP':
      return 'is a link that leads to itself';
    default:
      return `cannot be used: ${(error as Error).message}`;
  }
}
