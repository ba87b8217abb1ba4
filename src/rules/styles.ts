import type { Dialect } from './lines.ts';
import type { PatternStyle } from './pattern.ts';

/** How the paths of `_headers` and `_redirects` are to be taken. At Cloudflare a final slash counts. */
export function styleOf(dialect: Dialect): PatternStyle {
  return { hasBraces: false, hasWideStars: true, isExact: dialect === 'cloudflare' };
}
