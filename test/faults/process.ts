// The command as it is shipped, as a process of its own that is watched from outside.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Run } from '../cli/command.ts';

/** How a server is started. */
export interface Conditions {
  readonly root: string;
  readonly argv?: readonly string[];
  /** Descriptors that the process may have; by default enough for every attack. */
  readonly descriptors?: number;
  /** A descriptor for standard output in place of a pipe. */
  readonly stdout?: number;
}

/** A server that runs. */
export interface Watched {
  readonly run: Run;
  readonly root: string;
  readonly place: { readonly host: string; readonly port: number };
}

/** Starts the command on a free port and waits until it listens. It ends with the test file at the latest. */
export async function watched({ root, argv = [], descriptors = 8192, stdout }: Conditions): Promise<Watched> {
  const words = [root, '0', '--host', '127.0.0.1', ...argv];
  const run = new Run(words, {}, stdout ?? 'pipe', ['prlimit', `--nofile=${descriptors}`]);
  const [, port] = await run.said(/listening on http:\/\/\S+:(\d+)\//);
  await run.said(/stop with/);
  return { run, root, place: { host: '127.0.0.1', port: Number(port) } };
}

/** Fails the test unless the server still runs, met no bug, and stops in order when asked to. */
export async function endInOrder({ run }: Watched): Promise<void> {
  assert.equal(run.child.exitCode, null, run.stderr);
  assert.equal(run.child.signalCode, null, run.stderr);
  const { code, stderr } = await run.stop();
  assert.doesNotMatch(stderr, /bug|Error/);
  assert.equal(code, 0, stderr);
}

/** Processor time that a process has had, in milliseconds. */
export function processorMs({ run }: Watched): number {
  const stat = readFileSync(`/proc/${run.child.pid}/stat`, 'latin1');
  // The second field is a name in parentheses that may hold anything; user and system time are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** Descriptors that a process holds. */
export function descriptorsOf({ run }: Watched): number {
  return readdirSync(`/proc/${run.child.pid}/fd`).length;
}

/**
 * Descriptors of a server that nobody asks anything: once their number has stayed the same for a while, and no file
 * that it served is kept open any more.
 */
export async function descriptorsAtRest(server: Watched): Promise<number> {
  let seen = descriptorsOf(server);
  for (let looks = 0; looks < 15; looks += 1) {
    await setTimeout(20);
    const now = descriptorsOf(server);
    if (now !== seen || holdsFile(server)) looks = 0;
    seen = now;
  }
  return seen;
}

function holdsFile({ run, root }: Watched): boolean {
  const folder = `/proc/${run.child.pid}/fd`;
  return readdirSync(folder).some(fd => {
    try {
      return readlinkSync(join(folder, fd)).startsWith(root);
    } catch {
      return false;
    }
  });
}

/** Why a test that needs a command of the machine is skipped; never in CI, where it then fails. */
export function skipWithout(tool: string, packageName: string, install = 'apt-get install'): string | false {
  if (process.env.CI) return false;
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`]);
    return false;
  } catch {
    return `needs ${tool}; to get it: ${install} ${packageName}`;
  }
}

/** Linux tells times in /proc in hundredths of a second, whatever its own clock (USER_HZ). */
const msPerTick = 10;
