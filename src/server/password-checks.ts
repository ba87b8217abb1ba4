import type { Worker } from 'node:worker_threads';
import { networkOf } from '../http/authority.ts';
import { type PasswordTask, passwordProgram } from './password-program.ts';

/** Checks that wait, in all and for one address: beyond, the answer is 'busy'. */
const waitingMax = 128;
const waitingForOneMax = 16;

/** How long a thread without work is kept, and with it the memory that argon2 took. */
const idleMs = 60_000;

/** Whether password and hash belong together; 'busy': too many wait, or the thread died. */
export type Checked = 'right' | 'wrong' | 'busy';

/**
 * Checks passwords against hashes that are made to be slow, one at a time in a thread of its own. Addresses take turns,
 * so that one from which wrong passwords pour does not keep the others waiting.
 */
export class PasswordChecks {
  readonly #report: (line: string) => void;
  /** By address; the first is the next to have its turn. */
  readonly #waiting = new Map<string, Turn[]>();
  #waitingCount = 0;
  #current: Turn | undefined;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** `report` takes lines for the operator: a thread that died. */
  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  /** Checks when it is the turn of this address. Never rejects. */
  check(task: PasswordTask, address: string): Promise<Checked> {
    const client = networkOf(address);
    return new Promise(resolve => {
      const turns = this.#waiting.get(client) ?? [];
      if (this.#waitingCount >= waitingMax || turns.length >= waitingForOneMax) {
        resolve('busy');
        return;
      }
      turns.push({ task, resolve });
      this.#waiting.set(client, turns);
      this.#waitingCount += 1;
      if (this.#current === undefined) this.#next();
    });
  }

  /** Gives up what waits and ends the thread; it can still be used. */
  stop(): void {
    const given = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    this.#waitingCount = 0;
    for (const { resolve } of given) resolve('busy');
    this.#end();
  }

  #next(): void {
    clearTimeout(this.#idle);
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#idle = setTimeout(() => this.#end(), idleMs).unref();
      return;
    }
    const [address, turns] = first;
    const turn = turns.shift();
    this.#waiting.delete(address);
    if (turns.length > 0) this.#waiting.set(address, turns);
    this.#waitingCount -= 1;
    this.#current = turn;
    if (turn !== undefined) void this.#ask(turn);
  }

  async #ask(turn: Turn): Promise<void> {
    try {
      const { libraryUrl } = await import('./hash-library.ts');
      if (this.#current !== turn) return;
      this.#worker ??= this.#begin(libraryUrl);
      this.#worker.postMessage(turn.task);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The modules are loaded when they are needed: most servers start without them. */
  #begin(libraryUrl: string): Worker {
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    const options = { eval: true, execArgv: [], workerData: libraryUrl, name: 'plinth passwords' };
    const worker = new Worker(passwordProgram(), options);
    // One that was ended may still have something to say, about a turn that is over.
    worker.on('message', (isRight: boolean) => {
      if (this.#worker === worker) this.#finish(isRight ? 'right' : 'wrong');
    });
    worker.on('error', error => {
      if (this.#worker === worker) this.#fail(error);
    });
    // Last: to listen to its messages would take it back.
    worker.unref();
    return worker;
  }

  #finish(checked: Checked): void {
    const turn = this.#current;
    this.#current = undefined;
    turn?.resolve(checked);
    this.#next();
  }

  #fail(error: unknown): void {
    this.#report(
      `a password could not be checked: ${error instanceof Error ? error.message : String(error)}`,
    );
    this.#worker = undefined;
    this.#finish('busy');
  }

  #end(): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    const turn = this.#current;
    this.#current = undefined;
    turn?.resolve('busy');
    void worker?.terminate();
  }
}

interface Turn {
  readonly task: PasswordTask;
  readonly resolve: (checked: Checked) => void;
}
