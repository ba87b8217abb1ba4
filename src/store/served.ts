import type { Entry, Listing, Look, Store } from './store.ts';

/** What stands between a folder and what of it is served. */
export interface Serving {
  /** The folder below the root in whose stead everything is looked up, as segments; it may change. */
  readonly folder: () => readonly string[];
  /** Names at the top that are there for the server and not for its clients, in lower case. */
  readonly reserved: readonly string[];
  /** Whether listings show a name. */
  readonly isListed: (name: string) => boolean;
}

/**
 * A store without the names that are reserved, whatever their case and also with the suffix of a coding, in the root and
 * in the folder that is served in its stead. What leads there through a link is the owner's own doing.
 */
export function servedStore(store: Store, serving: Serving): Store {
  const place = (segments: readonly string[]): readonly string[] | undefined => {
    if (isReserved(segments, serving.reserved)) return undefined;
    const folder = serving.folder();
    if (folder.length === 0) return segments;
    const whole = [...folder, ...segments];
    return isReserved(whole, serving.reserved) ? undefined : whole;
  };
  return {
    find: async (segments): Promise<Entry> => {
      const whole = place(segments);
      return whole === undefined ? denied : store.find(whole);
    },
    list: async (segments): Promise<Listing> => {
      const whole = place(segments);
      const listing = whole === undefined ? denied : await store.list(whole);
      if (listing.kind !== 'members') return listing;
      const isShown = (name: string): boolean =>
        serving.isListed(name) && (whole?.length !== 0 || !isReserved([name], serving.reserved));
      return { kind: 'members', members: listing.members.filter(({ name }) => isShown(name)) };
    },
    open: file => store.open(file),
    ...(store.noting !== undefined && { noting: looks => notingServed(store, serving, looks) }),
  };
}

function notingServed(store: Store, serving: Serving, looks: Look[]): Store {
  return servedStore(store.noting?.(looks) ?? store, serving);
}

/** Also by the rules of systems to which case and some invisible characters say nothing. */
function isReserved(segments: readonly string[], reserved: readonly string[]): boolean {
  const [name = ''] = segments;
  if (segments.length !== 1 || name.length > nameLengthMax) return false;
  const folded = name.normalize('NFKC').replace(ignorable, '').toLowerCase();
  return reserved.includes(folded.replace(/(?:\.(?:br|zst|gz))+$/, ''));
}

const nameLengthMax = 100;
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
const denied = { kind: 'denied', why: 'it holds rules for the server' } as const;
