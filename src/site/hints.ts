import { formatPath, type PathTarget } from '../http/target.ts';
import type { Member, Store } from '../store/store.ts';
import type { Site } from './site.ts';

/** Something that is there, near what was asked for, and in words how it differs. */
export interface Hint {
  /** Percent-encoded, from the root on. */
  readonly href: string;
  readonly why: string;
}

/** Hints that are given, and folders directly below the root that are looked into. */
const hintsMax = 5;
const foldersMax = 50;

/**
 * What may have been meant by a target that leads nowhere, the likeliest first: a name that differs in case, another
 * extension, a path below a base that the site does not have or the other way round, an index page elsewhere. For
 * whoever works on the site; it looks at more places than an answer for everybody should.
 */
export async function findHints(target: PathTarget, site: Site): Promise<readonly Hint[]> {
  const { base = [] } = site;
  if (base.length === 0) return hintsBelow([], target, site);
  const isBelow = base.every((name, depth) => name === target.segments[depth]);
  const segments = isBelow ? target.segments.slice(base.length) : target.segments;
  const shown: Looked = {
    store: {
      find: path => site.store.find([...base, ...path]),
      list: path => site.store.list([...base, ...path]),
    },
    indexNames: site.indexNames,
  };
  if (isBelow) return hintsBelow(base, { ...target, segments }, shown);
  const { endsInSlash } = target;
  const isThere = await leadsSomewhere(segments, endsInSlash, shown);
  const href = isThere ? formatPath([...base, ...segments], endsInSlash) : formatPath(base, true);
  return [{ href, why: `the site is below ${formatPath(base, true)}` }];
}

/** Where is looked. */
interface Looked extends Pick<Site, 'indexNames'> {
  readonly store: Pick<Store, 'find' | 'list'>;
}

async function hintsBelow(
  base: readonly string[],
  { segments, endsInSlash }: Pick<PathTarget, 'segments' | 'endsInSlash'>,
  site: Looked,
): Promise<readonly Hint[]> {
  const root = await membersOf([], site);
  const folders = root.filter(({ kind }) => kind === 'folder').slice(0, foldersMax);
  const hints = [
    ...(await near(segments, site)),
    ...(await withoutBase(segments, endsInSlash, site)),
    ...(await belowBase(segments, endsInSlash, folders, site)),
  ];
  const first = new Map<string, Hint>();
  const start = formatPath(base, false).replace(/\/$/, '');
  for (const { href, why } of hints) if (!first.has(href)) first.set(href, { href: `${start}${href}`, why });
  return [...first.values()].slice(0, hintsMax);
}

/** Follows the path by names that differ at most in case, and in the last folder by names of another extension. */
async function near(segments: readonly string[], site: Looked): Promise<readonly Hint[]> {
  const found: string[] = [];
  for (const [depth, segment] of segments.entries()) {
    const members = await membersOf(found, site);
    const isLast = depth === segments.length - 1;
    const same =
      members.find(({ name }) => name === segment) ?? members.find(({ name }) => isAlike(name, segment));
    if (same === undefined) return isLast ? otherExtensions(found, segment, members) : [];
    found.push(same.name);
    if (!isLast) continue;
    // What is there under exactly this name is not what is missing.
    if (found.every((name, index) => name === segments[index])) return [];
    return [{ href: formatPath(found, same.kind === 'folder'), why: 'upper and lower case differ' }];
  }
  return [];
}

function otherExtensions(
  folder: readonly string[],
  name: string,
  members: readonly Member[],
): readonly Hint[] {
  const stem = stemOf(name);
  return members
    .filter(member => member.kind === 'file' && isAlike(stemOf(member.name), stem))
    .map(member => ({ href: formatPath([...folder, member.name], false), why: 'the extension differs' }));
}

/** `/app/assets/x.js`, where the site is meant for `/app/` and stands at the root. */
async function withoutBase(
  segments: readonly string[],
  endsInSlash: boolean,
  site: Looked,
): Promise<readonly Hint[]> {
  const rest = segments.slice(1);
  if (segments.length === 0 || (rest.length === 0 && !endsInSlash)) return [];
  if (!(await leadsSomewhere(rest, endsInSlash, site))) return [];
  return [
    {
      href: formatPath(rest, endsInSlash),
      why: `the site has no base ${formatPath(segments.slice(0, 1), true)}`,
    },
  ];
}

/** `/assets/x.js` or `/`, where the site is in a folder below the root: `dist/`, say. */
async function belowBase(
  segments: readonly string[],
  endsInSlash: boolean,
  folders: readonly Member[],
  site: Looked,
): Promise<readonly Hint[]> {
  const hints: Hint[] = [];
  for (const { name } of folders) {
    const path = [name, ...segments];
    if (await leadsSomewhere(path, endsInSlash, site))
      hints.push({
        href: formatPath(path, endsInSlash),
        why: `it is in the folder ${formatPath([name], true)}`,
      });
  }
  return hints;
}

async function leadsSomewhere(path: readonly string[], endsInSlash: boolean, site: Looked): Promise<boolean> {
  if (!endsInSlash) return (await site.store.find(path)).kind === 'file';
  for (const name of site.indexNames)
    if ((await site.store.find([...path, name])).kind === 'file') return true;
  return false;
}

async function membersOf(folder: readonly string[], site: Looked): Promise<readonly Member[]> {
  const listing = await site.store.list(folder);
  return listing.kind === 'members' ? listing.members : [];
}

/** Also when one is written with combined characters and the other without, as disks of macOS do. */
function isAlike(one: string, other: string): boolean {
  return one.normalize().toLowerCase() === other.normalize().toLowerCase();
}

function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
