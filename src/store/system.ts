/**
 * The system calls that the disk store makes, with their failures as values. Callbacks and not `fs.promises`:
 * a file handle that is closed behind one's back by the garbage collector is no way to hold a descriptor.
 *
 * The way through the thread pool costs 10 to 15 µs of CPU time a call, where the call itself takes 1 to 5: for a
 * small file, nearly everything. So calls are made at once while the disk answers at once, as it does from its page
 * cache. After one that had to wait, all go through the pool for fifty times as long: a slow disk stalls the loop for
 * a fiftieth of the time at most. A thread that others held up has not waited for the disk. And after so much work the
 * loop has its turn: whoever asks for a thousand files in one go does not keep the others waiting.
 */
import { isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import type { Stopwatch } from './stopwatch.ts';
import type { Entry, OpenFailure, Soon } from './store.ts';

/** What the system says when a call fails; `code` is the name of the errno. */
export type SystemFailure = NodeJS.ErrnoException;

/** A call that takes longer has waited for a disk; what is in memory takes a hundredth of this. */
const waitedMs = 0.5;
const restFactor = 50;

/** Calls made at once in one turn of the loop: a few milliseconds. So many octets count as one more. */
const callsATurnMax = 256;
const octetsACall = 16 * 1024;

/** The calls to one disk; they know how quick it was. */
export class System {
  readonly #stopwatch: Stopwatch;
  #heldUpMs: number;
  #pooledUntilMs = Number.NEGATIVE_INFINITY;
  #callsThisTurn = 0;
  #turning: Promise<void> | undefined;

  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch;
    this.#heldUpMs = stopwatch.heldUp();
  }

  /** The path without links, `.` and `..`, as the system resolves it. */
  realPath(path: string): Soon<string | SystemFailure> {
    return this.#call(
      () => fs.realpathSync.native(path),
      done => fs.realpath.native(path, done),
    );
  }

  /** The same, now; undefined when that fails or would not be told at once. */
  realPathNow(path: string): string | undefined {
    return this.#now(1, () => fs.realpathSync.native(path));
  }

  /** What stands at the path itself; a link is told as a link. */
  linkStatus(path: string): Soon<fs.BigIntStats | SystemFailure> {
    return this.#call(
      () => fs.lstatSync(path, ofStatus) ?? nothingThere,
      done => fs.lstat(path, ofStatus, done),
    );
  }

  /** What an open descriptor leads to. */
  descriptorStatus(fd: number): Soon<fs.BigIntStats | SystemFailure> {
    return this.#call(
      () => fs.fstatSync(fd, ofStatus),
      done => fs.fstat(fd, ofStatus, done),
    );
  }

  /** A new descriptor, opened with these flags; the caller closes it. */
  openDescriptor(path: string, flags: number): Soon<number | SystemFailure> {
    return this.#call(
      () => fs.openSync(path, flags),
      done => fs.open(path, flags, done),
    );
  }

  /** One read, which may be short: octets read, 0 at the end of the file. */
  readDescriptor(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Soon<number | SystemFailure> {
    this.#callsThisTurn += Math.floor(length / octetsACall);
    return this.#call(
      () => fs.readSync(fd, buffer, offset, length, position),
      done => fs.read(fd, buffer, offset, length, position, done),
    );
  }

  /**
   * Opens a file, reads it into `buffer` and closes it, now: the status that it had after it was read. Undefined when
   * that fails, when there are fewer octets, and when it would not be done at once.
   */
  wholeNow(
    path: string,
    flags: number,
    buffer: Buffer,
    offset: number,
    length: number,
  ): fs.Stats | undefined {
    // Together they take no longer than to follow a path. Counted one by one, they made an answer of 27 µs one of 80 when
    // 200 clients asked at once: most had to wait.
    return this.#now(1 + Math.floor(length / octetsACall), () => {
      const fd = fs.openSync(path, flags);
      try {
        const read = fs.readSync(fd, buffer, offset, length, 0);
        return read === length ? fs.fstatSync(fd) : undefined;
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  /** Whether this process may read the file of this status: one that everyone may read needs no call to find out. */
  isReadable(path: string, status: fs.BigIntStats): Soon<boolean> {
    if ((status.mode & 0o444n) === 0o444n) return true;
    return new Promise(resolve => fs.access(path, fs.constants.R_OK, error => resolve(error === null)));
  }

  /** Gives a descriptor back; a failure to do so leaves nothing to be done, the descriptor is gone either way. */
  closeDescriptor(fd: number): Soon<unknown> {
    return this.#call(
      () => fs.closeSync(fd),
      done => fs.close(fd, error => done(error ?? null, undefined)),
    );
  }

  #call<T>(
    atOnce: () => T,
    later: (done: (failure: SystemFailure | null, value: T) => void) => void,
  ): Soon<T | SystemFailure> {
    if (this.#callsThisTurn > callsATurnMax) return this.#nextTurn().then(() => this.#call(atOnce, later));
    const startedMs = this.#stopwatch.elapsed();
    if (startedMs < this.#pooledUntilMs) {
      return new Promise(resolve => later((failure, value) => resolve(failure ?? value)));
    }
    return this.#timed(1, startedMs, atOnce);
  }

  /** Makes calls now, or none: undefined where they would have to wait, and for each failure. */
  #now<T>(calls: number, atOnce: () => T): T | undefined {
    const startedMs = this.#stopwatch.elapsed();
    if (this.#callsThisTurn > callsATurnMax || startedMs < this.#pooledUntilMs) return undefined;
    const outcome = this.#timed(calls, startedMs, atOnce);
    return outcome instanceof Error ? undefined : outcome;
  }

  #timed<T>(calls: number, startedMs: number, atOnce: () => T): T | SystemFailure {
    this.#callsThisTurn += calls;
    void this.#nextTurn();
    let outcome: T | SystemFailure;
    try {
      outcome = atOnce();
    } catch (error) {
      outcome = error as SystemFailure;
    }
    const endedMs = this.#stopwatch.elapsed();
    if (endedMs - startedMs > waitedMs) this.#spare(startedMs, endedMs);
    return outcome;
  }

  /** One for all who wait for it, and who begin to count in it. */
  #nextTurn(): Promise<void> {
    this.#turning ??= new Promise(resolve =>
      setImmediate(() => {
        this.#turning = undefined;
        this.#callsThisTurn = 0;
        resolve();
      }),
    );
    return this.#turning;
  }

  /** Looks into a call that took long: whether it was the disk. */
  #spare(startedMs: number, endedMs: number): void {
    const heldUpMs = this.#stopwatch.heldUp();
    const tookMs = endedMs - startedMs - (heldUpMs - this.#heldUpMs);
    this.#heldUpMs = heldUpMs;
    if (tookMs > waitedMs) this.#pooledUntilMs = endedMs + restFactor * tookMs;
  }
}

/** Where a link of /proc points. No disk is behind /proc, so nobody waits for it. */
export function procLinkTarget(path: string): string | SystemFailure {
  try {
    return fs.readlinkSync(path);
  } catch (error) {
    return error as SystemFailure;
  }
}

/** What stands in a folder; a name that is not UTF-8 is left out. */
export interface FolderEntries {
  readonly entries: readonly FolderEntry[];
  readonly isWhole: boolean;
}

/** One of them, with what the folder itself tells of it. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'special';
}

/**
 * What stands in a folder, up to a number of entries. It may hold millions: they come through the pool, a thousand at a
 * time, so that nobody waits for all of them.
 */
export async function folderEntries(
  path: string,
  entriesMax: number,
): Promise<FolderEntries | SystemFailure> {
  const opened = await new Promise<fs.Dir | SystemFailure>(resolve =>
    fs.opendir(path, inOctets, (failure, folder) => resolve(failure ?? folder)),
  );
  if (opened instanceof Error) return opened;
  const entries: FolderEntry[] = [];
  let seen = 0;
  try {
    // Whichever way the loop is left, it closes the folder. The types do not know that names may be octets.
    for await (const entry of opened as unknown as AsyncIterable<fs.Dirent<Buffer>>) {
      if (seen === entriesMax) return { entries, isWhole: false };
      seen += 1;
      // What Node.js makes of an entry is some hundred octets; of a million of them only what is asked for is held.
      if (isUtf8(entry.name)) entries.push({ name: entry.name.toString(), kind: kindOf(entry) });
    }
    return { entries, isWhole: true };
  } catch (error) {
    return error as SystemFailure;
  }
}

function kindOf(entry: fs.Dirent<Buffer>): FolderEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'special';
}

const inOctets = { encoding: 'buffer' as BufferEncoding, bufferSize: 1024 };

/** What a failed look means: nothing there, no means to look just now, or something that must not be seen. */
export function entryOf(failure: SystemFailure): Exclude<Entry, { kind: 'file' | 'folder' }> {
  switch (failure.code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return { kind: 'absent' };
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
    // A lease on the file is being broken, or a call was interrupted: the next try may do.
    case 'EAGAIN':
    case 'EINTR':
      return { kind: 'busy' };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'denied', why: `unreadable (${failure.code})` };
    case 'ELOOP':
      return { kind: 'denied', why: 'links that lead in a circle, or too many of them (ELOOP)' };
    default:
      return { kind: 'denied', why: `the system fails to look (${failure.code ?? failure.message})` };
  }
}

/** What a failed opening of a file that stood there means. */
export function openFailureOf(failure: SystemFailure): OpenFailure {
  // The opening follows no link and waits for no writer: a link (ELOOP) or a socket (ENXIO) has come in its place.
  if (failure.code === 'ELOOP' || failure.code === 'ENXIO') return 'changed';
  return entryOf(failure).kind;
}

/** No call throws for what is not there: an Error with its stack would cost more than the look. */
const ofStatus = { bigint: true, throwIfNoEntry: false } as const;
const nothingThere: SystemFailure = Object.assign(new Error('nothing is there'), { code: 'ENOENT' });
