import type { Socket } from 'node:net';
import { adopt } from './adopt.ts';
import { H1Driver } from './h1-driver.ts';
import type { Service } from './service.ts';
import { Queue, type Waiting } from './waiting.ts';

/**
 * All connections of a server: takes sockets in, times them, and ends them. When the house is full, the
 * connection that has been idle longest makes room, else the one that has been in the middle of its request
 * longest: a calm client's request comes in one piece. When all are being answered, the newcomer is turned away.
 */
export class Connections {
  readonly #service: Service;
  readonly #drivers = new Set<H1Driver>();
  /** Finding one that waits is as cheap in a full house as in any. */
  readonly #waiting: Waiting<H1Driver> = { idle: new Queue(), reading: new Queue() };
  readonly #takeOver: typeof adopt;
  readonly #sweeper: NodeJS.Timeout;
  #whenEmpty: (() => void) | undefined;
  #isDraining = false;

  /** `takeOver` makes the socket that is read and written out of the accepted one. */
  constructor(service: Service, takeOver: typeof adopt = adopt) {
    this.#service = service;
    this.#takeOver = takeOver;
    this.#sweeper = setInterval(() => this.#sweep(), sweepIntervalMs(service));
    this.#sweeper.unref();
  }

  /** Connections held now. */
  get size(): number {
    return this.#drivers.size;
  }

  /** Takes a socket that was just accepted. */
  accept(accepted: Socket): void {
    if (
      this.#isDraining ||
      (this.#drivers.size >= this.#service.limits.connectionsMax && !this.#makeRoom())
    ) {
      // Its own error, if any, has nobody to tell.
      accepted.on('error', () => {});
      accepted.destroy();
      return;
    }
    const socket = this.#takeOver(accepted, bytes => driver.receive(bytes));
    const driver: H1Driver = new H1Driver(socket, this.#service, this.#waiting);
    this.#drivers.add(driver);
    socket.resume();
    socket.on('close', () => {
      this.#forget(driver);
      if (this.#drivers.size === 0) this.#whenEmpty?.();
    });
  }

  /**
   * Ends idle connections at once, or after the request that they send within `idleMs`, and the others after their
   * answer; all after `graceMs`.
   */
  async drain(graceMs: number, idleMs = 0): Promise<void> {
    this.#isDraining = true;
    for (const driver of this.#drivers) driver.drain(idleMs);
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
    for (const driver of this.#drivers) driver.destroy();
  }

  #makeRoom(): boolean {
    const longest = this.#waiting.idle.first ?? this.#waiting.reading.first;
    if (longest === undefined) return false;
    longest.destroy();
    this.#forget(longest);
    return true;
  }

  #forget(driver: H1Driver): void {
    this.#drivers.delete(driver);
    driver.leave();
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const driver of this.#drivers) driver.sweep(nowMs);
  }
}

/** A quarter of the shortest time-out, so that none is late by more than that; a second at most. */
function sweepIntervalMs({ limits }: Service): number {
  const { headTimeoutMs, idleTimeoutMs, contentTimeoutMs, contentTotalTimeoutMs, lingerTimeoutMs } = limits;
  const shortest = Math.min(
    headTimeoutMs,
    idleTimeoutMs,
    contentTimeoutMs,
    contentTotalTimeoutMs,
    lingerTimeoutMs,
  );
  return Math.max(10, Math.min(1000, shortest / 4));
}
