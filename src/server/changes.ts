/** How long something has to have been left alone before it is told of: whoever writes a file writes it in pieces. */
const settlingMs = 50;

/** How long a path that is written to without a pause is waited for, and how many paths are at once. */
const waitMaxMs = 2000;
const pathsMax = 1000;

interface Restless {
  readonly sinceMs: number;
  lastMs: number;
}

/**
 * Collects the paths that change and tells of them when they have been left alone for a moment, those of one moment
 * together. Where too many change, the root stands for all.
 */
export class Changes {
  readonly #tell: (paths: readonly string[]) => void;
  readonly #restless = new Map<string, Restless>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (paths: readonly string[]) => void) {
    this.#tell = tell;
  }

  /** Whether something has changed that has not been left alone since. */
  get isRestless(): boolean {
    return this.#restless.size > 0;
  }

  /** A path has changed, and may go on changing. */
  add(path: string): void {
    const nowMs = performance.now();
    const known = this.#restless.get(path);
    if (known !== undefined) known.lastMs = nowMs;
    else if (this.#restless.size < pathsMax || path === '/')
      this.#restless.set(path, { sinceMs: nowMs, lastMs: nowMs });
    else this.add('/');
    this.#timer ??= setTimeout(() => this.#settle(), settlingMs).unref();
  }

  /** Forgets what has not been told of. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#restless.clear();
  }

  /** What belongs together is written together: nothing is told of while anything is being written, but not for long. */
  #settle(): void {
    const nowMs = performance.now();
    const all = [...this.#restless.values()];
    const quietAtMs = Math.max(...all.map(({ lastMs }) => lastMs)) + settlingMs;
    const latestMs = Math.min(...all.map(({ sinceMs }) => sinceMs)) + waitMaxMs;
    const waitMs = Math.min(quietAtMs, latestMs) - nowMs;
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#settle(), Math.ceil(waitMs)).unref();
      return;
    }
    const paths = [...this.#restless.keys()];
    this.clear();
    this.#tell(paths.includes('/') ? ['/'] : paths);
  }
}
