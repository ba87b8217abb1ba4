import { Script } from 'node:vm';
import { readCorpus } from './corpus.ts';
import { minimise } from './minimise.ts';
import { mutate } from './mutate.ts';
import type { Random } from './random.ts';
import type { FuzzTarget } from './target.ts';

/** An input for which something does not hold. */
export interface Finding {
  readonly target: string;
  readonly input: Buffer;
  readonly why: string;
}

/** What a round of fuzzing did. */
export interface Round {
  readonly executions: number;
  /** Ways of behaving that were told apart. */
  readonly behaviours: number;
  readonly durationMs: number;
  readonly finding: Finding | undefined;
}

/** Inputs that take longer than this are looked at more closely. */
const suspectMs = 200;
/** Whoever is not back by then never will be. */
const hangMs = 60_000;
const executionsPerBatch = 100;
/** Inputs kept for having brought something new about; beyond it, what is new is only counted. */
const poolMax = 2000;

/** Uses every input that is kept for the target; answers the first for which something does not hold. */
export function replay(target: FuzzTarget): Finding | undefined {
  const seeds = [...readCorpus(target.name).map(seed => seed.bytes), ...(target.seeds?.() ?? [])];
  for (const input of seeds) {
    const finding = outcomeOf(target, input).finding;
    if (finding !== undefined) return finding;
  }
  return undefined;
}

/**
 * Uses inputs made from those that are kept until the time is over or something does not hold; then the input is
 * made as small as it goes.
 */
export function fuzz(target: FuzzTarget, random: Random, budgetMs: number): Round {
  const pool = [...readCorpus(target.name).map(seed => seed.bytes), ...(target.seeds?.() ?? [])];
  const seen = new Set<string>();
  const started = performance.now();
  let executions = 0;
  let input: Buffer = Buffer.alloc(0);
  let finding: Finding | undefined;

  const runBatch = (): void => {
    for (let count = 0; count < executionsPerBatch && finding === undefined; count++) {
      input = mutate(shorter(random.pick(pool), random.pick(pool)), { pool, words: target.words }, random);
      executions++;
      const outcome = outcomeOf(target, input);
      finding = outcome.finding;
      if (seen.has(outcome.behaviour)) continue;
      seen.add(outcome.behaviour);
      if (pool.length < poolMax) pool.push(input);
    }
  };
  while (finding === undefined && performance.now() - started < budgetMs) {
    if (!returns(runBatch)) finding = { target: target.name, input, why: `does not end within ${hangMs} ms` };
  }
  const durationMs = performance.now() - started;
  const smallest = finding === undefined ? undefined : smaller(target, finding);
  return { executions, behaviours: seen.size, durationMs, finding: smallest };
}

/** Short inputs are tried more often: they cost less and lie closer to what a parser decides by. */
function shorter(one: Buffer, other: Buffer): Buffer {
  return one.length < other.length ? one : other;
}

/**
 * Makes the input of a finding smaller; one that hangs or takes long stays as it is. What is smaller breaks the same rule:
 * the one that is checked at the same place.
 */
function smaller(target: FuzzTarget, finding: Finding): Finding {
  const place = placeIn(violationOf(target, finding.input));
  if (finding.why.startsWith(slow) || place === undefined) return finding;
  const input = minimise(finding.input, bytes => placeIn(violationOf(target, bytes)) === place);
  return { ...finding, input, why: violationOf(target, input) ?? finding.why };
}

/** The line of code where something was found not to hold: the first of the stack that is not Node's own. */
function placeIn(why: string | undefined): string | undefined {
  return why === undefined ? undefined : (/^ {4}at (?!.*\(?node:).*$/m.exec(why)?.[0] ?? why);
}

interface Outcome {
  readonly behaviour: string;
  readonly finding: Finding | undefined;
}

function outcomeOf(target: FuzzTarget, input: Buffer): Outcome {
  const started = performance.now();
  let behaviour = '';
  let why: string | undefined;
  try {
    behaviour = target.check(input);
  } catch (error) {
    why = describe(error);
  }
  if (why === undefined && performance.now() - started > suspectMs) why = slowness(target, input);
  return { behaviour, finding: why === undefined ? undefined : { target: target.name, input, why } };
}

/**
 * Work is counted in time of this process on the processor and not by the clock, and the least of three counts:
 * neither a machine that is busy nor a collection of garbage is a finding.
 */
function slowness(target: FuzzTarget, input: Buffer): string | undefined {
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count < 3; count++) {
    const before = process.cpuUsage();
    target.check(input);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least > (target.cpuPerInputMaxMs ?? 1000)
    ? `${slow} ${Math.round(least)} ms of the processor for ${input.length} bytes`
    : undefined;
}

const slow = 'takes';

function violationOf(target: FuzzTarget, input: Buffer): string | undefined {
  try {
    target.check(input);
    return undefined;
  } catch (error) {
    return describe(error);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
}

/** Whether a synchronous function comes back: only a script's time-out can end one that does not. */
function returns(run: () => void): boolean {
  const name = 'plinthFuzzBatch';
  Reflect.set(globalThis, name, run);
  try {
    new Script(`${name}()`).runInThisContext({ timeout: hangMs });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return false;
    throw error;
  } finally {
    Reflect.deleteProperty(globalThis, name);
  }
}
