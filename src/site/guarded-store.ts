import type { Entry, Store } from '../store/store.ts';

/**
 * A store in which nothing is to be found at the places that are out of reach, whatever led there: a rewrite, a page
 * for an error, a walk through folders. What has been found can be opened.
 */
export function guardedStore(store: Store, isInReach: (segments: readonly string[]) => boolean): Store {
  return {
    find: async segments => (isInReach(segments) ? store.find(segments) : outOfReach),
    list: async segments => (isInReach(segments) ? store.list(segments) : outOfReach),
    open: file => store.open(file),
  };
}

const outOfReach: Extract<Entry, { kind: 'denied' }> = { kind: 'denied', why: 'it is behind a guard' };
