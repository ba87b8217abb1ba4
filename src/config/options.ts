/**
 * config/: what can be set, and from where. Every option is one row of the table below; the flags, the names
 * in the environment, the help text and the checks are all made from it. Nothing here opens, listens or
 * serves. Read `values.ts` for how one value is read, `load.ts` for argv and environment.
 */
import { defaultLimits, type Limits } from '../http/limits.ts';
import { found } from '../rules/found.ts';
import { hint } from '../rules/nearest.ts';
import { type AccessSettings, accessOptions } from './access-options.ts';
import { type DevelopmentSettings, developmentOptions } from './development-options.ts';
import { type RuleSettings, ruleOptions } from './rule-options.ts';
import { type TlsSettings, tlsOptions } from './tls-options.ts';
import {
  type LogFormat,
  type Reading,
  readFile,
  readFolder,
  readHosts,
  readLimits,
  readLogFormat,
  readPort,
  readPrefixes,
  readSwitch,
  readTime,
  readWorkers,
} from './values.ts';

export type { CorsSettings, Guarded } from './access-values.ts';
export type { LogFormat } from './values.ts';

/** Everything that can be set, checked and complete. */
export interface Settings extends AccessSettings, DevelopmentSettings, RuleSettings, TlsSettings {
  /** The folder to serve, as it was given. */
  readonly root: string;
  /** The port that was asked for, 0 for any free one; undefined: 8080, or the next free one. */
  readonly port: number | undefined;
  /** Addresses, names, `localhost` (both loopbacks), `*` (every address) or `unix:/path`; at least one. */
  readonly hosts: readonly string[];
  readonly listing: boolean;
  readonly cleanUrls: boolean;
  readonly dotfiles: boolean;
  readonly followSymlinks: boolean;
  /** Whether answers come in content codings. */
  readonly compress: boolean;
  /** A folder for the best codings, as it was given; undefined: they are kept in memory only. */
  readonly cacheDir: string | undefined;
  /** How long what was found of a file holds before the disk is asked again; 0: it is asked each time. */
  readonly revalidateMs: number;
  /** Whether the site is being worked on: live reload, nothing is kept by browsers. */
  readonly dev: boolean;
  /** What the names of environment variables begin with that pages may read. */
  readonly env: readonly string[];
  readonly log: LogFormat;
  /** How long a stop waits for the answers under way. */
  readonly graceMs: number;
  readonly limits: Limits;
  /** How many processes serve; 'auto': as many as there are processors. For the command only. */
  readonly workers: number | 'auto';
  /** The configuration file, as it was named; undefined: it is looked for. For the command only, and in no file. */
  readonly config: string | undefined;
}

/** One row of the table. */
export interface Option<Value> {
  /** The key of `createServer`'s options. */
  readonly key: string;
  /** The long flag without its dashes; without one the option is given by place only. A switch has a `no-` form too. */
  readonly flag?: string;
  /** The letter of the short flag. */
  readonly short?: string;
  /** What stands after the flag: `<must>` or `[may]`. Without it the flag is a switch. */
  readonly argument?: string;
  /** Whether the flag may be given several times. */
  readonly repeats?: boolean;
  /** Whether it means something to the command only, so that `createServer` does not know it. */
  readonly isForCommand?: boolean;
  /** Whether a configuration file cannot set it. */
  readonly isForFlagsOnly?: boolean;
  /** Names in the environment; the first that is set and not empty counts. */
  readonly environment: readonly string[];
  readonly initial: Value;
  /** One line of help. */
  readonly help: string;
  /** Whether only `--help all` tells of it. */
  readonly isRare?: boolean;
  /** Whether what a flag says joins what a configuration file says, by names or by paths; else it replaces that. */
  readonly joins?: boolean;
  /** `under`: what stays where this value says nothing; for options that join. */
  read(value: unknown, under?: Value): Reading<Value>;
}

/** The table. Its order is that of the help text. */
export const options: { readonly [Key in keyof Settings]: Option<Settings[Key]> } = {
  root: {
    key: 'root',
    environment: ['PLINTH_ROOT'],
    initial: '.',
    help: 'Folder to serve (the current one)',
    read: readFolder,
  },
  port: {
    key: 'port',
    flag: 'port',
    short: 'p',
    argument: '<port>',
    environment: ['PLINTH_PORT', 'PORT'],
    initial: undefined,
    help: 'Port, 0: any free one (8080 or the next free one)',
    read: readPort,
  },
  hosts: {
    key: 'host',
    flag: 'host',
    short: 'H',
    argument: '[address]',
    repeats: true,
    environment: ['PLINTH_HOST', 'HOST'],
    initial: ['localhost'],
    help: 'Address, name, unix:/path; alone: all (localhost)',
    read: readHosts,
  },
  listing: {
    key: 'listing',
    flag: 'listing',
    environment: [],
    initial: true,
    help: 'Do not list folders that have no index page',
    read: readSwitch,
  },
  cleanUrls: {
    key: 'cleanUrls',
    flag: 'clean-urls',
    environment: [],
    initial: true,
    help: 'Do not serve about.html at /about',
    read: readSwitch,
  },
  ...ruleOptions,
  dotfiles: {
    key: 'dotfiles',
    flag: 'dotfiles',
    environment: [],
    initial: false,
    help: 'Serve names that begin with a dot',
    read: readSwitch,
  },
  followSymlinks: {
    key: 'followSymlinks',
    flag: 'follow-symlinks',
    environment: [],
    initial: false,
    help: 'Follow links that lead out of the folder',
    isRare: true,
    read: readSwitch,
  },
  compress: {
    key: 'compress',
    flag: 'compress',
    environment: [],
    initial: true,
    help: 'Send no answer in br, zstd or gzip',
    read: readSwitch,
  },
  cacheDir: {
    key: 'cacheDir',
    flag: 'cache-dir',
    argument: '<dir>',
    environment: [],
    initial: undefined,
    help: 'Keep the best codings in this folder, too',
    isRare: true,
    read: readFolder,
  },
  revalidateMs: {
    key: 'revalidateMs',
    flag: 'revalidate',
    argument: '<time>',
    environment: [],
    initial: 1000,
    help: 'How soon a changed file is seen (1s); 0: at once',
    isRare: true,
    read: readTime,
  },
  dev: {
    key: 'dev',
    flag: 'dev',
    environment: [],
    initial: false,
    help: 'Reload pages when files change, keep nothing',
    read: readSwitch,
  },
  env: {
    key: 'env',
    flag: 'env',
    argument: '<prefix>',
    repeats: true,
    environment: [],
    initial: [],
    help: 'Give pages the variables named so: PUBLIC_',
    isRare: true,
    read: readPrefixes,
  },
  ...developmentOptions,
  ...accessOptions,
  ...tlsOptions,
  log: {
    key: 'log',
    flag: 'log',
    argument: '<format>',
    environment: [],
    initial: 'off',
    help: 'Access log: human, combined, json or off',
    read: readLogFormat,
  },
  graceMs: {
    key: 'graceMs',
    flag: 'grace',
    argument: '<time>',
    environment: [],
    initial: 10_000,
    help: 'How long a stop waits for answers under way (10s)',
    isRare: true,
    read: readTime,
  },
  workers: {
    key: 'workers',
    flag: 'workers',
    short: 'w',
    argument: '<n|auto>',
    isForCommand: true,
    environment: [],
    initial: 1,
    help: 'Processes that serve (1); auto: one a processor',
    read: readWorkers,
  },
  limits: {
    key: 'limits',
    flag: 'limit',
    argument: '<name=n>',
    repeats: true,
    joins: true,
    environment: [],
    initial: defaultLimits,
    help: 'Set a limit or time-out: headTimeoutMs=5s',
    isRare: true,
    read: readLimits,
  },
  config: {
    key: 'config',
    flag: 'config',
    short: 'c',
    argument: '<file>',
    isForCommand: true,
    isForFlagsOnly: true,
    environment: [],
    initial: undefined,
    help: 'Configuration (plinth.config.ts, .js, .json …)',
    read: readFile,
  },
};

/** A flag that sets nothing, or stands for another. */
export interface Action {
  readonly kind: 'quiet' | 'help' | 'version';
  readonly flag: string;
  readonly short: string;
  /** What may stand after it. */
  readonly argument?: string;
  readonly help: string;
}

/** The flags beside the table, in the order of the help text. */
export const actions: readonly Action[] = [
  { kind: 'quiet', flag: 'quiet', short: 'q', help: 'The same as --log off' },
  {
    kind: 'help',
    flag: 'help',
    short: 'h',
    argument: '[all]',
    help: 'Show this text; all: with the rarer flags',
  },
  { kind: 'version', flag: 'version', short: 'v', help: 'Show the version' },
];

/** An option that cannot be used. The message is one line: which, what was found, what is wanted. */
export class OptionError extends Error {
  override readonly name: string = 'OptionError';
}

/** A value that was given, and what an error calls its source: `--port`, `PORT`, `port`. */
export interface Given {
  readonly value: unknown;
  readonly source: string;
  /** What it joins. */
  readonly under?: Given;
}

/**
 * Reads the options of the library. Absent and undefined ones take their defaults.
 * Throws an OptionError that names the key, what was found, what is wanted and the nearest known key.
 */
export function readOptions(input: Readonly<Record<string, unknown>>): Settings {
  return settle(givenOptions(input));
}

/** The same before the values are read. Throws an OptionError for a key that is not known. */
export function givenOptions(input: Readonly<Record<string, unknown>>): ReadonlyMap<keyof Settings, Given> {
  const byKey = namesByKey(name => options[name].isForCommand !== true);
  const given = new Map<keyof Settings, Given>();
  for (const [key, value] of Object.entries(input)) {
    const name = byKey.get(key);
    if (name === undefined) throw new OptionError(unknownKey(key, [...byKey.keys()]));
    if (value !== undefined) given.set(name, { value, source: `option ${key}` });
  }
  return given;
}

/** Settings as `createServer` takes them: by key, and without what means something to the command only. */
export function libraryOptions(settings: Settings): Readonly<Record<string, unknown>> {
  const byKey = namesByKey(name => options[name].isForCommand !== true);
  return Object.fromEntries([...byKey].map(([key, name]) => [key, settings[name]]));
}

/** The settings that `isWanted` admits, by their keys. */
export function namesByKey(isWanted: (name: keyof Settings) => boolean): ReadonlyMap<string, keyof Settings> {
  return new Map(settingNames.filter(isWanted).map(name => [options[name].key, name]));
}

/** Turns what was given, from wherever, into settings. Throws an OptionError for the first that cannot be read. */
export function settle(given: ReadonlyMap<keyof Settings, Given>): Settings {
  const pick = <Name extends keyof Settings>(name: Name): Settings[Name] => {
    const option: Option<Settings[Name]> = options[name];
    const found = given.get(name);
    return found === undefined ? option.initial : readGiven(option, found);
  };
  return {
    root: pick('root'),
    port: pick('port'),
    hosts: pick('hosts'),
    listing: pick('listing'),
    cleanUrls: pick('cleanUrls'),
    mounts: pick('mounts'),
    base: pick('base'),
    spa: pick('spa'),
    cache: pick('cache'),
    variants: pick('variants'),
    languages: pick('languages'),
    dialect: pick('dialect'),
    dotfiles: pick('dotfiles'),
    followSymlinks: pick('followSymlinks'),
    compress: pick('compress'),
    cacheDir: pick('cacheDir'),
    revalidateMs: pick('revalidateMs'),
    dev: pick('dev'),
    env: pick('env'),
    open: pick('open'),
    throttle: pick('throttle'),
    trace: pick('trace'),
    allowedHosts: pick('allowedHosts'),
    auth: pick('auth'),
    allow: pick('allow'),
    deny: pick('deny'),
    trustProxy: pick('trustProxy'),
    cors: pick('cors'),
    secure: pick('secure'),
    tls: pick('tls'),
    tlsCert: pick('tlsCert'),
    tlsKey: pick('tlsKey'),
    tlsPass: pick('tlsPass'),
    tlsClientCa: pick('tlsClientCa'),
    httpsRedirect: pick('httpsRedirect'),
    hsts: pick('hsts'),
    log: pick('log'),
    graceMs: pick('graceMs'),
    limits: pick('limits'),
    workers: pick('workers'),
    config: pick('config'),
  };
}

function readGiven<Value>(option: Option<Value>, { value, source, under }: Given): Value {
  const reading = option.read(value, under && readGiven(option, under));
  if (reading.kind === 'fault') throw new OptionError(`${source}: ${reading.why}`);
  return reading.value;
}

/** What an error calls the source of each value that was given. */
export function sourcesOf(given: ReadonlyMap<keyof Settings, Given>): ReadonlyMap<keyof Settings, string> {
  return new Map([...given].map(([setting, { source }]) => [setting, source]));
}

/** The names of all settings, in the order of the table. */
export const settingNames: readonly (keyof Settings)[] = Object.keys(options) as (keyof Settings)[];

/** That a key is unknown, and which one it most likely meant. */
export function unknownKey(key: string, known: readonly string[]): string {
  return `unknown option ${found(key)}; ${hint(key, known)}`;
}
