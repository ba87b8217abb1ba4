import type { StoredFile } from '../http/message.ts';
import type { Descriptor } from './descriptor.ts';
import { smallContentBytesMax } from './store.ts';

/**
 * How long a descriptor that nobody uses stays open: long enough for the next reader of a file that is asked for
 * again and again, short enough that a removed file does not hold its place on the disk.
 */
const idleTimeoutMs = 2000;

/**
 * Descriptors of large files that nobody reads just now, one for each file. They only save the opening: whoever takes
 * one judges it as if it had just been opened. They are given up as soon as descriptors run short.
 */
export class KeptDescriptors {
  readonly #max: number;
  /** The one that has been idle longest comes first. */
  readonly #idle = new Map<string, Idle>();
  #timer: NodeJS.Timeout | undefined;

  /** At most `max` are kept; 0: none. */
  constructor(max: number) {
    this.#max = max;
  }

  /** A descriptor of this file if there is one; it is the caller's from now on. */
  take(file: StoredFile): Descriptor | undefined {
    if (this.#idle.size === 0) return undefined;
    const key = keyOf(file);
    const idle = this.#idle.get(key);
    this.#idle.delete(key);
    return idle?.descriptor;
  }

  /** Takes a descriptor that its user is done with: keeps it or closes it. */
  give(file: StoredFile, descriptor: Descriptor): void {
    const key = keyOf(file);
    if (file.size < smallContentBytesMax || this.#max === 0 || descriptor.isBusy || this.#idle.has(key)) {
      descriptor.close();
      return;
    }
    if (this.#idle.size >= this.#max) void this.giveUpOne();
    this.#idle.set(key, { descriptor, untilMs: performance.now() + idleTimeoutMs });
    this.#timer ??= setTimeout(() => this.#sweep(), idleTimeoutMs).unref();
  }

  /** Descriptors that are kept now. */
  get size(): number {
    return this.#idle.size;
  }

  /** Closes the one that has been idle longest, if there is one. */
  async giveUpOne(): Promise<void> {
    for (const [key, { descriptor }] of this.#idle) {
      this.#idle.delete(key);
      return descriptor.closeNow();
    }
  }

  /** Closes all of them. */
  async giveUpAll(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const closed: Promise<void>[] = [];
    while (this.#idle.size > 0) closed.push(this.giveUpOne());
    await Promise.all(closed);
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const [, { untilMs }] of this.#idle) {
      if (untilMs > nowMs) break;
      void this.giveUpOne();
    }
    this.#timer = this.#idle.size === 0 ? undefined : setTimeout(() => this.#sweep(), sweepMs).unref();
  }
}

const sweepMs = 500;

interface Idle {
  readonly descriptor: Descriptor;
  readonly untilMs: number;
}

function keyOf({ location, identity }: StoredFile): string {
  return `${identity} ${location}`;
}
