import { lstat, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Look } from './store.ts';
import type { WatchOptions } from './watch.ts';
import { WatchedFolder } from './watched-folder.ts';

/** Links followed on one way, as many as Linux follows. */
const linksMax = 40;

/** Segments of a path that are watched; what lies deeper waits until its time is over. */
const depthMax = 64;

/** A name in a folder, whose path is without links. */
interface Step {
  readonly folder: string;
  readonly name: string;
}

/** How a folder of the site, or a file behind a link, is reached: through every name and link from the root on. */
export class Way {
  /** Its path in the site; the root has none. */
  readonly key: string;
  readonly depth: number;
  /** The folder without links; undefined where a file is, or nothing. */
  readonly folder: string | undefined;
  readonly steps: readonly Step[];
  /** The looks at what is in the folder, by name. */
  readonly #looks = new Map<string, Look>();
  /** The looks at what lies deeper where no folder is, by their path from here on. */
  readonly #beyond = new Map<string, Look>();
  #changes = 0;

  constructor(segments: readonly string[], folder: string | undefined, steps: readonly Step[]) {
    this.key = keyOf(segments);
    this.depth = segments.length;
    this.folder = folder;
    this.steps = steps;
  }

  /** Grows with every change that was seen. */
  get changes(): number {
    return this.#changes;
  }

  /** Expires the look when its path from here on comes to stand for something else. */
  hang(rest: string, look: Look): void {
    this.#mapOf(rest).set(rest, look);
  }

  /** No longer does so. */
  drop(rest: string, look: Look): void {
    const looks = this.#mapOf(rest);
    if (looks.get(rest) === look) looks.delete(rest);
  }

  /** A name in the folder now stands for something else, or all names do. */
  change(name: string | undefined): void {
    this.#changes += 1;
    if (name !== undefined) {
      this.#looks.get(name)?.expire();
      this.#looks.delete(name);
    }
    for (const looks of name === undefined ? [this.#looks, this.#beyond] : [this.#beyond]) {
      for (const [rest, look] of looks) {
        if (name !== undefined && !rest.startsWith(`${name}/`)) continue;
        look.expire();
        looks.delete(rest);
      }
    }
  }

  #mapOf(rest: string): Map<string, Look> {
    return rest.includes('/') ? this.#beyond : this.#looks;
  }
}

/** The ways that are watched, each with the folders that it passes; the least lately used is given up. */
export class Ways {
  readonly #root: string;
  readonly #report: (line: string) => void;
  readonly #foldersMax: number;
  readonly #changed: ((path: string) => void) | undefined;
  readonly #ways: LRUCache<string, Way>;
  readonly #making = new Map<string, Promise<Way>>();
  readonly #folders = new Map<string, WatchedFolder<Way>>();
  /** The system had no more watchers to give, and that was said. */
  #isRefused = false;
  /** Changes when all is given up: what was begun before is not entered any more. */
  #life = 0;

  constructor({ root, report, foldersMax, changed }: Required<Omit<WatchOptions, 'changed'>> & WatchOptions) {
    this.#root = root;
    this.#report = report;
    this.#foldersMax = foldersMax;
    this.#changed = changed;
    this.#ways = new LRUCache({ max: foldersMax, dispose: way => this.#leave(way) });
  }

  /** Folders that are watched now. */
  get watchedFolders(): number {
    return [...this.#folders.values()].filter(folder => folder.isWatched).length;
  }

  /** The way to exactly this path, if it is watched. */
  known(path: string): Way | undefined {
    return this.#ways.get(path);
  }

  /** Whether one more way is kept without another being given up. */
  get hasRoom(): boolean {
    return this.#ways.size < this.#foldersMax && this.#folders.size < this.#foldersMax;
  }

  /** The way to a folder, or as far towards it as there are folders. Never rejects. */
  async to(segments: readonly string[]): Promise<Way> {
    return this.#once(segments.slice(0, depthMax), 'folder');
  }

  /** The same to a file, through whatever links lead there. */
  async toFile(segments: readonly string[]): Promise<Way> {
    return this.#once(segments, 'file');
  }

  async #once(segments: readonly string[], kind: 'folder' | 'file'): Promise<Way> {
    const key = keyOf(segments);
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#make(segments, kind).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return making;
  }

  /** Gives up all ways. */
  close(): void {
    this.#life += 1;
    this.#making.clear();
    // What hangs there would never be told of a change again, even when watching begins anew.
    for (const way of this.#ways.values()) way.change(undefined);
    this.#ways.clear();
    this.#isRefused = false;
  }

  async #make(segments: readonly string[], kind: 'folder' | 'file'): Promise<Way> {
    const life = this.#life;
    const name = segments.at(-1);
    if (name === undefined) {
      const root = await walk(parse(this.#root).root, this.#root);
      return this.#enter(new Way([], root.folder, root.steps), life);
    }
    const above = await this.to(segments.slice(0, -1));
    if (above.folder === undefined || above.depth < segments.length - 1) return above;
    const { folder, steps } = await walk(above.folder, name);
    // What is not there, and a file, is looked at from above.
    if (folder === undefined && kind === 'folder') return above;
    return this.#enter(new Way(segments, folder, [...above.steps, ...steps]), life);
  }

  #enter(way: Way, life: number): Way {
    if (life !== this.#life) return way;
    this.#ways.set(way.key, way);
    for (const { folder, name } of way.steps) this.#folder(folder).pass(name, way);
    if (way.folder !== undefined) this.#folder(way.folder).end(way);
    // The last one made is the last to be given up.
    while (this.#folders.size > this.#foldersMax && this.#ways.size > 1) this.#ways.pop();
    return way;
  }

  #folder(path: string): WatchedFolder<Way> {
    let folder = this.#folders.get(path);
    if (folder === undefined) {
      folder = new WatchedFolder(path, {
        changed: (way, name) => {
          way.change(name);
          this.#changed?.(`${placeOf(way)}${name ?? ''}`);
        },
        replaced: way => {
          way.change(undefined);
          this.#ways.delete(way.key);
          // A way that ends in a file leads there through a link.
          this.#changed?.(way.folder === undefined ? `/${way.key}` : placeOf(way));
        },
      });
      this.#folders.set(path, folder);
      if (!this.#isRefused) this.#watch(folder);
    }
    return folder;
  }

  #watch(folder: WatchedFolder<Way>): void {
    const failure = folder.watch();
    if (failure?.code !== 'ENOSPC' && failure?.code !== 'EMFILE') return;
    this.#isRefused = true;
    this.#report(
      `the system watches no more folders (${failure.code}); changes in others show when --revalidate is over`,
    );
  }

  #leave(way: Way): void {
    for (const { folder, name } of way.steps) this.#folders.get(folder)?.leave(name, way);
    if (way.folder !== undefined) this.#folders.get(way.folder)?.leave(undefined, way);
    for (const path of [...way.steps.map(({ folder }) => folder), way.folder ?? '']) {
      const folder = this.#folders.get(path);
      if (folder === undefined || folder.isUsed) continue;
      folder.close();
      this.#folders.delete(path);
    }
  }
}

/** Where a path leads from a folder without links, if to a folder, and through which names and links. */
async function walk(
  from: string,
  path: string,
): Promise<{ readonly folder: string | undefined; readonly steps: readonly Step[] }> {
  const steps: Step[] = [];
  const names = namesOf(path);
  let real = from;
  let isFolder = true;
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === '..') {
      real = dirname(real);
      continue;
    }
    steps.push({ folder: real, name });
    const place = join(real, name);
    const found = await look(place);
    if (found === undefined) return { folder: undefined, steps };
    if (found.link === undefined) {
      real = place;
      isFolder = found.isFolder;
      continue;
    }
    links += 1;
    if (links > linksMax) return { folder: undefined, steps };
    if (isAbsolute(found.link)) real = parse(found.link).root;
    names.unshift(...namesOf(found.link));
  }
  return { folder: isFolder ? real : undefined, steps };
}

/** What stands at a place; undefined when nothing does, or nothing that may be seen. */
async function look(
  place: string,
): Promise<{ readonly link?: string; readonly isFolder: boolean } | undefined> {
  try {
    const status = await lstat(place);
    return status.isSymbolicLink()
      ? { link: await readlink(place), isFolder: false }
      : { isFolder: status.isDirectory() };
  } catch {
    return undefined;
  }
}

function namesOf(path: string): string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter(name => name !== '' && name !== '.');
}

/** With a slash on both sides. */
function placeOf({ key }: Way): string {
  return key === '' ? '/' : `/${key}/`;
}

function keyOf(segments: readonly string[]): string {
  return segments.join('/');
}
