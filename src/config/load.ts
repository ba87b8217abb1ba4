import { found } from '../rules/found.ts';
import type { ConfigFile } from './file.ts';
import { findConfig } from './find.ts';
import { type HostSite, settleHosts } from './host-sites.ts';
import {
  type Given,
  OptionError,
  options,
  type Settings,
  settingNames,
  settle,
  sourcesOf,
} from './options.ts';
import { wordsOf } from './words.ts';

/** What a command line asks for. */
export type Command =
  | {
      readonly kind: 'run';
      readonly settings: Settings;
      /** What gave each setting that does not have its default: `--port`, `PORT`, `root`. For messages. */
      readonly sources: ReadonlyMap<keyof Settings, string>;
      /** Sites of their own for some hosts. */
      readonly hosts: readonly HostSite[];
      /** The configuration file that was read. */
      readonly file?: ConfigFile;
    }
  /** `isWhole`: with the flags that are seldom wanted. */
  | { readonly kind: 'help'; readonly isWhole: boolean }
  | { readonly kind: 'version' }
  /** It cannot be understood; one line says which word, what is wanted and the nearest known one. */
  | { readonly kind: 'fault'; readonly message: string };

/**
 * What `loadSettings` answers once the configuration file is read, if there is one: that costs a few looks at the disk
 * where there is none. `plinth` is what a program in it imports from us.
 */
export async function loadCommand(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
  plinth: () => Promise<object>,
): Promise<Command> {
  const command = loadSettings(argv, env, isTerminal);
  if (command.kind !== 'run') return command;
  const { settings, sources } = command;
  const config = findConfig(settings.config, sources.has('root') ? settings.root : undefined);
  if (config.kind === 'none') return command;
  if (config.kind === 'fault') return config;
  const { formatFault, readConfigFile } = await import('./file.ts');
  const reading = await readConfigFile(config.path, plinth);
  if (reading.kind === 'fault') return reading;
  const [fault] = reading.file.faults;
  return fault === undefined
    ? loadSettings(argv, env, isTerminal, reading.file)
    : { kind: 'fault', message: formatFault(fault) };
}

/**
 * Reads `plinth [root] [port] [flags]`: flags and arguments over the environment over a configuration file over the
 * defaults; of limits, mounts and passwords a flag replaces only what it names. `argv` is without the program; an empty variable counts as unset. Without `--log`, a terminal gets the
 * human format and anything else the combined one.
 */
export function loadSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
  file?: ConfigFile,
): Command {
  try {
    const places: string[] = [];
    const flags = new Map<keyof Settings, Given>();
    for (const word of wordsOf(argv)) {
      if (word.kind === 'help' || word.kind === 'version') return word;
      if (word.kind === 'place') places.push(word.text);
      else flags.set(word.setting, joined(word.setting, flags.get(word.setting), word));
    }
    const given = new Map([
      ...(file?.given ?? []),
      ...fromEnvironment(env),
      ...fromPlaces(places, flags.get('port')),
      ...joining(flags, file),
    ]);
    const settled = settle(given);
    const settings = given.has('log')
      ? settled
      : { ...settled, log: isTerminal ? ('human' as const) : ('combined' as const) };
    const hosts = settleHosts(file?.hosts ?? [], given);
    return { kind: 'run', settings, sources: sourcesOf(given), hosts, ...(file !== undefined && { file }) };
  } catch (error) {
    if (error instanceof OptionError) return { kind: 'fault', message: error.message };
    throw error;
  }
}

/** A later value replaces an earlier one, or joins it where an option may be repeated. */
function joined(setting: keyof Settings, earlier: Given | undefined, { value, source }: Given): Given {
  if (options[setting].repeats !== true) return { value, source };
  return { value: [...((earlier?.value as readonly unknown[] | undefined) ?? []), value], source };
}

/** Flags with what a file says of the same, where that is joined. */
function joining(
  flags: ReadonlyMap<keyof Settings, Given>,
  file: ConfigFile | undefined,
): Map<keyof Settings, Given> {
  const over = ([setting, given]: readonly [keyof Settings, Given]): [keyof Settings, Given] => {
    const under = options[setting].joins ? file?.given.get(setting) : undefined;
    return [setting, under === undefined ? given : { ...given, under }];
  };
  return new Map([...flags].map(over));
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Map<keyof Settings, Given> {
  const given = new Map<keyof Settings, Given>();
  for (const setting of settingNames) {
    const source = options[setting].environment.find(name => (env[name] ?? '') !== '');
    if (source !== undefined) given.set(setting, { value: env[source], source });
  }
  return given;
}

/** The root and the port by their places; a port that a flag gives as well is a contradiction. */
function fromPlaces(places: readonly string[], portFlag: Given | undefined): Map<keyof Settings, Given> {
  const [first, second, third] = places;
  if (third !== undefined) {
    throw new OptionError(`unexpected argument ${found(third)}; wanted at most a root and a port`);
  }
  const given = new Map<keyof Settings, Given>();
  const isPortAlone = second === undefined && first !== undefined && /^\d+$/.test(first);
  const root = isPortAlone ? undefined : first;
  const port = isPortAlone ? first : second;
  if (root !== undefined) given.set('root', { value: root, source: 'root' });
  if (port === undefined) return given;
  if (portFlag !== undefined) {
    throw new OptionError(
      `port: found ${found(port)} and ${portFlag.source} ${portFlag.value}, wanted one of them`,
    );
  }
  return given.set('port', { value: port, source: 'port' });
}
