import { readFieldChange } from './field-line.ts';
import { parsePattern, type Unreadable, unreadable } from './pattern.ts';
import type { FieldRule } from './rules.ts';

/**
 * Reads how long answers may be kept: the directives of Cache-Control for every path (`max-age=60`), or for those of a
 * pattern (`/img/**=max-age=60`). RFC 9111 §5.2.
 */
export function readCacheRule(text: string): FieldRule | Unreadable {
  const { path = '/**', directives = '' } = pathAndDirectives.exec(text)?.groups ?? {};
  if (!wellFormed.test(directives))
    return unreadable('wanted directives such as max-age=60, or /path/**=max-age=60');
  const from = parsePattern(path);
  if (from.kind === 'unreadable') return from;
  const change = readFieldChange('set', 'Cache-Control', directives, []);
  if (change.kind === 'unreadable') return change;
  return { source: { file: '--cache' }, from, changes: [change] };
}

const pathAndDirectives = /^(?:(?<path>\/[^=]*)=)?(?<directives>.*)$/s;

/** Words, some with a number, a word or a quoted text, with commas between them. */
const wellFormed =
  /^[a-z][a-z-]*(?:=(?:[\w-]+|"[^"]*"))?(?:[ \t]*,[ \t]*[a-z][a-z-]*(?:=(?:[\w-]+|"[^"]*"))?)*$/i;
