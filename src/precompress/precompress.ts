import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { type ContentCoding, codingSuffixes } from '../http/coding.ts';
import { costs, makeableCodings } from './coders.ts';
import { reasonOf } from './folder.ts';
import { Ledger, UnwritableLedger } from './ledger.ts';
import { type Job, type Made, makeSibling } from './make.ts';
import { type Plan, planFile } from './plan.ts';
import { type Candidate, type Failure, type Survey, survey } from './survey.ts';

/** How far a run is. */
export type Progress =
  | { readonly kind: 'looking'; readonly files: number }
  | { readonly kind: 'comparing'; readonly files: number; readonly filesMax: number }
  | {
      readonly kind: 'coding';
      readonly files: number;
      readonly filesMax: number;
      /** Octets read, each file's once for each coding. */
      readonly bytes: number;
      readonly bytesMax: number;
      /** How much of the work is done, from 0 to 1, measured in time. */
      readonly share: number;
    };

/** What a run did about one coding. */
export interface Tally {
  made: number;
  fresh: number;
  /** Not stored, as it would not save enough. */
  spare: number;
  foreign: number;
  /** Siblings made earlier that no longer save enough. */
  removed: number;
  /** Octets of the files whose siblings are ours, and of these. */
  before: number;
  after: number;
}

/** What a run found and did. */
export interface Outcome {
  readonly survey: Survey;
  readonly codings: ReadonlyMap<ContentCoding, Tally>;
  /** What somebody else made; `isOlder`: and is older than its file, so that the server passes it over. */
  readonly foreign: readonly { readonly path: string; readonly isOlder: boolean }[];
  /** Siblings of ours whose files are gone. */
  readonly orphans: readonly string[];
  readonly failures: readonly Failure[];
  /** Why the run was given up: nothing more can be written, or it was told to stop. */
  readonly givenUp:
    | { readonly kind: 'unwritable'; readonly why: string }
    | { readonly kind: 'stopped' }
    | undefined;
}

/**
 * Stores every file of a folder that is worth it in every coding that this Node can make. `root` is a path without
 * links. Rejects with the system's error only when the ledger of earlier runs cannot be read: it would then not know what is its own.
 */
export async function precompress(
  root: string,
  threads: number,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<Outcome> {
  const ledger = await Ledger.of(root);
  const found = await survey(root, signal, files => tell({ kind: 'looking', files }));
  const run = new Run(root, ledger, signal, found);
  await run.planAll(tell);
  await run.makeAll(threads, tell);
  return run.outcome();
}

/** Files planned at once. */
const plansAtOnce = 16;
/** Errors that the next file would meet as well. */
const unwritable: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

class Run {
  readonly #root: string;
  readonly #ledger: Ledger;
  readonly #survey: Survey;
  readonly #stopped: AbortSignal;
  readonly #givenUp = new AbortController();
  readonly #signal: AbortSignal;
  readonly #jobs: Job[] = [];
  readonly #codings = new Map<ContentCoding, Tally>();
  readonly #foreign: { path: string; isOlder: boolean }[] = [];
  readonly #failures = new Map<string, Failure>();

  constructor(root: string, ledger: Ledger, stopped: AbortSignal, found: Survey) {
    this.#root = root;
    this.#ledger = ledger;
    this.#stopped = stopped;
    this.#survey = found;
    this.#signal = AbortSignal.any([stopped, this.#givenUp.signal]);
    // Each thread listens; Node warns of more than ten.
    setMaxListeners(0, this.#signal);
    for (const coding of makeableCodings) {
      this.#codings.set(coding, { made: 0, fresh: 0, spare: 0, foreign: 0, removed: 0, before: 0, after: 0 });
    }
    for (const failure of found.failures) this.#fail(failure);
  }

  async planAll(tell: (progress: Progress) => void): Promise<void> {
    const filesMax = this.#survey.candidates.length;
    let files = 0;
    await share(this.#survey.candidates, plansAtOnce, async file => {
      if (this.#signal.aborted) return;
      tell({ kind: 'comparing', files, filesMax });
      files += 1;
      try {
        const plans = await planFile(this.#root, file, makeableCodings, this.#ledger);
        for (const [coding, plan] of plans) this.#count({ file, coding }, plan);
      } catch (error) {
        this.#met(error, join(file.folder, file.name));
      }
    });
  }

  /** The largest files first, so that no thread is alone with one at the end; each in its dearest coding first. */
  async makeAll(threads: number, tell: (progress: Progress) => void): Promise<void> {
    const cost = ({ file, coding }: Job): number => costs[coding] * Number(file.status.size);
    this.#jobs.sort(
      (one, other) =>
        Number(other.file.status.size - one.file.status.size) || costs[other.coding] - costs[one.coding],
    );
    const jobsLeft = new Map<Candidate, number>();
    let [bytes, bytesMax, spent, spentMax] = [0, 0, 0, 0];
    for (const job of this.#jobs) {
      jobsLeft.set(job.file, (jobsLeft.get(job.file) ?? 0) + 1);
      bytesMax += Number(job.file.status.size);
      spentMax += cost(job);
    }
    const filesMax = jobsLeft.size;
    const tellNow = (): void =>
      tell({
        kind: 'coding',
        files: filesMax - jobsLeft.size,
        filesMax,
        bytes,
        bytesMax,
        share: spent / spentMax,
      });
    await share(this.#jobs, threads, async job => {
      if (this.#signal.aborted) return;
      let unread = Number(job.file.status.size);
      const took = (count: number): void => {
        unread -= count;
        bytes += count;
        spent += count * costs[job.coding];
        tellNow();
      };
      await this.#make(job, took);
      const left = (jobsLeft.get(job.file) ?? 1) - 1;
      if (left > 0) jobsLeft.set(job.file, left);
      else jobsLeft.delete(job.file);
      // What was not read will not be.
      took(unread);
    });
  }

  outcome(): Outcome {
    const givenUp = this.#givenUp.signal.aborted ? String(this.#givenUp.signal.reason) : undefined;
    return {
      survey: this.#survey,
      codings: this.#codings,
      foreign: this.#foreign,
      orphans: this.#survey.missing
        .filter(({ path, coding }) => this.#ledger.last(path, coding)?.made !== undefined)
        .map(({ path, coding }) => path + codingSuffixes[coding]),
      failures: [...this.#failures.values()],
      givenUp:
        givenUp !== undefined
          ? { kind: 'unwritable', why: givenUp }
          : this.#stopped.aborted
            ? { kind: 'stopped' }
            : undefined,
    };
  }

  async #make(job: Job, took: (bytes: number) => void): Promise<void> {
    try {
      this.#count(job, await makeSibling(this.#root, job, this.#ledger, this.#signal, took));
    } catch (error) {
      this.#met(error, join(job.file.folder, job.file.name));
    }
  }

  #count(job: Job, result: Plan | Made): void {
    const path = join(job.file.folder, job.file.name);
    const tally = this.#codings.get(job.coding);
    if (tally === undefined) return;
    switch (result.kind) {
      case 'make':
        this.#jobs.push(job);
        break;
      case 'made':
      case 'fresh':
        tally[result.kind] += 1;
        tally.before += Number(job.file.status.size);
        tally.after += result.bytes;
        break;
      case 'spare':
        tally.spare += 1;
        if ('isRemoved' in result && result.isRemoved) tally.removed += 1;
        break;
      case 'foreign':
        tally.foreign += 1;
        this.#foreign.push({ path: path + codingSuffixes[job.coding], isOlder: result.isOlder });
        break;
      case 'changed':
        this.#fail({ path, why: 'was written to in the meantime' });
        break;
      default:
        result satisfies never;
    }
  }

  #met(error: unknown, path: string): void {
    if (this.#signal.aborted) return;
    if (error instanceof UnwritableLedger) this.#givenUp.abort(error.message);
    else if (unwritable.has((error as NodeJS.ErrnoException).code ?? ''))
      this.#givenUp.abort(reasonOf(error));
    else this.#fail({ path, why: reasonOf(error) });
  }

  /** Three codings of a file fail for one reason. */
  #fail(failure: Failure): void {
    this.#failures.set(`${failure.path}\n${failure.why}`, failure);
  }
}

/** Some workers share the items: each takes the next one as soon as it is done with its last. */
async function share<Item>(
  items: readonly Item[],
  workers: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const takeTurns = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, takeTurns));
}
