import { hasLeft, type Outlet } from './send.ts';

/** Room for what is put together in one turn of the loop: the largest content that is, and its head. */
const roomBytes = 68 * 1024;

/** A connection whose answers wait for the end of the turn. */
export interface Departing {
  /** Writes them; whether the system has taken all of them. */
  depart(): boolean;
  /** Goes on, now that they have been written. */
  goOn(): void;
}

/**
 * Answers that are put together in one turn of the loop and leave together at its end: a client that sleeps is then
 * woken once, and not by each of them. That was a quarter of the CPU time of an answer whose content was read for it.
 */
export class Departures {
  #buffer: Buffer | undefined;
  #usedBytes = 0;
  #departing: Departing[] = [];

  /** A buffer that has so many octets behind its `usedBytes`; up to `roomBytes`. */
  room(bytes: number): Buffer {
    if (this.#usedBytes + bytes > roomBytes) this.giveUp();
    this.#buffer ??= Buffer.allocUnsafeSlow(roomBytes);
    return this.#buffer;
  }

  /** Octets at its beginning that are not yet free again. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The octets up to `end` wait to be written. */
  use(end: number): void {
    this.#usedBytes = end;
  }

  /** Leaves the buffer to whoever uses it still. */
  giveUp(): void {
    this.#buffer = undefined;
    this.#usedBytes = 0;
  }

  /** What this one has put into the buffer leaves at the end of the turn. */
  add(departing: Departing): void {
    if (this.#departing.length === 0) setImmediate(() => this.#leave());
    this.#departing.push(departing);
  }

  #leave(): void {
    const departing = this.#departing;
    this.#departing = [];
    let hasLeft = true;
    for (const each of departing) hasLeft = each.depart() && hasLeft;
    if (hasLeft) this.#usedBytes = 0;
    else this.giveUp();
    for (const each of departing) each.goOn();
  }
}

/** What one connection has in the buffer. */
export class Leaving {
  #last: Buffer | undefined;
  #waits = false;

  /** Whether an answer waits for the end of the turn. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Puts an answer behind those before, which have been written. */
  put(message: Buffer): void {
    this.#last = message;
    this.#waits = true;
  }

  /** Writes what waits, so that something else can follow in this turn. */
  write(socket: Outlet): void {
    if (this.#last !== undefined) socket.write(this.#last);
    this.#last = undefined;
  }

  /** Writes it, and all that the socket is corked for; whether the system has taken all of it. */
  depart(socket: Outlet, departures: Departures | undefined): boolean {
    this.write(socket);
    socket.uncork();
    const isGone = hasLeft(socket);
    if (this.#waits && !isGone) departures?.giveUp();
    this.#waits = false;
    return isGone;
  }
}
