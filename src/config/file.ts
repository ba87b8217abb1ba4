import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { shortPath } from './find.ts';
import { type Given, namesByKey, options, type Settings, unknownKey } from './options.ts';
import { runConfig } from './program.ts';
import { firstLine, found, readFile as readFileName, readFolder } from './values.ts';

/** What a configuration file says. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** What it gives for settings, each with where it says so. Folders and files are resolved against its own folder. */
  readonly given: ReadonlyMap<keyof Settings, Given>;
  /** What it gives that is no setting: features of its own and rules, by key. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** Keys that nobody knows, in a line each. */
  readonly faults: readonly string[];
  /** Where something stands in it, for a message: `plinth.config.json:3`; the file alone where lines are unknown. */
  readonly place: (keys: KeyPath) => string;
}

/** The way to a value: `['rules', 'redirects', 0, 'from']`. */
export type KeyPath = readonly (string | number)[];

/** A configuration file, or in one line why it cannot be had. */
export type ConfigReading =
  | { readonly kind: 'read'; readonly file: ConfigFile }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * Reads a configuration file: JSON, or a program whose default export is an object, a function that gives one, or
 * the promise of either. `plinth` is what such a program imports from us. No value is checked yet.
 */
export async function readConfigFile(path: string, plinth: () => Promise<object>): Promise<ConfigReading> {
  const name = firstLine(shortPath(path));
  if (extname(path) !== '.json') {
    const exported = await runConfig(path, plinth);
    return exported.kind === 'fault' ? exported : sorted(path, exported.value, () => name);
  }
  const text = await readFile(path, 'utf8').catch((error: Error) => error);
  if (typeof text !== 'string') return { kind: 'fault', message: `${name}: ${firstLine(text.message)}` };
  const { readJson } = await import('./json.ts');
  const json = readJson(text);
  if (json.kind === 'fault')
    return { kind: 'fault', message: `${name}:${json.line}: ${firstLine(json.why)}` };
  return sorted(path, json.value, keys => `${name}:${json.lineOf(keys)}`);
}

/** The settings that a file may give, by their keys. */
export const fileSettings: ReadonlyMap<string, keyof Settings> = namesByKey(
  name => options[name].isForFlagsOnly !== true,
);

/** Keys of a configuration file that are no settings: functions of one's own. */
const partKeys: readonly string[] = ['gates', 'rewrites', 'finishers', 'observers'];

/** Sorts what a file says into settings, parts and what nobody knows. */
function sorted(path: string, value: unknown, place: ConfigFile['place']): ConfigReading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'fault', message: `${place([])}: found ${found(value)}, wanted an object of options` };
  }
  const given = new Map<keyof Settings, Given>();
  const parts: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [key, one] of Object.entries(value)) {
    const setting = fileSettings.get(key);
    if (one === undefined || key === '$schema') continue;
    if (setting !== undefined) {
      given.set(setting, { value: resolved(setting, one, path), source: `${place([key])}: ${key}` });
    } else if (partKeys.includes(key)) {
      if (areFunctions(one)) parts[key] = one;
      else faults.push(`${place([key])}: ${key}: found ${found(one)}, wanted an array of functions`);
    } else faults.push(`${place([key])}: ${unknownKey(key, [...fileSettings.keys(), ...partKeys])}`);
  }
  return { kind: 'read', file: { path, given, parts, faults, place } };
}

function areFunctions(value: unknown): boolean {
  return Array.isArray(value) && value.every(one => typeof one === 'function');
}

/** A folder or a file that a configuration names lies where the configuration says, wherever the command is started. */
function resolved(setting: keyof Settings, value: unknown, path: string): unknown {
  const { read } = options[setting];
  const isPath = (read as unknown) === readFolder || (read as unknown) === readFileName;
  return isPath && typeof value === 'string' && value !== '' ? resolve(dirname(path), value) : value;
}
