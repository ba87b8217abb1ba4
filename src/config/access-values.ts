/** How the options about who may see what are read. `values.ts` has the plain kinds of values. */
import { ipVersion } from '../http/authority.ts';
import { hostNameWanted, isHostName } from '../http/host-names.ts';
import { found } from '../rules/found.ts';
import { noSuchKey } from './shape.ts';
import type { Reading } from './values.ts';

/** A place that wants a name and a password, and the file that has them. */
export interface Guarded {
  /** An absolute path of the site; everything at and below it is guarded. `/` is the whole site. */
  readonly path: string;
  /** A file as `htpasswd` writes it, as it was given. */
  readonly file: string;
}

/** Which pages of other origins may read the site. */
export interface CorsSettings {
  readonly origins: '*' | readonly string[];
  readonly credentials: boolean;
  readonly requestFields: readonly string[];
}

/** Hosts that may be asked for: names, `*.example.com`, IP addresses; in texts separated by commas. */
export function readHostNames(value: unknown): Reading<readonly string[]> {
  return readList(value, hostNameWanted, text => (isHostName(text) ? text : undefined));
}

/** Ranges of addresses: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`, `unix`; in texts separated by commas. */
export function readRanges(value: unknown): Reading<readonly string[]> {
  return readList(value, 'an address, a range such as 10.0.0.0/8 or 2001:db8::/32, or unix', text => {
    const [, address = '', bits = '0'] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const version = ipVersion(address);
    const isRange = version !== undefined && Number(bits) <= (version === 4 ? 32 : 128);
    return isRange || text === 'unix' ? text : undefined;
  });
}

/**
 * One file or several: `users`, `/admin=admins` for a place, `{ path, file }`. No two for the same place, and no page
 * of a folder in place of the folder, which would show it all the same. Those `below` it stay, unless their place has another one.
 */
export function readGuarded(value: unknown, below: readonly Guarded[] = []): Reading<readonly Guarded[]> {
  const guarded: Guarded[] = [];
  for (const one of Array.isArray(value) ? value : [value]) {
    const read = guardedObject(typeof one === 'string' ? splitGuarded(one) : one);
    if (typeof read === 'string')
      return under(read, { kind: 'fault', why: noSuchKey(read, ['path', 'file']) });
    if (read === undefined) return fault(one, 'a file, or /path=file');
    if (/(^|\/)index\.html?$/i.test(read.path))
      return fault(read.path, 'the folder in place of its index page');
    if (guarded.some(({ path }) => path === read.path)) return fault(read.path, 'one file for each path');
    guarded.push(read);
  }
  const others = below.filter(({ path }) => !guarded.some(own => own.path === path));
  return { kind: 'read', value: [...others, ...guarded] };
}

/** An absolute path to the left of the first `=`, when there is one; else the whole is a file for all of the site. */
export function splitGuarded(text: string): Guarded {
  const cut = text.startsWith('/') ? text.indexOf('=') : -1;
  return cut < 0 ? { path: '/', file: text } : { path: text.slice(0, cut), file: text.slice(cut + 1) };
}

/** `*`, origins separated by commas, an array of them, or `{ origins, credentials, requestFields }`. */
export function readCors(value: unknown): Reading<CorsSettings> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return readCors({ origins: value });
  const {
    origins,
    credentials = false,
    requestFields = [],
    ...others
  } = value as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  const known = ['origins', 'credentials', 'requestFields'];
  if (other !== undefined) return under(other, { kind: 'fault', why: noSuchKey(other, known) });
  if (typeof credentials !== 'boolean') return under('credentials', fault(credentials, 'true or false'));
  const fields = readList(
    requestFields,
    'a field name',
    text => (/^[\w-]+$/.test(text) ? text : undefined),
    0,
  );
  if (fields.kind === 'fault') return under('requestFields', fields);
  const read = readList(origins, originWanted, text => (text === '*' ? text : originOf(text)));
  if (read.kind === 'fault') return read;
  const isAny = read.value.includes('*');
  if (isAny && read.value.length > 1) return fault('*', 'either this alone or origins');
  // Any page can have the origin null: it shows itself in a sandboxed frame.
  const everyones = credentials ? read.value.find(origin => origin === '*' || origin === 'null') : undefined;
  if (everyones !== undefined)
    return fault(everyones, 'named origins, as credentials are not for every page');
  return {
    kind: 'read',
    value: { origins: isAny ? '*' : read.value, credentials, requestFields: fields.value },
  };
}

const originWanted = '* or an origin such as https://app.example:8443';

type Fault = Extract<Reading<never>, { kind: 'fault' }>;

function fault(value: unknown, wanted: string): Fault {
  return { kind: 'fault', why: `found ${found(value)}, wanted ${wanted}` };
}

function under(key: string, { why }: Fault): Fault {
  return { kind: 'fault', why: `${key}: ${why}` };
}

/** Each text, and each member of an array, is a list separated by commas; repetitions count once. */
function readList(
  value: unknown,
  wanted: string,
  readOne: (text: string) => string | undefined,
  countMin = 1,
): Reading<readonly string[]> {
  const read = new Set<string>();
  for (const one of Array.isArray(value) ? value : [value]) {
    if (typeof one !== 'string') return fault(one, wanted);
    for (const text of one.split(',')) {
      const result = readOne(text.trim());
      if (result === undefined) return fault(text.trim(), wanted);
      read.add(result);
    }
  }
  return read.size < countMin ? fault(value, wanted) : { kind: 'read', value: [...read] };
}

/** Or the key that it should not have. */
function guardedObject(value: unknown): Guarded | string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { path = '/', file, ...others } = value as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  if (other !== undefined) return other;
  return typeof path === 'string' && typeof file === 'string' ? guardedPlace(path, file) : undefined;
}

/** Without a final slash, which makes no difference to what is guarded. */
function guardedPlace(path: string, file: string): Guarded | undefined {
  const isPath = path.startsWith('/') && !/[\0\\?#*]|\/\.{0,2}\//.test(path) && !/\/\.{1,2}$/.test(path);
  if (!isPath || file === '' || file.includes('\0')) return undefined;
  return { path: path === '/' ? path : path.replace(/\/$/, ''), file };
}

/** An origin as a browser writes it: no path, no default port, lower case. */
function originOf(text: string): string | undefined {
  if (text === 'null') return text;
  const bare = text.replace(/\/$/, '').toLowerCase();
  if (!/^[a-z][a-z\d+.-]*:\/\/[^/?#@\s]+$/.test(bare) || !URL.canParse(bare)) return undefined;
  const { origin } = new URL(bare);
  // Schemes that the URL standard does not know have an opaque origin there; apps send them as they stand.
  return origin === 'null' ? bare : origin;
}
