import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, lutimes, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContentCoding, codedContentBytesMin, codingSuffixes } from '../http/coding.ts';
import { settlingMs } from '../store/store.ts';
import { holdFolder, octetsOf } from './folder.ts';
import { digestText, type Entry, type Ledger, type Stamps } from './ledger.ts';
import type { Candidate } from './survey.ts';

/** What is to be done about one coding of one file. */
export type Plan =
  /** The sibling fits the file. */
  | { readonly kind: 'fresh'; readonly bytes: number }
  /** It would not save enough; that was tried, or is known by its size. */
  | { readonly kind: 'spare' }
  /** Something stands there that was not made here; `isOlder`: the server passes it over. */
  | { readonly kind: 'foreign'; readonly isOlder: boolean }
  | { readonly kind: 'make' };

/**
 * Judges what stands beside a file for each coding. Stamps are believed where all are as recorded; else the octets
 * decide, so that a copy without its times (of git, of `cp -r`) is coded no second time. A sibling of ours that fits
 * but is older than its file is dated anew. Rejects with the system's error.
 */
export async function planFile(
  root: string,
  candidate: Candidate,
  codings: readonly ContentCoding[],
  ledger: Ledger,
): Promise<readonly (readonly [ContentCoding, Plan])[]> {
  const folder = await holdFolder(join(root, candidate.folder));
  try {
    const judge = new Judge(folder.path, candidate, ledger);
    const plans: (readonly [ContentCoding, Plan])[] = [];
    for (const coding of codings) plans.push([coding, await judge.plan(coding)]);
    return plans;
  } finally {
    await folder.close();
  }
}

/** What stands at a path, the link itself if it is one; undefined when nothing does. */
export async function statusAt(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The digest of a file's octets; a link is not followed. */
export async function digestOf(path: string): Promise<string> {
  const file = await openToRead(path);
  try {
    const hash = createHash('sha256');
    for await (const piece of octetsOf(file, Number.POSITIVE_INFINITY)) hash.update(piece);
    return digestText(hash);
  } finally {
    await file.close();
  }
}

/** Opens a file; no link is followed and no writer of a pipe waited for. */
export function openToRead(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
}

/** Which version of a file a status tells of. */
export function stampsOf({ size, mtimeNs, ctimeNs }: BigIntStats): Stamps {
  return { size: Number(size), modifiedNs: mtimeNs, changedNs: ctimeNs };
}

/**
 * The time for a sibling, in seconds: that of its file, in the next whole millisecond, since Node cannot set all that
 * a file can have. So it is never older, and alike wherever the file is. Half a microsecond keeps a system that rounds
 * down from falling below it.
 */
export function siblingTime({ mtimeNs }: BigIntStats): number {
  const milliseconds = Number((mtimeNs + 999_999n) / 1_000_000n);
  return milliseconds % 1000 === 0 ? milliseconds / 1000 : (milliseconds + 0.0005) / 1000;
}

class Judge {
  readonly #held: string;
  readonly #file: Candidate;
  /** Relative to the root. */
  readonly #path: string;
  readonly #ledger: Ledger;
  #sourceDigest: Promise<string> | undefined;

  constructor(held: string, file: Candidate, ledger: Ledger) {
    this.#held = held;
    this.#file = file;
    this.#path = join(file.folder, file.name);
    this.#ledger = ledger;
  }

  async plan(coding: ContentCoding): Promise<Plan> {
    const { name, status } = this.#file;
    const siblingPath = join(this.#held, name + codingSuffixes[coding]);
    const sibling = await statusAt(siblingPath);
    const last = this.#ledger.last(this.#path, coding);
    if (sibling === undefined) {
      if (status.size < codedContentBytesMin) return { kind: 'spare' };
      const isUntried = last === undefined || last.made !== undefined;
      if (isUntried || !(await this.#isOfThisVersion(last))) return { kind: 'make' };
      await this.#confirm(coding, last, undefined);
      return { kind: 'spare' };
    }
    const foreign: Plan = { kind: 'foreign', isOlder: sibling.mtimeNs < status.mtimeNs };
    if (!sibling.isFile() || last === undefined) return foreign;
    const isAsMade = sibling.mtimeNs === last.made?.modifiedNs && Number(sibling.size) === last.made.size;
    const digest = isAsMade ? last.made?.digest : await digestOf(siblingPath);
    if (digest === undefined || !this.#ledger.isOurs(this.#path, coding, digest)) return foreign;
    if (digest !== last.made?.digest || !(await this.#isOfThisVersion(last))) return { kind: 'make' };
    await narrow(siblingPath, sibling, status);
    const dated = sibling.mtimeNs < status.mtimeNs ? await dateAnew(siblingPath, status) : sibling;
    await this.#confirm(coding, last, { size: Number(dated.size), modifiedNs: dated.mtimeNs, digest });
    return { kind: 'fresh', bytes: Number(dated.size) };
  }

  async #isOfThisVersion(entry: Entry | undefined): Promise<boolean> {
    const { name, status } = this.#file;
    if (entry === undefined || entry.source.size !== Number(status.size)) return false;
    if (hasStamps(entry.source, status)) return true;
    this.#sourceDigest ??= digestOf(join(this.#held, name));
    return (await this.#sourceDigest) === entry.source.digest;
  }

  /** Records the stamps that the octets had to be read for, so that the next run need not; it can do without. */
  async #confirm(coding: ContentCoding, { source, made }: Entry, sibling: Entry['made']): Promise<void> {
    const { status } = this.#file;
    const isKnown = hasStamps(source, status) && made?.modifiedNs === sibling?.modifiedNs;
    if (isKnown || unsettledMs(status) > 0) return;
    const entry = { source: { ...stampsOf(status), digest: source.digest }, made: sibling };
    await this.#ledger.add(this.#path, coding, entry).catch(() => {});
  }
}

/** How long it takes until the stamps of a file can be believed. A clock that is ahead counts as this one. */
export function unsettledMs({ ctimeNs }: BigIntStats): number {
  return Math.min(settlingMs, Math.max(0, Number(ctimeNs / 1_000_000n) + settlingMs - Date.now()));
}

function hasStamps(version: Stamps, status: BigIntStats): boolean {
  return version.modifiedNs === status.mtimeNs && version.changedNs === status.ctimeNs;
}

/** Nobody may read a sibling who may not read its file any more. */
async function narrow(path: string, sibling: BigIntStats, source: BigIntStats): Promise<void> {
  const both = sibling.mode & source.mode & 0o777n;
  if (both === (sibling.mode & 0o777n)) return;
  const file = await openToRead(path);
  await file.chmod(Number(both)).finally(() => file.close());
}

async function dateAnew(path: string, source: BigIntStats): Promise<BigIntStats> {
  const time = siblingTime(source);
  await lutimes(path, time, time);
  return lstat(path, { bigint: true });
}
