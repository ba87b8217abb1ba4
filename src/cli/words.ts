import { nearest } from '../rules/nearest.ts';
import { printable } from './style.ts';

/** A flag of a command such as `plinth doctor`. */
export interface CommandFlag {
  readonly flag: string;
  readonly short?: string;
  /** What stands after the flag; it may then be given several times. Without it the flag is a switch. */
  readonly argument?: string;
  /** One line of help. */
  readonly help: string;
}

/** The words of a command, or in words why they cannot be understood. */
export type CommandWords =
  | {
      readonly kind: 'words';
      readonly places: readonly string[];
      /** The values of each flag that was given, by its long name; those of a switch are empty. */
      readonly flags: ReadonlyMap<string, readonly string[]>;
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'fault'; readonly message: string };

/** Reads the words behind the name of a command; it knows `--help` anyway. `--` ends the flags. */
export function readWords(argv: readonly string[], known: readonly CommandFlag[]): CommandWords {
  const all = [...known, helpFlag];
  const places: string[] = [];
  const flags = new Map<string, string[]>();
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') {
      places.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      places.push(word);
      continue;
    }
    const [name, attached] = halves(word);
    const flag = all.find(({ flag, short }) => name === `--${flag}` || name === `-${short}`);
    if (flag === undefined) return unknownFlag(word, all);
    if (flag.argument === undefined) {
      if (attached !== undefined) return fault(`--${flag.flag} takes no value, found ${quoted(word)}`);
      flags.set(flag.flag, []);
      continue;
    }
    const value = attached ?? argv[at + 1];
    if (value === undefined) return fault(`--${flag.flag} wants ${flag.argument}`);
    if (attached === undefined) at += 1;
    flags.set(flag.flag, [...(flags.get(flag.flag) ?? []), value]);
  }
  return flags.has(helpFlag.flag) ? { kind: 'help' } : { kind: 'words', places, flags };
}

/** A word as it was given, in quotes and on one line. */
export function quoted(word: string): string {
  return printable(JSON.stringify(word));
}

/** The flag that every command knows. */
export const helpFlag: CommandFlag = { flag: 'help', short: 'h', help: 'Show this text' };

/** `--flag=value` in two. */
function halves(word: string): readonly [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function unknownFlag(word: string, known: readonly CommandFlag[]): CommandWords {
  const near = nearest(
    word.replace(/^-+/, ''),
    known.map(({ flag }) => flag),
  );
  const hint = near === undefined ? '--help lists the known ones' : `did you mean --${near}?`;
  return fault(`unknown flag ${quoted(word)}; ${hint}`);
}

function fault(message: string): CommandWords {
  return { kind: 'fault', message };
}
