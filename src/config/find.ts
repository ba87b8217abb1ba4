import { lstatSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { found } from '../rules/found.ts';

/** The configuration file to use, or in words why the one that is there cannot be. */
export type FoundConfig =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'found';
      /** Absolute. */
      readonly path: string;
    }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * The configuration file: the one that is named, else the one that stands beside the root, if a root was given,
 * else the one in the current folder. A program that somebody else has put there is not run unless it is named: the
 * folder beside a root may be open to all, as /tmp is.
 */
export function findConfig(named: string | undefined, root: string | undefined): FoundConfig {
  if (named !== undefined) return judgeNamed(named);
  for (const folder of foldersFor(root)) {
    const here = configNames.map(name => join(folder, name)).filter(stands);
    const [path, another] = here;
    if (path === undefined) continue;
    if (another === undefined) return judgeFound(path);
    const message = `${shortPath(path)} and ${basename(another)} stand side by side; keep one of them`;
    return { kind: 'fault', message };
  }
  return { kind: 'none' };
}

/** A path as messages show it: from the current folder where it lies in that, else absolute. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** The names under which a configuration is looked for. */
export const configNames: readonly string[] = ['ts', 'mts', 'js', 'mjs', 'json'].map(
  extension => `plinth.config.${extension}`,
);

/** A folder that may not be searched has nothing for us; if it holds the root, that is said of the root. */
function stands(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function foldersFor(root: string | undefined): readonly string[] {
  const current = process.cwd();
  const served = resolve(root ?? current);
  return served === current ? [current] : [...new Set([dirname(served), current])];
}

function judgeNamed(named: string): FoundConfig {
  const path = resolve(named);
  const known = [...new Set(configNames.map(name => extname(name)))];
  if (!known.includes(extname(path))) {
    return { kind: 'fault', message: `config: found ${found(named)}, wanted a file of ${known.join(' ')}` };
  }
  const status = statusOf(path);
  if (typeof status === 'string') return { kind: 'fault', message: `config ${found(named)} ${status}` };
  return status.isDirectory()
    ? { kind: 'fault', message: `config ${found(named)} is a folder, wanted a file` }
    : { kind: 'found', path };
}

function judgeFound(path: string): FoundConfig {
  const status = statusOf(path);
  if (typeof status === 'string') return { kind: 'fault', message: `${shortPath(path)} ${status}` };
  if (!status.isFile()) return { kind: 'fault', message: `${shortPath(path)} is no file` };
  const stranger = [lstatSync(path), status].find(({ uid }) => !isTrusted(uid));
  if (stranger === undefined) return { kind: 'found', path };
  const message = `${shortPath(path)} belongs to another user (uid ${stranger.uid}); if you trust it, name it: --config ${shortPath(path)}`;
  return { kind: 'fault', message };
}

/** The status of what stands at a path, links followed, or why there is none. */
function statusOf(path: string): Stats | string {
  try {
    return statSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist';
    return code === 'EACCES' ? 'may not be read by this user' : `cannot be read: ${message}`;
  }
}

/** Ourselves, the system, and whoever became the system with sudo. */
function isTrusted(uid: number): boolean {
  const own = process.geteuid?.();
  return own === undefined || uid === own || uid === 0 || (own === 0 && uid === Number(process.env.SUDO_UID));
}
