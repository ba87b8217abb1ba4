import { hostNameWanted, isHostName, isSameHost } from '../http/host-names.ts';
import { found } from '../rules/found.ts';
import { formatSource, noRules, type RuleFault, type RuleSet } from '../rules/rules.ts';
import { type Given, namesByKey, options, type Settings, settle, sourcesOf, unknownKey } from './options.ts';
import { type Locate, readSiteRules } from './rules.ts';
import { formatKeys, isObject } from './shape.ts';

/** A site of its own for some hosts, as it was given: its values are not checked yet. */
export interface GivenHost {
  /** `example.com`, `*.example.org`. */
  readonly names: readonly string[];
  readonly given: ReadonlyMap<keyof Settings, Given>;
  readonly rules: RuleSet;
}

/** A site of its own for some hosts. */
export interface HostSite {
  readonly names: readonly string[];
  readonly settings: Settings;
  /** What gave each setting that does not have its default. For messages. */
  readonly sources: ReadonlyMap<keyof Settings, string>;
  readonly rules: RuleSet;
}

/** What a host does not take over from the site that all other hosts get: it is about other files. */
const ownSettings = ['root', 'mounts', 'base', 'spa'] as const satisfies readonly (keyof Settings)[];

/** What may be said for a host; the rest is the server's. */
const hostSettings: readonly (keyof Settings)[] = [
  ...ownSettings,
  'listing',
  'cleanUrls',
  'cache',
  'variants',
  'languages',
  'dialect',
  'dotfiles',
  'followSymlinks',
  'compress',
  'env',
  'auth',
  'allow',
  'deny',
  'cors',
  'secure',
];

/** The settings of a host, by their keys. */
export const hostKeys: ReadonlyMap<string, keyof Settings> = namesByKey(name => hostSettings.includes(name));

/** What a reader of hosts needs to know of where they stand. */
export interface HostsPlace {
  readonly locate: Locate;
  /** A value as it counts wherever it is used: paths are found from where the file lies. */
  readonly resolved: (setting: keyof Settings, value: unknown) => unknown;
}

/**
 * Reads `hosts`: sites by the names of their hosts, several of them with commas between. A name that is none or comes twice,
 * a site without a root, a key that is none or is the server's is a fault with its place, and the others hold.
 */
export function readHosts(
  value: unknown,
  { locate, resolved }: HostsPlace,
): { readonly hosts: readonly GivenHost[]; readonly faults: readonly RuleFault[] } {
  const faults: RuleFault[] = [];
  const fault = (keys: readonly string[], why: string): void =>
    void faults.push({ source: { ...locate(keys), key: formatKeys(keys) }, why });
  const hosts: GivenHost[] = [];
  if (!isObject(value)) fault(['hosts'], `found ${found(value)}, wanted an object of sites by host`);
  for (const [key, site] of isObject(value) ? Object.entries(value) : []) {
    const at = ['hosts', key];
    const names = key.split(',').map(name => name.trim());
    const other = names.find(name => !isHostName(name));
    const known = hosts.flatMap(host => host.names);
    const twice = names.find((name, nth) =>
      [...known, ...names.slice(0, nth)].some(one => isSameHost(one, name)),
    );
    if (other !== undefined) fault(at, `found ${found(other)}, wanted ${hostNameWanted}`);
    else if (twice !== undefined) fault(at, `${twice} has its site already`);
    else if (!isObject(site)) fault(at, `found ${found(site)}, wanted an object of options`);
    else {
      if (site.root === undefined) fault(at, 'found no root, wanted the folder of this host');
      const given = new Map<keyof Settings, Given>();
      let rules = noRules;
      for (const [name, one] of Object.entries(site)) {
        const setting = hostKeys.get(name);
        if (one === undefined) continue;
        if (setting !== undefined) {
          const source = formatSource({ ...locate([...at, name]), key: formatKeys([...at, name]) });
          given.set(setting, { value: resolved(setting, one), source });
        } else if (name === 'rules') {
          const reading = readSiteRules(one, locate, at);
          rules = reading.rules;
          faults.push(...reading.faults);
        } else fault([...at, name], whyNot(name));
      }
      hosts.push({ names, given, rules });
    }
  }
  return { hosts, faults };
}

/**
 * The sites of hosts, each with what it says itself, and for the rest what was given for all. Throws an OptionError for the
 * first value that cannot be read.
 */
export function settleHosts(
  hosts: readonly GivenHost[],
  all: ReadonlyMap<keyof Settings, Given>,
): readonly HostSite[] {
  const shared = [...all].filter(([name]) => !ownSettings.some(own => own === name));
  return hosts.map(({ names, given, rules }) => {
    const own = new Map([...shared, ...given]);
    return { names, settings: settle(own), sources: sourcesOf(own), rules };
  });
}

/** The values of settings that cannot be read, in a line each. */
export function valueFaults(given: ReadonlyMap<keyof Settings, Given>): readonly string[] {
  return [...given].flatMap(([name, { value, source }]) => {
    const reading = options[name].read(value);
    return reading.kind === 'fault' ? [`${source}: ${reading.why}`] : [];
  });
}

function whyNot(key: string): string {
  const isServers = namesByKey(() => true).has(key) || serverKeys.includes(key);
  return isServers
    ? 'it belongs to the whole server, not to one host'
    : unknownKey(key, [...hostKeys.keys(), 'rules']);
}

/** Keys of the whole server that are no settings. */
const serverKeys: readonly string[] = ['hosts', 'store', 'gates', 'rewrites', 'finishers', 'observers'];
