import { readCacheRule } from '../rules/cache.ts';
import { found } from '../rules/found.ts';
import type { Dialect } from '../rules/lines.ts';
import type { Reading } from './values.ts';

/** A page of the site as a path below the root: `index.html`, `app/shell.html`; true or `*`: index.html. */
export function readSpaPage(value: unknown): Reading<string | undefined> {
  if (value === false) return { kind: 'read', value: undefined };
  if (value === true || value === '*') return { kind: 'read', value: 'index.html' };
  const isPage =
    typeof value === 'string' && /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\0\\?#%]+$/.test(value.replace(/^\//, ''));
  return isPage
    ? { kind: 'read', value: value.replace(/^\//, '') }
    : { kind: 'fault', why: `found ${found(value)}, wanted a page such as index.html` };
}

/** One text or an array of them: `max-age=60` for every path, `/img/**=max-age=60` for those of a pattern. */
export function readCacheRules(value: unknown): Reading<readonly string[]> {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const text of texts) {
    const rule = typeof text === 'string' ? readCacheRule(text) : undefined;
    const why =
      rule === undefined ? 'wanted a text such as max-age=60' : 'kind' in rule ? rule.why : undefined;
    if (why !== undefined) return { kind: 'fault', why: `found ${found(text)}, ${why}` };
  }
  return { kind: 'read', value: texts.map(String) };
}

/** The name of a dialect. */
export function readDialect(value: unknown): Reading<Dialect> {
  return value === 'netlify' || value === 'cloudflare'
    ? { kind: 'read', value }
    : { kind: 'fault', why: `found ${found(value)}, wanted netlify or cloudflare` };
}

/** Language tags, as an array or with commas between them: `en,zh-CN`. RFC 5646 §2.1. */
export function readLanguages(value: unknown): Reading<readonly string[]> {
  const tags: unknown = typeof value === 'string' ? value.split(',') : value;
  const isTag = (tag: unknown): boolean => typeof tag === 'string' && languageTag.test(tag);
  if (Array.isArray(tags) && tags.length <= languagesMax && tags.every(isTag))
    return { kind: 'read', value: tags };
  const other: unknown = Array.isArray(tags) ? tags.find(tag => !isTag(tag)) : value;
  const what = Array.isArray(tags) && tags.every(isTag) ? `${tags.length} of them` : found(other);
  return { kind: 'fault', why: `found ${what}, wanted at most ${languagesMax} languages such as en,zh` };
}

const languageTag = /^[A-Za-z]{2,8}(?:-[A-Za-z\d]{1,8})*$/;
/** Each may cost a look at the disk. */
const languagesMax = 32;
