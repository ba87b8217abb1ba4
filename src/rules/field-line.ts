import { isToken } from '../http/method.ts';
import { type Unreadable, unreadable } from './pattern.ts';
import type { FieldChange } from './rules.ts';
import { parseText } from './template.ts';

/**
 * Reads a change to a field. Unreadable when the name is no token, the value has control characters or holds the name
 * of what the pattern does not capture, or when the field is the server's own to say: framing, date, coding, range,
 * validators, and what keeps caches right. RFC 9110 §5.1, §5.5.
 */
export function readFieldChange(
  kind: FieldChange['kind'],
  name: string,
  value: string,
  names: readonly string[],
): FieldChange | Unreadable {
  if (!isToken(name)) return unreadable(`${JSON.stringify(name)} is no name of a field`);
  const lower = name.toLowerCase();
  const why = refusals.get(lower);
  if (why !== undefined) return unreadable(`${name} cannot be set by a rule: ${why}`);
  if (kind === 'remove') {
    if (kept.has(lower)) return unreadable(`${name} cannot be removed: answers would be taken for others`);
    return { kind, name };
  }
  if (validators.has(lower))
    return unreadable(`${name} can be removed, not set: it tells versions of a file apart`);
  const text = value.trim();
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(text)) return unreadable(`the value of ${name} has a control character`);
  if (lower === 'x-content-type-options' && text.toLowerCase() !== 'nosniff')
    return unreadable(`${name} is always nosniff`);
  return { kind, name, value: parseText(asOctets(text), names) };
}

const framing = 'it belongs to the connection';
const meaning = 'it says how the content is sent, which the server decides';

/** Fields that would break a message, or make it say what it is not, in lower case. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['connection', framing],
  ['content-length', framing],
  ['keep-alive', framing],
  ['proxy-connection', framing],
  ['te', framing],
  ['trailer', framing],
  ['transfer-encoding', framing],
  ['upgrade', framing],
  ['date', 'it is the time of the answer'],
  ['accept-ranges', meaning],
  ['content-encoding', meaning],
  ['content-range', meaning],
  ['basic-auth', 'it is no field, and would tell its password to everyone; see --auth'],
]);

const kept: ReadonlySet<string> = new Set(['vary', 'x-content-type-options', 'content-type', 'location']);
const validators: ReadonlySet<string> = new Set(['etag', 'last-modified']);

/** Characters beyond ASCII go as their octets in UTF-8. A field value is octets: RFC 9110 §5.5. */
function asOctets(text: string): string {
  return /^[\t -~]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
}
