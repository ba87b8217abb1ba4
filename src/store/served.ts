import type { StoredFile } from '../http/message.ts';
import type { Entry, Listing, Look, OpenFailure, OpenFile, Store } from './store.ts';

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
  return store.noting === undefined ? new ServedStore(store, serving) : new NotingStore(store, serving);
}

class ServedStore implements Store {
  readonly store: Store;
  readonly serving: Serving;
  readonly scan?: NonNullable<Store['scan']>;

  constructor(store: Store, serving: Serving) {
    this.store = store;
    this.serving = serving;
    const scan = store.scan?.bind(store);
    if (scan === undefined) return;
    this.scan = async (segments, namesMax) => {
      const whole = this.#placeOf(segments);
      if (whole === undefined) return denied;
      const found = await scan(whole, namesMax);
      return found.kind === 'names' ? { ...found, names: this.#listed(segments, found.names) } : found;
    };
  }

  find(segments: readonly string[]): Promise<Entry> {
    const whole = this.#placeOf(segments);
    return whole === undefined ? Promise.resolve(denied) : this.store.find(whole);
  }

  async list(segments: readonly string[]): Promise<Listing> {
    const whole = this.#placeOf(segments);
    if (whole === undefined) return denied;
    const listing = await this.store.list(whole);
    if (listing.kind !== 'members') return listing;
    return { kind: 'members', members: this.#listed(segments, listing.members) };
  }

  open(file: StoredFile): Promise<OpenFile | OpenFailure> {
    return this.store.open(file);
  }

  #listed<Named extends { readonly name: string }>(
    segments: readonly string[],
    named: readonly Named[],
  ): readonly Named[] {
    const isTop = segments.length === 0;
    const { reserved, isListed } = this.serving;
    return named.filter(({ name }) => isListed(name) && !(isTop && isReserved(name, reserved)));
  }

  /** Undefined where a reserved name stands. */
  #placeOf(segments: readonly string[]): readonly string[] | undefined {
    const { reserved, folder } = this.serving;
    if (segments.length === 1 && isReserved(segments[0] ?? '', reserved)) return undefined;
    const above = folder();
    return above.length === 0 ? segments : [...above, ...segments];
  }
}

class NotingStore extends ServedStore {
  noting(looks: Look[]): Store {
    return new ServedStore(this.store.noting?.(looks) ?? this.store, this.serving);
  }
}

/** Also by the rules of systems to which case and some invisible characters say nothing. */
function isReserved(name: string, reserved: readonly string[]): boolean {
  const folded = ascii.test(name)
    ? name.toLowerCase()
    : name.slice(0, nameLengthMax).normalize('NFKC').replace(ignorable, '').toLowerCase();
  return reserved.some(one => folded.startsWith(one) && codingSuffixes.test(folded.slice(one.length)));
}

const ascii = /^[ -~]*$/;
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
/** Beyond that, no system has room for the name in any form. */
const nameLengthMax = 1024;
const codingSuffixes = /^(?:\.(?:br|zst|gz))*$/;
const denied = { kind: 'denied', why: 'it holds rules for the server' } as const;
