import { urgencies } from './priority.ts';
import type { Stream } from './stream.ts';

/** Every so many turns go to whoever waits behind others: nobody waits for ever, whatever a client says is urgent. */
const fairTurn = 16;

/**
 * Streams that wait for their turn: the most urgent first, of equal urgency one after the other, and those that may be
 * mixed take turns. RFC 9218 §10.
 */
export class Scheduler {
  readonly #queues: readonly Queue[] = Array.from({ length: urgencies }, () => new Queue());
  #size = 0;
  #turns = 0;
  #fairUrgency = 0;

  /** Puts a stream at the end of those that are as urgent; it waits in no other place. */
  join(stream: Stream): void {
    this.#queues[stream.priority.urgency]?.join(stream);
    this.#size += 1;
  }

  /** Takes a stream out. */
  leave(stream: Stream): void {
    stream.queue?.remove(stream);
    this.#size -= 1;
  }

  /** Whether it waits here. */
  has(stream: Stream): boolean {
    return stream.queue !== undefined && this.#queues[stream.priority.urgency] === stream.queue;
  }

  /** Whose turn it is; it stays where it is. */
  next(): Stream | undefined {
    if (this.#size === 0) return undefined;
    this.#turns = (this.#turns + 1) % fairTurn;
    if (this.#turns === 0 && this.#size > 1) return this.#nextBehind();
    return this.#queues.find(({ first }) => first !== undefined)?.first;
  }

  /** After a turn: one that may be mixed with others lets them go first. */
  yieldTurn(stream: Stream): void {
    if (stream.priority.isIncremental && stream.after !== undefined) stream.queue?.toEnd(stream);
  }

  /** Of each urgency in its turn, the second; the first has its turns anyway. Somebody waits. */
  #nextBehind(): Stream {
    let queue: Queue;
    do {
      this.#fairUrgency = (this.#fairUrgency + 1) % urgencies;
      queue = this.#queues[this.#fairUrgency] as Queue;
    } while (queue.first === undefined);
    const { after } = queue.first;
    if (after === undefined) return queue.first;
    queue.toEnd(after);
    return after;
  }
}

/** Streams in order, each with its own links: to come and to go changes a few of them and nothing else. */
export class Queue {
  first: Stream | undefined;
  #last: Stream | undefined;

  join(stream: Stream): void {
    stream.queue = this;
    stream.before = this.#last;
    stream.after = undefined;
    if (this.#last === undefined) this.first = stream;
    else this.#last.after = stream;
    this.#last = stream;
  }

  remove(stream: Stream): void {
    const { before, after } = stream;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    stream.queue = undefined;
    stream.before = undefined;
    stream.after = undefined;
  }

  toEnd(stream: Stream): void {
    this.remove(stream);
    this.join(stream);
  }
}
