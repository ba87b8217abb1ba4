import type { Worker, WorkerEnd } from './process.ts';

/**
 * The place of one worker: it is served by one process after the other. A process that ends unasked is replaced,
 * after a wait that doubles while they die young.
 */
export class WorkerSlot {
  readonly #start: () => Worker;
  readonly #report: (line: string) => void;
  readonly #retireMs: number;
  #serving: Worker | undefined;
  #starting: Promise<'listening' | WorkerEnd> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = retryFirstMs;
  #isClosed = false;

  /**
   * `start` starts a process; `report` takes lines for the operator; a process that has not ended `retireMs` after
   * it was told to retire is killed.
   */
  constructor(start: () => Worker, report: (line: string) => void, retireMs: number) {
    this.#start = start;
    this.#report = report;
    this.#retireMs = retireMs;
  }

  /** Who serves now, if somebody does. */
  get serving(): Worker | undefined {
    return this.#serving;
  }

  /** Starts a process. When it listens, its predecessor retires; when it ends before, everything is as it was. */
  async renew(): Promise<'listening' | WorkerEnd> {
    while (this.#starting !== undefined) await this.#starting;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#isClosed) return { kind: 'ended', exitCode: null, inWords: 'the stop of the server' };
    const worker = this.#start();
    this.#starting = worker.started;
    const outcome = await worker.started;
    this.#starting = undefined;
    if (outcome !== 'listening') return outcome;
    const before = this.#serving;
    this.#serving = worker;
    if (before !== undefined) this.#retire(before);
    const startedAtMs = performance.now();
    void worker.ended.then(end => {
      if (this.#serving !== worker) return;
      this.#serving = undefined;
      if (performance.now() - startedAtMs >= youngMs) this.#retryMs = retryFirstMs;
      this.ensure(`worker ${worker.pid} ended with ${end.inWords}`);
    });
    return outcome;
  }

  /** Where nobody serves and nobody is about to, somebody will after a wait; `why` is reported with it. */
  ensure(why: string): void {
    const isServed = [this.#serving, this.#starting, this.#retry].some(one => one !== undefined);
    if (isServed || this.#isClosed) return;
    this.#report(`${why}; another one starts in ${this.#retryMs} ms`);
    this.#retry = setTimeout(async () => {
      const outcome = await this.renew();
      if (outcome !== 'listening') {
        this.ensure(`a worker ended with ${outcome.inWords} before it listened`);
      }
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, retryMaxMs);
  }

  /** Starts nothing any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  #retire(worker: Worker): void {
    worker.tell('retire');
    const guard = setTimeout(() => worker.kill(), this.#retireMs);
    void worker.ended.then(() => clearTimeout(guard));
  }
}

const retryFirstMs = 100;
const retryMaxMs = 10_000;
/** Who has served for so long did not die of its start. */
const youngMs = 10_000;
