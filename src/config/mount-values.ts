import { found } from '../rules/found.ts';
import type { Reading } from './values.ts';

/** A folder that is served, and where. */
export interface PlacedFolder {
  /** Segments of the path below which its files are found. */
  readonly at: readonly string[];
  /** As it was given. */
  readonly folder: string;
}

/** Other folders by the paths below which they are found: `{ '/docs': '../docs' }`. */
export type Mounts = Readonly<Record<string, string>>;

/** All folders that are served; the root comes first. */
export function placedFolders(settings: {
  readonly root: string;
  readonly base: string;
  readonly mounts: Mounts;
}): readonly [PlacedFolder, ...PlacedFolder[]] {
  const base = segmentsOf(settings.base);
  const others = Object.entries(settings.mounts).map(([path, folder]) => ({
    at: [...base, ...segmentsOf(path)],
    folder,
  }));
  return [{ at: base, folder: settings.root }, ...others];
}

/** The names in a path. */
export function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter(name => name !== '');
}

/**
 * An object of folders by path, one text `/docs=../docs` or an array of such texts; no two at one path. Those `under`
 * it stay, unless their path has another one.
 */
export function readMounts(value: unknown, under: Mounts = {}): Reading<Mounts> {
  const mounts = new Map<string, string>();
  for (const [path, folder] of pairsIn(value)) {
    const place = placeIn(path);
    if (place === undefined || place === '') return fault(path, 'a path and a folder, such as /docs=../docs');
    if (typeof folder !== 'string' || folder === '' || folder.includes('\0'))
      return { kind: 'fault', why: `${place}: found ${found(folder)}, wanted a folder` };
    if (mounts.has(place)) return fault(path, `another path, since ${place} has its folder already`);
    mounts.set(place, folder);
  }
  return { kind: 'read', value: { ...under, ...Object.fromEntries(mounts) } };
}

/** The path below which everything is found: `/app`, `/a/b/`; `/` and nothing are the top. */
export function readBase(value: unknown): Reading<string> {
  const place = placeIn(value);
  return place === undefined ? fault(value, 'a path such as /app') : { kind: 'read', value: place };
}

function pairsIn(value: unknown): readonly (readonly [path: unknown, folder: unknown])[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  return [value].flat().map((text: unknown) => {
    const cut = typeof text === 'string' ? text.indexOf('=') : -1;
    return cut < 0 ? [text, ''] : [String(text).slice(0, cut), String(text).slice(cut + 1)];
  });
}

/**
 * With a slash before each name and none behind; undefined when it has names that no request leads to, or escapes, which
 * nobody decodes here. Names that begin with a dot are the server's own or hidden, but for that of RFC 8615.
 */
function placeIn(path: unknown): string | undefined {
  if (typeof path !== 'string' || !/^(?:\/[^\0\\?#%]*)?$/.test(path) || path.includes('//')) return undefined;
  const names = segmentsOf(path);
  const isOpen = names.every(
    (name, depth) => !name.startsWith('.') || (depth === 0 && name === '.well-known'),
  );
  return isOpen ? names.map(name => `/${name}`).join('') : undefined;
}

function fault(value: unknown, wanted: string): Extract<Reading<never>, { kind: 'fault' }> {
  return { kind: 'fault', why: `found ${found(value)}, wanted ${wanted}` };
}
