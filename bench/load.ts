/** Load by wrk: many servers up at once, one asked at a time, every count of wrk held against what is right. */
import { fileURLToPath } from 'node:url';
import { bringUp, check, lastWord, type Rival, rest, type Setting, type Up } from './bring-up.ts';
import { linesBehind, logBytes } from './log-lines.ts';
import { judgeOffer, offering } from './offer.ts';
import { cpuSeconds, socketsEach, start } from './processes.ts';
import { logPath } from './servers.ts';
import { type Failed, inTurn, type Outcome, type Result, type Tell } from './turns.ts';
import { pipelineDepth, type Workload } from './workloads.ts';

const wrkScript = fileURLToPath(new URL('./wrk.lua', import.meta.url));
const headBytesMax = 1024;
const warmUpSeconds = 1;
/** What is asked for a second time goes another way than on a walk, and that is compiled only then. */
const uniformWarmUpSeconds = 3;
/** Rounds that are thrown away. */
const walk = -2;
const warmUp = -1;
/** A walk through many files takes as long, since wrk sleeps until its time is over; the slowest needs ten. */
const walkSeconds = 25;

/** Seconds that a server takes before the rounds of a uniform load, beside its other warm-ups. */
export const uniformSeconds: number = walkSeconds + uniformWarmUpSeconds;

/** One server under one workload. */
interface Duty {
  readonly rival: Rival;
  readonly workload: Workload;
}

/** What a row of a table stands for: the duties that are measured one after the other in each of its turns. */
export interface Subject {
  readonly name: string;
  readonly duties: readonly Duty[];
}

/** What one load cost. */
export interface Load {
  readonly cpuMicros: number;
  readonly perSecond: number;
  /** The share of the connections that the process with the most of them held; 1 where a server has one worker. */
  readonly busiestShare: number;
}

/** How busy the core of a server with one process was, in percent. */
export function busyPercent({ cpuMicros, perSecond }: Load): number {
  return (cpuMicros * perSecond) / 1e4;
}

/** A server that is up and has answered rightly. */
interface Ready extends Duty {
  readonly up: Up;
  readonly etag: string;
  /** What each of its processes has open without a client; asked for only where there are several workers. */
  readonly idleSockets: ReadonlyMap<number, number>;
}

/** The subjects of a table in which each server has one duty, the same for all. */
export function alike(rivals: readonly Rival[], workload: Workload): readonly Subject[] {
  return rivals.map(rival => ({ name: rival.name, duties: [{ rival, workload }] }));
}

/** The figures of `loadColumns`. */
function plainFigures([load]: readonly Load[]): readonly number[] {
  return load === undefined ? [] : [load.cpuMicros, load.perSecond, busyPercent(load)];
}

/** Measures every subject in turn; `figures` makes a turn's columns from the loads of its duties. */
export async function measureLoad(
  subjects: readonly Subject[],
  rounds: number,
  setting: Setting,
  tell: Tell,
  figures: (loads: readonly Load[]) => readonly number[] = plainFigures,
): Promise<Map<string, Result>> {
  const started: Up[] = [];
  const failed = new Map<string, Failed>();
  try {
    const ready: { name: string; duties: readonly Ready[] }[] = [];
    for (const { name, duties } of subjects) {
      const prepared = await prepare(duties, setting, started);
      if (Array.isArray(prepared)) ready.push({ name, duties: prepared });
      else failed.set(name, prepared as Failed);
      const why = failed.get(name)?.why;
      if (why !== undefined) tell(`  ${name}: ${why}`);
    }
    const oneTurn = async (
      { name, duties }: (typeof ready)[number],
      round: number,
      seconds: number,
    ): Promise<Outcome> => {
      const loads: Load[] = [];
      for (const duty of duties) {
        // Each worker has to compile what is hot for itself.
        const workers = round < 0 ? duty.up.bed.workers : 1;
        const load = await loadOnce(duty, round, { ...setting, seconds: seconds * workers });
        if ('why' in load) return load;
        loads.push(load);
      }
      const when = round === walk ? 'walk' : round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`;
      tell(`  ${when}  ${name}: ${loads.map(inWords).join('; ')}`);
      return { kind: 'measured', values: figures(loads) };
    };
    // The first load lets Node compile what is hot and nginx open what it keeps; it is thrown away.
    for (const subject of ready) {
      const isUniform = subject.duties.some(({ workload }) => workload.asks.kind === 'uniform');
      if (isUniform) await oneTurn(subject, walk, walkSeconds);
      await oneTurn(
        subject,
        warmUp,
        isUniform ? uniformWarmUpSeconds : Math.min(warmUpSeconds, setting.seconds),
      );
    }
    const results = await inTurn(ready, rounds, (subject, round) => oneTurn(subject, round, setting.seconds));
    return new Map([...failed, ...results]);
  } finally {
    await Promise.all(started.map(({ program }) => program.stop()));
  }
}

async function prepare(
  duties: readonly Duty[],
  setting: Setting,
  started: Up[],
): Promise<readonly Ready[] | Failed> {
  const ready: Ready[] = [];
  for (const { rival, workload } of duties) {
    const up = await bringUp(rival, setting, workload.floorAnswer, setting.serverCore);
    if (up.kind === 'failed') return up;
    started.push(up);
    const checked = await check(up, workload);
    if (checked.kind === 'failed') return checked;
    const wrong = up.bed.tls === undefined ? undefined : await judgeOffer(up.bed.port, setting.folder);
    if (wrong !== undefined) return { kind: 'failed', why: wrong };
    ready.push({ rival, workload, up, etag: checked.etag, idleSockets: await socketsAtRest(up) });
  }
  return ready;
}

function inWords({ cpuMicros, perSecond }: Load): string {
  return `${cpuMicros.toFixed(1)} µs, ${Math.round(perSecond)}/s`;
}

async function loadOnce(
  { workload, up, etag, idleSockets }: Ready,
  round: number,
  setting: Setting,
): Promise<Load | Failed> {
  const fields = workload.fields(etag).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-t1', `-c${workload.connections}`, `-d${setting.seconds}s`, '-s', wrkScript, ...fields];
  const scheme = up.bed.tls === undefined ? 'http' : 'https';
  const url = `${scheme}://127.0.0.1:${up.bed.port}${workload.target}`;
  const log = up.bed.log === 'off' ? undefined : logPath(up.bed);
  const logged = log === undefined ? 0 : logBytes(log);
  const before = cpuSeconds(up.program.pid);
  const command = { file: 'wrk', args: [...args, url, ...scriptArgs(workload, round)] };
  const env = up.bed.tls === undefined ? {} : offering(setting.folder);
  const wrk = start({ ...command, env }, setting.loadCore);
  const busiestShare = await shareHalfway(up, idleSockets, setting.seconds);
  const { output } = await wrk.ended;
  const cpu = cpuSeconds(up.program.pid) - before;
  const counts = readCounts(output);
  if (up.program.hasEnded()) return { kind: 'failed', why: `ended under load: ${lastWord(up.program)}` };
  if (counts === undefined) return { kind: 'failed', why: `wrk failed: ${wrk.complaint() || output}` };
  const wrong = judgeCounts(counts, workload);
  if (wrong !== undefined) return { kind: 'failed', why: wrong };
  const lines = log === undefined ? counts.requests : await linesBehind(log, logged);
  if (lines < counts.requests)
    return { kind: 'failed', why: `logged ${lines} lines of ${counts.requests} requests` };
  return {
    cpuMicros: (cpu * 1e6) / counts.requests,
    perSecond: counts.requests / (counts.durationMicros / 1e6),
    busiestShare,
  };
}

async function socketsAtRest(up: Up): Promise<ReadonlyMap<number, number>> {
  if (up.bed.workers === 1) return new Map();
  await rest();
  return socketsEach(up.program.pid);
}

/** How uneven the connections are shared in the middle of a load. */
async function shareHalfway(up: Up, idle: ReadonlyMap<number, number>, seconds: number): Promise<number> {
  if (up.bed.workers === 1) return 1;
  await new Promise(resolve => setTimeout(resolve, seconds * 500));
  const held = [...socketsEach(up.program.pid)].map(([pid, count]) => count - (idle.get(pid) ?? 0));
  return Math.max(...held) / held.reduce((sum, count) => sum + count, 0);
}

/**
 * Each round has a seed of its own: asked for the same files again, a server would only have to remember those. The
 * walk asks for each file once, so that no round is about files that nobody has asked for before.
 */
function scriptArgs({ asks }: Workload, round: number): readonly string[] {
  switch (asks.kind) {
    case 'repeated':
      return [];
    case 'pipelined':
      return ['--', 'pipelined', String(asks.depth)];
    case 'uniform':
      return round === walk
        ? ['--', 'every', String(asks.files)]
        : ['--', 'uniform', String(asks.files), String(round + 2)];
    default:
      return asks satisfies never;
  }
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
  const underWay = workload.connections * pipelineDepth(workload) * (content.length + headBytesMax);
  const least = counts.requests * content.length;
  const most = counts.requests * (content.length + headBytesMax) + underWay;
  if (counts.bytes >= least && counts.bytes <= most) return undefined;
  return `${Math.round(counts.bytes / counts.requests)} bytes an answer under load where about ${content.length} are right`;
}
