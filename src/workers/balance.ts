import type { Handle } from '../server/adopt.ts';
import type { Worker } from './process.ts';

/** What there is to know of a worker here. */
type Member = Pick<Worker, 'ask'>;

/**
 * Keeps the connections that last evenly shared: whoever has most gives to whoever has least until they differ by no
 * more than one. New connections go to the worker that is quickest to accept them, which is right for those that come
 * for one request and costs nothing; of those that stay it may get nearly all.
 *
 * One connection is on its way at a time, and it goes to a worker that has just answered: one that hangs, or dies with a
 * connection before it, costs nobody anything.
 */
export class Balance {
  readonly #serving: () => readonly Member[];
  #isLooking = false;
  #isToLookAgain = false;
  #later: NodeJS.Timeout | undefined;

  /** `serving` names the workers of the moment; none when the server stops. */
  constructor(serving: () => readonly Member[]) {
    this.#serving = serving;
  }

  /** Looks whether connections are evenly shared, and shares them; for whoever knows that something has changed. */
  async look(): Promise<void> {
    this.#isToLookAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#isToLookAgain) {
      this.#isToLookAgain = false;
      clearTimeout(this.#later);
      // Who has all hands full may have some free in a while, without any change of numbers.
      if (!(await this.#share())) this.#later = setTimeout(() => this.look(), againMs).unref();
    }
    this.#isLooking = false;
  }

  /** False: one has too many, and none of them can be moved now. */
  async #share(): Promise<boolean> {
    const serving = this.#serving();
    const accounts = await Promise.all(serving.map(worker => worker.ask('count')));
    const lasting = new Map(serving.map((worker, index) => [worker, accounts[index]?.lasting ?? 0]));
    let isShared = true;
    for (;;) {
      const ranked = this.#ranked(lasting);
      const [least] = ranked;
      const most = ranked.at(-1);
      if (least === undefined || most === undefined) return isShared;
      if ((lasting.get(most) ?? 0) - (lasting.get(least) ?? 0) < 2) return isShared;
      const account = await most.ask('give');
      lasting.set(most, account.lasting);
      if (account.given !== undefined) await this.#deal(account.given, lasting);
      else {
        lasting.delete(most);
        isShared &&= account.isLast;
      }
    }
  }

  /**
   * Gives a connection to whoever has least. One that has ended or retires, or has no room or descriptor for it, is out
   * of this round, and the next one gets it: in the end the one that it came from, or one that serves only since.
   */
  async #deal(connection: Handle, lasting: Map<Member, number>): Promise<void> {
    const asked = new Set<Member>();
    for (;;) {
      const serving = this.#serving().filter(worker => !asked.has(worker));
      const worker = this.#ranked(lasting).find(one => !asked.has(one)) ?? serving[0];
      if (worker === undefined) break;
      asked.add(worker);
      const account = await worker.ask('take', connection);
      lasting.set(worker, account.lasting);
      if (account.hasTaken) break;
      lasting.delete(worker);
    }
    // Another process has its own hold on it now, or nobody is left.
    connection.close();
  }

  /** Those that have been counted and still serve, the one with fewest connections first. */
  #ranked(lasting: ReadonlyMap<Member, number>): readonly Member[] {
    const serving = this.#serving().filter(worker => lasting.has(worker));
    return serving.sort((one, other) => (lasting.get(one) ?? 0) - (lasting.get(other) ?? 0));
  }
}

/** How soon an uneven share that could not be helped is looked at again. */
const againMs = 1000;
