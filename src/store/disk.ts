/**
 * Files below a folder of the disk. What a path leads to is judged after every link in it has been followed, and
 * what is opened is judged once more by its descriptor, so that nothing put in its place meanwhile gets out.
 * `root.ts` judges places, `descriptor.ts` holds files open, `slots.ts` bounds how many, `folder.ts` reads folders,
 * `system.ts` makes the calls.
 */
import { accessSync, type BigIntStats, constants, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { StoredFile } from '../http/message.ts';
import { type Descriptor, DiskFile, type Holding, hold, identityOf, pathOf } from './descriptor.ts';
import { DirectFiles } from './direct-file.ts';
import {
  type FolderReading,
  type FolderRules,
  lookAtMembers,
  readFolder,
  readMembers,
  readNames,
} from './folder.ts';
import { KeptDescriptors } from './kept-descriptors.ts';
import { type Place, Root } from './root.ts';
import { Slots } from './slots.ts';
import { type Stopwatch, systemStopwatch } from './stopwatch.ts';
import type { Entry, Listing, OpenFailure, OpenFile, Scan, Store } from './store.ts';
import { entryOf, System } from './system.ts';

/** What a disk store is made from. */
export interface DiskOptions {
  /** The folder to serve; it may be a link that a deployment flips. */
  readonly root: string;
  /** Whether names that begin with a dot are seen. */
  readonly dotfiles: boolean;
  /** Whether links may lead out of the root. */
  readonly followSymlinks: boolean;
  /** Files that are never seen, nor their codings, nor through a link, by their paths without links above them. */
  readonly withheld?: Pick<ReadonlySet<string>, 'has'>;
  /** Descriptors held at once, at least 1. */
  readonly openFilesMax: number;
  /** How long an opening waits for a descriptor to come free; then it is 'busy'. */
  readonly openWaitTimeoutMs: number;
  /** Descriptors of large files kept open for a moment after their last reader; 0, the default: none. */
  readonly keptDescriptorsMax?: number;
  /** Tells whether the disk is quick; the system's own by default. */
  readonly stopwatch?: Stopwatch;
  /** A store whose descriptors these are counted among, in place of bounds of their own. */
  readonly beside?: DiskStore | undefined;
  /** Whether it is told of every folder where it lies, and not only of those behind links; false by default. */
  readonly tellsFolders?: boolean;
}

/** A store on a disk. */
export interface DiskStore extends Store {
  /** Descriptors held now: files open and folders being read. */
  readonly openFiles: number;
  /** Whether a file lies below the root, as far as that can be told without a look. */
  holds(file: StoredFile): boolean;
  /** Closes what is open and nobody reads. The store can still be used. */
  rest(): Promise<void>;
}

/** A store of the files below a folder. Throws an Error for people when the root is absent, no folder or unreadable. */
export function diskStore(options: DiskOptions): DiskStore {
  if (options.openFilesMax < 1)
    throw new RangeError(`diskStore: openFilesMax is ${options.openFilesMax}; wanted 1 or more`);
  const path = resolve(options.root);
  try {
    if (!statSync(path).isDirectory()) throw new Error('it is not a folder');
    accessSync(path, constants.R_OK | constants.X_OK);
    const system = new System(options.stopwatch ?? systemStopwatch);
    const shared = options.beside instanceof FolderStore ? options.beside.shared : undefined;
    const slots = shared?.slots ?? new Slots(options.openFilesMax, options.openWaitTimeoutMs);
    const kept = shared?.kept ?? new KeptDescriptors(options.keptDescriptorsMax ?? 0);
    const holding = { system, slots, kept };
    return new FolderStore(new Root(path, options, system), holding, options.tellsFolders === true);
  } catch (error) {
    throw new Error(`cannot serve ${path}: ${inWords(error)}; wanted a folder that this user may read`, {
      cause: error,
    });
  }
}

/** Looks at a path that changes under each of them before it is called busy. */
const looksMax = 8;

class FolderStore implements DiskStore {
  readonly #root: Root;
  readonly #holding: Holding;
  readonly #direct: DirectFiles;
  readonly #tellsFolders: boolean;

  constructor(root: Root, holding: Holding, tellsFolders: boolean) {
    this.#root = root;
    this.#holding = holding;
    this.#tellsFolders = tellsFolders;
    this.#direct = new DirectFiles(root, holding);
  }

  get openFiles(): number {
    return this.#holding.slots.taken;
  }

  /** What stores beside it share with it. */
  get shared(): Pick<Holding, 'slots' | 'kept'> {
    return this.#holding;
  }

  holds({ location }: StoredFile): boolean {
    return this.#root.holds(location);
  }

  rest(): Promise<void> {
    return this.#holding.kept.giveUpAll();
  }

  async find(segments: readonly string[]): Promise<Entry> {
    if (!segments.every(isName)) return { kind: 'absent' };
    if (this.#root.hides(segments)) return { kind: 'denied', why: 'hidden' };
    const { system } = this.#holding;
    let gone: string | undefined;
    for (let look = 1; look <= looksMax; look += 1) {
      const place = await this.#root.locate(segments);
      if (place instanceof Error) return entryOf(place);
      if (place.kind === 'denied') return place;
      const status = await system.linkStatus(place.path);
      if (status instanceof Error) {
        const entry = entryOf(status);
        if (entry.kind !== 'absent' || place.path === gone) return entry;
        // Removed since it was located, or the root now leads elsewhere: the next look tells which.
        gone = place.path;
      } else if (!status.isSymbolicLink()) return this.#entryAt(place, status);
      // A link was put there since the path was followed: follow it again.
    }
    return { kind: 'busy' };
  }

  list(segments: readonly string[]): Promise<Listing> {
    return this.#inFolder(segments, readMembers);
  }

  scan(
    segments: readonly string[],
    namesMax: number = Number.POSITIVE_INFINITY,
  ): Promise<Scan | Exclude<Listing, { kind: 'members' }>> {
    const look = (names: readonly string[]): Promise<Listing> =>
      this.#inFolder(segments, (path, rules, system) => lookAtMembers(path, names, rules, system));
    return this.#inFolder(segments, async (path, rules, system) => {
      const found = await readNames(path, namesMax, rules, system);
      return 'kind' in found ? found : { kind: 'names', ...found, look };
    });
  }

  /** Reads a folder, again while the segments come to lead elsewhere meanwhile. */
  async #inFolder<Result>(
    segments: readonly string[],
    read: FolderReading<Result>,
  ): Promise<Result | Exclude<Listing, { kind: 'members' }>> {
    if (!segments.every(isName)) return { kind: 'absent' };
    if (this.#root.hides(segments)) return { kind: 'denied', why: 'hidden' };
    let place = await this.#root.locate(segments);
    for (let look = 1; look <= looksMax; look += 1) {
      if (place instanceof Error) return entryOf(place);
      if (place.kind === 'denied') return place;
      const before = place.path;
      const rules: FolderRules = {
        admits: (real, expected) => this.#root.admits(real, expected),
        isHidden: name => this.#root.hides([...segments, name]) || this.#root.withholds(join(before, name)),
        find: name => this.find([...segments, name]),
      };
      const outcome = await readFolder(before, this.#holding, rules, read);
      // What was read counts if the segments still lead there: a flipped root's old folder may be half removed.
      place = await this.#root.locate(segments);
      if (!(place instanceof Error) && place.kind === 'real' && place.path === before) return outcome;
    }
    return { kind: 'busy' };
  }

  async open(file: StoredFile): Promise<OpenFile | OpenFailure> {
    // What was made of a file of ours may have its size.
    if (file.edition !== undefined) return 'changed';
    const { kept, slots } = this.#holding;
    const idle = kept.take(file);
    const descriptor = idle ?? (await hold(file.location, this.#holding, 'file'));
    if (typeof descriptor === 'string') return descriptor;
    const judged = await this.#judge(descriptor, file);
    if (typeof judged !== 'string') {
      // Kept only while nobody waits for it.
      return new DiskFile(descriptor, judged, () =>
        slots.isFull ? descriptor.close() : kept.give(file, descriptor),
      );
    }
    descriptor.close();
    // The name may have come to lead to another file that is the right one: what opens it tells.
    return idle === undefined ? judged : this.open(file);
  }

  async #entryAt(
    { path, directlyBelow }: Extract<Place, { kind: 'real' }>,
    status: BigIntStats,
  ): Promise<Entry> {
    if (status.isDirectory()) {
      const isTold = directlyBelow === undefined || this.#tellsFolders;
      return isTold ? { kind: 'folder', location: path } : { kind: 'folder' };
    }
    if (!status.isFile()) return { kind: 'denied', why: specialKind(status) };
    if (!(await this.#holding.system.isReadable(path, status))) return { kind: 'denied', why: 'unreadable' };
    const file = fileOf(path, status);
    const rereadable = directlyBelow === undefined ? undefined : this.#direct.of(file, directlyBelow);
    return { kind: 'file', file, rereadable };
  }

  /** The status of the opened file when it is the version that was found, at the place where it was found. */
  async #judge(descriptor: Descriptor, file: StoredFile): Promise<BigIntStats | OpenFailure> {
    const { system } = this.#holding;
    const status = await descriptor.use(fd => system.descriptorStatus(fd));
    const path = await descriptor.use(fd => pathOf(fd, file.location, system));
    if (status === undefined || path === undefined) return 'changed';
    if (status instanceof Error) return entryOf(status).kind === 'busy' ? 'busy' : 'denied';
    if (path instanceof Error) return entryOf(path).kind === 'busy' ? 'busy' : 'denied';
    if (!isVersion(status, file)) return 'changed';
    return (await this.#root.admits(path, file.location)) ? status : 'changed';
  }
}

function fileOf(location: string, status: BigIntStats): StoredFile {
  const { size, mtimeNs, ctimeNs } = status;
  return {
    location,
    identity: identityOf(status),
    size: Number(size),
    modifiedNs: mtimeNs,
    changedNs: ctimeNs,
  };
}

/** Whether an open file is the version that was found; of its place nothing is said. */
function isVersion(status: BigIntStats, file: StoredFile): boolean {
  return (
    status.mtimeNs === file.modifiedNs &&
    status.ctimeNs === file.changedNs &&
    Number(status.size) === file.size &&
    identityOf(status) === file.identity &&
    status.isFile()
  );
}

function specialKind(status: BigIntStats): string {
  if (status.isFIFO()) return 'a FIFO';
  if (status.isSocket()) return 'a socket';
  return 'a device';
}

/** The last guard: a segment that is more than one name would be a path of its own. */
function isName(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..') return false;
  return !segment.includes('/') && !segment.includes(sep) && !segment.includes('\0');
}

function inWords(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'nothing is there';
    case 'EACCES':
    case 'EPERM':
      return 'it may not be read';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
