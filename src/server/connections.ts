import type { Socket } from 'node:net';

import { adopt, type Handle, own } from './adopt.ts';
import type { Driver, OpenDriver } from './driver.ts';
import { H1Driver } from './h1-driver.ts';
import type { Connect, Handshakes, OpenHandshakes } from './handshakes.ts';
import type { Service } from './service.ts';
import { Queue, type Waiting } from './waiting.ts';

/** What processes that serve one port need to pass connections to each other. */
export interface Passing {
  /**
   * Begins a new period, and answers how many connections have lasted through the whole of the one before. Those that
   * come for a request or two are not among them.
   */
  readonly settle: () => number;
  /** Lets go of the one that has waited longest among those that last; undefined when none of them waits. */
  readonly give: () => Handle | undefined;
  /** Takes a connection that another process has let go of, as one that lasts; false: there is no room for it here. */
  readonly take: (handle: Handle) => boolean;
}

/** How connections begin, where that is not as usual. */
export interface Beginnings {
  /** Makes the socket that is read and written out of the accepted one. */
  readonly takeOver?: typeof adopt;
  /** What speaks over a connection; HTTP/1.1 unless it is told. */
  readonly open?: OpenDriver;
  /** With it, connections are secured first. */
  readonly secured?: Secured | undefined;
}

/** How connections are secured, and who speaks over them. */
interface Secured {
  readonly openHandshakes: OpenHandshakes;
  /** What clients get that speak plain HTTP all the same. */
  readonly wrongPort: Service;
  /** What speaks with a client that has chosen HTTP/2. RFC 9113 §3.2. */
  readonly openH2: OpenDriver | undefined;
}

/** What is spoken over a connection, and for whom. */
interface Spoken {
  readonly service: Service;
  readonly open: OpenDriver;
}

/**
 * All connections of a server: takes sockets in, times them, and ends them. When the house is full, the
 * connection that has been idle longest makes room, else the one that has been in the middle of its request
 * longest: a calm client's request comes in one piece. When all are being answered, the newcomer is turned away.
 */
export class Connections implements Passing {
  readonly #service: Service;
  /** Each with the period in which it came. */
  readonly #drivers = new Map<Driver, number>();
  #period = 0;
  /** Those of this period. */
  #newcomers = 0;
  /** Finding one that waits is as cheap in a full house as in any. */
  readonly #waiting: Waiting<Driver> = { idle: new Queue(), reading: new Queue() };
  readonly #takeOver: typeof adopt;
  readonly #open: OpenDriver;
  /** Undefined where connections are not secured. */
  readonly #handshakes: Handshakes | undefined;
  readonly #sweeper: NodeJS.Timeout;
  #whenEmpty: (() => void) | undefined;
  #isDraining = false;

  constructor(service: Service, { takeOver = adopt, open = openH1, secured }: Beginnings = {}) {
    this.#service = service;
    this.#open = open;
    this.#takeOver = takeOver;
    this.#handshakes = secured && this.#openHandshakes(secured);
    this.#sweeper = setInterval(() => this.#sweep(), sweepIntervalMs(service));
    this.#sweeper.unref();
  }

  /** Connections held now. */
  get size(): number {
    return this.#drivers.size + (this.#handshakes?.size ?? 0);
  }

  /** Takes a socket that was just accepted. */
  accept(accepted: Socket): void {
    if (!this.#hasRoom()) {
      // Its own error, if any, has nobody to tell.
      accepted.on('error', () => {});
      accepted.destroy();
      return;
    }
    if (this.#handshakes === undefined) this.#admitNew(receive => this.#takeOver(accepted, receive));
    else this.#handshakes.accept(accepted);
  }

  /** Takes a connection that was just accepted, with no socket around it yet. */
  acceptBare(handle: Handle): void {
    if (this.#handshakes === undefined) this.accept(own(handle));
    else if (this.#hasRoom()) this.#handshakes.acceptBare(handle);
    else handle.close();
  }

  /** See `Passing`. */
  settle(): number {
    // Nobody else could go on with one that is secured.
    const lasting = this.#handshakes === undefined ? this.#drivers.size - this.#newcomers : 0;
    this.#period += 1;
    this.#newcomers = 0;
    return lasting;
  }

  /** See `Passing`. */
  give(): Handle | undefined {
    for (const driver of this.#waiting.idle) {
      const came = this.#drivers.get(driver);
      if (came === undefined || came >= this.#period - 1) continue;
      const handle = driver.release();
      if (handle === undefined) continue;
      this.#forget(driver);
      return handle;
    }
    return undefined;
  }

  /** See `Passing`. */
  take(handle: Handle): boolean {
    if (this.#isDraining || this.#isFull()) return false;
    this.#admit(receive => this.#takeOver(own(handle), receive), Number.NEGATIVE_INFINITY);
    return true;
  }

  /** Whether there is room for one more, perhaps made. */
  #hasRoom(): boolean {
    return !this.#isDraining && (!this.#isFull() || this.#makeRoom());
  }

  #isFull(): boolean {
    return this.size >= this.#service.limits.connectionsMax;
  }

  #openHandshakes({ openHandshakes, wrongPort, openH2 }: Secured): Handshakes {
    const { limits, report } = this.#service;
    return openHandshakes(limits, report, {
      secured: (connect, protocol) => {
        const chosen = protocol === 'h2' ? openH2 : undefined;
        this.#admitNew(connect, { open: chosen ?? openH1 });
      },
      plain: (socket, first) => {
        const driver = this.#admitNew(receive => this.#takeOver(socket, receive), {
          service: wrongPort,
          open: openH1,
        });
        driver.drain(limits.headTimeoutMs);
        driver.receive(first);
      },
    });
  }

  #admitNew(connect: Connect, other: Partial<Spoken> = {}): Driver {
    this.#newcomers += 1;
    return this.#admit(connect, this.#period, other);
  }

  #admit(connect: Connect, period: number, other: Partial<Spoken> = {}): Driver {
    const { service, open } = { service: this.#service, open: this.#open, ...other };
    const socket = connect(bytes => driver.receive(bytes));
    const driver: Driver = open(socket, service, this.#waiting);
    this.#drivers.set(driver, period);
    socket.resume();
    socket.on('close', () => {
      this.#forget(driver);
      if (this.#drivers.size === 0) this.#whenEmpty?.();
    });
    return driver;
  }

  /**
   * Ends idle connections at once, or after the request that they send within `idleMs`, and the others after their
   * answer; all after `graceMs`.
   */
  async drain(graceMs: number, idleMs = 0): Promise<void> {
    this.#isDraining = true;
    this.#handshakes?.close();
    for (const driver of this.#drivers.keys()) driver.drain(idleMs);
    this.#service.endStreams?.();
    if (this.#drivers.size > 0) {
      const grace = setTimeout(() => this.#destroyAll(), graceMs).unref();
      await new Promise<void>(resolve => {
        this.#whenEmpty = resolve;
      });
      clearTimeout(grace);
    }
    clearInterval(this.#sweeper);
  }

  #destroyAll(): void {
    for (const driver of this.#drivers.keys()) driver.destroy();
  }

  #makeRoom(): boolean {
    const longest = this.#waiting.idle.first ?? this.#waiting.reading.first;
    if (longest === undefined) return this.#handshakes?.makeRoom() ?? false;
    longest.destroy();
    this.#forget(longest);
    return true;
  }

  #forget(driver: Driver): void {
    if (this.#drivers.get(driver) === this.#period) this.#newcomers -= 1;
    this.#drivers.delete(driver);
    driver.leave();
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const driver of this.#drivers.keys()) driver.sweep(nowMs);
    this.#handshakes?.sweep(nowMs);
  }
}

const openH1: OpenDriver = (socket, service, waiting) => new H1Driver(socket, service, waiting);

/** A quarter of the shortest time-out, so that none is late by more than that; a second at most. */
function sweepIntervalMs({ limits }: Service): number {
  const { headTimeoutMs, idleTimeoutMs, contentTimeoutMs, contentTotalTimeoutMs, lingerTimeoutMs } = limits;
  const shortest = Math.min(
    limits.handshakeTimeoutMs,
    headTimeoutMs,
    idleTimeoutMs,
    contentTimeoutMs,
    contentTotalTimeoutMs,
    lingerTimeoutMs,
  );
  return Math.max(10, Math.min(1000, shortest / 4));
}
