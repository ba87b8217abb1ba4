/** A server from its command to its first answer, and the check that it answers rightly before it is measured. */
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, ask, askPipelined } from './ask.ts';
import { findFreePort, type Program, start } from './processes.ts';
import type { Bed, Found } from './servers.ts';
import type { Failed } from './turns.ts';
import { judge, judgePipelined, pipelineDepth, type Workload } from './workloads.ts';

const startTimeoutMs = 15_000;
const startPollMs = 1;
const restMs = 700;

/** Connections that have to fit unless a row wants more. */
export const connectionsMaxUsual = 4096;

/** A server that takes part. */
export type Rival = Extract<Found, { kind: 'ready' }> & {
  readonly name: string;
  /** How its bed differs from the usual one. */
  readonly demands?: Partial<Bed>;
};

/** Where and how hard to measure. */
export interface Setting {
  readonly serverCore: number;
  readonly loadCore: number;
  readonly seconds: number;
  /** A folder of the bench's own; the files to serve are in its `site`. */
  readonly folder: string;
}

/** A server that is up. */
export interface Up {
  readonly kind: 'up';
  readonly program: Program;
  readonly bed: Bed;
  readonly firstAnswerMs: number;
}

/** Starts a server and waits for its first answer; on no particular core unless one is given. */
export async function bringUp(
  rival: Rival,
  setting: Setting,
  floorAnswer: Buffer,
  core?: number,
): Promise<Up | Failed> {
  const bed: Bed = { ...(await makeBed(setting, floorAnswer)), ...rival.demands };
  const command = rival.command(bed);
  const beganMs = performance.now();
  const program = start(command, core);
  for (;;) {
    const answer: Answer | undefined = await ask(bed.port, '/1k.jpg', [], bed.tls !== undefined).catch(
      () => undefined,
    );
    const elapsedMs = performance.now() - beganMs;
    if (answer !== undefined) return { kind: 'up', program, bed, firstAnswerMs: elapsedMs };
    if (program.hasEnded() || elapsedMs > startTimeoutMs) break;
    await new Promise(resolve => setTimeout(resolve, startPollMs));
  }
  const why = program.hasEnded() ? `ended with ${(await program.ended).code}` : 'did not answer in 15 s';
  await program.stop();
  return { kind: 'failed', why: `${why}: ${lastWord(program)}` };
}

/** The line of a program's standard error that most likely says what went wrong. */
export function lastWord(program: Program): string {
  const lines = program.complaint().split('\n');
  return lines.find(line => /^\w*error\b|cannot open/i.test(line)) ?? (lines.at(-1) || 'without a word');
}

/** The folder that is served. */
export function siteFolder(folder: string): string {
  const site = join(folder, 'site');
  mkdirSync(site, { recursive: true });
  return site;
}

/** Silence in which a server puts away what it needed for its last answer. */
export function rest(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, restMs));
}

/** Asks what a workload asks and compares what comes, byte for byte. The ETag is the server's own of 1k.jpg. */
export async function check(
  { bed: { port, tls } }: Up,
  workload: Workload,
): Promise<{ readonly kind: 'right'; readonly etag: string } | Failed> {
  try {
    const isSecured = tls !== undefined;
    const { etag } = await ask(port, '/1k.jpg', [], isSecured);
    const fields = workload.fields(etag);
    await workload.settle?.(port);
    if (etag === '' && workload.expected.status === 304) return { kind: 'failed', why: 'gives no ETag' };
    const depth = pipelineDepth(workload);
    let wrong = judge(workload.expected, await ask(port, workload.target, fields, isSecured));
    for (const { target, content } of workload.samples ?? []) {
      wrong ??= judge({ status: 200, content }, await ask(port, target, [], isSecured));
    }
    if (depth > 1) wrong ??= judgePipelined(workload, await askPipelined(port, workload.target, depth));
    return wrong === undefined ? { kind: 'right', etag } : { kind: 'failed', why: wrong };
  } catch (error) {
    return { kind: 'failed', why: `no answer: ${(error as Error).message}` };
  }
}

/** Brings a server up, asks what the workload asks once, and says what was wrong with the answer, if anything. */
export async function tryOut(
  rival: Rival,
  workload: Workload,
  setting: Setting,
): Promise<string | undefined> {
  const started = await bringUp(rival, setting, workload.floorAnswer);
  if (started.kind === 'failed') return started.why;
  const checked = await check(started, workload);
  await started.program.stop();
  return checked.kind === 'failed' ? checked.why : undefined;
}

async function makeBed(setting: Setting, floorContent: Buffer): Promise<Bed> {
  const folder = mkdtempSync(join(setting.folder, 'server-'));
  const floorAnswer = join(folder, 'answer');
  writeFileSync(floorAnswer, floorContent);
  chmodSync(folder, 0o755);
  return {
    root: siteFolder(setting.folder),
    port: await findFreePort(),
    folder,
    floorAnswer,
    connectionsMax: connectionsMaxUsual,
    files: 0,
    log: 'off',
    workers: 1,
    storedCodings: false,
  };
}
