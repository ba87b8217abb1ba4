import type { BigIntStats } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { StoredFile } from '../http/message.ts';
import { type Holding, identityOf, openFlags } from './descriptor.ts';
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
export type FileVersion = Omit<StoredFile, 'location'>;

/** Whether an open file is the version that was found; of its place nothing is said. */
export function isVersion(status: BigIntStats, file: FileVersion): boolean {
  return (
    status.mtimeNs === file.modifiedNs &&
    status.ctimeNs === file.changedNs &&
    Number(status.size) === file.size &&
    identityOf(status) === file.identity &&
    status.isFile()
  );
}

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
class DirectFile implements Rereadable, FileVersion {
  readonly identity: string;
  readonly size: number;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
  readonly #folder: DirectFolder;
  readonly #name: string;

  constructor({ location, identity, size, modifiedNs, changedNs }: StoredFile, folder: DirectFolder) {
    this.identity = identity;
    this.size = size;
    this.modifiedNs = modifiedNs;
    this.changedNs = changedNs;
    this.#folder = folder;
    // A part of a text holds the whole of it.
    this.#name = Buffer.from(basename(location)).toString();
  }

  isOf({ location, identity, size, modifiedNs, changedNs, edition }: StoredFile): boolean {
    return (
      edition === undefined &&
      identity === this.identity &&
      size === this.size &&
      modifiedNs === this.modifiedNs &&
      changedNs === this.changedNs &&
      location === this.#path
    );
  }

  reread(buffer: Buffer, offset: number): boolean {
    const { holding, stands } = this.#folder;
    const { slots, system } = holding;
    if (!stands || !slots.takeNow()) return false;
    const place = { offset, length: this.size };
    const status = system.wholeNow(this.#path, openFlags, buffer, place);
    slots.give();
    return status !== undefined && isVersion(status, this);
  }

  get #path(): string {
    return `${this.#folder.path}${sep}${this.#name}`;
  }
}
