import { defaultLimits, type Limits } from '../http/limits.ts';
import { found } from '../rules/found.ts';
import { hint } from '../rules/nearest.ts';

/** What becomes of the access log. */
export type LogFormat = 'human' | 'combined' | 'json' | 'off';

/** A value that could be read, or why not: what was found and what is wanted, without the option's name. */
export type Reading<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'fault'; readonly why: string };

/** A folder's path: any text that is not empty and has no NUL. Whether it is there is for the server to see. */
export function readFolder(value: unknown): Reading<string> {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) return fault(value, 'a folder');
  return read(value);
}

/** A file's path: any text that is not empty and has no NUL. Whether it is there is for its reader to see. */
export function readFile(value: unknown): Reading<string> {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) return fault(value, 'a file');
  return read(value);
}

/** A TCP port, as a number or in digits; 0 is any free one. */
export function readPort(value: unknown): Reading<number> {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return isWhole(port, 0, 65_535) ? read(port) : fault(value, 'a port, a whole number from 0 to 65535');
}

/**
 * One host or an array of them: IPv4 and IPv6 addresses (with or without brackets), names, `localhost`,
 * `*` for every address, `unix:/path`. Repetitions count once.
 */
export function readHosts(value: unknown): Reading<readonly string[]> {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (given.length === 0) return fault(value, hostWanted);
  const hosts = new Set<string>();
  for (const one of given) {
    const host = typeof one === 'string' ? oneHost(one) : undefined;
    if (host === undefined) return fault(one, hostWanted);
    hosts.add(host);
  }
  return read([...hosts]);
}

/** One beginning of names or an array of them. An empty one would mean every variable, passwords too. */
export function readPrefixes(value: unknown): Reading<readonly string[]> {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  const prefixes = given.filter(one => typeof one === 'string' && /^[A-Za-z]\w*$/.test(one));
  if (prefixes.length < given.length)
    return fault(
      given.find(one => !prefixes.includes(one)),
      'the beginning of names, such as PUBLIC_',
    );
  return read([...new Set(prefixes.map(String))]);
}

/** Yes or no: a boolean, or the words that people write in an environment. */
export function readSwitch(value: unknown): Reading<boolean> {
  if (typeof value === 'boolean') return read(value);
  if (value === 'true' || value === '1') return read(true);
  if (value === 'false' || value === '0') return read(false);
  return fault(value, 'true or false');
}

/** The name of a log format. */
export function readLogFormat(value: unknown): Reading<LogFormat> {
  const format = logFormats.find(known => known === value);
  return format === undefined ? fault(value, 'human, combined, json or off') : read(format);
}

/** Milliseconds: a number of them, or a text such as `10s`, `500ms` or `10`, which are seconds. */
export function readTime(value: unknown): Reading<number> {
  const milliseconds = typeof value === 'string' ? scaled(value, durationUnits, 1000) : value;
  if (isWhole(milliseconds, 0, wholeMax)) return read(milliseconds);
  const wanted = typeof value === 'string' ? 'a time such as 10s or 500ms' : 'a whole number of milliseconds';
  return fault(value, wanted);
}

/** How many processes: a number from 1 to 256, or `auto`. */
export function readWorkers(value: unknown): Reading<number | 'auto'> {
  if (value === 'auto') return read(value);
  const count = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value;
  return isWhole(count, 1, workersMax)
    ? read(count)
    : fault(value, `auto or a number from 1 to ${workersMax}`);
}

/**
 * An object with some keys of Limits, or texts such as `headTimeoutMs=5s` and `fieldSectionBytesMax=32k`; a
 * plain number has the unit that the name says. What is not named stays as it is `under` it.
 */
export function readLimits(value: unknown, under: Limits = defaultLimits): Reading<Limits> {
  const limits: Record<keyof Limits, number> = { ...under };
  if (!isRecord(value)) return fault(value, 'an object with names of limits');
  const pairs = Array.isArray(value) ? value.map(nameAndText) : Object.entries(value);
  for (const [name, limit] of pairs) {
    if (name === '') return fault(limit, 'name=value, such as headTimeoutMs=5s');
    if (!isLimitName(name)) return { kind: 'fault', why: unknownLimit(name) };
    if (limit === undefined) continue;
    const number = typeof limit === 'string' ? scaled(limit, limitUnits(name), 1) : limit;
    const least = leastOfLimit(name);
    if (!isWhole(number, least, wholeMax)) {
      return {
        kind: 'fault',
        why: `${name}: ${whyNot(limit, `a whole number from ${least} to ${wholeMax}${unitsInWords(name)}`)}`,
      };
    }
    limits[name] = number;
  }
  return read(limits);
}

/** The formats of the log, in the order in which messages name them. */
export const logFormats: readonly LogFormat[] = ['human', 'combined', 'json', 'off'];

/** How many processes may serve. */
export const workersMax: number = 256;

/** The largest whole number of an option: a timer of Node.js that waits for longer, in milliseconds, fires at once. */
export const wholeMax: number = 2_147_483_647;

/** The least value of a limit; 0 where that means something, as any other would stop the server from serving at all. */
export function leastOfLimit(name: keyof Limits): 0 | 1 {
  return mayBeZero.has(name) ? 0 : 1;
}

/** The units that a limit may be given in, each with its factor. */
export function limitUnits(name: string): Readonly<Record<string, number>> {
  if (name.endsWith('Ms')) return durationUnits;
  return name.includes('Bytes') ? sizeUnits : noUnits;
}

function unitsInWords(name: string): string {
  const units = Object.keys(limitUnits(name));
  return units.length === 0 ? '' : `, or a text with a unit (${units.join(', ')})`;
}

const hostWanted = 'an address, a name, localhost, * or unix:/path';
const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000 };
const sizeUnits: Readonly<Record<string, number>> = { k: 1024, m: 1024 * 1024 };
const noUnits: Readonly<Record<string, number>> = {};
/** Limits for which 0 means something; any other would stop the server from serving at all. */
const mayBeZero: ReadonlySet<keyof Limits> = new Set<keyof Limits>([
  'emptyLinesMax',
  'drainedContentBytesMax',
  'lingerTimeoutMs',
  'lingerBytesMax',
  'connectionsMax',
  'openFilesMax',
  'openWaitTimeoutMs',
  'cacheBytesMax',
  'cachedContentBytesMax',
]);

function read<Value>(value: Value): Reading<Value> {
  return { kind: 'read', value };
}

function fault(value: unknown, wanted: string): { readonly kind: 'fault'; readonly why: string } {
  return { kind: 'fault', why: whyNot(value, wanted) };
}

function whyNot(value: unknown, wanted: string): string {
  return `found ${found(value)}, wanted ${wanted}`;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

/** The number in a text with an optional unit; undefined when the text is none. */
function scaled(
  text: string,
  units: Readonly<Record<string, number>>,
  plainFactor: number,
): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,10})([a-z]*)$/.exec(text) ?? [];
  const factor = unit === '' ? plainFactor : Object.hasOwn(units, unit) ? units[unit] : undefined;
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

function oneHost(text: string): string | undefined {
  if (text === '*') return text;
  if (text.startsWith('unix:')) return text.length > 5 && !text.includes('\0') ? text : undefined;
  const bare = /^\[(.+:.*)\]$/.exec(text)?.[1] ?? text;
  if (bare.includes(':')) return /^[\da-f]*:[\da-f:.]*(%[\w.-]+)?$/i.test(bare) ? bare : undefined;
  // What looks like an IPv4 address has to be one: the resolver would read 127.1 or 256.1.1.1 in its own way.
  if (/^[\d.]+$/.test(bare))
    return /^(\d{1,3})(\.\d{1,3}){3}$/.test(bare) && bare.split('.').every(isOctet) ? bare : undefined;
  return /^[\w-]+(\.[\w-]+)*\.?$/.test(bare) && bare.length <= 253 ? bare.toLowerCase() : undefined;
}

function isOctet(digits: string): boolean {
  return Number(digits) <= 255;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The two sides of the first `=`; an empty name and the whole when there is none. */
function nameAndText(pair: unknown): readonly [string, unknown] {
  if (typeof pair !== 'string') return ['', pair];
  const cut = pair.indexOf('=');
  return cut > 0 ? [pair.slice(0, cut), pair.slice(cut + 1)] : ['', pair];
}

function isLimitName(name: string): name is keyof Limits {
  return Object.hasOwn(defaultLimits, name);
}

function unknownLimit(name: string): string {
  const known = Object.keys(defaultLimits);
  return `no limit is called ${found(name)}; ${hint(name, known)}`;
}
