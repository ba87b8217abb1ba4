import { createHash, type Hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type ContentCoding, codedContentBytesMin, codingSuffixes } from '../http/coding.ts';
import { openCoder } from './coders.ts';
import { holdFolder, newTemporaryName, octetsOf, writeAll } from './folder.ts';
import { digestText, type Entry, type Ledger } from './ledger.ts';
import { digestOf, openToRead, siblingTime, stampsOf, statusAt, unsettledMs } from './plan.ts';
import type { Candidate } from './survey.ts';

/** A sibling that is to be made. */
export interface Job {
  readonly file: Candidate;
  readonly coding: ContentCoding;
}

/** What came of it. */
export type Made =
  | { readonly kind: 'made'; readonly bytes: number }
  /** It would not save enough; `isRemoved`: one of ours that stood there is gone. */
  | { readonly kind: 'spare'; readonly isRemoved: boolean }
  /** Something stands there that was not made here. */
  | { readonly kind: 'foreign'; readonly isOlder: boolean }
  /** The file is not the one that was looked at, or was written to while it was coded. */
  | { readonly kind: 'changed' };

/** What a sibling has to save to be kept: a twentieth. */
const savedShareMin = 0.05;

/**
 * Codes a file into a temporary one beside it, and puts that in the sibling's place when the file stood still all the
 * while and enough is saved. `took` is told how many octets have been read. Memory is bounded whatever the size.
 * Rejects with the system's error, or an AbortError; the temporary file is gone in any case.
 */
export async function makeSibling(
  root: string,
  job: Job,
  ledger: Ledger,
  signal: AbortSignal,
  took: (bytes: number) => void,
): Promise<Made> {
  const { folder, name, status } = job.file;
  // Whoever writes to it now shows in its stamps by then.
  await wait(unsettledMs(status), undefined, { signal });
  const held = await holdFolder(join(root, folder));
  try {
    const source = await openToRead(join(held.path, name));
    try {
      if (!isSame(await source.stat({ bigint: true }), status)) return { kind: 'changed' };
      return await makeIn(held.path, job, source, ledger, signal, took);
    } finally {
      await source.close();
    }
  } finally {
    await held.close();
  }
}

async function makeIn(
  folder: string,
  job: Job,
  source: FileHandle,
  ledger: Ledger,
  signal: AbortSignal,
  took: (bytes: number) => void,
): Promise<Made> {
  const { file, coding } = job;
  const { status } = file;
  const path = join(folder, file.name);
  const sourceHash = createHash('sha256');
  const madeHash = createHash('sha256');
  const size = Number(status.size);
  const temporary = join(folder, newTemporaryName());
  const target = await open(temporary, 'wx', 0o600);
  let made: BigIntStats;
  try {
    try {
      await pipeline(
        // No further than it was long: one that grows faster than it is coded would have no end.
        counted(octetsOf(source, size), sourceHash, took),
        openCoder(coding, size),
        async (chunks: AsyncIterable<Uint8Array>) => {
          for await (const chunk of chunks) {
            madeHash.update(chunk);
            await writeAll(target, chunk);
          }
        },
        { signal },
      );
      made = await dress(target, status);
    } finally {
      await target.close();
    }
    const isStill =
      isSame(await source.stat({ bigint: true }), status) && isSame(await statusAt(path), status);
    if (!isStill) return { kind: 'changed' };
    const result = { size: Number(made.size), modifiedNs: made.mtimeNs, digest: digestText(madeHash) };
    const of = { ...stampsOf(status), digest: digestText(sourceHash) };
    return await publish(temporary, folder, job, ledger, { source: of, made: result });
  } finally {
    // A failure to remove what has been renamed already is none.
    await unlink(temporary).catch(() => {});
  }
}

/** Puts what was made in its place, if it is worth one and the place is ours or free. It is recorded before. */
async function publish(
  temporary: string,
  folder: string,
  job: Job,
  ledger: Ledger,
  entry: Entry & { readonly made: NonNullable<Entry['made']> },
): Promise<Made> {
  const { file, coding } = job;
  const { source, made } = entry;
  const sibling = join(folder, file.name + codingSuffixes[coding]);
  const place = await placeOf(sibling, job, ledger, made.digest);
  if (place.kind === 'foreign') return place;
  const isWorthIt = source.size >= codedContentBytesMin && made.size <= source.size * (1 - savedShareMin);
  await ledger.add(join(file.folder, file.name), coding, isWorthIt ? entry : { source, made: undefined });
  if (!isWorthIt) {
    if (place.kind === 'ours') await unlink(sibling);
    return { kind: 'spare', isRemoved: place.kind === 'ours' };
  }
  if (place.kind === 'ours') await rename(temporary, sibling);
  else if (!(await putInFreePlace(temporary, sibling))) {
    const taken = await placeOf(sibling, job, ledger, made.digest);
    if (taken.kind === 'foreign') return taken;
  }
  return { kind: 'made', bytes: made.size };
}

/** Passes octets on, hashed and counted. */
async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
  took: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    took(chunk.length);
    yield chunk;
  }
}

/** Gives a sibling the owner, the permissions and the time of its file, has it written to the disk, and looks at it. */
async function dress(target: FileHandle, status: BigIntStats): Promise<BigIntStats> {
  const { mode, uid, gid } = status;
  const own = await target.stat({ bigint: true });
  let permissions = Number(mode & 0o777n);
  if (own.uid !== uid || own.gid !== gid) {
    try {
      await target.chown(Number(uid), Number(gid));
    } catch {
      // The file's group may read it; a group that is not the file's may read what everybody may.
      if (own.gid !== gid) permissions = (permissions & ~0o070) | ((permissions & 0o007) << 3);
    }
  }
  await target.chmod(permissions);
  const time = siblingTime(status);
  await target.utimes(time, time);
  // A rename can outlive a power cut that its octets do not.
  await target.datasync();
  return target.stat({ bigint: true });
}

/** What stands in a sibling's place. What is already as it is going to be is ours: another run was quicker. */
async function placeOf(
  sibling: string,
  { file, coding }: Job,
  ledger: Ledger,
  digest: string,
): Promise<{ readonly kind: 'free' | 'ours' } | Extract<Made, { kind: 'foreign' }>> {
  const status = await statusAt(sibling);
  if (status === undefined) return { kind: 'free' };
  const there = status.isFile() ? await digestOf(sibling) : '';
  if (there === digest || ledger.isOurs(join(file.folder, file.name), coding, there)) return { kind: 'ours' };
  return { kind: 'foreign', isOlder: status.mtimeNs < file.status.mtimeNs };
}

/** False when something has come there. A link, unlike a rename, does not replace what came in this very moment. */
async function putInFreePlace(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    // A file system without links.
    await rename(temporary, path);
  }
  return true;
}

function isSame(now: BigIntStats | undefined, then: BigIntStats): boolean {
  return (
    now?.isFile() === true &&
    now.dev === then.dev &&
    now.ino === then.ino &&
    now.size === then.size &&
    now.mtimeNs === then.mtimeNs &&
    now.ctimeNs === then.ctimeNs
  );
}
