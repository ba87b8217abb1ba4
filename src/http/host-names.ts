import { parseAuthority } from './authority.ts';

/** Hosts, by one way to write each: `example.com`, `*.example.com` for every name below one, `::1`. */
export interface HostNames {
  readonly names: ReadonlySet<string>;
  /** Each begins with a dot. */
  readonly suffixes: readonly string[];
  /** What `:project.pages.dev` stands for; what the names of each stand for is captured. */
  readonly patterns: readonly RegExp[];
}

/** What is wanted where `hostNames` finds something else. */
export const hostNameWanted = 'a host such as example.com, *.example.com or 192.0.2.1, without a port';

/** Whether a text names one host, or with `*.` every name below one: no scheme, no port, no path. */
export function isHostName(text: string): boolean {
  const name = text.startsWith('*.') ? text.slice(2) : text;
  const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  const authority = parseAuthority(bracketed);
  return authority?.port === undefined && /^(\[.*\]|[\w-]+(\.[\w-]+)*\.?)$/.test(authority?.host ?? '');
}

/** Hosts that are named as `isHostName` wants it. */
export function hostNames(texts: readonly string[]): HostNames {
  const names = texts.map(canonical);
  const isSuffix = (name: string): boolean => name.startsWith('*.');
  return {
    names: new Set(names.filter(name => !isSuffix(name))),
    suffixes: names.filter(isSuffix).map(name => name.slice(1)),
    patterns: [],
  };
}

/**
 * Hosts by a text in which `:name` stands for some characters of a label: `:project.pages.dev`. Undefined when there is no
 * name in it, several in one label, one of them twice, or the rest is no host.
 */
export function patternOfHosts(
  text: string,
): { readonly hosts: HostNames; readonly captured: readonly string[] } | undefined {
  // Of several in one label each could take what another leaves: the time to find that none fits would have no bound.
  const labels = text
    .replace(/\.$/, '')
    .split('.')
    .map(label => label.split(/:([A-Za-z]\w*)/));
  const captured = labels.flatMap(([, name]) => name ?? []);
  const isHost = isHostName(
    labels.map(([before, name, after]) => `${before}${name ? 'x' : ''}${after ?? ''}`).join('.'),
  );
  const isClear = labels.every(({ length }) => length < 4) && new Set(captured).size === captured.length;
  if (captured.length === 0 || !isHost || !isClear || text.startsWith('*')) return undefined;
  const source = labels.map(([before = '', name, after = '']) =>
    name === undefined
      ? before.toLowerCase()
      : `${before.toLowerCase()}(?<${name}>[^.]+)${after.toLowerCase()}`,
  );
  return {
    hosts: { names: new Set(), suffixes: [], patterns: [new RegExp(`^${source.join('\\.')}$`)] },
    captured,
  };
}

/** The host of an authority as `holdsHost` wants it, whatever its port; empty when it names none. */
export function hostOf(authority: string | undefined): string {
  return canonical(parseAuthority(authority ?? '')?.host ?? '');
}

/** Whether a host is among these. A name with `*.` does not stand for the name behind it. */
export function holdsHost({ names, suffixes, patterns }: HostNames, host: string): boolean {
  return (
    names.has(host) ||
    suffixes.some(end => host.endsWith(end) && host !== end) ||
    patterns.some(pattern => pattern.test(host))
  );
}

/** What the names in patterns stand for in a host that is among these. */
export function capturedFromHost({ patterns }: HostNames, host: string): ReadonlyMap<string, string> {
  return new Map(patterns.flatMap(pattern => Object.entries(pattern.exec(host)?.groups ?? {})));
}

/**
 * Chooses by the host that is asked for: what stands under its name, else under the longest name with `*.` that holds it.
 */
export function choiceByHost<Value>(
  named: readonly (readonly [names: readonly string[], value: Value])[],
): (authority: string | undefined) => Value | undefined {
  const { chosen } = choosing(named);
  return authority => chosen(hostOf(authority));
}

/**
 * Whether `choiceByHost` may come to a value for a host, or with `*.` for a name below one; undefined stands for the hosts
 * that nothing stands under.
 */
export function mayBeChosen<Value>(
  named: readonly (readonly [names: readonly string[], value: Value])[],
): (name: string, value: Value | undefined) => boolean {
  const { all, chosen } = choosing(named);
  return (name, value) => {
    const host = canonical(name);
    if (!host.startsWith('*.')) return chosen(host) === value;
    const end = host.slice(1);
    // One name below stands for all that nobody has named.
    const below = [end, ...all.map(([one]) => one)].map(one => one.replace(/^\*?\./, 'nobody-named-this.'));
    return below.some(one => one.endsWith(end) && chosen(one) === value);
  };
}

function choosing<Value>(named: readonly (readonly [names: readonly string[], value: Value])[]): {
  readonly all: readonly (readonly [name: string, value: Value])[];
  readonly chosen: (host: string) => Value | undefined;
} {
  const all = named.flatMap(([texts, value]) => texts.map(text => [canonical(text), value] as const));
  const byName = new Map(all);
  const suffixes = all
    .filter(([name]) => name.startsWith('*.'))
    .map(([name, value]) => [name.slice(1), value] as const)
    .sort(([one], [other]) => other.length - one.length);
  const chosen = (host: string): Value | undefined =>
    byName.get(host) ?? suffixes.find(([end]) => host.endsWith(end) && host !== end)?.[1];
  return { all, chosen };
}

/** Whether every host of `some` is among `all` too. */
export function holdsHosts(all: HostNames, some: HostNames): boolean {
  return (
    [...some.names].every(name => holdsHost(all, name)) &&
    some.suffixes.every(end => all.suffixes.some(suffix => end.endsWith(suffix))) &&
    some.patterns.every(({ source }) => all.patterns.some(pattern => pattern.source === source))
  );
}

/** Whether two texts that `isHostName` admits name the same. */
export function isSameHost(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

/** One spelling for each host: lower case, no final dot, an IPv6 address in its shortest form without brackets. */
function canonical(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '');
  const address = /^\[?([^[\]]*:[^[\]]*)\]?$/.exec(name)?.[1];
  if (address === undefined) return name;
  return URL.canParse(`http://[${address}]/`)
    ? new URL(`http://[${address}]/`).hostname.slice(1, -1)
    : address;
}
