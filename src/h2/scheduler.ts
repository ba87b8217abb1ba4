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

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

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
    for (const queue of this.#queues) if (queue.first !== undefined) return queue.first;
    return undefined;
  }

  /** After a turn: one that may be mixed with others lets them go first. */
  yieldTurn(stream: Stream): void {
    if (stream.priority.isIncremental && stream.after !== undefined) stream.queue?.toEnd(stream);
  }

  /** Of each urgency in its turn, the second; the first has its turns anyway. */
  #nextBehind(): Stream | undefined {
    for (let tried = 0; tried < urgencies; tried++) {
      this.#fairUrgency = (this.#fairUrgency + 1) % urgencies;
      const queue = this.#queues[this.#fairUrgency];
      const stream = queue?.first?.after ?? queue?.first;
      if (stream === undefined) continue;
      if (stream !== queue?.first) queue?.toEnd(stream);
      return stream;
    }
    return undefined;
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
