import { found } from '../rules/found.ts';
import { nearest } from '../rules/nearest.ts';
import { actions, OptionError, options, type Settings, settingNames } from './options.ts';

/** What one word of a command line, with the value behind it, means. */
export type Word =
  | { readonly kind: 'place'; readonly text: string }
  /** `source` is the flag as it was written. */
  | {
      readonly kind: 'set';
      readonly setting: keyof Settings;
      readonly value: string | boolean;
      readonly source: string;
    }
  /** `isWhole`: it asks for the flags that are seldom wanted, too. */
  | { readonly kind: 'help'; readonly isWhole: boolean }
  | { readonly kind: 'version' };

/**
 * The words of a command line in their order: `--flag value`, `--flag=value`, `-f value`, `--no-flag`, `--`
 * for the end of the flags. Throws an OptionError at a flag that is unknown or lacks its value.
 */
export function* wordsOf(argv: readonly string[]): Generator<Word> {
  const flags = flagTable();
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') {
      for (const text of argv.slice(at + 1)) yield { kind: 'place', text };
      return;
    }
    if (!word.startsWith('-') || word === '-') {
      yield { kind: 'place', text: word };
      continue;
    }
    const [source, inline] = split(word);
    const flag = flags.get(source);
    if (flag === undefined) throw new OptionError(unknownFlag(source, [...flags.keys()]));
    if (flag.kind === 'value') {
      const value = inline ?? valueAfter(flag, argv[at + 1], source);
      if (inline === undefined && value !== everyHost) at += 1;
      yield { kind: 'set', setting: flag.setting, value: value === everyHost ? '*' : value, source };
    } else {
      const isWhole = (inline ?? argv[at + 1]) === 'all';
      const takesWord = flag.kind === 'help' ? isWhole : flag.kind === 'set' && flag.value === true;
      if (inline !== undefined && !takesWord) {
        throw new OptionError(`${source}: found ${found(inline)}, wanted no value`);
      }
      if (flag.kind === 'help') yield { kind: 'help', isWhole };
      else yield flag.kind === 'set' ? { ...flag, value: inline ?? flag.value, source } : flag;
    }
  }
}

type ValueFlag = { readonly kind: 'value'; readonly setting: keyof Settings; readonly argument: string };
type Flag = ValueFlag | Exclude<Word, { kind: 'place' | 'help' }> | { readonly kind: 'help' };

/** Stands for the value that a bare `--host`, `--cors`, `--spa` or `--open` has, which takes no further word. */
const everyHost = Symbol('every host');

/** Every spelling of every flag. */
function flagTable(): ReadonlyMap<string, Flag> {
  const flags = new Map<string, Flag>();
  for (const setting of settingNames) {
    const { flag, short, argument } = options[setting];
    if (flag === undefined) continue;
    const source = `--${flag}`;
    if (argument === undefined) {
      flags.set(source, { kind: 'set', setting, value: true, source });
      flags.set(`--no-${flag}`, { kind: 'set', setting, value: false, source });
    } else {
      flags.set(source, { kind: 'value', setting, argument });
      if (short !== undefined) flags.set(`-${short}`, { kind: 'value', setting, argument });
    }
  }
  for (const { kind, flag, short } of actions) {
    const source = `--${flag}`;
    const row: Flag = kind === 'quiet' ? { kind: 'set', setting: 'log', value: 'off', source } : { kind };
    flags.set(source, row).set(`-${short}`, row);
  }
  return flags;
}

function split(word: string): readonly [string, string | undefined] {
  const cut = word.indexOf('=');
  return cut < 0 ? [word, undefined] : [word.slice(0, cut), word.slice(cut + 1)];
}

/**
 * The value in the next word. One that is optional is not taken from a word that looks like a folder, a port
 * or a flag, so that `plinth --host ./dist` and `plinth --host 9000` do what they say.
 */
function valueAfter(flag: ValueFlag, next: string | undefined, source: string): string | typeof everyHost {
  if (flag.argument.startsWith('<')) {
    if (next === undefined) throw new OptionError(`${source}: found nothing, wanted ${flag.argument}`);
    return next;
  }
  if (flag.setting === 'httpsRedirect' || flag.setting === 'hsts')
    return /^\d+$/.test(next ?? '') && next !== undefined ? next : everyHost;
  if (next === undefined || /^[-.]|^\d+$/.test(next)) return everyHost;
  if (flag.setting === 'cors') return /^\*$|^null\b|:\/\//.test(next) ? next : everyHost;
  if (flag.setting === 'open') return next.startsWith('/') ? next : everyHost;
  if (flag.setting === 'spa') return /\.html?$/i.test(next) ? next : everyHost;
  return /[/\\]/.test(next) && !next.startsWith('unix:') ? everyHost : next;
}

function unknownFlag(flag: string, known: readonly string[]): string {
  const words = known.filter(one => one.startsWith('--')).map(one => one.slice(2));
  const near = nearest(flag.replace(/^-+/, ''), words);
  return `unknown flag ${found(flag)}; ${near === undefined ? 'plinth --help lists the known ones' : `did you mean --${near}?`}`;
}
