import type { Socket } from 'node:net';
import { H1Driver, type Service } from './h1-driver.ts';

/**
 * All connections of a server: takes sockets in, times them, and ends them. When the house is full, the
 * connection that has been idle longest makes room; when none is idle, the newcomer is turned away.
 */
export class Connections {
  readonly #service: Service;
  readonly #drivers = new Set<H1Driver>();
  /** Those that wait for a request, longest first; finding one is as cheap in a full house as in any. */
  readonly #idle = new Set<H1Driver>();
  readonly #sweeper: NodeJS.Timeout;
  #whenEmpty: (() => void) | undefined;
  #isDraining = false;

  constructor(service: Service) {
    this.#service = service;
    this.#sweeper = setInterval(() => this.#sweep(), sweepIntervalMs(service));
    this.#sweeper.unref();
  }

  /** Connections held now. */
  get size(): number {
    return this.#drivers.size;
  }

  /** Takes a socket that was just accepted. */
  accept(socket: Socket): void {
    if (
      this.#isDraining ||
      (this.#drivers.size >= this.#service.limits.connectionsMax && !this.#makeRoom())
    ) {
      // Its own error, if any, has nobody to tell.
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const driver = new H1Driver(socket, this.#service, this.#idle);
    this.#drivers.add(driver);
    socket.on('close', () => {
      this.#forget(driver);
      if (this.#drivers.size === 0) this.#whenEmpty?.();
    });
  }

  /** Ends idle connections at once and the others after their answer, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    for (const driver of this.#drivers) driver.drain();
    if (this.#drivers.size > 0) {
      await new Promise<void>(resolve => {
        this.#whenEmpty = resolve;
        setTimeout(() => this.#destroyAll(), graceMs).unref();
      });
    }
    clearInterval(this.#sweeper);
  }

  #destroyAll(): void {
    for (const driver of this.#drivers) driver.destroy();
  }

  #makeRoom(): boolean {
    const [longest] = this.#idle;
    if (longest === undefined) return false;
    longest.destroy();
    this.#forget(longest);
    return true;
  }

  #forget(driver: H1Driver): void {
    this.#drivers.delete(driver);
    this.#idle.delete(driver);
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const driver of this.#drivers) driver.sweep(nowMs);
  }
}

/** A quarter of the shortest time-out, so that none is late by more than that; a second at most. */
function sweepIntervalMs({ limits }: Service): number {
  const { headTimeoutMs, idleTimeoutMs, contentTimeoutMs, lingerTimeoutMs } = limits;
  return Math.max(
    10,
    Math.min(1000, headTimeoutMs / 4, idleTimeoutMs / 4, contentTimeoutMs / 4, lingerTimeoutMs / 4),
  );
}
