import type { StoredFile } from '../http/message.ts';
import { formatPath, type PathTarget } from '../http/target.ts';
import { candidates, nameOf } from './candidates.ts';
import { homeOf } from './home.ts';
import type { Site } from './site.ts';
import { type CodedForm, codingInName, findAllCoded, mayStandCoded } from './stored-forms.ts';

/** What a target leads to. */
export type Resolution =
  | { readonly kind: 'file'; readonly segments: readonly string[]; readonly file: StoredFile }
  /** A file that is stored in content codings only; there is at least one form. */
  | { readonly kind: 'coded'; readonly segments: readonly string[]; readonly forms: readonly CodedForm[] }
  | { readonly kind: 'listing'; readonly segments: readonly string[] }
  | { readonly kind: 'moved'; readonly location: string }
  | { readonly kind: 'absent' }
  /** Answered as absent; the reason is for the log. */
  | { readonly kind: 'denied'; readonly why: string }
  | { readonly kind: 'busy' };

/**
 * Looks at the candidates of a target in turn and answers the first that serves. Where a page has one home by the
 * rules of the site and was asked for elsewhere, the answer is that it has moved.
 */
export function resolve(target: PathTarget, site: Site): Promise<Resolution> {
  // One canonical path for each resource; it begins with a single slash, so that no browser reads a host into
  // it (CVE-2021-28861).
  if (target.hadSlashRun) return Promise.resolve(moved(target, target.endsInSlash));
  const hasHomes = site.hasCleanHomes === true || site.finalSlash !== undefined;
  return hasHomes ? lookUpAtHome(target, site) : lookUp(target, site);
}

/** The same without regard to where a page has its home. */
export async function lookUp(target: PathTarget, site: Site): Promise<Resolution> {
  let otherwise: Resolution = { kind: 'absent' };
  for (const candidate of candidates(target, site)) {
    const entry = await site.store.find(candidate.segments);
    switch (entry.kind) {
      case 'file':
        if (candidate.file === 'serve') return fileOf(candidate.segments, entry.file);
        break;
      case 'folder':
        if (candidate.folder === 'list') return { kind: 'listing', segments: candidate.segments };
        if (candidate.folder === 'move') otherwise = moved(target, true);
        break;
      case 'absent': {
        if (candidate.file === 'pass' || !mayStandCoded(nameOf(candidate.segments), site)) break;
        const forms = await findAllCoded(candidate.segments, site);
        if (forms === 'busy') return { kind: 'busy' };
        if (forms.length > 0) return { kind: 'coded', segments: candidate.segments, forms };
        break;
      }
      case 'denied':
        // A page that nobody may see stands in front of no folder: `.well-known.html` is hidden, `.well-known` is not.
        if (otherwise.kind === 'moved') break;
        return entry;
      case 'busy':
        return entry;
      default:
        return entry satisfies never;
    }
  }
  return otherwise;
}

function fileOf(segments: readonly string[], file: StoredFile): Resolution {
  const coding = codingInName(nameOf(segments));
  return coding === undefined
    ? { kind: 'file', segments, file }
    : { kind: 'coded', segments, forms: [{ coding, file }] };
}

function moved(target: PathTarget, endsInSlash: boolean): Resolution {
  return { kind: 'moved', location: formatPath(target.segments, endsInSlash) + target.query };
}

/** Leads to the home of what is found, if that is elsewhere and the same is found there. */
async function lookUpAtHome(target: PathTarget, site: Site): Promise<Resolution> {
  const found = await lookUp(target, site);
  if (found.kind !== 'file' && found.kind !== 'coded') return found;
  const home = homeOf(target, found.segments, site);
  if (home === undefined) return found;
  const there = await lookUp({ ...target, ...home }, site);
  const isSame =
    (there.kind === 'file' || there.kind === 'coded') &&
    there.segments.join('/') === found.segments.join('/');
  return isSame ? moved({ ...target, ...home }, home.endsInSlash) : found;
}
