// A store around a real one whose n-th call fails in a chosen way.
import type { StoredFile } from '../../src/http/message.ts';
import type { Entry, Listing, OpenFailure, OpenFile, Store } from '../../src/store/store.ts';
import { type Countdown, systemFailure } from './countdown.ts';

/** What a call that fails does; a call that is left out does not count and does not fail. */
export interface StoreFault {
  readonly name: string;
  /** How a request that meets it may be answered when the right answer is not had. */
  readonly refusals: readonly number[];
  readonly find?: () => Promise<Entry>;
  readonly list?: () => Promise<Listing>;
  readonly open?: () => Promise<OpenFailure>;
  /** Octets read of so many. */
  readonly read?: (length: number) => Promise<number>;
  readonly isUnchanged?: () => Promise<boolean>;
}

/** The ways to fail. */
export const storeFaults: readonly StoreFault[] = [
  {
    name: 'rejects with EIO',
    refusals: [500],
    find: () => Promise.reject(systemFailure('EIO', 'lstat')),
    list: () => Promise.reject(systemFailure('EIO', 'scandir')),
    open: () => Promise.reject(systemFailure('EIO', 'open')),
    read: () => Promise.reject(systemFailure('EIO', 'read')),
    isUnchanged: () => Promise.reject(systemFailure('EIO', 'fstat')),
  },
  {
    name: 'throws before it has made a promise',
    refusals: [500],
    find: () => thrown('lstat'),
    list: () => thrown('scandir'),
    open: () => thrown('open'),
    read: () => thrown('read'),
    isUnchanged: () => thrown('fstat'),
  },
  {
    name: 'is busy',
    refusals: [503],
    find: async () => ({ kind: 'busy' }),
    list: async () => ({ kind: 'busy' }),
    open: async () => 'busy',
  },
  {
    name: 'has lost what it had',
    refusals: [404, 503],
    find: async () => ({ kind: 'absent' }),
    list: async () => ({ kind: 'absent' }),
    open: async () => 'absent',
    read: async () => 0,
    isUnchanged: async () => false,
  },
  {
    name: 'may not look',
    refusals: [404],
    find: async () => ({ kind: 'denied', why: 'a test says so' }),
    list: async () => ({ kind: 'denied', why: 'a test says so' }),
    open: async () => 'denied',
  },
  {
    name: 'finds another version',
    refusals: [503],
    open: async () => 'changed',
    read: async length => length >> 1,
    isUnchanged: async () => false,
  },
];

/** A store that fails, and how many of the files that it opened are open. */
export interface FaultyStore extends Store {
  readonly openFiles: number;
}

/** Wraps `store`; `countdown` says which call fails. */
export function faultyStore(store: Store, fault: StoreFault, countdown: Countdown): FaultyStore {
  const open = new Set<OpenFile>();
  const hit = <T>(failing: T | undefined): T | undefined =>
    failing !== undefined && countdown.strikesNow() ? failing : undefined;
  return {
    get openFiles() {
      return open.size;
    },
    find: segments => (hit(fault.find) ?? (() => store.find(segments)))(),
    list: segments => (hit(fault.list) ?? (() => store.list(segments)))(),
    open: async (file: StoredFile) => {
      const failing = hit(fault.open);
      const opened = failing === undefined ? await store.open(file) : await failing();
      if (typeof opened === 'string') return opened;
      open.add(opened);
      return {
        read: (buffer, length, position) =>
          (hit(fault.read) ?? (() => opened.read(buffer, length, position)))(length),
        isUnchanged: () => (hit(fault.isUnchanged) ?? (() => opened.isUnchanged()))(),
        close: () => {
          open.delete(opened);
          opened.close();
        },
      };
    },
  };
}

function thrown(call: string): never {
  throw systemFailure('EIO', call);
}
