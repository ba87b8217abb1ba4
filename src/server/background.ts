import type { Worker } from 'node:worker_threads';
import type { ContentCoding } from '../http/coding.ts';
import { type ThreadAnswer, type ThreadTask, threadProgram } from './thread-program.ts';
import { bestPlan } from './zlib-codings.ts';

/** What became of a job: done; not begun or given up, and worth another try; or it broke and would break again. */
export type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'not-now' }
  | { readonly kind: 'broken' };

/**
 * What a job may ask of the thread, one thing at a time. The buffers of what it hands over are no longer its own.
 * @internal
 */
export interface Thread {
  /** The octets in this coding, as small as can be. */
  code(content: Uint8Array<ArrayBuffer>, coding: ContentCoding): Promise<Buffer>;
  /** Adds a piece to a hash; gives the buffer back, after the last piece the SHA-256 of all. */
  hash(
    piece: Uint8Array<ArrayBuffer>,
    place: { readonly isFirst: boolean; readonly isLast: boolean },
  ): Promise<Uint8Array<ArrayBuffer>>;
}

/** Work in the thread, from its first octet read to its result. */
export type Job<Result> = (thread: Thread) => Promise<Result>;

/** Jobs of each kind that wait for their turn; they hold no contents. */
const waitingMax = 1024;

/** How long a thread without work is kept. */
const idleMs = 10_000;

/**
 * One thread of lowest priority for what nobody waits for: best codings and hashes. It is started for the first job
 * and ended when there has been none for a while. It never keeps a process alive, and when a job is its death the next
 * one gets another thread.
 */
export class Background {
  readonly #report: (line: string) => void;
  readonly #waiting = { soon: [] as Turn[], later: [] as Turn[] };
  #isBusy = false;
  #thread: AskedThread | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** `report` takes lines for the operator: a thread that died. */
  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** Does a job when its turn comes, those for 'soon' first. Never rejects. */
  async run<Result>(when: 'soon' | 'later', job: Job<Result>): Promise<Outcome<Result>> {
    if (this.#isBusy) {
      const waiting = this.#waiting[when];
      if (waiting.length >= waitingMax) return { kind: 'not-now' };
      const turn = await new Promise<'begin' | 'give up'>(resolve => waiting.push(resolve));
      if (turn === 'give up') return { kind: 'not-now' };
    }
    this.#isBusy = true;
    clearTimeout(this.#idle);
    let thread = this.#thread;
    try {
      thread ??= new AskedThread();
      this.#thread = thread;
      return { kind: 'done', result: await job(thread) };
    } catch (error) {
      if (thread?.isStopped) return { kind: 'not-now' };
      this.#report(`background work failed: ${error instanceof Error ? error.message : String(error)}`);
      return { kind: 'broken' };
    } finally {
      if (thread?.hasEnded && this.#thread === thread) this.#thread = undefined;
      this.#passOn();
    }
  }

  /** Gives up all jobs and ends the thread, as soon as it can be. It can still be used. */
  stop(): void {
    const { soon, later } = this.#waiting;
    for (const turn of [...soon.splice(0), ...later.splice(0)]) turn('give up');
    this.#endThread();
  }

  #passOn(): void {
    const next = this.#waiting.soon.shift() ?? this.#waiting.later.shift();
    if (next !== undefined) {
      next('begin');
      return;
    }
    this.#isBusy = false;
    this.#idle = setTimeout(() => this.#endThread(), idleMs).unref();
  }

  #endThread(): void {
    clearTimeout(this.#idle);
    this.#thread?.stop();
    this.#thread = undefined;
  }
}

type Turn = (turn: 'begin' | 'give up') => void;

/** A thread and the one question that it is asked. */
class AskedThread implements Thread {
  readonly #worker: Worker;
  #asked:
    | { readonly resolve: (answer: ThreadAnswer) => void; readonly reject: (error: Error) => void }
    | undefined;
  #end: Error | undefined;
  #isStopped = false;

  constructor() {
    // Loaded when it is needed: most servers start without it.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    // The options of this process, a loader say, are nothing to a thread that loads no file.
    this.#worker = new Worker(threadProgram(), { eval: true, execArgv: [], name: 'plinth background' });
    this.#worker.on('message', (answer: ThreadAnswer) => {
      const asked = this.#asked;
      this.#asked = undefined;
      asked?.resolve(answer);
    });
    this.#worker.on('error', error => this.#finish(error));
    this.#worker.on('exit', () => this.#finish(new Error('the thread ended')));
    // Last: to listen to its messages would take it back.
    this.#worker.unref();
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Whether it was told to end. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  async code(content: Uint8Array<ArrayBuffer>, coding: ContentCoding): Promise<Buffer> {
    const plan = bestPlan(coding, content.length);
    const coded = await this.#ask({ kind: 'code', content, plan }, content);
    return Buffer.from(coded.buffer);
  }

  hash(
    piece: Uint8Array<ArrayBuffer>,
    place: { readonly isFirst: boolean; readonly isLast: boolean },
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#ask({ kind: 'hash', piece, ...place }, piece);
  }

  stop(): void {
    this.#isStopped = true;
    this.#finish(new Error('the thread was stopped'));
    void this.#worker.terminate();
  }

  #ask(task: ThreadTask, { buffer }: Uint8Array<ArrayBuffer>): Promise<ThreadAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      this.#asked = { resolve, reject };
      this.#worker.postMessage(task, [buffer]);
    });
  }

  #finish(error: Error): void {
    this.#end ??= error;
    this.#asked?.reject(this.#end);
    this.#asked = undefined;
  }
}
