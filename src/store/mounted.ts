import type { StoredFile } from '../http/message.ts';
import type { Entry, Listing, Look, Member, OpenFailure, OpenFile, Scan, Store } from './store.ts';

/** A store, and where in the whole it stands. */
export interface Mount {
  /** Segments of the path below which it is found. */
  readonly at: readonly string[];
  readonly store: Store;
  /** Whether a file seems to be one of its own, as far as that can be told without a look. */
  readonly holds: (file: StoredFile) => boolean;
}

/**
 * Several stores as one. A path belongs to the store with the longest place that it begins with, segment by segment, so
 * that `/docs../x` is not below `/docs`; what another store has at the same path is hidden. Below the place of `home`,
 * folders that lead to another store are there, whatever stands there; beside and above it there is nothing. Each store
 * judges for itself what may be seen of it. They are of one kind, in which equal locations mean the same file: what
 * opens a file judges where it is by its own rules.
 */
export function mountedStore(home: Mount, others: readonly Mount[]): Store {
  const mounts = [home, ...others].sort((one, other) => other.at.length - one.at.length);
  const canNote = mounts.every(({ store }) => store.noting !== undefined);
  return canNote ? new NotingStore(home, mounts) : new MountedStore(home, mounts);
}

/** A store that opens what these stores have found, those that come to be among them too; it finds nothing itself. */
export function openingStore(stores: readonly Pick<Mount, 'store' | 'holds'>[]): Store {
  return { find: async () => absent, list: async () => absent, open: file => openAmong(stores, file) };
}

async function openAmong(
  stores: readonly Pick<Mount, 'store' | 'holds'>[],
  file: StoredFile,
): Promise<OpenFile | OpenFailure> {
  const own = stores.find(({ holds }) => holds(file)) ?? stores.at(-1);
  let outcome = (await own?.store.open(file)) ?? 'absent';
  // Where folders lie within each other, another one may be the one that lets it be seen.
  for (const one of stores) {
    if (typeof outcome !== 'string' || outcome === 'busy') break;
    if (one !== own) outcome = await one.store.open(file);
  }
  return outcome;
}

class MountedStore implements Store {
  protected readonly home: Mount;
  /** The longest places first. */
  protected readonly mounts: readonly Mount[];
  readonly scan?: NonNullable<Store['scan']>;
  readonly #looks: Look[] | undefined;

  constructor(home: Mount, mounts: readonly Mount[], looks?: Look[]) {
    this.home = home;
    this.mounts = mounts;
    this.#looks = looks;
    if (mounts.every(({ store }) => store.scan !== undefined))
      this.scan = (segments, namesMax) => this.#scan(segments, namesMax);
  }

  async find(segments: readonly string[]): Promise<Entry> {
    const found = this.#placeOf(segments);
    if (found === undefined) return absent;
    const entry = await found.store.find(found.rest);
    const isPassed = entry.kind !== 'folder' && entry.kind !== 'busy' && this.#leadsOn(segments);
    return isPassed ? { kind: 'folder' } : entry;
  }

  async list(segments: readonly string[]): Promise<Listing> {
    const found = this.#placeOf(segments);
    if (found === undefined) return absent;
    const listing = await found.store.list(found.rest);
    const mounted = this.#mountedIn(segments);
    if (mounted.length === 0 || listing.kind === 'busy') return listing;
    const members = listing.kind === 'members' ? listing.members : [];
    return { kind: 'members', members: joined(members, mounted) };
  }

  open(file: StoredFile): Promise<OpenFile | OpenFailure> {
    return openAmong(this.mounts, file);
  }

  async #scan(
    segments: readonly string[],
    namesMax: number | undefined,
  ): Promise<Scan | Exclude<Listing, { kind: 'members' }>> {
    const found = this.#placeOf(segments);
    if (found === undefined) return absent;
    const scan = (await found.store.scan?.(found.rest, namesMax)) ?? absent;
    const mounted = this.#mountedIn(segments);
    if (mounted.length === 0 || scan.kind === 'busy') return scan;
    if (scan.kind !== 'names') return { kind: 'names', names: mounted, isWhole: true, look: among(mounted) };
    const isMounted = new Set(mounted.map(({ name }) => name));
    const look = async (names: readonly string[]): Promise<Listing> => {
      const listing = await scan.look(names.filter(name => !isMounted.has(name)));
      if (listing.kind !== 'members') return listing;
      const wanted = new Set(names);
      const members = mounted.filter(({ name }) => wanted.has(name));
      return { kind: 'members', members: [...listing.members, ...members] };
    };
    return { ...scan, names: joined(scan.names, mounted), look };
  }

  /** The store that a path belongs to, and its path there. */
  #placeOf(
    segments: readonly string[],
  ): { readonly store: Store; readonly rest: readonly string[] } | undefined {
    const mount = this.mounts.find(({ at }) => beginsWith(segments, at));
    if (mount === undefined) return undefined;
    const store = this.#looks === undefined ? mount.store : mount.store.noting?.(this.#looks);
    return { store: store ?? mount.store, rest: segments.slice(mount.at.length) };
  }

  /** Whether a path is above the place of another store. */
  #leadsOn(segments: readonly string[]): boolean {
    return this.mounts.some(({ at }) => at.length > segments.length && beginsWith(at, segments));
  }

  /** The folders in a folder that lead to other stores. */
  #mountedIn(segments: readonly string[]): readonly Member[] {
    const below = this.mounts.filter(({ at }) => at.length > segments.length && beginsWith(at, segments));
    const names = new Set(below.map(({ at }) => at[segments.length] ?? ''));
    return [...names].map(name => ({ name, kind: 'folder', size: 0, modifiedMs: timeless }));
  }
}

class NotingStore extends MountedStore {
  noting(looks: Look[]): Store {
    return new MountedStore(this.home, this.mounts, looks);
  }
}

/** What is mounted was put there at no time that a disk knows. */
const timeless = Number.NEGATIVE_INFINITY;

const absent = { kind: 'absent' } as const;

function beginsWith(segments: readonly string[], start: readonly string[]): boolean {
  return start.every((name, index) => name === segments[index]);
}

/** What is mounted takes the place of what stands there. */
function joined<Named extends { readonly name: string }>(
  names: readonly Named[],
  mounted: readonly Named[],
): readonly Named[] {
  const isMounted = new Set(mounted.map(({ name }) => name));
  return [...names.filter(({ name }) => !isMounted.has(name)), ...mounted];
}

function among(members: readonly Member[]): Scan['look'] {
  return async names => {
    const wanted = new Set(names);
    return { kind: 'members', members: members.filter(({ name }) => wanted.has(name)) };
  };
}
