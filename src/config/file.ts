import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { firstLine, found } from '../rules/found.ts';
import { formatSource, noRules, type RuleFault, type RuleSet } from '../rules/rules.ts';
import { readGuarded, splitGuarded } from './access-values.ts';
import { shortPath } from './find.ts';
import { type GivenHost, readHosts } from './host-sites.ts';
import { readMounts } from './mount-values.ts';
import { type Given, namesByKey, options, type Settings, unknownKey } from './options.ts';
import { runConfig } from './program.ts';
import { type Locate, readSiteRules } from './rules.ts';
import { readFiles } from './tls-options.ts';
import { readHosts as readAddresses, readFile as readFileName, readFolder } from './values.ts';

/** What a configuration file says. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** What it gives for settings, each with where it says so. Folders and files are resolved against its own folder. */
  readonly given: ReadonlyMap<keyof Settings, Given>;
  /** Functions of its own, by key. */
  readonly parts: Readonly<Record<string, unknown>>;
  readonly rules: RuleSet;
  /** Sites of their own for some hosts. */
  readonly hosts: readonly GivenHost[];
  /** Keys that nobody knows, functions that are none, and what is wrong with the rules. */
  readonly faults: readonly RuleFault[];
}

/** A configuration file, or in one line why it cannot be had. */
export type ConfigReading =
  | { readonly kind: 'read'; readonly file: ConfigFile }
  | { readonly kind: 'fault'; readonly message: string };

/**
 * Reads a configuration file: JSON, or a program whose default export is an object, a function that gives one, or
 * the promise of either. `plinth` is what such a program imports from us. The values of settings are not checked yet.
 */
export async function readConfigFile(path: string, plinth: () => Promise<object>): Promise<ConfigReading> {
  const name = firstLine(shortPath(path));
  if (extname(path) !== '.json') {
    const exported = await runConfig(path, plinth);
    return exported.kind === 'fault' ? exported : sorted(path, exported.value, () => ({ file: name }));
  }
  const text = await readFile(path, 'utf8').catch((error: Error) => error);
  if (typeof text !== 'string') return { kind: 'fault', message: `${name}: ${firstLine(text.message)}` };
  const { readJson } = await import('./json.ts');
  const json = readJson(text);
  if (json.kind === 'fault')
    return { kind: 'fault', message: `${name}:${json.line}: ${firstLine(json.why)}` };
  return sorted(path, json.value, keys => ({ file: name, line: json.lineOf(keys) }));
}

/** A fault in one line. */
export function formatFault({ source, why }: RuleFault): string {
  return firstLine(`${formatSource(source)}: ${why}`);
}

/** The settings that a file may give, by their keys. */
export const fileSettings: ReadonlyMap<string, keyof Settings> = namesByKey(
  name => options[name].isForFlagsOnly !== true,
);

/** Keys of a configuration file that are no settings: functions of one's own. */
const partKeys: readonly string[] = ['gates', 'rewrites', 'finishers', 'observers'];

/** Sorts what a file says into settings, parts and what nobody knows. */
function sorted(path: string, value: unknown, locate: Locate): ConfigReading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const why = `found ${found(value)}, wanted an object of options`;
    return { kind: 'fault', message: formatFault({ source: locate([]), why }) };
  }
  const given = new Map<keyof Settings, Given>();
  const parts: Record<string, unknown> = {};
  const faults: RuleFault[] = [];
  let rules = noRules;
  let hosts: readonly GivenHost[] = [];
  for (const [key, one] of Object.entries(value)) {
    const setting = fileSettings.get(key);
    const source = { ...locate([key]), key };
    if (one === undefined || key === '$schema') continue;
    if (setting !== undefined) {
      given.set(setting, { value: resolved(setting, one, path), source: formatSource(source) });
    } else if (key === 'rules') {
      const reading = readSiteRules(one, locate);
      rules = reading.rules;
      faults.push(...reading.faults);
    } else if (key === 'hosts') {
      const reading = readHosts(one, {
        locate,
        resolved: (name, place) => resolved(name, place, path),
      });
      hosts = reading.hosts;
      faults.push(...reading.faults);
    } else if (partKeys.includes(key)) {
      if (areFunctions(one)) parts[key] = one;
      else faults.push({ source, why: `found ${found(one)}, wanted an array of functions` });
    } else {
      const why = unknownKey(key, [...fileSettings.keys(), ...partKeys, 'rules', 'hosts']);
      faults.push({ source: locate([key]), why });
    }
  }
  return { kind: 'read', file: { path, given, parts, rules, hosts, faults } };
}

function areFunctions(value: unknown): boolean {
  return Array.isArray(value) && value.every(one => typeof one === 'function');
}

/** A folder, a file or a socket that a configuration names lies where the configuration says, wherever the command is started. */
function resolved(setting: keyof Settings, value: unknown, path: string): unknown {
  const { read } = options[setting];
  const place = (folder: string): string => resolve(dirname(path), folder);
  if ((read as unknown) === readGuarded) {
    return [value].flat().map((one: unknown) => {
      const guarded = typeof one === 'string' ? splitGuarded(one) : Object(one);
      const isFile = typeof guarded.file === 'string' && guarded.file !== '';
      return isFile ? { ...guarded, file: place(guarded.file) } : one;
    });
  }
  if ((read as unknown) === readAddresses) {
    const located = (one: unknown): unknown => {
      const socket = typeof one === 'string' ? /^unix:(.+)$/s.exec(one)?.[1] : undefined;
      return socket === undefined ? one : `unix:${place(socket)}`;
    };
    return Array.isArray(value) ? value.map(located) : located(value);
  }
  if ((read as unknown) === readMounts && typeof value === 'object' && !Array.isArray(value)) {
    const folders = Object.entries(Object(value) as Record<string, unknown>);
    return Object.fromEntries(
      folders.map(([at, one]) => [at, typeof one === 'string' && one !== '' ? place(one) : one]),
    );
  }
  if ((read as unknown) === readFiles && Array.isArray(value))
    return value.map((one: unknown) => (typeof one === 'string' && one !== '' ? place(one) : one));
  const isPath =
    (read as unknown) === readFiles || (read as unknown) === readFolder || (read as unknown) === readFileName;
  return isPath && typeof value === 'string' && value !== '' ? place(value) : value;
}
