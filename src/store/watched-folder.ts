import fs from 'node:fs';

/** Events of one folder in a while, whatever they tell, before it is left alone until the while is over. */
const eventsMax = 512;
const whileMs = 1000;

/** What comes of an event. */
export interface Consequences<User> {
  /** A name in the folder that `user` ends in has changed; undefined: any of them may have. */
  readonly changed: (user: User, name: string | undefined) => void;
  /** What `user` passed through may be something else now. */
  readonly replaced: (user: User) => void;
}

/** One folder that is watched, and who passes through it or ends in it. */
export class WatchedFolder<User> {
  readonly #path: string;
  readonly #consequences: Consequences<User>;
  readonly #passing = new Map<string, Set<User>>();
  readonly #ending = new Set<User>();
  #watcher: fs.FSWatcher | undefined;
  #pause: NodeJS.Timeout | undefined;
  #events = 0;
  #sinceMs = 0;

  constructor(path: string, consequences: Consequences<User>) {
    this.#path = path;
    this.#consequences = consequences;
  }

  /** Whether events come in. */
  get isWatched(): boolean {
    return this.#watcher !== undefined;
  }

  /** Whether anybody passes or ends here. */
  get isUsed(): boolean {
    return this.#ending.size > 0 || this.#passing.size > 0;
  }

  /** Begins to watch, or answers why it cannot. A watcher keeps no process alive. */
  watch(): NodeJS.ErrnoException | undefined {
    try {
      this.#watcher = fs.watch(this.#path, { persistent: false });
    } catch (error) {
      return error as NodeJS.ErrnoException;
    }
    this.#watcher.on('change', (_kind, name) => this.#happen(name === null ? undefined : String(name)));
    // On Windows a watched folder that is removed is told as a failure.
    this.#watcher.on('error', () => {
      this.#unwatch();
      this.#happen(undefined);
    });
    return undefined;
  }

  /** The user goes on from here through a name. */
  pass(name: string, user: User): void {
    const users = this.#passing.get(name);
    if (users === undefined) this.#passing.set(name, new Set([user]));
    else users.add(user);
  }

  /** The user looks at the names in this folder. */
  end(user: User): void {
    this.#ending.add(user);
  }

  /** The user no longer passes through this name, or no longer ends here. */
  leave(name: string | undefined, user: User): void {
    if (name === undefined) {
      this.#ending.delete(user);
      return;
    }
    const users = this.#passing.get(name);
    users?.delete(user);
    if (users?.size === 0) this.#passing.delete(name);
  }

  /** Ends the watching for good. */
  close(): void {
    this.#unwatch();
    clearTimeout(this.#pause);
  }

  #happen(name: string | undefined): void {
    this.#tell(name);
    this.#count();
  }

  #tell(name: string | undefined): void {
    const { changed, replaced } = this.#consequences;
    const passing = name === undefined ? [...this.#passing.values()] : [this.#passing.get(name) ?? []];
    for (const user of passing.flatMap(users => [...users])) replaced(user);
    for (const user of this.#ending) changed(user, name);
  }

  /**
   * A folder that is written to without a pause would keep the process busy with events of which the first has said
   * all: it is not listened to for a while, and what was found in it or through it is looked up again after that.
   */
  #count(): void {
    const nowMs = performance.now();
    if (nowMs - this.#sinceMs > whileMs) {
      this.#sinceMs = nowMs;
      this.#events = 0;
    }
    this.#events += 1;
    if (this.#events < eventsMax || this.#watcher === undefined) return;
    this.#unwatch();
    this.#pause = setTimeout(() => {
      this.watch();
      this.#tell(undefined);
    }, whileMs);
    this.#pause.unref();
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
