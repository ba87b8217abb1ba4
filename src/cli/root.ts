import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { printable } from './style.ts';

/** A root that may be served, as an absolute path with its links followed; or in words why it may not. */
export type RootJudgement =
  | { readonly kind: 'fit'; readonly path: string }
  | { readonly kind: 'fault'; readonly message: string };

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
