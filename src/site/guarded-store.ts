import type { StoredFile } from '../http/message.ts';
import type { Entry, Listing, Member, Store } from '../store/store.ts';

/** What may be looked at. */
export interface Reach {
  /** Whether the place at these segments may be looked at. */
  readonly holds: (segments: readonly string[]) => boolean;
  /** Whether the name of a place may be shown in its folder; undefined: every name may. */
  readonly shows: ((segments: readonly string[]) => boolean) | undefined;
  /** The places that lead to a location without links; none when it is elsewhere. Undefined when nobody knows. */
  readonly placesOf: ((found: Pick<StoredFile, 'location'>) => readonly (readonly string[])[]) | undefined;
}

/**
 * A store in which nothing is to be found at the places that are out of reach, whatever led there: a link, a rewrite, a
 * page for an error, a walk through folders. What has been found can be opened.
 */
export function guardedStore(store: Store, { holds, shows, placesOf }: Reach): Store {
  const scan = store.scan?.bind(store);
  const placesAt = (segments: readonly string[], entry: Entry): readonly (readonly string[])[] => {
    const location = locationOf(entry);
    return [segments, ...((location === undefined ? undefined : placesOf?.({ location })) ?? [])];
  };
  const find = async (segments: readonly string[]): Promise<Entry> => {
    if (!holds(segments)) return outOfReach;
    const entry = await store.find(segments);
    return placesAt(segments, entry).every(holds) ? entry : outOfReach;
  };
  /** What of a folder may be shown, by all the places that it has. */
  const shownIn = (segments: readonly string[], folder: Entry): Shown => {
    if (shows === undefined) return { names: all => all, listing: async all => all };
    const places = placesAt(segments, folder);
    const isShown = ({ name }: Named): boolean => places.every(place => shows([...place, name]));
    const isInReach = async ({ name, isLink }: Member): Promise<boolean> =>
      isLink !== true || (await find([...segments, name])) !== outOfReach;
    return {
      names: all => all.filter(isShown),
      listing: async listing => {
        if (listing.kind !== 'members') return listing;
        const members: Member[] = [];
        for (const member of listing.members)
          if (isShown(member) && (await isInReach(member))) members.push(member);
        return { kind: 'members', members };
      },
    };
  };
  return {
    find,
    list: async segments => {
      const folder = await find(segments);
      return folder === outOfReach
        ? outOfReach
        : shownIn(segments, folder).listing(await store.list(segments));
    },
    ...(scan !== undefined && {
      scan: async (segments, namesMax) => {
        const folder = await find(segments);
        if (folder === outOfReach) return outOfReach;
        const found = await scan(segments, namesMax);
        if (found.kind !== 'names') return found;
        const shown = shownIn(segments, folder);
        const look: typeof found.look = async names => shown.listing(await found.look(names));
        return { ...found, names: shown.names(found.names), look };
      },
    }),
    open: file => store.open(file),
  };
}

/** What is left of the names and of the members of a folder. */
interface Shown {
  readonly names: <One extends Named>(all: readonly One[]) => readonly One[];
  readonly listing: (all: Listing) => Promise<Listing>;
}

type Named = Pick<Member, 'name'>;

/** Undefined for a folder that no link led to, where that has but one place: it is where it was asked for. */
function locationOf(entry: Entry): string | undefined {
  return entry.kind === 'file' ? entry.file.location : entry.kind === 'folder' ? entry.location : undefined;
}

const outOfReach: Extract<Entry, { kind: 'denied' }> = { kind: 'denied', why: 'it is behind a guard' };
