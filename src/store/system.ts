/**
 * The system calls that the disk store makes, with their failures as values. Callbacks and not `fs.promises`:
 * a file handle that is closed behind one's back by the garbage collector is no way to hold a descriptor.
 */
import fs from 'node:fs';
import type { Entry, OpenFailure } from './store.ts';

/** What the system says when a call fails; `code` is the name of the errno. */
export type SystemFailure = NodeJS.ErrnoException;

/** The path without links, `.` and `..`, as the system resolves it. */
export function realPath(path: string): Promise<string | SystemFailure> {
  return outcome(done => fs.realpath.native(path, done));
}

/** What stands at the path itself; a link is told as a link. */
export function linkStatus(path: string): Promise<fs.BigIntStats | SystemFailure> {
  return outcome(done => fs.lstat(path, { bigint: true }, done));
}

/** What an open descriptor leads to. */
export function descriptorStatus(fd: number): Promise<fs.BigIntStats | SystemFailure> {
  return outcome(done => fs.fstat(fd, { bigint: true }, done));
}

/**
 * Where a link of /proc points. It is asked for at once and not through the thread pool: no disk is behind /proc,
 * and the way through the pool took a third of an opening's CPU time (85 µs against 55 µs with opening, one octet
 * read and closing, Node 20).
 */
export function procLinkTarget(path: string): string | SystemFailure {
  try {
    return fs.readlinkSync(path);
  } catch (error) {
    return error as SystemFailure;
  }
}

/** The names in a folder as octets, since not every name is UTF-8. */
export function folderNames(path: string): Promise<Buffer[] | SystemFailure> {
  return outcome(done => fs.readdir(path, { encoding: 'buffer' }, done));
}

/** A new descriptor, opened with these flags; the caller closes it. */
export function openDescriptor(path: string, flags: number): Promise<number | SystemFailure> {
  return outcome(done => fs.open(path, flags, done));
}

/** One read, which may be short: octets read, 0 at the end of the file. */
export function readDescriptor(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
): Promise<number | SystemFailure> {
  return outcome(done => fs.read(fd, buffer, offset, length, position, done));
}

/** Whether this process may read the file of this status: one that everyone may read needs no call to find out. */
export function isReadable(path: string, status: fs.BigIntStats): Promise<boolean> {
  if ((status.mode & 0o444n) === 0o444n) return Promise.resolve(true);
  return new Promise(resolve => fs.access(path, fs.constants.R_OK, error => resolve(error === null)));
}

/** Gives a descriptor back; a failure to do so leaves nothing to be done, the descriptor is gone either way. */
export function closeDescriptor(fd: number, closed: () => void): void {
  fs.close(fd, closed);
}

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

function outcome<T>(
  start: (done: (failure: SystemFailure | null, value: T) => void) => void,
): Promise<T | SystemFailure> {
  return new Promise(resolve => start((failure, value) => resolve(failure ?? value)));
}
