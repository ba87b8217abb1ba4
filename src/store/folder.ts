import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { descriptorFolder, type Holding, hold, pathOf } from './descriptor.ts';
import type { Entry, Listing, Member, OpenFailure, Scan } from './store.ts';
import { entryOf, type FolderEntry, folderEntries, type System } from './system.ts';

/** What a folder's reader asks about what it meets. */
export interface FolderRules {
  /** Whether the folder that was opened, now at `real`, may be read in place of the one at `expected`. */
  readonly admits: (real: string, expected: string) => Promise<boolean>;
  readonly isHidden: (name: string) => boolean;
  /** What a link of this name leads to, judged as a request for it would be. */
  readonly find: (name: string) => Promise<Entry>;
}

/** Members looked at at once; the thread pool is shared with every request. */
const looksAtOnce = 32;

/** Reads a folder at a path that leads to it and to nothing else while it runs. */
export type FolderReading<Result> = (path: string, rules: FolderRules, system: System) => Promise<Result>;

/**
 * What `read` tells of the folder at a path without links; absent also when something else has come in its place. It is
 * read through a descriptor whose own path is judged first, so that a link put in place of a folder above it leads
 * nowhere; where the system does not tell a descriptor's path, it is for the caller to follow the path again.
 */
export async function readFolder<Result>(
  path: string,
  holding: Holding,
  rules: FolderRules,
  read: FolderReading<Result>,
): Promise<Result | Unlisted> {
  const { system } = holding;
  if (descriptorFolder === undefined) return read(path, rules, system);
  const descriptor = await hold(path, holding, 'folder');
  if (typeof descriptor === 'string') return failed(descriptor);
  const outcome = await descriptor.use(async (fd): Promise<Result | Unlisted> => {
    const real = await pathOf(fd, path, system);
    if (real instanceof Error) return entryOf(real);
    return (await rules.admits(real, path))
      ? read(`${descriptorFolder}/${fd}`, rules, system)
      : { kind: 'absent' };
  });
  descriptor.close();
  return outcome ?? { kind: 'absent' };
}

/** Every member. */
export async function readMembers(path: string, rules: FolderRules, system: System): Promise<Listing> {
  const found = await folderEntries(path, Number.POSITIVE_INFINITY);
  if (found instanceof Error) return entryOf(found);
  return lookAtMembers(
    path,
    found.entries.map(({ name }) => name),
    rules,
    system,
  );
}

/**
 * The members of these names. Some lookers share them: each takes the next one as soon as it is done with its last.
 */
export async function lookAtMembers(
  path: string,
  names: readonly string[],
  rules: FolderRules,
  system: System,
): Promise<Listing> {
  const members: Member[] = [];
  let isBusy = false;
  const rest = names.values();
  const look = async (): Promise<void> => {
    for (const name of rest) {
      const member = rules.isHidden(name) ? undefined : await memberAt(path, name, rules, system);
      if (member === 'busy') isBusy = true;
      else if (member !== undefined) members.push(member);
    }
  };
  await Promise.all(Array.from({ length: looksAtOnce }, look));
  // A listing that lacks what there were no means to look at would pass for whole.
  return isBusy ? { kind: 'busy' } : { kind: 'members', members };
}

/**
 * The names of what seem to be members: the folder itself tells what is a file or a folder, only where links lead has to
 * be looked up.
 */
export async function readNames(
  path: string,
  namesMax: number,
  rules: FolderRules,
  system: System,
): Promise<Pick<Scan, 'names' | 'isWhole'> | Unlisted> {
  const found = await folderEntries(path, namesMax);
  if (found instanceof Error) return entryOf(found);
  const shown = found.entries.filter(({ name }) => !rules.isHidden(name));
  const names = shown.filter(isMember);
  const links = shown.filter(({ kind }) => kind === 'link');
  const linked = await lookAtMembers(
    path,
    links.map(({ name }) => name),
    rules,
    system,
  );
  if (linked.kind !== 'members') return linked;
  return { names: names.concat(linked.members), isWhole: found.isWhole };
}

function isMember(entry: FolderEntry): entry is FolderEntry & Pick<Member, 'kind'> {
  return entry.kind === 'file' || entry.kind === 'folder';
}

type Unlisted = Exclude<Listing, { kind: 'members' }>;

function failed(failure: OpenFailure): Unlisted {
  switch (failure) {
    case 'denied':
      return { kind: 'denied', why: 'unreadable' };
    case 'changed':
    case 'absent':
      return { kind: 'absent' };
    case 'busy':
      return { kind: 'busy' };
    default:
      return failure satisfies never;
  }
}

/** A member that `find` would show, else undefined; busy when there were no means to find out. */
async function memberAt(
  folder: string,
  name: string,
  rules: FolderRules,
  system: System,
): Promise<Member | 'busy' | undefined> {
  const path = join(folder, name);
  const status = await system.linkStatus(path);
  if (status instanceof Error) return entryOf(status).kind === 'busy' ? 'busy' : undefined;
  if (status.isSymbolicLink()) return linkedMember(name, status, await rules.find(name));
  if (status.isDirectory()) return { name, kind: 'folder', size: 0, modifiedMs: Number(status.mtimeMs) };
  if (!status.isFile() || !(await system.isReadable(path, status))) return undefined;
  return { name, kind: 'file', size: Number(status.size), modifiedMs: Number(status.mtimeMs) };
}

/** A folder behind a link is dated by the link: a store tells no more of folders. */
function linkedMember(name: string, link: BigIntStats, entry: Entry): Member | 'busy' | undefined {
  switch (entry.kind) {
    case 'file':
      return {
        name,
        kind: 'file',
        size: entry.file.size,
        modifiedMs: Number(entry.file.modifiedNs / 1_000_000n),
        isLink: true,
      };
    case 'folder':
      return { name, kind: 'folder', size: 0, modifiedMs: Number(link.mtimeMs), isLink: true };
    case 'busy':
      return 'busy';
    default:
      return undefined;
  }
}
