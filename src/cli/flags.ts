import { readGuarded } from '../config/access-values.ts';
import { type Action, actions, type Option, options } from '../config/options.ts';
import { readFiles } from '../config/tls-options.ts';
import { logFormats, readFile, readFolder } from '../config/values.ts';
import { type CommandRow, commands } from './commands.ts';
import { type CommandFlag, helpFlag } from './words.ts';

/** A flag as people type it. Help, man page and completions are made from these. */
export interface Flag {
  /** `--no-listing`. */
  readonly long: string;
  /** `-p`. */
  readonly short: string | undefined;
  /** What stands after it: `<must>` or `[may]`; undefined for a switch. */
  readonly argument: string | undefined;
  /** What a shell can offer for that. */
  readonly offer: Offer;
  /** One line without a full stop. */
  readonly help: string;
  /** Whether only the whole help tells of it. */
  readonly isRare: boolean;
}

/** What a shell can offer where a word is wanted. */
export type Offer =
  | { readonly kind: 'folders' }
  | { readonly kind: 'files' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'nothing' };

/** What each of these readers takes, whatever its option calls it. */
const places: ReadonlyMap<unknown, Offer> = new Map<unknown, Offer>([
  [readFolder, { kind: 'folders' }],
  [readFile, { kind: 'files' }],
  [readFiles, { kind: 'files' }],
  [readGuarded, { kind: 'files' }],
]);

const choices: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['format', logFormats],
  ['n|auto', ['auto']],
  ['line', ['slow-3g', 'fast-3g']],
  ['name', ['netlify', 'cloudflare']],
  ['all', ['all']],
  ['shell', ['bash', 'zsh', 'fish']],
]);

/** The flags of the server that say what it is to do: a switch that is on anyway in the form that turns it off. */
export const optionFlags: readonly Flag[] = Object.values(options).flatMap(ofOption);

/** The flags of the server, with those that only tell of it. */
export const serverFlags: readonly Flag[] = [...optionFlags, ...actions.map(ofCommand)];

/** The flags of a command beside the server that are its own, `--help` last. */
export function flagsOf({ flags }: CommandRow): readonly Flag[] {
  return [...flags, helpFlag].map(ofCommand);
}

/** The commands by their names, in the order of the help text. */
export const commandRows: readonly (readonly [name: string, row: CommandRow])[] = Object.entries(commands);

/** What may stand where a text says `<folder>` or `<format>`. */
export function offerFor(text: string): Offer {
  const name = text.replace(/^[<[]|[>\]]$/g, '');
  if (name === 'folder' || name === 'root') return { kind: 'folders' };
  const words = choices.get(name);
  return words === undefined ? { kind: 'nothing' } : { kind: 'words', words };
}

function ofOption({
  flag,
  short,
  argument,
  initial,
  help,
  isRare = false,
  read,
}: Option<unknown>): readonly Flag[] {
  if (flag === undefined) return [];
  const long = `--${initial === true ? 'no-' : ''}${flag}`;
  const offer = places.get(read) ?? offerFor(argument ?? '');
  return [{ long, short: dashed(short), argument, offer, help, isRare }];
}

function ofCommand(flag: CommandFlag | Action): Flag {
  const argument = 'argument' in flag ? flag.argument : undefined;
  const offer = offerFor(argument ?? '');
  return {
    long: `--${flag.flag}`,
    short: dashed(flag.short),
    argument,
    offer,
    help: flag.help,
    isRare: false,
  };
}

function dashed(letter: string | undefined): string | undefined {
  return letter === undefined ? undefined : `-${letter}`;
}
