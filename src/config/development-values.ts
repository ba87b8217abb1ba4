import { found } from '../rules/found.ts';
import { readThrottleRule } from '../rules/throttle.ts';
import type { Reading } from './values.ts';

/**
 * A page of the server to open, as it stands in an address: `/docs/`, `about?x#y`; true or `*`: the first page. What
 * leads to another server is a fault.
 */
export function readOpenPath(value: unknown): Reading<string | undefined> {
  if (value === false) return { kind: 'read', value: undefined };
  if (value === true || value === '*') return { kind: 'read', value: '/' };
  const here = 'http://here.invalid';
  // A percent sign that begins no escape is one of the name.
  const text = typeof value === 'string' ? value.replace(/%(?![\da-f]{2})/gi, '%25') : '';
  if (text !== '' && !/[\x00-\x1f\x7f]/.test(text) && URL.canParse(text, here)) {
    const { origin, username, password, pathname, search, hash } = new URL(text, here);
    if (origin === here && `${username}${password}` === '')
      return { kind: 'read', value: `${pathname}${search}${hash}` };
  }
  return { kind: 'fault', why: `found ${found(value)}, wanted a path of this server such as /docs/` };
}

/** One text or an array of them, each as `readThrottleRule` reads it. */
export function readThrottleRules(value: unknown): Reading<readonly string[]> {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const text of texts) {
    const rule = typeof text === 'string' ? readThrottleRule(text) : undefined;
    if (rule === undefined)
      return { kind: 'fault', why: `found ${found(text)}, wanted a text such as slow-3g` };
    if ('kind' in rule) return { kind: 'fault', why: `found ${found(text)}, ${rule.why}` };
  }
  return { kind: 'read', value: texts.map(String) };
}
