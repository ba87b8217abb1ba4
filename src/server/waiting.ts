import type { H1Phase } from '../h1/connection.ts';
import type { H2Phase } from '../h2/connection.ts';

/** The connections that wait for their client, each queue with the longest wait first. */
export interface Waiting<Member> {
  /** For a request. */
  readonly idle: Queue<Member>;
  /** For the rest of a request. */
  readonly reading: Queue<Member>;
}

/**
 * Members in the order in which they came. Each brings its own seat, so that coming and going, which happens with
 * every request, changes a few links and nothing else; a Set cost 40 ns more.
 */
export class Queue<Member> {
  #first: Seat<Member> | undefined;
  #last: Seat<Member> | undefined;

  /** Who came first; undefined when nobody is here. */
  get first(): Member | undefined {
    return this.#first?.member;
  }

  /** All, in that order; while they are gone through, nobody may come or go. */
  *[Symbol.iterator](): Generator<Member, undefined> {
    for (let seat = this.#first; seat !== undefined; seat = seat.after) yield seat.member;
  }

  /** Puts a seat at the end; it leaves the queue where it is. */
  join(seat: Seat<Member>): void {
    seat.leave();
    seat.queue = this;
    seat.before = this.#last;
    if (this.#last === undefined) this.#first = seat;
    else this.#last.after = seat;
    this.#last = seat;
  }

  /** Takes a seat of this queue out; `Seat.leave` calls it. */
  remove({ before, after }: Seat<Member>): void {
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
  }
}

/** One member's place, in one queue or none; the links are for the queues only. */
export class Seat<Member> {
  readonly member: Member;
  queue: Queue<Member> | undefined;
  before: Seat<Member> | undefined;
  after: Seat<Member> | undefined;

  constructor(member: Member) {
    this.member = member;
  }

  /** Leaves the queue, if it is in one. */
  leave(): void {
    this.queue?.remove(this);
    this.queue = undefined;
    this.before = undefined;
    this.after = undefined;
  }
}

/** Puts a connection last among those that wait for the same; while it is being answered, it waits for no client. */
export function takePlace<Member>(
  seat: Seat<Member>,
  phase: H1Phase | H2Phase | 'lingering',
  { idle, reading }: Waiting<Member>,
): void {
  if (phase === 'idle') idle.join(seat);
  else if (phase === 'head' || phase === 'content') reading.join(seat);
  else seat.leave();
}
