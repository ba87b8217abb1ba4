import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentCoding } from '../http/coding.ts';
import { codecVersion } from './zlib-codings.ts';

/** Where coded contents are kept, and how many octets of them. */
export interface CodedFilesOptions {
  /** A folder that `judgeCacheFolder` found fit. */
  readonly folder: string;
  readonly bytesMax: number;
  /** Takes a line for the operator when nothing can be kept any more: once, until it can again. */
  readonly report: (line: string) => void;
}

/** One kept file counts as so many octets at least; disks give room in such blocks. */
const blockBytes = 4096;

/** A use is noted by the time of a file, but not more often than this. */
const noteUseMs = 60_000;

/** What a server that was killed has begun and not finished is removed when it is so old. */
const leftoverMs = 60 * 60 * 1000;

/**
 * The best codings of contents on disk, under the hash of the content: restarts, deployments, workers and other servers
 * find them again. Every name is written once and whole; what is read is checked, and what is wrong is dropped. Nothing
 * here rejects: without the folder all works as before, only the work is done anew.
 */
export class CodedFiles {
  readonly #options: CodedFilesOptions;
  /** Octets written since the folder was looked through: the first time that is done at once. */
  #writtenBytes = Number.POSITIVE_INFINITY;
  #hasFailed = false;

  constructor(options: CodedFilesOptions) {
    this.#options = options;
  }

  /**
   * The coding of the content with this SHA-256 in hexadecimal digits, when it is kept; of no more than `bytesMax`
   * octets.
   */
  async find(contentHash: string, coding: ContentCoding, bytesMax: number): Promise<Buffer | undefined> {
    const path = join(this.#options.folder, nameOf(contentHash, coding));
    const found = await readKept(path, bytesMax);
    if (found !== 'wrong') return found;
    await removed(path);
    return undefined;
  }

  /** Keeps a coding; the least recently used ones go for it. */
  async keep(contentHash: string, coding: ContentCoding, bytes: Uint8Array): Promise<void> {
    const { folder, bytesMax, report } = this.#options;
    const header = await headerOf(bytes);
    const cost = costOf(header.length + bytes.length);
    const spareBytes = bytesMax / 4;
    if (cost > spareBytes) return;
    try {
      if (this.#writtenBytes + cost > spareBytes) {
        await this.#trim(bytesMax - spareBytes);
        this.#writtenBytes = 0;
      }
      this.#writtenBytes += cost;
      const path = join(folder, nameOf(contentHash, coding));
      await writeWhole(path, [header, bytes]);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) report(`nothing can be kept in the cache folder: ${(error as Error).message}`);
      this.#hasFailed = true;
    }
  }

  /** Removes the least recently used until no more than so many octets are left, and what was left unfinished. */
  async #trim(bytesMax: number): Promise<void> {
    const kept: { readonly path: string; readonly bytes: number; readonly usedMs: number }[] = [];
    for await (const { name } of await opendir(this.#options.folder)) {
      if (!keptName.test(name) && !unfinishedName.test(name)) continue;
      const path = join(this.#options.folder, name);
      const status = await lstat(path).catch(() => undefined);
      if (status === undefined) continue;
      if (keptName.test(name)) kept.push({ path, bytes: costOf(status.size), usedMs: status.mtimeMs });
      else if (status.mtimeMs + leftoverMs < Date.now()) await removed(path);
    }
    kept.sort((one, other) => one.usedMs - other.usedMs);
    let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of kept) {
      if (total <= bytesMax) return;
      await removed(path);
      total -= bytes;
    }
  }
}

/** Names that this class has made; no other file is ever removed. */
const keptName = /^[0-9a-f]{64}\.(?:br|zstd|gzip)\.[\w.-]{1,64}\.coded$/;
const unfinishedName = /^[0-9a-f]{64}\.(?:br|zstd|gzip)\.[\w.-]{1,64}\.coded\.[0-9a-f]{16}$/;

function nameOf(contentHash: string, coding: ContentCoding): string {
  return `${contentHash}.${coding}.${codecVersion(coding)}.coded`;
}

/** A line before the octets: how many they are and their SHA-256. */
async function headerOf(bytes: Uint8Array): Promise<Buffer> {
  return Buffer.from(`plinth 1 ${String(bytes.length).padStart(12)} ${await sha256(bytes)}\n`, 'latin1');
}

const headerBytes = Buffer.byteLength(`plinth 1 ${' '.repeat(12)} ${'0'.repeat(64)}\n`);

/** The SHA-256 in hexadecimal digits, made in one of the system's threads. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

/** The octets that were kept; undefined when nothing is there or it cannot be read just now. */
async function readKept(path: string, bytesMax: number): Promise<Buffer | 'wrong' | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, readFlags);
  } catch (error) {
    // A link, a socket: not what was kept.
    return ['ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '') ? 'wrong' : undefined;
  }
  try {
    const status = await file.stat();
    const { size, mtimeMs } = status;
    if (!status.isFile() || size < headerBytes || size > headerBytes + bytesMax) return 'wrong';
    const whole = Buffer.allocUnsafeSlow(size);
    for (let filled = 0; filled < size; ) {
      const { bytesRead } = await file.read(whole, filled, size - filled, filled);
      if (bytesRead === 0) return 'wrong';
      filled += bytesRead;
    }
    const bytes = whole.subarray(headerBytes);
    if (!whole.subarray(0, headerBytes).equals(await headerOf(bytes))) return 'wrong';
    const nowMs = Date.now();
    // The folder may be one that is only read.
    if (mtimeMs + noteUseMs < nowMs) await file.utimes(nowMs / 1000, nowMs / 1000).catch(() => {});
    return bytes;
  } catch {
    return undefined;
  } finally {
    await file.close().catch(() => {});
  }
}

/** Whoever looks sees the old file, none or the whole new one. Rejects with what the system says. */
async function writeWhole(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const unfinished = `${path}.${Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex')}`;
  const file = await open(unfinished, writeFlags, 0o600);
  try {
    try {
      for (const piece of pieces) await file.writeFile(piece);
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await removed(unfinished);
    throw error;
  }
}

async function removed(path: string): Promise<void> {
  // Another server may have been faster, and a folder that is only read stays as it is.
  await unlink(path).catch(() => {});
}

function costOf(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

/** No link is followed, and no writer of a FIFO waited for. */
const noSurprise = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const readFlags = constants.O_RDONLY | noSurprise;
const writeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noSurprise;
