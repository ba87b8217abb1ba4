import { type Action, actions, type Option, options } from '../config/options.ts';
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

/** The flags of the server: a switch that is on anyway in the form that turns it off. */
export const serverFlags: readonly Flag[] = [
  ...Object.values(options).flatMap(ofOption),
  ...actions.map(ofCommand),
];

/** The flags of a command beside the server, `--help` last. */
export function flagsOf({ flags }: CommandRow): readonly Flag[] {
  return [...flags, helpFlag].map(ofCommand);
}

/** The commands by their names, in the order of the help text. */
export const commandRows: readonly (readonly [name: string, row: CommandRow])[] = Object.entries(commands);

/** What may stand where a text says `<dir>`, `<file>` or `<format>`. */
export function offerFor(text: string): Offer {
  const name = text.replace(/^[<[]|[>\]]$/g, '');
  if (name === 'dir' || name === 'folder' || name === 'root') return { kind: 'folders' };
  if (name === 'file') return { kind: 'files' };
  const words = choices.get(name);
  return words === undefined ? { kind: 'nothing' } : { kind: 'words', words };
}

const choices: ReadonlyMap<string, readonly string[]> = new Map([
  ['format', ['human', 'combined', 'json', 'off']],
  ['n|auto', ['auto']],
  ['line', ['slow-3g', 'fast-3g']],
  ['name', ['netlify', 'cloudflare']],
  ['all', ['all']],
  ['shell', ['bash', 'zsh', 'fish']],
]);

function ofOption({
  flag,
  short,
  argument,
  initial,
  help,
  isRare = false,
}: Option<unknown>): readonly Flag[] {
  if (flag === undefined) return [];
  return [
    { long: `--${initial === true ? 'no-' : ''}${flag}`, short: dashed(short), argument, help, isRare },
  ];
}

function ofCommand(flag: CommandFlag | Action): Flag {
  const argument = 'argument' in flag ? flag.argument : undefined;
  return { long: `--${flag.flag}`, short: dashed(flag.short), argument, help: flag.help, isRare: false };
}

function dashed(letter: string | undefined): string | undefined {
  return letter === undefined ? undefined : `-${letter}`;
}
