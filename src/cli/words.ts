import { nearest } from '../config/nearest.ts';
import { printable } from './style.ts';

/** The words of a command such as `plinth reload 8080`, or in words why they cannot be understood. */
export type CommandWords =
  | { readonly kind: 'words'; readonly places: readonly string[]; readonly isQuiet: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * Reads the words behind the name of a command that knows `--help` and, if `mayBeQuiet`, `--quiet`; `--` ends the
 * flags.
 */
export function readWords(argv: readonly string[], mayBeQuiet: boolean): CommandWords {
  const flags = new Set([...(mayBeQuiet ? ['-q', '--quiet'] : []), '-h', '--help']);
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const given = words.filter(word => word.startsWith('-') && word !== '-');
  const unknown = given.find(word => !flags.has(word));
  if (unknown !== undefined) {
    const near = nearest(unknown.replace(/^-+/, ''), ['quiet', 'help'].slice(mayBeQuiet ? 0 : 1));
    const hint = near === undefined ? '--help lists the known ones' : `did you mean --${near}?`;
    return { kind: 'fault', message: `unknown flag ${quoted(unknown)}; ${hint}` };
  }
  if (given.includes('-h') || given.includes('--help')) return { kind: 'help' };
  const places = [...words.filter(word => !given.includes(word)), ...(end < 0 ? [] : argv.slice(end + 1))];
  return { kind: 'words', places, isQuiet: given.length > 0 };
}

/** A word as it was given, in quotes and on one line. */
export function quoted(word: string): string {
  return printable(JSON.stringify(word));
}
