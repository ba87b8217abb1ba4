import type { PathTarget } from '../http/target.ts';
import { nameOf } from './candidates.ts';
import type { Site } from './site.ts';

/** A path, without its query. */
export type Home = Pick<PathTarget, 'segments' | 'endsInSlash'>;

/**
 * Where the file that a target led to is at home by the rules of the site: an index page at its folder, a page at its
 * name without `.html`, each with or without a final slash. Undefined when the target is there already, and for files
 * that are no pages.
 */
export function homeOf(target: PathTarget, file: readonly string[], site: Site): Home | undefined {
  const name = nameOf(file);
  const isAskedByName =
    !target.endsInSlash && nameOf(target.segments) === name && target.segments.length === file.length;
  if (isAskedByName && !site.hasCleanHomes) return undefined;
  const home = isPage(name) ? cleanHome(file, site) : undefined;
  const isThere =
    home === undefined ||
    (home.endsInSlash === target.endsInSlash && home.segments.join('/') === target.segments.join('/'));
  return isThere ? undefined : home;
}

function isPage(name: string): boolean {
  return /.\.html?$/.test(name);
}

function cleanHome(file: readonly string[], { indexNames, cleanUrls, finalSlash }: Site): Home | undefined {
  const name = nameOf(file);
  const folder = file.slice(0, -1);
  if (indexNames.includes(name)) {
    return { segments: folder, endsInSlash: folder.length === 0 || finalSlash !== 'remove' };
  }
  if (!cleanUrls || !name.endsWith('.html')) return undefined;
  return { segments: [...folder, name.slice(0, -'.html'.length)], endsInSlash: finalSlash === 'add' };
}
