import type { Stream } from './stream.ts';

/** Streams that have ended and are still told apart; more than may be open at once, whatever their limit. */
const endedHeld = 256;

/** How a stream that is no longer open has ended: through the client, or through a reset of ours. */
export type Ending = 'ended' | 'reset-by-us';

/** The streams of a connection: those that are open, and the last ones that were. RFC 9113 §5.1. */
export class Streams {
  readonly #open = new Map<number, Stream>();
  /** The numbers of streams that have ended, negative where we reset them or turned them away; a ring. */
  readonly #ended = new Int32Array(endedHeld);
  #endedAt = 0;
  #last = 0;
  /** The highest number that a client has used, whether its request came in time or not. */
  #used = 0;
  /** Gone, while the driver still owes an answer: they count as if they were open, or a client that takes back what it asks could have any number. */
  #owed = 0;

  /** The highest number of a request that is or may have been answered. */
  get last(): number {
    return this.#last;
  }

  /** Streams that are open or whose answers are still being made. */
  get size(): number {
    return this.#open.size + this.#owed;
  }

  /** Streams that are gone and whose answers are still being made. */
  get owed(): number {
    return this.#owed;
  }

  /** Those that are open. */
  get open(): Iterable<Stream> {
    return this.#open.values();
  }

  /** An open stream. */
  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  /** Whether a client has never used this number; it can use odd ones only. */
  isIdle(id: number): boolean {
    return id > this.#used || id % 2 === 0;
  }

  /** How a stream has ended that is neither open nor idle; undefined when that is long ago, or it never was. */
  endingOf(id: number): Ending | undefined {
    if (this.#ended.includes(id)) return 'ended';
    return this.#ended.includes(-id) ? 'reset-by-us' : undefined;
  }

  /** The client uses a number for the first time. */
  use(id: number): void {
    this.#last = id;
    this.#used = id;
  }

  /** The client uses a number for a request that comes too late: nothing on that stream means anything. */
  turnAway(id: number): void {
    this.#used = id;
    this.#note(-id);
  }

  /** Takes a stream in. */
  add(stream: Stream): void {
    this.#open.set(stream.id, stream);
  }

  /** A stream has ended; `isOwed`: its answer is still being made. */
  close(id: number, ending: Ending, isOwed: boolean): void {
    this.#open.delete(id);
    if (isOwed) this.#owed += 1;
    this.#note(ending === 'ended' ? id : -id);
  }

  /** The answer was made that a stream no longer waits for. */
  settle(): void {
    this.#owed -= 1;
  }

  /** All are gone, because the connection is. */
  clear(): void {
    this.#open.clear();
    this.#owed = 0;
  }

  #note(ended: number): void {
    this.#ended[this.#endedAt] = ended;
    this.#endedAt = (this.#endedAt + 1) % endedHeld;
  }
}
