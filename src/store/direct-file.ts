import { basename, dirname, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { StoredFile } from '../http/message.ts';
import { type Holding, openFlags } from './descriptor.ts';
import type { Root } from './root.ts';
import type { Rereadable } from './store.ts';

/** How long a folder is believed to stand where it stood: a link put in its place is noticed after this at the latest. */
const folderBelievedMs = 1000;

/** Folders of which that is known at once. */
const foldersMax = 4096;

/** Files of a root that have no link on their way from it, and so can be read without following their path again. */
export class DirectFiles {
  readonly #root: Root;
  readonly #holding: Holding;
  readonly #folders = new LRUCache<string, DirectFolder>({ max: foldersMax });

  constructor(root: Root, holding: Holding) {
    this.#root = root;
    this.#holding = holding;
  }

  /** `file` was found without a link below `rootPath`, which has none itself. */
  of(file: StoredFile, rootPath: string): Rereadable {
    const path = dirname(file.location);
    let folder = this.#folders.get(path);
    if (folder?.rootPath !== rootPath) {
      folder = new DirectFolder({ path, rootPath, root: this.#root, holding: this.#holding });
      this.#folders.set(path, folder);
    }
    return new DirectFile(file, folder);
  }
}

/** What tells one version of a file from another, wherever it is. */
interface Marks {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
}

/**
 * As numbers, which take half the time of the exact ones. Times are told to a quarter of a microsecond then; a file is
 * believed only after it has been left alone for much longer (`hasSettled`).
 */
function marksOf({ identity, size, modifiedNs, changedNs }: StoredFile): Marks {
  const [device = Number.NaN, inode = Number.NaN] = identity.split(':').map(Number);
  return { device, inode, size, modifiedMs: msOf(modifiedNs), changedMs: msOf(changedNs) };
}

/** As Node puts it together from what the system tells: rounded once for the seconds and once for the rest. */
function msOf(ns: bigint): number {
  const rest = ((ns % aSecondNs) + aSecondNs) % aSecondNs;
  return Number((ns - rest) / aSecondNs) * 1000 + Number(rest) / 1e6;
}

const aSecondNs = 1_000_000_000n;

interface FolderOptions {
  readonly path: string;
  readonly rootPath: string;
  readonly root: Root;
  readonly holding: Holding;
}

/** What the files of one folder share. */
class DirectFolder {
  readonly path: string;
  readonly rootPath: string;
  readonly holding: Holding;
  readonly #root: Root;
  #believedUntilMs = Number.NEGATIVE_INFINITY;

  constructor({ path, rootPath, root, holding }: FolderOptions) {
    this.path = path;
    this.rootPath = rootPath;
    this.#root = root;
    this.holding = holding;
  }

  /** Whether the root still leads there without a link, as far as it can be told now. */
  get stands(): boolean {
    const nowMs = performance.now();
    if (this.#root.believed(nowMs) !== this.rootPath) return false;
    if (nowMs < this.#believedUntilMs) return true;
    if (this.holding.system.realPathNow(this.path) !== this.path) return false;
    this.#believedUntilMs = nowMs + folderBelievedMs;
    return true;
  }
}

/**
 * What opens under the name of a file with its identity and its time of change is that file: nobody can set that time.
 * There may be many of these, so they hold no more than they need of what was found.
 */
class DirectFile implements Rereadable, Marks {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
  readonly #folder: DirectFolder;
  readonly #name: string;

  constructor(file: StoredFile, folder: DirectFolder) {
    const { device, inode, size, modifiedMs, changedMs } = marksOf(file);
    this.device = device;
    this.inode = inode;
    this.size = size;
    this.modifiedMs = modifiedMs;
    this.changedMs = changedMs;
    this.#folder = folder;
    // A part of a text holds the whole of it.
    this.#name = Buffer.from(basename(file.location)).toString();
  }

  isOf(file: StoredFile): boolean {
    const { device, inode, size, modifiedMs, changedMs } = marksOf(file);
    return (
      file.edition === undefined &&
      inode === this.inode &&
      device === this.device &&
      size === this.size &&
      modifiedMs === this.modifiedMs &&
      changedMs === this.changedMs &&
      file.location === this.#path
    );
  }

  reread(buffer: Buffer, offset: number): boolean {
    const { holding, stands } = this.#folder;
    const { slots, system } = holding;
    if (!stands || !slots.takeNow()) return false;
    const status = system.wholeNow(this.#path, openFlags, buffer, offset, this.size);
    slots.give();
    return (
      status !== undefined &&
      status.ino === this.inode &&
      status.ctimeMs === this.changedMs &&
      status.mtimeMs === this.modifiedMs &&
      status.size === this.size &&
      status.dev === this.device &&
      status.isFile()
    );
  }

  get #path(): string {
    return `${this.#folder.path}${sep}${this.#name}`;
  }
}
