import { type Pattern, parsePattern, type Unreadable, unreadable } from './pattern.ts';

/** How fast answers for the paths of a pattern leave. */
export interface ThrottleRule {
  readonly from: Pattern;
  readonly bytesPerSecond: number;
  /** How long the first octet is kept back. */
  readonly latencyMs: number;
}

/**
 * Reads how slow answers are to be: the name of a line (`slow-3g`), or octets a second with or without what passes before
 * the first of them (`100k`, `1m,200ms`); for every path, or for those of a pattern (`/img/**=slow-3g`). A pattern without
 * a slash is one of names in any folder (`*.jpg=slow-3g`).
 */
export function readThrottleRule(text: string): ThrottleRule | Unreadable {
  const cut = text.lastIndexOf('=');
  const speed = speedOf(text.slice(cut + 1));
  if (speed === undefined || cut === 0)
    return unreadable('wanted slow-3g, fast-3g, or octets a second such as 100k or 1m,200ms');
  const place = cut < 0 ? '/**' : text.slice(0, cut);
  const from = parsePattern(place.includes('/') ? place : `/**/${place}`);
  return from.kind === 'unreadable' ? from : { from, ...speed };
}

type Speed = Omit<ThrottleRule, 'from'>;

/** What the developer tools of Chromium mean by these names. */
const lines: ReadonlyMap<string, Speed> = new Map([
  ['slow-3g', { bytesPerSecond: 50_000, latencyMs: 2000 }],
  ['fast-3g', { bytesPerSecond: 180_000, latencyMs: 560 }],
]);

function speedOf(text: string): Speed | undefined {
  const line = lines.get(text);
  if (line !== undefined) return line;
  const [, count, unit = '', latency, scale] =
    /^([1-9]\d{0,8})([km]?)(?:,(\d{1,6})(ms|s))?$/.exec(text) ?? [];
  if (count === undefined) return undefined;
  return {
    bytesPerSecond: Number(count) * ({ k: 1024, m: 1024 * 1024 }[unit] ?? 1),
    latencyMs: Number(latency ?? 0) * (scale === 's' ? 1000 : 1),
  };
}
