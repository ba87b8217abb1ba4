import type { Address, Wanted } from '../server/places.ts';
import { Balance } from './balance.ts';
import { type Held, hold } from './hold.ts';
import { sharedOutput } from './output.ts';
import { startWorker, type Worker, type WorkerEnd } from './process.ts';
import { WorkerSlot } from './slot.ts';
import { TicketKeys } from './ticket-keys.ts';
import { Told } from './told.ts';

/** What workers are made from. */
export interface WorkersOptions extends Wanted {
  readonly count: number;
  /** A port that plain HTTP is redirected from. */
  readonly httpsRedirect: number | undefined;
  /** The program and its words: each worker is a run of it, so that a new build or configuration counts. */
  readonly file: string;
  readonly words: readonly string[];
  /** How long a worker that ends waits for the answers under way. */
  readonly graceMs: number;
  /** Takes lines for the operator. */
  readonly report: (line: string) => void;
}

/**
 * The supervisor: it serves nothing itself, holds the sockets, runs the workers that listen on them, and replaces
 * those that end unasked.
 */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #held: Held;
  readonly #redirectHeld: Held | undefined;
  readonly #slots: readonly WorkerSlot[];
  /** All processes, those included that retire. */
  readonly #alive = new Set<Worker>();
  readonly #output: ReturnType<typeof sharedOutput>;
  readonly #told: Told = new Told(
    line => process.stderr.write(`${line}\n`),
    () => performance.now(),
  );
  readonly #balance: Balance = new Balance(() => this.#serving());
  readonly #tickets: TicketKeys | undefined;
  #isStopping = false;
  #pass: Promise<string | undefined> = Promise.resolve(undefined);
  #nextPass: Promise<string | undefined> | undefined;

  private constructor(options: WorkersOptions, held: Held, redirectHeld: Held | undefined) {
    this.#options = options;
    this.#held = held;
    this.#redirectHeld = redirectHeld;
    if (options.isSecured === true) this.#tickets = new TicketKeys(() => this.#alive);
    this.#output = sharedOutput(options.report);
    const retireMs = options.graceMs + stopMarginMs;
    this.#slots = held.sockets.map((sockets, index) => {
      const redirectSockets = redirectHeld?.sockets[index] ?? [];
      return new WorkerSlot(() => this.#startWorker(sockets, redirectSockets), options.report, retireMs);
    });
  }

  /**
   * Binds the sockets and starts the workers, the first one alone: what keeps it from starting is then said once.
   * Rejects as `listen` does; answers how a worker ended that did not come to listen. Nothing then runs.
   */
  static async start(options: WorkersOptions): Promise<Workers | WorkerEnd> {
    const workers = await Workers.#hold(options);
    for (const slots of [workers.#slots.slice(0, 1), workers.#slots.slice(1)]) {
      const outcomes = await Promise.all(slots.map(slot => slot.renew()));
      const failure = outcomes.find(outcome => outcome !== 'listening');
      if (failure === undefined) continue;
      workers.kill();
      await workers.stop();
      return failure;
    }
    return workers;
  }

  /** Binds the sockets. */
  static async #hold(options: WorkersOptions): Promise<Workers> {
    const { count, httpsRedirect } = options;
    const held = await hold(options, count);
    const hosts = options.hosts.filter(host => !host.startsWith('unix:'));
    if (httpsRedirect === undefined || hosts.length === 0) return new Workers(options, held, undefined);
    try {
      return new Workers(options, held, await hold({ hosts, port: httpsRedirect }, count));
    } catch (error) {
      held.close();
      throw error;
    }
  }

  /** What is really bound. */
  get addresses(): readonly Address[] {
    return this.#held.addresses;
  }

  /**
   * Replaces the workers one by one: each new one listens before its predecessor retires. When one does not start,
   * the rest stay as they are, and that is reported and answered. A wish that comes meanwhile is granted afterwards.
   */
  reload(): Promise<string | undefined> {
    this.#nextPass ??= this.#passAgain();
    return this.#nextPass;
  }

  /** Stops all workers, each within the grace; resolves when they have ended and what they wrote has left. */
  async stop(): Promise<void> {
    this.#close();
    const guard = setTimeout(() => this.kill(), this.#options.graceMs + stopMarginMs);
    // One that is being started cannot hear yet.
    for (const worker of this.#alive) void worker.started.then(() => worker.tell('stop'));
    while (this.#alive.size > 0) await Promise.all([...this.#alive].map(worker => worker.closed));
    clearTimeout(guard);
    await this.#output.flush();
    this.#held.close();
    this.#redirectHeld?.close();
  }

  /** Ends all workers at once, whatever they hold. */
  kill(): void {
    this.#close();
    for (const worker of this.#alive) worker.kill();
  }

  async #passAgain(): Promise<string | undefined> {
    await this.#pass;
    this.#nextPass = undefined;
    this.#pass = this.#renewAll();
    const failure = await this.#pass;
    if (this.#isStopping) return 'the server stops';
    const { report } = this.#options;
    report(
      failure === undefined
        ? `reloaded: ${this.#slots.length} workers are new`
        : `reload given up: ${failure}`,
    );
    return failure;
  }

  /** Why not all could be renewed. */
  async #renewAll(): Promise<string | undefined> {
    for (const slot of this.#slots) {
      const outcome = await slot.renew();
      if (outcome === 'listening') continue;
      const why = `a worker ended with ${outcome.inWords} before it listened`;
      slot.ensure(why);
      return why;
    }
    return undefined;
  }

  #startWorker(sockets: readonly number[], redirectSockets: readonly number[]): Worker {
    const { file, words } = this.#options;
    const worker = startWorker({
      file,
      words,
      sockets,
      redirectSockets,
      takeOutput: this.#output.take,
      takeErrors: errors => this.#told.take(errors),
      changed: () => void this.#balance.look(),
    });
    this.#alive.add(worker);
    this.#tickets?.tell(worker);
    void worker.closed.then(() => this.#alive.delete(worker));
    return worker;
  }

  #serving(): readonly Worker[] {
    if (this.#isStopping) return [];
    return this.#slots.map(({ serving }) => serving).filter(worker => worker !== undefined);
  }

  #close(): void {
    this.#isStopping = true;
    this.#tickets?.rest();
    for (const slot of this.#slots) slot.close();
  }
}

/** How much longer than its grace a worker may take to end. */
const stopMarginMs = 2000;
