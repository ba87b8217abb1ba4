import { parseDate } from './date.ts';
import { matchesStrongly, matchesWeakly, parseEntityTags } from './entity-tag.ts';
import type { Fields } from './fields.ts';

/** What tells one version of a representation from another. RFC 9110 §8.8. */
export interface Validators {
  /** The entity tag as it is sent; undefined when there is none. */
  readonly etag: string | undefined;
  /** Milliseconds since 1970, a whole number of seconds as Last-Modified says them; undefined when unknown. */
  readonly lastModifiedMs: number | undefined;
}

/**
 * What a request's preconditions say of the selected representation, in the order of RFC 9110 §13.2.2:
 * go on, answer 304, or answer 412. To be asked only where the answer would else be a 2xx (§13.2.1).
 * A malformed date is as if it were not sent; a malformed list of entity tags lists nothing, so that If-Match
 * fails (nothing is overwritten by mistake) and If-None-Match lets the whole representation be sent.
 */
export function evaluatePreconditions(
  method: string,
  fields: Fields,
  validators: Validators,
  nowMs: number,
): 'proceed' | 'not-modified' | 'failed' {
  if (unconditionalMethods.has(method)) return 'proceed';
  const isRead = method === 'GET' || method === 'HEAD';
  const ifMatch = fields.get('if-match');
  const ifNoneMatch = fields.get('if-none-match');

  if (ifMatch !== undefined) {
    if (!lists(ifMatch, validators.etag, matchesStrongly)) return 'failed';
  } else if (wasModifiedSince(fields.get('if-unmodified-since'), validators, nowMs) === true) {
    return 'failed';
  }
  if (ifNoneMatch !== undefined) {
    if (!lists(ifNoneMatch, validators.etag, matchesWeakly)) return 'proceed';
    return isRead ? 'not-modified' : 'failed';
  }
  if (isRead && wasModifiedSince(fields.get('if-modified-since'), validators, nowMs) === false) {
    return 'not-modified';
  }
  return 'proceed';
}

/**
 * Whether a Range field may be honoured: If-Range is absent, or names exactly the version at hand. False means
 * that the whole representation is sent, never an error. RFC 9110 §13.1.5.
 */
export function ifRangeHolds(fields: Fields, validators: Validators, nowMs: number): boolean {
  const value = fields.get('if-range');
  if (value === undefined) return true;
  const { etag, lastModifiedMs } = validators;
  if (etag !== undefined && matchesStrongly(value, etag)) return true;
  // A date is a strong validator only when the second that it names is over: until then the file may change
  // again and keep its date. RFC 9110 §8.8.2.2.
  const isStrong = lastModifiedMs !== undefined && lastModifiedMs + 1000 <= nowMs;
  return isStrong && parseDate(value, nowMs) === lastModifiedMs;
}

// Nothing is selected or changed by these, so there is nothing to hold a precondition against. RFC 9110 §13.2.1.
const unconditionalMethods: ReadonlySet<string> = new Set(['CONNECT', 'OPTIONS', 'TRACE']);

function lists(
  value: string,
  etag: string | undefined,
  matches: (left: string, right: string) => boolean,
): boolean {
  const tags = parseEntityTags(value);
  // There is a current representation, or nobody would ask: `*` always matches.
  if (tags === '*') return true;
  if (etag === undefined || tags === undefined) return false;
  return tags.some(tag => matches(tag, etag));
}

/** Undefined when the field is absent or malformed, or when the time of modification is not known. */
function wasModifiedSince(
  value: string | undefined,
  { lastModifiedMs }: Validators,
  nowMs: number,
): boolean | undefined {
  if (value === undefined || lastModifiedMs === undefined) return undefined;
  const sinceMs = parseDate(value, nowMs);
  return sinceMs === undefined ? undefined : lastModifiedMs > sinceMs;
}
