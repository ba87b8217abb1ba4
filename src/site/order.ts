import type { SortKey } from '../page/listing.ts';
import type { Member } from '../store/store.ts';

/** How members are ordered. */
export interface Sort {
  readonly key: SortKey;
  readonly order: 'asc' | 'desc';
}

/**
 * Compares two members: folders before files whatever the order, then by what was asked for, then by name in natural
 * order (`file 9` before `file 10`).
 */
export function comparison({ key, order }: Sort): (one: Member, other: Member) => number {
  if (key === 'name') return nameComparison(order);
  const sign = order === 'asc' ? 1 : -1;
  return (one, other) => {
    if (one.kind !== other.kind) return one.kind === 'folder' ? -1 : 1;
    const byName = compareNames(one.name, other.name);
    const difference =
      key === 'date' ? one.modifiedMs - other.modifiedMs : one.kind === 'file' ? one.size - other.size : 0;
    return sign * (Number.isNaN(difference) ? 0 : difference) || byName;
  };
}

/** The same by name, for which nothing else has to be known. */
export function nameComparison(order: Sort['order']): (one: Named, other: Named) => number {
  const sign = order === 'asc' ? 1 : -1;
  return (one, other) => {
    if (one.kind !== other.kind) return one.kind === 'folder' ? -1 : 1;
    return sign * compareNames(one.name, other.name);
  };
}

type Named = Pick<Member, 'name' | 'kind'>;

/** Items sorted at once: a few milliseconds. */
const runLength = 1000;

/**
 * Items in order, the first of them soon: short runs are sorted one after the other, with `turn` between them for what
 * else there is to do, and then merged as they are taken.
 */
export async function* inOrder<Item>(
  items: readonly Item[],
  compare: (one: Item, other: Item) => number,
  turn: () => Promise<void>,
): AsyncGenerator<Item, void> {
  const runs: Run<Item>[] = [];
  for (let start = 0; start < items.length; start += runLength) {
    const run = items.slice(start, start + runLength).sort(compare);
    const [head] = run;
    if (head !== undefined) runs.push({ head, rest: run, next: 1 });
    await turn();
  }
  yield* merged(runs, (one, other) => compare(one.head, other.head));
}

/** What is left of a sorted run. */
interface Run<Item> {
  head: Item;
  readonly rest: readonly Item[];
  next: number;
}

/** The runs stand in a heap: none has a head before that of the one above it, at half its place. */
function* merged<Item>(
  runs: Run<Item>[],
  compare: (one: Run<Item>, other: Run<Item>) => number,
): Generator<Item, void> {
  for (let at = runs.length >> 1; at >= 0; at -= 1) sink(runs, at, compare);
  for (let top = runs[0]; top !== undefined; top = runs[0]) {
    yield top.head;
    const next = top.rest[top.next];
    if (next !== undefined) {
      top.head = next;
      top.next += 1;
    } else {
      const last = runs.pop();
      if (last !== undefined && runs.length > 0) runs[0] = last;
    }
    sink(runs, 0, compare);
  }
}

function sink<Item>(heap: Item[], from: number, compare: (one: Item, other: Item) => number): void {
  for (let at = from; ; ) {
    const item = heap[at];
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (item === undefined || left === undefined) return;
    const below = right !== undefined && compare(right, left) < 0 ? 2 * at + 2 : 2 * at + 1;
    const first = heap[below];
    if (first === undefined || compare(item, first) <= 0) return;
    heap[at] = first;
    heap[below] = item;
    at = below;
  }
}

// Made at the first listing: a collator costs milliseconds of start-up. The language is fixed, so that the
// order does not depend on the machine; names that it holds for equal are told apart by code unit.
let collator: Intl.Collator | undefined;

function compareNames(one: string, other: string): number {
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(one, other) || (one < other ? -1 : one > other ? 1 : 0);
}
