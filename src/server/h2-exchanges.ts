import type { Observer } from '../features/feature.ts';
import type { Origin } from '../http/forwarded.ts';
import { noContent, type RequestHead, type Response } from '../http/message.ts';
import { type Answered, Exchanges } from './exchanges.ts';

/** Tells the observers of one HTTP/2 connection's exchanges, of which many are under way at a time. */
export class H2Exchanges {
  readonly #underWay = new Map<number, Omit<Answered, 'contentBytes'>>();
  readonly #sent: Exchanges;
  readonly #abandoned: Exchanges;

  constructor(observers: readonly Observer[], report: (line: string) => void) {
    this.#sent = new Exchanges(observers, report);
    this.#abandoned = new Exchanges(observers, report);
  }

  /** Whether anybody wants to be told. */
  get areObserved(): boolean {
    return this.#sent.areObserved;
  }

  /** Notes an answer that goes out on this stream. */
  begin(stream: number, answered: Omit<Answered, 'contentBytes'>): void {
    if (this.areObserved) this.#underWay.set(stream, answered);
  }

  /** Its client has left before anybody began to answer it; told at once. */
  forgo(stream: number, head: RequestHead | undefined, origin: Origin, startedAtMs: number): void {
    this.begin(stream, { response: forgone, head, origin, startedAtMs, startedMs: performance.now() });
    this.end(stream, 'abandoned', 0);
  }

  /** Its last octet was written, or never will be; of the latter is told at once. */
  end(stream: number, outcome: 'sent' | 'abandoned', contentBytes: number): void {
    const answered = this.#underWay.get(stream);
    if (answered === undefined) return;
    this.#underWay.delete(stream);
    const exchanges = outcome === 'sent' ? this.#sent : this.#abandoned;
    exchanges.add({ ...answered, contentBytes });
    this.#abandoned.tell('aborted');
  }

  /** What was written has left, or the connection has ended before. */
  tellSent(outcome: 'completed' | 'aborted'): void {
    this.#sent.tell(outcome);
  }
}

/** What whoever waits too long would be told. */
const forgone: Response = {
  status: 503,
  fields: [],
  content: noContent,
  note: 'the client left before its turn',
};
