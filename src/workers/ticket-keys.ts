import { randomBytes } from 'node:crypto';
import { ticketKeysBytes, ticketLifeMs } from '../server/ticket-life.ts';
import type { Worker } from './process.ts';

/**
 * The keys of TLS session tickets, which all workers share, so that a client that comes back need not come back to the
 * same worker. They are forgotten and made anew as often as a server of one process does it.
 */
export class TicketKeys {
  readonly #workers: () => Iterable<Pick<Worker, 'tell'>>;
  readonly #rotation: NodeJS.Timeout;
  #keys: string = makeKeys();

  /** `workers` are those that there are at the moment. */
  constructor(workers: () => Iterable<Pick<Worker, 'tell'>>) {
    this.#workers = workers;
    this.#rotation = setInterval(() => {
      this.#keys = makeKeys();
      for (const worker of this.#workers()) this.tell(worker);
    }, ticketLifeMs).unref();
  }

  /** Tells a worker, which may only be starting: it hears of it when it listens. */
  tell(worker: Pick<Worker, 'tell'>): void {
    worker.tell({ ticketKeys: this.#keys });
  }

  /** Makes no more. */
  rest(): void {
    clearInterval(this.#rotation);
  }
}

function makeKeys(): string {
  return randomBytes(ticketKeysBytes).toString('base64');
}
