import { LRUCache } from 'lru-cache';
import type { StoredFile } from '../http/message.ts';
import { type ContentBounds, Contents, isSameVersion } from './contents.ts';
import {
  type Entry,
  hasSettled,
  type Listing,
  type Look,
  neverFresh,
  type OpenFailure,
  type OpenFile,
  type Rereadable,
  type Store,
} from './store.ts';
import type { FolderWatch, Passage } from './watch.ts';

/** Bounds of a cache. */
export interface CacheOptions extends ContentBounds {
  /** How long a look-up holds before the store is asked again. */
  readonly revalidateMs: number;
  /** Milliseconds since 1970, of the clock that stamps files. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set back. */
  readonly elapsed: () => number;
  /** Contents that are kept for several stores; this one's own by default. */
  readonly contents?: Contents | undefined;
  /** By how many stores the room for look-ups is shared; 1 by default. */
  readonly sharers?: number;
  /** Expires look-ups as soon as something changes; without it they hold for their time. */
  readonly watch?: FolderWatch;
}

/** Octets of all look-ups kept, of whatever outcome, and what one costs beside its path. */
const looksBytesMax = 16 * 1024 * 1024;
const lookOverheadBytes = 1024;

/**
 * A store that asks another one at most once in a while for each path, and keeps small contents in memory. A
 * content is kept under the version of its file, so that a changed file is never answered with old octets.
 */
export function cachedStore(store: Store, options: CacheOptions): Store {
  return new CachedStore(store, options);
}

class CachedStore implements Store {
  readonly #store: Store;
  readonly #options: CacheOptions;
  readonly #looks: LRUCache<string, KeptLook>;
  readonly #contents: Contents;
  readonly scan?: NonNullable<Store['scan']>;

  constructor(store: Store, options: CacheOptions) {
    this.#store = store;
    if (store.scan !== undefined) this.scan = store.scan.bind(store);
    this.#options = options;
    this.#contents = options.contents ?? new Contents(options);
    this.#looks = new LRUCache({
      maxSize: Math.ceil(looksBytesMax / (options.sharers ?? 1)),
      sizeCalculation: (_look, path) => lookOverheadBytes + 2 * path.length,
      dispose: look => look.passage?.drop(look),
    });
  }

  async find(segments: readonly string[]): Promise<Entry> {
    return (await this.#look(segments)).entry;
  }

  list(segments: readonly string[]): Promise<Listing> {
    return this.#store.list(segments);
  }

  noting(looks: Look[]): Store {
    const { scan } = this;
    return {
      ...(scan !== undefined && {
        scan: (segments, namesMax) => {
          looks.push(neverFresh);
          return scan(segments, namesMax);
        },
      }),
      find: async segments => {
        const look = await this.#look(segments);
        looks.push(look);
        return look.entry;
      },
      list: segments => {
        looks.push(neverFresh);
        return this.#store.list(segments);
      },
      open: file => this.open(file),
    };
  }

  async open(file: StoredFile): Promise<OpenFile | OpenFailure> {
    const kept = this.#contents.find(file);
    if (kept !== undefined) return kept;
    if (!this.#contents.admits(file)) return this.#store.open(file);
    return this.#contents.load(file, this.#isSettled(file), () => this.#store.open(file));
  }

  async #look(segments: readonly string[]): Promise<KeptLook> {
    const path = segments.join('/');
    const kept = this.#looks.get(path);
    if (kept?.isFresh(this.#options.elapsed())) return kept;
    const pending = kept?.pending ?? this.#lookAgain(segments, path, kept);
    if (kept !== undefined) kept.pending = pending;
    return pending;
  }

  async #lookAgain(
    segments: readonly string[],
    path: string,
    before: KeptLook | undefined,
  ): Promise<KeptLook> {
    const begun = this.#options.watch?.begin(segments, path);
    const passage = begun instanceof Promise ? await begun : begun;
    const lookedAtMs = this.#options.elapsed();
    const nowMs = this.#options.now();
    const entry = await this.#store.find(segments).finally(() => {
      if (before !== undefined) before.pending = undefined;
    });
    const isKept = entry.kind !== 'busy' && (entry.kind !== 'file' || this.#isSettled(entry.file, nowMs));
    // What rests on a look-up that was not to be kept must not come to life with a later one.
    const isSame = isKept && before?.isKept === true && isSameEntry(before.entry, entry);
    const look = isSame ? before : new KeptLook(entry, isKept);
    if (!isSame) before?.end();
    this.#looks.set(path, look);
    if (!isKept) {
      // Nothing rests on the look, but whoever is told of changes wants to hear of the next one.
      passage?.follow(entry);
      return look;
    }
    look.passage?.drop(look);
    look.passage = passage;
    look.renew(lookedAtMs, this.#options.revalidateMs);
    passage?.hang(look, entry);
    return look;
  }

  /** A file that bears a date of the future is not settled either: what is told of it changes with the time. */
  #isSettled(file: StoredFile, nowMs: number = this.#options.now()): boolean {
    return hasSettled(file, nowMs) && Number(file.modifiedNs / nsPerMs) <= nowMs;
  }
}

/** One path's look-up, shared by all answers that rest on it and renewed while the store answers the same. */
class KeptLook implements Look {
  readonly entry: Entry;
  /** Whether it may hold for a while. */
  readonly isKept: boolean;
  /** The look-up under way that will renew it or take its place; whoever looks clears it. */
  pending: Promise<KeptLook> | undefined;
  /** Where it hangs in the watcher. */
  passage: Passage | undefined;
  #holdsMs = 0;
  #freshUntilMs = Number.NEGATIVE_INFINITY;
  #hasEnded = false;

  constructor(entry: Entry, isKept: boolean) {
    this.entry = entry;
    this.isKept = isKept;
  }

  get rereadable(): Rereadable | undefined {
    return this.isKept && this.entry.kind === 'file' ? this.entry.rereadable : undefined;
  }

  isFresh(elapsedMs: number): boolean {
    return elapsedMs < this.#freshUntilMs;
  }

  expire(): void {
    this.#freshUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** The store was asked at that time; the answer holds for so long. */
  renew(elapsedMs: number, holdsMs: number): void {
    if (this.#hasEnded) return;
    this.#holdsMs = holdsMs;
    this.#freshUntilMs = elapsedMs + holdsMs;
  }

  /** What a watcher has expired hangs in it no longer, so that only a look-up makes it fresh again. */
  confirm(elapsedMs: number): void {
    if (this.#freshUntilMs !== Number.NEGATIVE_INFINITY) this.renew(elapsedMs, this.#holdsMs);
  }

  /** Something else stands there now; whatever rests on this look-up is stale for good. */
  end(): void {
    this.#hasEnded = true;
    this.#freshUntilMs = Number.NEGATIVE_INFINITY;
  }
}

function isSameEntry(one: Entry, other: Entry): boolean {
  if (one.kind === 'denied' && other.kind === 'denied') return one.why === other.why;
  if (one.kind === 'folder' && other.kind === 'folder') return one.location === other.location;
  if (one.kind !== 'file' || other.kind !== 'file') return one.kind === other.kind;
  return isSameVersion(one.file, other.file);
}

const nsPerMs = 1_000_000n;
