/**
 * A watcher that tells a cache at once what has changed on the disk. Nothing rests on it: every look-up that is kept
 * is made anew when its time is over, so an event that is missed, a folder that cannot be watched and one that is given
 * up do no harm. Only folders through which looks that are kept have passed are watched, each for itself (`fs.watch`,
 * not recursive), and what an event says is not believed: it only expires what was found there. `ways.ts` knows how
 * what was found was reached, `watched-folder.ts` listens.
 */
import { sep } from 'node:path';
import type { Entry, Look } from './store.ts';
import { type Way, Ways } from './ways.ts';

/** What is watched, and who is told that it cannot be. */
export interface WatchOptions {
  /** The folder to watch, an absolute path; it may lie behind links that a deployment flips. */
  readonly root: string;
  /** Takes a line for the operator, once: the system has no more watchers to give. */
  readonly report: (line: string) => void;
  /** Folders watched at once; 2,048 by default. */
  readonly foldersMax?: number;
  /**
   * Told of each change that is seen: the path in the site of what is something else now (`/a/b.css`), or of a folder
   * in or below which something is (`/a/`). A path may come often, and for no reason.
   */
  readonly changed?: ((path: string) => void) | undefined;
}

/** Watches the folders below a root, lazily, at most so many of them. */
export class FolderWatch {
  readonly #ways: Ways;

  constructor(options: WatchOptions) {
    this.#ways = new Ways({ foldersMax: watchedFoldersMax, ...options });
  }

  /** Folders that are watched now. */
  get watchedFolders(): number {
    return this.#ways.watchedFolders;
  }

  /**
   * Begins before a look-up, so that what changes while it is under way is not missed; `path` are its segments joined
   * by slashes. Waits only where a folder is new.
   */
  begin(segments: readonly string[], path: string): Passage | Promise<Passage> {
    const above = this.#ways.known(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    if (above !== undefined) return new Passage(this.#ways, path, above);
    return this.#ways.to(segments.slice(0, -1)).then(way => new Passage(this.#ways, path, way));
  }

  /** Ends all watching; it begins again with the next look-up. */
  close(): void {
    this.#ways.close();
  }
}

/** Folders that are watched at once, for all of a server. */
export const watchedFoldersMax: number = 2048;

/** One look-up on its way through folders that are watched. */
export class Passage {
  readonly #ways: Ways;
  readonly #path: string;
  readonly #way: Way;
  /** The way through links to what the path itself names, where it is known. */
  readonly #linked: Way | undefined;
  readonly #changes: number;

  /** To be had from `FolderWatch.begin`. */
  constructor(ways: Ways, path: string, way: Way) {
    this.#ways = ways;
    this.#path = path;
    this.#way = way;
    this.#linked = ways.known(path);
    this.#changes = way.changes + (this.#linked?.changes ?? 0);
  }

  /**
   * Expires the look as soon as something changes on the way to what it found, at once when that has happened since
   * the passage began.
   */
  hang(look: Look, entry: Entry): void {
    const [way, linked] = [this.#way, this.#linked];
    way.hang(this.#rest, look);
    linked?.hang('', look);
    if (way.changes + (linked?.changes ?? 0) !== this.#changes) look.expire();
    // The next look-up finds the links watched.
    else if (this.follow(entry)) look.expire();
  }

  /** Begins to watch the links that lead to what was found, where they are not watched yet; whether there are such. */
  follow(entry: Entry): boolean {
    const isUnwatched = this.#linked === undefined && isBehindLink(entry, this.#way, this.#rest);
    if (!isUnwatched || !this.#ways.hasRoom) return false;
    void this.#ways.toFile(this.#path.split('/'));
    return true;
  }

  /** The look is no longer kept, so nothing may rest on it any more: of a change nobody would tell it. */
  drop(look: Look): void {
    this.#way.drop(this.#rest, look);
    this.#linked?.drop('', look);
    look.expire();
  }

  get #rest(): string {
    return this.#way.depth === 0 ? this.#path : this.#path.slice(this.#way.key.length + 1);
  }
}

function isBehindLink(entry: Entry, way: Way, rest: string): boolean {
  if (entry.kind !== 'file' || way.folder === undefined || rest.includes('/')) return false;
  return entry.file.location !== `${way.folder}${way.folder.endsWith(sep) ? '' : sep}${rest}`;
}
