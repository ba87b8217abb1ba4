/**
 * The measuring itself: one round of load, one start, one look at the memory; and the order in which servers take
 * their turns. Every figure is checked: where an answer is wrong there is no figure but the reason.
 */
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Answer, ask } from './ask.ts';
import { cpuSeconds, findFreePort, type Program, residentMiB, start } from './processes.ts';
import type { Bed, Found } from './servers.ts';
import { judge, type Workload } from './workloads.ts';

const startTimeoutMs = 15_000;
const startPollMs = 1;
const restMs = 700;
const headBytesMax = 1024;
const wrkScript = fileURLToPath(new URL('./wrk.lua', import.meta.url));

/** A server that takes part. */
export type Rival = Extract<Found, { kind: 'ready' }> & { readonly name: string };

/** Where and how hard to measure. */
export interface Setting {
  readonly serverCore: number;
  readonly loadCore: number;
  readonly seconds: number;
  /** A folder of the bench's own; the files to serve are in its `site`. */
  readonly folder: string;
}

/** The figures of one round in the order of the table's columns, or why there are none. */
export type Outcome =
  | { readonly kind: 'measured'; readonly values: readonly number[] }
  | { readonly kind: 'failed'; readonly why: string };

/** All rounds of one server: for each column its values. */
export type Result =
  | { readonly kind: 'measured'; readonly columns: readonly (readonly number[])[] }
  | { readonly kind: 'failed'; readonly why: string };

/** A server that is up. */
interface Up {
  readonly kind: 'up';
  readonly program: Program;
  readonly port: number;
  readonly firstAnswerMs: number;
}

/**
 * Every subject once a round, each round beginning with the next one, so that a noisy spell of the machine and a
 * neighbour's warm cache meet all of them alike. One failure takes a subject out.
 */
export async function inTurn<T extends { readonly name: string }>(
  subjects: readonly T[],
  rounds: number,
  measure: (subject: T, round: number) => Promise<Outcome>,
): Promise<Map<string, Result>> {
  const results = new Map<string, Result>();
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(turn + round) % subjects.length];
      if (subject === undefined || results.get(subject.name)?.kind === 'failed') continue;
      const outcome = await measure(subject, round);
      results.set(
        subject.name,
        outcome.kind === 'failed' ? outcome : joined(results.get(subject.name), outcome.values),
      );
    }
  }
  return results;
}

function joined(earlier: Result | undefined, values: readonly number[]): Result {
  const columns = earlier?.kind === 'measured' ? earlier.columns : values.map(() => []);
  return {
    kind: 'measured',
    columns: columns.map((column, index) => [...column, values[index] ?? Number.NaN]),
  };
}

/** Columns: CPU microseconds a request, requests a second. All rivals are up throughout; one is asked at a time. */
export async function measureLoad(
  rivals: readonly Rival[],
  workload: Workload,
  rounds: number,
  setting: Setting,
  tell: (line: string) => void,
): Promise<Map<string, Result>> {
  const up = new Map<string, Up>();
  const etags = new Map<string, string>();
  const failed = new Map<string, Result>();
  try {
    for (const rival of rivals) {
      const started = await bringUp(rival, setting, workload, setting.serverCore);
      if (started.kind === 'up') up.set(rival.name, started);
      const checked = started.kind === 'up' ? await check(started, workload) : started;
      if (checked.kind === 'right') etags.set(rival.name, checked.etag);
      else failed.set(rival.name, checked);
      if (checked.kind === 'failed') tell(`${workload.name}  ${rival.name}: ${checked.why}`);
    }
    const ready = rivals.filter(rival => etags.has(rival.name));
    const oneRound = async ({ name }: Rival, round: number): Promise<Outcome> => {
      const server = up.get(name);
      if (server === undefined) return { kind: 'failed', why: 'not started' };
      const outcome = await loadOnce(server, workload, etags.get(name) ?? '', setting);
      tell(`${workload.name}  ${round < 0 ? 'warm-up' : `round ${round + 1}`}  ${name}: ${inWords(outcome)}`);
      return outcome;
    };
    // The first load lets Node compile what is hot and nginx open what it keeps; it is thrown away.
    for (const rival of ready) await oneRound(rival, -1);
    return new Map([...failed, ...(await inTurn(ready, rounds, oneRound))]);
  } finally {
    await Promise.all([...up.values()].map(({ program }) => program.stop()));
  }
}

function inWords(outcome: Outcome): string {
  if (outcome.kind === 'failed') return outcome.why;
  const [cpuMicros = 0, perSecond = 0] = outcome.values;
  return `${cpuMicros.toFixed(1)} µs, ${Math.round(perSecond)}/s`;
}

/** Column: milliseconds from spawn to the first whole answer, on no particular core, as a user starts it. */
export async function measureStartUp(rival: Rival, workload: Workload, setting: Setting): Promise<Outcome> {
  const started = await bringUp(rival, setting, workload);
  if (started.kind === 'failed') return started;
  await started.program.stop();
  return { kind: 'measured', values: [started.firstAnswerMs] };
}

/** Column: milliseconds from spawn until a Node process with nothing to do runs its first statement. */
export async function measureBareStartUp(): Promise<Outcome> {
  const beganMs = performance.now();
  const program = start({ file: process.execPath, args: ['-e', "require('fs').writeSync(1, '.')"] });
  await program.firstOutput;
  const elapsedMs = performance.now() - beganMs;
  await program.ended;
  return { kind: 'measured', values: [elapsedMs] };
}

/** Column: resident MiB at rest, after one answer and 0.7 s of silence. */
export async function measureMemory(rival: Rival, workload: Workload, setting: Setting): Promise<Outcome> {
  const started = await bringUp(rival, setting, workload);
  if (started.kind === 'failed') return started;
  await rest();
  const values = [residentMiB(started.program.pid)];
  await started.program.stop();
  return { kind: 'measured', values };
}

/** Column: resident MiB of a Node process that only waits. */
export async function measureBareMemory(): Promise<Outcome> {
  const wait = "require('fs').writeSync(1, '.'); setInterval(() => {}, 1e9)";
  const program = start({ file: process.execPath, args: ['-e', wait] });
  await program.firstOutput;
  await rest();
  const values = [residentMiB(program.pid)];
  await program.stop();
  return { kind: 'measured', values };
}

function rest(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, restMs));
}

type Failed = Extract<Outcome, { kind: 'failed' }>;

async function bringUp(
  rival: Rival,
  setting: Setting,
  workload: Workload,
  core?: number,
): Promise<Up | Failed> {
  const bed = await makeBed(setting, workload);
  const command = rival.command(bed);
  const beganMs = performance.now();
  const program = start(command, core);
  for (;;) {
    const answer: Answer | undefined = await ask(bed.port, '/1k.jpg').catch(() => undefined);
    const elapsedMs = performance.now() - beganMs;
    if (answer !== undefined) return { kind: 'up', program, port: bed.port, firstAnswerMs: elapsedMs };
    if (program.hasEnded() || elapsedMs > startTimeoutMs) break;
    await new Promise(resolve => setTimeout(resolve, startPollMs));
  }
  const why = program.hasEnded() ? `ended with ${(await program.ended).code}` : 'did not answer in 15 s';
  await program.stop();
  return { kind: 'failed', why: `${why}: ${lastWord(program)}` };
}

/** The line of a program's standard error that most likely says what went wrong. */
function lastWord(program: Program): string {
  const lines = program.complaint().split('\n');
  return lines.find(line => /^\w*error\b/i.test(line)) ?? (lines.at(-1) || 'without a word');
}

async function makeBed(setting: Setting, workload: Workload): Promise<Bed> {
  const folder = mkdtempSync(join(setting.folder, 'server-'));
  const floorAnswer = join(folder, 'answer');
  writeFileSync(floorAnswer, workload.floorAnswer);
  chmodSync(folder, 0o755);
  return { root: siteFolder(setting.folder), port: await findFreePort(), folder, floorAnswer };
}

/** The folder that is served. */
export function siteFolder(folder: string): string {
  const site = join(folder, 'site');
  mkdirSync(site, { recursive: true });
  return site;
}

/** Brings a server up, asks what the workload asks once, and says what was wrong with the answer, if anything. */
export async function tryOut(
  rival: Rival,
  workload: Workload,
  setting: Setting,
): Promise<string | undefined> {
  const started = await bringUp(rival, setting, workload);
  if (started.kind === 'failed') return started.why;
  const checked = await check(started, workload);
  await started.program.stop();
  return checked.kind === 'failed' ? checked.why : undefined;
}

async function check(server: Up, workload: Workload): Promise<{ kind: 'right'; etag: string } | Failed> {
  try {
    const { etag } = await ask(server.port, '/1k.jpg');
    const fields = workload.fields(etag);
    if (etag === '' && workload.expected.status === 304) return { kind: 'failed', why: 'gives no ETag' };
    const wrong = judge(workload, await ask(server.port, workload.target, fields));
    return wrong === undefined ? { kind: 'right', etag } : { kind: 'failed', why: wrong };
  } catch (error) {
    return { kind: 'failed', why: `no answer: ${(error as Error).message}` };
  }
}

async function loadOnce(server: Up, workload: Workload, etag: string, setting: Setting): Promise<Outcome> {
  const fields = workload.fields(etag).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-t1', `-c${workload.connections}`, `-d${setting.seconds}s`, '-s', wrkScript, ...fields];
  const before = cpuSeconds(server.program.pid);
  const wrk = start(
    { file: 'wrk', args: [...args, `http://127.0.0.1:${server.port}${workload.target}`] },
    setting.loadCore,
  );
  const { output } = await wrk.ended;
  const cpu = cpuSeconds(server.program.pid) - before;
  const counts = readCounts(output);
  if (server.program.hasEnded())
    return { kind: 'failed', why: `ended under load: ${lastWord(server.program)}` };
  if (counts === undefined) return { kind: 'failed', why: `wrk failed: ${wrk.complaint() || output}` };
  const wrong = judgeCounts(counts, workload);
  if (wrong !== undefined) return { kind: 'failed', why: wrong };
  const perSecond = counts.requests / (counts.durationMicros / 1e6);
  return { kind: 'measured', values: [(cpu * 1e6) / counts.requests, perSecond] };
}

/** What wrk counted. */
export interface Counts {
  readonly requests: number;
  readonly durationMicros: number;
  readonly bytes: number;
  readonly socketErrors: number;
  readonly timeouts: number;
  /** Answers with a status of 400 or more. */
  readonly errorStatuses: number;
}

/** The line that wrk.lua printed among wrk's own words, or undefined. */
export function readCounts(output: string): Counts | undefined {
  const line = /^COUNTS (\{.*\})$/m.exec(output)?.[1];
  return line === undefined ? undefined : (JSON.parse(line) as Counts);
}

/** Why wrk's counts cannot be those of right answers only, or undefined. */
export function judgeCounts(counts: Counts, workload: Workload): string | undefined {
  const { status, content } = workload.expected;
  if (counts.requests === 0) return 'wrk got no answer';
  if (counts.socketErrors > 0) return `wrk met ${counts.socketErrors} socket errors`;
  if (counts.timeouts > 0) return `wrk met ${counts.timeouts} time-outs`;
  const errorsWanted = status >= 400 ? counts.requests : 0;
  if (counts.errorStatuses !== errorsWanted) {
    return `wrk saw ${counts.errorStatuses} statuses of 400 or more in ${counts.requests} answers`;
  }
  if (content === undefined) return undefined;
  // Bytes of answers that were still under way at the end are counted, the answers are not.
  const underWay = workload.connections * (content.length + headBytesMax);
  const least = counts.requests * content.length;
  const most = counts.requests * (content.length + headBytesMax) + underWay;
  if (counts.bytes >= least && counts.bytes <= most) return undefined;
  return `${Math.round(counts.bytes / counts.requests)} bytes an answer under load where about ${content.length} are right`;
}
