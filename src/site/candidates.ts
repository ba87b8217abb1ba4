import type { PathTarget } from '../http/target.ts';
import type { Site } from './site.ts';

/** A place to look at, and what to do with what stands there; anything else is passed over. */
export interface Candidate {
  readonly segments: readonly string[];
  readonly file: 'serve' | 'pass';
  /** 'move': answer with the same path and a slash, unless a later candidate serves. */
  readonly folder: 'list' | 'move' | 'pass';
}

/**
 * Where a target may be found, best first. A path with a final slash names a folder and so its index page or
 * its listing; one without names a file, then the page of that name, then a folder that lacks its slash.
 */
export function candidates(target: PathTarget, site: Site): readonly Candidate[] {
  const { segments } = target;
  if (target.endsInSlash) {
    const places: Candidate[] = site.indexNames.map(name => page([...segments, name]));
    // Where the slash has a rule, a page may be asked for with it.
    if (site.finalSlash !== undefined && site.cleanUrls) places.push(...cleanPage(segments));
    if (site.listing) places.push({ segments, file: 'pass', folder: 'list' });
    return places;
  }
  const itself: Candidate = { segments, file: 'serve', folder: 'move' };
  const places = site.cleanUrls ? [itself, ...cleanPage(segments)] : [itself];
  if (site.finalSlash !== 'remove') return places;
  return [...places, ...site.indexNames.map(name => page([...segments, name]))];
}

/** The name in which a path ends; the root has none. */
export function nameOf(segments: readonly string[]): string {
  return segments.at(-1) ?? '';
}

/** `about.html` for `/about`; the root has no name that a page could bear. */
function cleanPage(segments: readonly string[]): readonly Candidate[] {
  const name = segments.at(-1);
  return name === undefined ? [] : [page([...segments.slice(0, -1), `${name}.html`])];
}

function page(segments: readonly string[]): Candidate {
  return { segments, file: 'serve', folder: 'pass' };
}
