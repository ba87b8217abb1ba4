import type { StoredFile } from '../http/message.ts';
import type { Entry, Store } from '../store/store.ts';

/** What may be looked at. */
export interface Reach {
  /** Whether the place at these segments may be looked at. */
  readonly holds: (segments: readonly string[]) => boolean;
  /** The places that lead to a location without links; none when it is elsewhere. Undefined when nobody knows. */
  readonly placesOf: ((found: Pick<StoredFile, 'location'>) => readonly (readonly string[])[]) | undefined;
}

/**
 * A store in which nothing is to be found at the places that are out of reach, whatever led there: a link, a rewrite, a
 * page for an error, a walk through folders. What has been found can be opened.
 */
export function guardedStore(store: Store, { holds, placesOf }: Reach): Store {
  const scan = store.scan?.bind(store);
  const find = async (segments: readonly string[]): Promise<Entry> => {
    if (!holds(segments)) return outOfReach;
    const entry = await store.find(segments);
    const location = locationOf(entry);
    const places = location === undefined ? undefined : placesOf?.({ location });
    return places === undefined || places.every(holds) ? entry : outOfReach;
  };
  return {
    find,
    list: async segments => ((await find(segments)) === outOfReach ? outOfReach : store.list(segments)),
    ...(scan !== undefined && {
      scan: async (segments, namesMax) =>
        (await find(segments)) === outOfReach ? outOfReach : scan(segments, namesMax),
    }),
    open: file => store.open(file),
  };
}

/** Undefined for a folder that no link led to, where that has but one place: it is where it was asked for. */
function locationOf(entry: Entry): string | undefined {
  return entry.kind === 'file' ? entry.file.location : entry.kind === 'folder' ? entry.location : undefined;
}

const outOfReach: Extract<Entry, { kind: 'denied' }> = { kind: 'denied', why: 'it is behind a guard' };
