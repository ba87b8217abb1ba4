import { formatPath, parseTarget } from '../http/target.ts';

/**
 * Where a path is asked for that could have been written more plainly (with dot segments, with escapes of letters, digits,
 * `-`, `.` and `_`), the plain target; undefined for all others, and for one with runs of slashes, which the site itself
 * answers with a redirect.
 *
 * The program around us may guard a path of its own, and most programs compare what was written: `/%61dmin` and
 * `/x/../admin` would go by a guard of `/admin` and be found here (CVE-2026-29087, CVE-2026-7120). So what is answered is
 * the plain form only. RFC 3986 §6.2.2 calls the two equal.
 */
export function plainForm(method: string, target: string): string | undefined {
  const path = pathOf(target);
  if (!roundabout.test(path) || path.includes('//')) return undefined;
  const parsed = parseTarget(method, target, { windows: process.platform === 'win32', secure: true });
  return parsed.kind === 'path'
    ? `${formatPath(parsed.segments, parsed.endsInSlash)}${parsed.query}`
    : undefined;
}

/** Whether the path of a target is written as plainly as it can be. */
export function isPlain(target: string): boolean {
  const path = pathOf(target);
  return !roundabout.test(path) && !path.includes('//');
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}

/** A segment of dots alone (escaped dots are among the escapes), or an escape of what needs none. RFC 3986 §2.3. */
const roundabout = /\/\.{1,2}(?:\/|$)|%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])/i;
