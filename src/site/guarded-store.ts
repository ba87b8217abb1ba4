import type { StoredFile } from '../http/message.ts';
import type { Entry, Store } from '../store/store.ts';

/** What may be looked at. */
export interface Reach {
  /** Whether the place at these segments may be looked at. */
  readonly holds: (segments: readonly string[]) => boolean;
  /**
   * Where below the root a file really lies, or the folder at these segments, links followed; undefined when it lies
   * elsewhere or nobody knows.
   */
  readonly placeOf: ((found: StoredFile | readonly string[]) => readonly string[] | undefined) | undefined;
}

/**
 * A store in which nothing is to be found at the places that are out of reach, whatever led there: a link, a rewrite, a
 * page for an error, a walk through folders. What has been found can be opened.
 */
export function guardedStore(store: Store, { holds, placeOf }: Reach): Store {
  const scan = store.scan?.bind(store);
  const holdsFolder = (segments: readonly string[]): boolean =>
    holds(segments) && holds(placeOf?.(segments) ?? segments);
  return {
    find: async segments => {
      if (!holds(segments)) return outOfReach;
      const entry = await store.find(segments);
      const place = entry.kind === 'file' ? placeOf?.(entry.file) : undefined;
      return place === undefined || holds(place) ? entry : outOfReach;
    },
    list: async segments => (holdsFolder(segments) ? store.list(segments) : outOfReach),
    ...(scan !== undefined && {
      scan: async (segments, namesMax) => (holdsFolder(segments) ? scan(segments, namesMax) : outOfReach),
    }),
    open: file => store.open(file),
  };
}

const outOfReach: Extract<Entry, { kind: 'denied' }> = { kind: 'denied', why: 'it is behind a guard' };
