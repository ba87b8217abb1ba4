/**
 * store/: where files live. This file is the port: all that a site may ask of a place that holds files.
 * `memory.ts` and `disk.ts` stand behind it and pass one contract suite (`test/store/contract.ts`).
 * A store judges what may be seen at all (containment, hidden names, kinds of file); it knows nothing of
 * HTTP, index pages or listings. Read `site/resolve.ts` next to see who asks.
 */
import type { StoredFile } from '../http/message.ts';

/** An outcome that may be there already. */
export type Soon<T> = T | Promise<T>;

/** What stands at a path. */
export type Entry =
  | { readonly kind: 'file'; readonly file: StoredFile; readonly rereadable?: Rereadable | undefined }
  /** A folder; where it really lies, when a link led there, or when a store tells so of all. */
  | { readonly kind: 'folder'; readonly location?: string }
  | { readonly kind: 'absent' }
  /** Something is there and must not be seen: outside the root, hidden, unreadable, a device. Answered as absent, and logged. */
  | { readonly kind: 'denied'; readonly why: string }
  /** The system has no descriptor or memory to look with just now. */
  | { readonly kind: 'busy' };

/** One member of a folder. */
export interface Member {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Octets; 0 for a folder. */
  readonly size: number;
  readonly modifiedMs: number;
  /** Whether it is reached by a link. */
  readonly isLink?: boolean;
}

/** A folder's visible members in no particular order, or why there are none. */
export type Listing =
  | { readonly kind: 'members'; readonly members: readonly Member[] }
  | Exclude<Entry, { kind: 'file' | 'folder' }>;

/** The names in a folder, before more is known of what they name. It holds nothing open. */
export interface Scan {
  readonly kind: 'names';
  /** In no particular order; a few of them may turn out to be no members. */
  readonly names: readonly Pick<Member, 'name' | 'kind'>[];
  /** Whether these are all. */
  readonly isWhole: boolean;
  /** The members of these names, in no particular order; those that are gone, or cannot be read, are left out. */
  readonly look: (names: readonly string[]) => Promise<Listing>;
}

/** A file held open for reading; who opened it closes it. */
export interface OpenFile {
  /**
   * Reads from `position` into `buffer` until `length` octets are there or the file ends.
   * Answers the octets read, at once when they were there at once; fewer than `length` means that the file has shrunk.
   * Rejects with what the system throws.
   */
  read(buffer: Uint8Array, length: number, position: number): Soon<number>;
  /** Whether the open file is still the version it was opened as: same size, same time of modification. */
  isUnchanged(): Promise<boolean>;
  /** The whole content, where the store has it in memory; it is never written to. */
  readonly content?: Uint8Array;
  /** Gives the descriptor back. Never throws; a second call does nothing. */
  close(): void;
}

/** Why a file that was found could not be opened. */
export type OpenFailure = 'changed' | 'absent' | 'denied' | 'busy';

/** A small file that need not be looked up to be read once more. */
export interface Rereadable {
  readonly size: number;
  /** Whether it is this version of this file. */
  isOf(file: StoredFile): boolean;
  /**
   * Reads it whole into `buffer` from `offset` on, now. False, with the buffer spoilt, when it is not the same version
   * where it was found any more, and when that cannot be told without waiting.
   */
  reread(buffer: Buffer, offset: number): boolean;
}

/** One look-up that an answer rests on. */
export interface Look {
  /** What was found, where it can be read without a look; then reading it is as good as the look. */
  readonly rereadable?: Rereadable | undefined;
  /** Whether what was found is known to stand; `elapsedMs` is of a clock that is never set back. */
  isFresh(elapsedMs: number): boolean;
  /** What was found turned out not to stand: the next look-up asks the store. */
  expire(): void;
  /** What was found and has grown old was just seen to stand, by reading it again. */
  confirm?(elapsedMs: number): void;
}

/** What an answer rests on that is looked at each time. */
export const neverFresh: Look = { isFresh: () => false, expire: () => {} };

/** A place that holds files, seen from its root. Nothing here throws for what a client or a disk does. */
export interface Store {
  /**
   * What stands at these decoded path segments (no empty, `.` or `..` among them); none of them is the root.
   * Links are followed as the store's rules allow.
   */
  find(segments: readonly string[]): Promise<Entry>;
  /** The members of a folder that `find` would show. */
  list(segments: readonly string[]): Promise<Listing>;
  /**
   * The same in two steps, for folders of very many members; up to `namesMax` names, all by default. A store for which it
   * is no gain has no such method.
   */
  scan?(
    segments: readonly string[],
    namesMax?: number,
  ): Promise<Scan | Exclude<Listing, { kind: 'members' }>>;
  /** Opens exactly this version; the opened file, not its name, is what is judged. */
  open(file: StoredFile): Promise<OpenFile | OpenFailure>;
  /** The same store, adding to `looks` what each answer of it rests on. A store that cannot tell has no such method. */
  noting?(looks: Look[]): Store;
}

/**
 * Whether a segment names something hidden: it begins with a dot. `.well-known` directly below the root is
 * public (RFC 8615).
 */
export function isHidden(segment: string, depth: number): boolean {
  return segment.startsWith('.') && !(depth === 0 && segment === '.well-known');
}

/**
 * How long a file has to have been left alone before its stamps are believed: systems stamp by a clock of a few
 * milliseconds, so that a second change may bear the same ones.
 */
export const settlingMs = 1000;

/** Whether equal stamps will mean equal octets from now on; `nowMs` is of the clock that stamps files. */
export function hasSettled({ changedNs }: StoredFile, nowMs: number): boolean {
  return Number(changedNs / 1_000_000n) + settlingMs <= nowMs;
}

/**
 * Octets of a content that is read whole and may be held by whoever sends it, without its store being told when it has
 * been sent. Of a larger one the store counts who holds it, and keeps its descriptor.
 */
export const smallContentBytesMax: number = 128 * 1024;
