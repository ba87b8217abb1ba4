import { parseAuthority } from './authority.ts';
import { type Violation, violation } from './message.ts';

/** A request target, parsed and decoded once; every guard and every look-up reads this value. RFC 9112 §3.2. */
export type Target =
  /** `OPTIONS *`: the server as a whole. */
  | { readonly kind: 'asterisk' }
  /** `CONNECT host:port`. */
  | { readonly kind: 'authority' }
  | PathTarget;

/** The path and query of an origin-form or absolute-form target. */
export interface PathTarget {
  readonly kind: 'path';
  /**
   * The path's segments, percent-decoded as UTF-8, dot segments resolved, runs of slashes collapsed.
   * None is empty, `.` or `..`, none contains `/` or NUL.
   */
  readonly segments: readonly string[];
  /** Whether the path ends in a slash (or a dot segment), so that it names a folder. */
  readonly endsInSlash: boolean;
  /** The query with its `?`, as it was sent; empty when there is none. */
  readonly query: string;
  /** Whether the path had a run of slashes: the canonical path is then another one. */
  readonly hadSlashRun: boolean;
}

/** What the system that names are looked up on adds to the rules. */
export interface TargetRules {
  /** Refuse the names that Windows reads as something else: separators, drives, streams, devices, short names. */
  readonly windows: boolean;
  /** Whether the connection is secured: only then is a request for an https URI its server's to answer. */
  readonly secure: boolean;
}

/** The path that leads to these segments, canonical and without a query. */
export function pathTo(segments: readonly string[], endsInSlash: boolean): PathTarget {
  return { kind: 'path', segments, endsInSlash, query: '', hadSlashRun: false };
}

/**
 * Reads a request target. Answers a violation with status 400 when its form does not go with the method, when
 * it has octets other than visible ASCII, a fragment, a raw `\` in its path, an escape that is malformed, not
 * UTF-8, a NUL or a slash, or when it leads above the root. RFC 9112 §3.2, RFC 3986 §5.2.4. With status 421 when
 * it is an https URI and the connection is not secured.
 * The authority of an absolute-form is skipped: `absoluteAuthority` hands it out.
 */
export function parseTarget(method: string, raw: string, rules: TargetRules): Target | Violation {
  if (!visibleAscii.test(raw)) return refused('the target has octets other than visible ASCII');
  if (raw.includes('#')) return refused('the target has a fragment');
  if (method === 'CONNECT') return parseAuthorityForm(raw);
  if (raw === '*') {
    return method === 'OPTIONS' ? { kind: 'asterisk' } : refused('the target * goes with OPTIONS only');
  }
  if (raw.startsWith('/')) return parsePath(raw, rules);

  const authority = absoluteAuthority(raw);
  if (authority === undefined) return refused('the target is neither a path nor an http URI');
  if (authority === '') return refused('the target names no host');
  // RFC 9110 §7.4: what was asked for under https must not be answered in the clear.
  if (!rules.secure && /^https/i.test(raw))
    return violation(421, 'an https resource was asked for without TLS');
  const path = raw.slice(raw.indexOf('://') + 3 + authority.length);
  return parsePath(path.startsWith('/') ? path : `/${path}`, rules);
}

/**
 * The authority of a target in absolute-form, as it was sent and unchecked; it outranks the Host field.
 * Undefined for every other form. RFC 9112 §3.2.2.
 */
export function absoluteAuthority(raw: string): string | undefined {
  return absoluteForm.exec(raw)?.groups?.authority;
}

/**
 * The one path that names these segments: it begins with exactly one `/` and is visible ASCII, whatever the
 * segments hold, and `parseTarget` reads the same segments from it. Safe in a Location field, in which `//host`
 * would lead elsewhere (CVE-2021-28861). Empty segments are left out.
 */
export function formatPath(segments: readonly string[], endsInSlash: boolean): string {
  const names = segments.filter(segment => segment !== '');
  const path = `/${names.map(formatSegment).join('/')}`;
  return endsInSlash && names.length > 0 ? `${path}/` : path;
}

/**
 * One name, percent-encoded as UTF-8 so that it is one segment wherever it stands: also first in a relative
 * reference, where a raw `:` would make it a scheme. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.
 */
export function formatSegment(name: string): string {
  if (plainName.test(name)) return name;
  // encodeURIComponent leaves ' ( ) as they are; the first one ends an attribute in careless HTML.
  return encodeURIComponent(name.replace(loneSurrogates, '\ufffd')).replaceAll("'", '%27');
}

const visibleAscii = /^[\x21-\x7e]+$/;
const absoluteForm = /^https?:\/\/(?<authority>[^/?#]*)/i;
const plainName = /^[\w.~-]*$/;
const loneSurrogates = /\p{Surrogate}/gu;

function refused(why: string): Violation {
  return violation(400, why);
}

/** CONNECT names a host and a port and nothing else. RFC 9112 §3.2.3. */
function parseAuthorityForm(raw: string): Target | Violation {
  const authority = parseAuthority(raw);
  const isComplete = authority !== undefined && authority.host !== '' && authority.port !== undefined;
  return isComplete ? { kind: 'authority' } : refused('the target of CONNECT must be a host and a port');
}

function parsePath(raw: string, rules: TargetRules): PathTarget | Violation {
  const queryAt = raw.indexOf('?');
  const rawPath = queryAt < 0 ? raw : raw.slice(0, queryAt);
  // Browsers read `\` as `/` and never send it raw in a path; in a query they do.
  if (rawPath.includes('\\')) return refused('the path has a raw backslash');

  const path = rawPath.includes('%') ? decodePath(rawPath) : rawPath;
  if (typeof path !== 'string') return path;
  if (rules.windows && path.includes('\\')) return refused('the path has an encoded backslash');

  const segments = resolveSegments(path);
  if (segments === undefined) return refused('the path leads above the root');
  if (rules.windows && segments.some(isWindowsName))
    return refused('the path has a name that Windows reads otherwise');
  return {
    kind: 'path',
    segments,
    endsInSlash: endsInFolder.test(path),
    query: queryAt < 0 ? '' : raw.slice(queryAt),
    hadSlashRun: rawPath.includes('//'),
  };
}

/** Decodes exactly once: `%2565` is the name `%65`, not `e`. */
function decodePath(raw: string): string | Violation {
  if (encodedNul.test(raw)) return refused('the path has an encoded NUL');
  if (encodedSlash.test(raw)) return refused('the path has an encoded slash');
  try {
    return decodeURIComponent(raw);
  } catch {
    // It throws for escapes that are cut short or not hexadecimal, for overlong forms and for surrogates.
    return refused('the path has an escape that is malformed or not UTF-8');
  }
}

const encodedNul = /%00/;
const encodedSlash = /%2f/i;
const endsInFolder = /\/\.{0,2}$/;

/**
 * The names that a decoded path walks through; undefined when it climbs above the root.
 * Runs of slashes collapse before dot segments are resolved, so `/a//../b` is `/b`: as file systems read it,
 * and the reading that meets the root soonest. RFC 3986 alone would say `/a/b`; a path with a run is never
 * served under either reading, since it is first redirected to the canonical one.
 */
function resolveSegments(path: string): readonly string[] | undefined {
  const segments: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') segments.push(part);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments;
}

/**
 * Whether Windows would look up something other than this name: a drive or a stream (`:`), a wildcard, a short
 * name such as `SECRET~1`, a name whose trailing dots or spaces it drops, or a device, with or without an extension.
 */
function isWindowsName(name: string): boolean {
  return windowsCharacters.test(name) || windowsDevice.test(name);
}

const windowsCharacters = /[\x01-\x1f:<>"|?*]|~\d|[. ]$/;
const windowsDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\xb9\xb2\xb3]) *(?:\.|$)/i;
