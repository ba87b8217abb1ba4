import { isUtf8 } from 'node:buffer';
import { type BigIntStats, constants } from 'node:fs';
import { access, lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContentCoding, codedContentBytesMin, codingSuffixes, contentCodings } from '../http/coding.ts';
import { isCompressible, mediaTypeOf } from '../http/media-type.ts';
import { isHidden } from '../store/store.ts';
import { holdFolder, reasonOf, temporaryName } from './folder.ts';

/** A file that is worth coding, or that has become too small to be while something in a coding stands beside it. */
export interface Candidate {
  /** Its folder below the root, empty for the root itself. */
  readonly folder: string;
  readonly name: string;
  readonly status: BigIntStats;
}

/** What could not be done, and why. */
export interface Failure {
  readonly path: string;
  readonly why: string;
}

/** What stands in a folder. */
export interface Survey {
  readonly candidates: Candidate[];
  /** Files that are not there, while something of theirs in a coding is. */
  readonly missing: { readonly path: string; readonly coding: ContentCoding }[];
  readonly failures: Failure[];
  files: number;
  folders: number;
  /** Files of a type that gets no smaller. */
  incompressible: number;
  /** Files that are in a coding by their names; they do not count among the files. */
  coded: number;
  /** Files of fewer octets than `codedContentBytesMin`. */
  small: number;
  /** Links, which are not followed. */
  links: number;
  /** Pipes, sockets and devices. */
  special: number;
}

/**
 * Looks through a folder without following links. Hidden names are passed over as the server does, and node_modules.
 * `looked` is told after each folder. What cannot be read is a failure in the survey.
 */
export async function survey(
  root: string,
  signal: AbortSignal,
  looked: (files: number) => void,
): Promise<Survey> {
  const found: Survey = {
    candidates: [],
    missing: [],
    failures: [],
    files: 0,
    folders: 0,
    incompressible: 0,
    coded: 0,
    small: 0,
    links: 0,
    special: 0,
  };
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined && !signal.aborted; folder = folders.pop()) {
    try {
      folders.push(...(await lookThrough(root, folder, found)));
    } catch (error) {
      found.failures.push({ path: folder === '' ? '.' : folder, why: reasonOf(error) });
    }
    found.folders += 1;
    looked(found.files);
  }
  return found;
}

const leftAfterMs = 24 * 60 * 60 * 1000;

/** Members looked at at once. */
const looksAtOnce = 16;

/** Adds what stands in one folder and gives the folders in it. */
async function lookThrough(root: string, folder: string, found: Survey): Promise<readonly string[]> {
  const held = await holdFolder(join(root, folder));
  try {
    const octets = await readdir(held.path, { encoding: 'buffer' });
    // A name that is no UTF-8 cannot be asked for.
    const names = octets.filter(name => isUtf8(name)).map(name => name.toString());
    await removeLeftovers(held.path, names);
    const depth = folder === '' ? 0 : 1;
    const seen = names.filter(name => !isHidden(name, depth) && name !== 'node_modules').sort();
    const all = new Set(seen);
    const inside: string[] = [];
    const rest = seen.values();
    const look = async (): Promise<void> => {
      for (const name of rest) {
        const path = join(folder, name);
        const status = await lstat(join(held.path, name), { bigint: true }).catch((error: Error) => error);
        if (status instanceof Error) {
          // Who is gone since the names were read needs no coding.
          if ((status as NodeJS.ErrnoException).code === 'ENOENT') continue;
          found.failures.push({ path, why: reasonOf(status) });
        } else if (status.isDirectory()) inside.push(path);
        else if (status.isSymbolicLink()) found.links += 1;
        else if (!status.isFile()) found.special += 1;
        else await addFile({ folder, name, status }, held.path, all, found);
      }
    };
    await Promise.all(Array.from({ length: looksAtOnce }, look));
    return inside;
  } finally {
    await held.close();
  }
}

/**
 * What a run that was killed could not remove. One that still codes has changed its own since; only the time of that
 * tells, as the other is set to that of the file.
 */
async function removeLeftovers(held: string, names: readonly string[]): Promise<void> {
  for (const name of names.filter(one => temporaryName.test(one))) {
    const path = join(held, name);
    // Another run may have been quicker; and what cannot be removed is hidden.
    const status = await lstat(path).catch(() => undefined);
    const isLeft = status?.isFile() === true && status.ctimeMs < Date.now() - leftAfterMs;
    if (isLeft) await unlink(path).catch(() => {});
  }
}

async function addFile(
  file: Candidate,
  held: string,
  all: ReadonlySet<string>,
  found: Survey,
): Promise<void> {
  const { folder, name, status } = file;
  for (const coding of contentCodings) {
    const plain = name.slice(0, -codingSuffixes[coding].length);
    const isCoded = name.endsWith(codingSuffixes[coding]) && isCompressible(mediaTypeOf(plain));
    if (isCoded && !all.has(plain)) found.missing.push({ path: join(folder, plain), coding });
  }
  if (alreadyCoded.test(name)) {
    found.coded += 1;
    return;
  }
  found.files += 1;
  if (!isCompressible(mediaTypeOf(name))) found.incompressible += 1;
  else if (
    status.size < codedContentBytesMin &&
    !contentCodings.some(coding => all.has(name + codingSuffixes[coding]))
  )
    found.small += 1;
  else {
    try {
      await access(join(held, name), constants.R_OK);
      found.candidates.push(file);
    } catch (error) {
      found.failures.push({ path: join(folder, name), why: reasonOf(error) });
    }
  }
}

/** An `.svgz` has the type of an SVG, and is one in gzip. */
const alreadyCoded = /\.(?:svgz|br|zst|gz)$/i;
