import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder that is held open while it is worked in. */
export interface HeldFolder {
  /** A path to it that no link put in place of a folder can lead elsewhere, where the system has such paths. */
  readonly path: string;
  readonly close: () => Promise<void>;
}

/**
 * Opens the folder at a path without links. Rejects with the system's error (ELOOP or ENOTDIR for what is no folder
 * any more), and with ELOOP when a link has come in place of a folder above it.
 */
export async function holdFolder(path: string): Promise<HeldFolder> {
  const handle = await open(
    path,
    constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0),
  );
  const close = (): Promise<void> => handle.close();
  if (!hasDescriptorPaths) return { path, close };
  const held = join(descriptorPaths, String(handle.fd));
  if ((await readlink(held)) === path) return { path: held, close };
  await close();
  throw Object.assign(new Error('a link has come in its place'), { code: 'ELOOP' });
}

/**
 * The octets of an open file, at most so many of them, each piece in memory of its own. Not a stream of Node's: one
 * that does not close its file handle keeps others from doing so.
 */
export async function* octetsOf(file: FileHandle, bytesMax: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytesMax; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, bytesMax - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

/** Writes where the file stands. A disk that is nearly full takes a part, and refuses the rest at the next call. */
export async function writeAll(file: FileHandle, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length; ) at += (await file.write(octets, at)).bytesWritten;
}

/** A name for a file that is not finished: hidden, and no two runs have the same. */
export function newTemporaryName(): string {
  return `.plinth-${randomBytes(9).toString('base64url')}.tmp`;
}

/** The names that `newTemporaryName` makes. */
export const temporaryName: RegExp = /^\.plinth-[\w-]{12}\.tmp$/;

/** The system's words for an error, without the path in front of it. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const [, words] = /^[A-Z]+\d*: ([^,]+)/.exec(message) ?? [];
  return words ?? (code === undefined ? message : `${message} (${code})`);
}

const pieceBytes = 64 * 1024;
const descriptorPaths = '/proc/self/fd';
const hasDescriptorPaths = process.platform === 'linux' && existsSync(descriptorPaths);
