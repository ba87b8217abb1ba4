import type { Observer } from '../features/feature.ts';
import type { Origin } from '../http/forwarded.ts';
import type { Exchange, Response } from '../http/message.ts';

/** An answer that has been given. */
export interface Answered extends Pick<Exchange, 'head' | 'contentBytes' | 'startedAtMs'> {
  readonly response: Response;
  readonly origin: Origin;
  /** When the request was read, by the monotonic clock. */
  readonly startedMs: number;
}

/** Tells the observers of one connection's exchanges. What they throw is reported. */
export class Exchanges {
  readonly #observers: readonly Observer[];
  readonly #report: (line: string) => void;
  /** Answers that were written and may not have left. */
  #written: Answered[] = [];

  constructor(observers: readonly Observer[], report: (line: string) => void) {
    this.#observers = observers;
    this.#report = report;
  }

  /** Whether anybody wants to be told. */
  get areObserved(): boolean {
    return this.#observers.length > 0;
  }

  /** Notes an answer, to be told of when its last octet has left. */
  add(answered: Answered): void {
    if (this.areObserved) this.#written.push(answered);
  }

  /** Tells of all that was noted: it has left, or the connection has ended before. */
  tell(outcome: Exchange['outcome']): void {
    if (this.#written.length === 0) return;
    const written = this.#written;
    this.#written = [];
    const endedMs = performance.now();
    for (const answered of written) this.#tellOf(answered, outcome, endedMs);
  }

  #tellOf(
    { response, origin, contentBytes, head, startedAtMs, startedMs }: Answered,
    outcome: Exchange['outcome'],
    endedMs: number,
  ): void {
    const exchange: Exchange = {
      client: origin.client,
      head,
      status: response.status,
      responseFields: response.fields,
      contentBytes,
      startedAtMs,
      durationMs: endedMs - startedMs,
      outcome,
      note: response.note ?? origin.note,
    };
    for (const observe of this.#observers) {
      try {
        observe(exchange);
      } catch (error) {
        this.#report(`bug: an observer: ${inFull(error)}`);
      }
    }
  }
}

/** What was thrown, with its stack if it has one. */
export function inFull(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
