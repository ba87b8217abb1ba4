import type { SortKey } from '../page/listing.ts';

/** How a folder is to be shown. */
export interface ListingState {
  readonly sort: { readonly key: SortKey; readonly order: 'asc' | 'desc' };
  readonly shape: 'list' | 'grid';
}

/** What the query of a folder's URL asks for. */
export interface ListingQuery {
  readonly state: ListingState;
  /** As an archive of this form, of these members; of all when none is named. */
  readonly archive: { readonly form: 'zip' | 'tar'; readonly names: readonly string[] } | undefined;
}

/**
 * Reads `sort=name|size|date`, `order=asc|desc`, `view=list|grid`, `download=zip|tar` and any number of `name=`. What is
 * not known is as if it were not there: a query may be anybody's.
 */
export function parseListingQuery(query: string): ListingQuery {
  const found = new URLSearchParams(query);
  const key = oneOf(found.get('sort'), ['name', 'size', 'date']);
  const order = oneOf(found.get('order'), ['asc', 'desc'], firstOrder[key]);
  const form = found.get('download');
  const isArchive = form === 'zip' || form === 'tar';
  return {
    state: { sort: { key, order }, shape: oneOf(found.get('view'), ['list', 'grid']) },
    archive: isArchive ? { form, names: found.getAll('name') } : undefined,
  };
}

/** The query that asks for a folder to be shown so; empty for the way in which it is shown to who does not ask. */
export function formatListingState({ sort, shape }: ListingState): string {
  const parts: string[] = [];
  if (sort.key !== 'name') parts.push(`sort=${sort.key}`);
  if (sort.order !== firstOrder[sort.key]) parts.push(`order=${sort.order}`);
  if (shape !== 'list') parts.push(`view=${shape}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** The state after a click on a column: its order the other way round, or by it the way that shows most first. */
export function sortedBy(state: ListingState, key: SortKey): ListingState {
  const { sort } = state;
  const turned = sort.order === 'asc' ? 'desc' : 'asc';
  return { ...state, sort: { key, order: sort.key === key ? turned : firstOrder[key] } };
}

/** Names from the first on, the largest and the latest first. */
const firstOrder: Readonly<Record<SortKey, 'asc' | 'desc'>> = { name: 'asc', size: 'desc', date: 'desc' };

function oneOf<Value extends string>(
  text: string | null,
  values: readonly [Value, ...Value[]],
  otherwise: Value = values[0],
): Value {
  return values.find(value => value === text) ?? otherwise;
}
