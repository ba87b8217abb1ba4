/** What wrk does not measure: long downloads, readers that stall, and connections that idle. */
import { fileURLToPath } from 'node:url';
import { askDigest } from './ask.ts';
import { bringUp, check, type Rival, rest, type Setting, siteFolder, type Up } from './bring-up.ts';
import { cpuSeconds, descriptorsMax, type Program, residentMiB, start } from './processes.ts';
import type { Outcome } from './turns.ts';
import { overConnections, writeLarge } from './workloads.ts';

const client = fileURLToPath(new URL('./client.mjs', import.meta.url));
/** The memory of readers that stall is watched so long: buffers fill in the first second. */
const watchMs = 3000;
const watchStepMs = 100;
const holdTimeoutMs = 30_000;
/** Descriptors of a process beside its connections. */
const otherDescriptors = 200;
const small = overConnections(1);
const noFloor = Buffer.from('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');

/** The file that is downloaded. */
export interface Large {
  readonly target: string;
  readonly length: number;
  readonly sha256: string;
}

/** Its length. */
export const largeMebibytes = 256;

const largeFiles = new Map<string, Large>();

/** The large file, written when it is first needed. */
export function prepareLarge({ folder }: Setting): Large {
  const name = 'large.jpg';
  const large = largeFiles.get(folder) ?? {
    target: `/${name}`,
    ...writeLarge(siteFolder(folder), name, largeMebibytes),
  };
  largeFiles.set(folder, large);
  return large;
}

/** What the client prints of downloads. */
interface Downloaded {
  readonly downloads: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** A measurement of one server that is started for it. */
export type MeasureServer = (rival: Rival, setting: Setting) => Promise<Outcome>;

/** Columns: CPU milliseconds a download, CPU milliseconds a GiB, MiB a second. One connection at a time. */
export function measureDownload(large: Large): MeasureServer {
  return (rival, setting) =>
    withServer(rival, setting, noFloor, async up => {
      const wrong = judgeDigest(large, await askDigest(up.bed.port, large.target));
      if (wrong !== undefined) return { kind: 'failed', why: wrong };
      const before = cpuSeconds(up.program.pid);
      const downloader = runClient(['download', up, large.target, setting.seconds, large.length], setting);
      const { output, code } = await downloader.ended;
      const cpuMs = (cpuSeconds(up.program.pid) - before) * 1000;
      if (code !== 0) return { kind: 'failed', why: downloader.complaint() };
      const { downloads, bytes, seconds } = JSON.parse(output) as Downloaded;
      return {
        kind: 'measured',
        values: [cpuMs / downloads, cpuMs / (bytes / 2 ** 30), bytes / 2 ** 20 / seconds],
      };
    });
}

/** Column: the most MiB over rest that so many readers of a large file who stopped reading make a server hold. */
export function measureStalled(large: Large, readers: number): MeasureServer {
  return (rival, setting) =>
    withServer(rival, setting, noFloor, up =>
      whileHeld(['stall', up, large.target, readers, large.length], setting, async atRest => {
        const untilMs = performance.now() + watchMs;
        let most = 0;
        while (performance.now() < untilMs) {
          most = Math.max(most, residentMiB(up.program.pid));
          await new Promise(resolve => setTimeout(resolve, watchStepMs));
        }
        return [most - atRest];
      }),
    );
}

/** Columns: KiB that an idle keep-alive connection costs, MiB of all of them. Each has had one answer. */
export function measureIdle(connections: number): MeasureServer {
  // nginx closes idle connections when fewer than a sixteenth are free.
  const demands = { connectionsMax: Math.ceil(connections * 1.25) };
  return (rival, setting) =>
    withServer({ ...rival, demands }, setting, small.floorAnswer, async up => {
      const checked = await check(up, small);
      if (checked.kind === 'failed') return checked;
      return whileHeld(['hold', up, small.target, connections, 1024], setting, async atRest => {
        await rest();
        await rest();
        const held = residentMiB(up.program.pid) - atRest;
        return [(held * 1024) / connections, held];
      });
    });
}

async function withServer(
  rival: Rival,
  setting: Setting,
  floorAnswer: Buffer,
  measure: (up: Up) => Promise<Outcome>,
): Promise<Outcome> {
  const up = await bringUp(rival, setting, floorAnswer, setting.serverCore);
  if (up.kind === 'failed') return up;
  try {
    return await measure(up);
  } catch (error) {
    return { kind: 'failed', why: (error as Error).message };
  } finally {
    await up.program.stop();
  }
}

type ClientArgs = readonly [task: string, up: Up, target: string, amount: number, length: number];

/** Opens connections by the client and measures while all of them are as they should be. */
async function whileHeld(
  args: ClientArgs,
  setting: Setting,
  measure: (atRestMiB: number) => Promise<readonly number[]>,
): Promise<Outcome> {
  const [, up, , connections] = args;
  const needed = connections + otherDescriptors;
  if (descriptorsMax() < needed)
    return { kind: 'failed', why: `needs ${needed} descriptors, and ${descriptorsMax()} are allowed` };
  await rest();
  const atRest = residentMiB(up.program.pid);
  const holder = runClient(args, setting);
  const deadline = setTimeout(() => void holder.stop(), holdTimeoutMs);
  try {
    await holder.firstOutput;
    const values = holder.hasEnded() ? [] : await measure(atRest);
    const ended = holder.hasEnded() || up.program.hasEnded();
    if (!ended) return { kind: 'measured', values };
    const why = holder.complaint() || 'it took too long';
    return { kind: 'failed', why: `${connections} connections could not be held: ${why}` };
  } finally {
    clearTimeout(deadline);
    await holder.stop();
  }
}

function runClient([task, up, target, ...numbers]: ClientArgs, { loadCore }: Setting): Program {
  const args = [client, task, String(up.bed.port), target, ...numbers.map(String)];
  return start({ file: process.execPath, args }, loadCore);
}

/** What is wrong with a download, or undefined. */
export function judgeDigest(
  large: Large,
  got: { readonly status: number; readonly length: number; readonly sha256: string },
): string | undefined {
  if (got.status !== 200) return `answered ${got.status} where 200 is right`;
  if (got.length !== large.length)
    return `sent ${got.length} bytes of content where ${large.length} are right`;
  return got.sha256 === large.sha256 ? undefined : 'sent other bytes than those of the file';
}
