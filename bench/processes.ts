/**
 * Everything that the bench starts outside itself: programs pinned to a core, their CPU time and memory as Linux
 * counts them, and their certain end. Whatever way the bench itself ends, nothing that it started lives on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux reports times to user space in hundredths of a second, whatever the kernel's own tick. proc(5). */
const ticksPerSecond = 100;
const keptChars = 4000;
const stopGraceMs = 3000;

const running = new Set<Program>();
const folders = new Set<string>();

/** A file to run, its arguments, and what its environment has besides ours. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A file that takes its standard output. */
  readonly outputPath?: string;
}

/** A program that was started and has to be ended. */
export interface Program {
  readonly pid: number;
  /** Settles with the last of standard output and the exit code (a signal counts as 1) when the program has ended. */
  readonly ended: Promise<{ readonly output: string; readonly code: number }>;
  /** Settles with the first output, or with the end where there is none. */
  readonly firstOutput: Promise<void>;
  readonly hasEnded: () => boolean;
  /** The last of what it wrote on standard error. */
  readonly complaint: () => string;
  /** SIGTERM, and SIGKILL to whatever of it is left after three seconds. */
  readonly stop: () => Promise<void>;
}

/** Starts a program, on one core when one is given. Throws when it cannot be started at all. */
export function start(command: Command, core?: number): Program {
  const { file, args } = core === undefined ? command : pinned(command, core);
  const output = command.outputPath === undefined ? 'pipe' : openSync(command.outputPath, 'a');
  const child = spawn(file, [...args], {
    stdio: ['ignore', output, 'pipe'],
    env: { ...process.env, ...command.env },
  });
  if (typeof output === 'number') closeSync(output);
  if (child.pid === undefined) {
    child.once('error', () => {});
    throw new Error(`cannot start ${file}: is it installed?`);
  }
  const program = watch(child, child.pid);
  running.add(program);
  void program.ended.then(() => running.delete(program));
  return program;
}

function pinned(command: Command, core: number): Command {
  // taskset replaces itself by the program, so the pid is the program's own.
  return { file: 'taskset', args: ['-c', String(core), command.file, ...command.args] };
}

function watch(child: ChildProcess, pid: number): Program {
  let output = '';
  let complaint = '';
  child.stdout?.setEncoding('utf8').on('data', text => {
    output = (output + text).slice(-keptChars);
  });
  child.stderr?.setEncoding('utf8').on('data', text => {
    complaint = (complaint + text).slice(-keptChars);
  });
  const firstOutput = new Promise<void>(resolve => {
    child.stdout?.once('data', () => resolve());
    child.once('close', () => resolve());
  });
  const ended = new Promise<{ output: string; code: number }>(resolve => {
    child.once('close', code => resolve({ output, code: code ?? 1 }));
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (hasEnded()) return;
    const pids = family(pid);
    child.kill('SIGTERM');
    const deadline = setTimeout(() => killAll(pids), stopGraceMs);
    await ended;
    clearTimeout(deadline);
  };
  return { pid, ended, firstOutput, hasEnded, complaint: () => complaint.trim(), stop };
}

/** An empty folder of the bench's own under the system's temporary one; removed when the bench ends. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  folders.add(folder);
  chmodSync(folder, 0o755); // A server that was started by root may serve as another user.
  return folder;
}

/** Ends every program and removes every folder, at once. Safe to call twice. */
export function endEverything(): void {
  for (const program of running) killAll(family(program.pid));
  running.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Makes sure that nothing is left behind on Ctrl-C, SIGTERM, a closed terminal, an error or a plain end. */
export function endEverythingOnExit(): void {
  process.once('exit', endEverything);
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGHUP', () => process.exit(129));
}

/** A port of 127.0.0.1 that nobody listens on now. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** CPU seconds, in user and kernel mode, of a program with all its threads, children and ended children. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const member of family(pid)) {
    // Fields 14 to 17 of proc(5): utime, stime, cutime, cstime; the list starts at field 3.
    for (const field of stat(member)?.slice(11, 15) ?? []) ticks += Number(field);
  }
  return ticks / ticksPerSecond;
}

/** Open sockets of each process of a program, by pid: those that listen and those to other processes count too. */
export function socketsEach(pid: number): ReadonlyMap<number, number> {
  return new Map(family(pid).map(member => [member, socketsOf(member)]));
}

function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).filter(name => isSocket(join(folder, name))).length;
  } catch {
    return 0; // The process has just ended.
  }
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(descriptor).startsWith('socket:');
  } catch {
    return false; // Closed since the folder was read.
  }
}

/** Resident memory of a program and its children in MiB. Pages shared between them count for each of them. */
export function residentMiB(pid: number): number {
  let kib = 0;
  for (const member of family(pid)) {
    kib += Number(/^VmRSS:\s+(\d+)/m.exec(readProc(`${member}/status`))?.[1] ?? 0);
  }
  return kib / 1024;
}

/** Descriptors that this process, and so each that it starts, may open at most. */
export function descriptorsMax(): number {
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readProc('self/limits'))?.[1] ?? 0);
}

/** The program's pid and those of its children and theirs. */
function family(pid: number): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? stat(Number(name))?.[1] : undefined;
    if (parent === undefined) continue;
    const siblings = childrenOf.get(Number(parent)) ?? [];
    childrenOf.set(Number(parent), [...siblings, Number(name)]);
  }
  const members = [pid];
  for (const member of members) members.push(...(childrenOf.get(member) ?? []));
  return members;
}

/** The fields of /proc/<pid>/stat from the third on: the second, the name, may itself hold spaces and brackets. */
function stat(pid: number): readonly string[] | undefined {
  const text = readProc(`${pid}/stat`);
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readProc(path: string): string {
  try {
    return readFileSync(join('/proc', path), 'latin1');
  } catch {
    return ''; // The process has just ended.
  }
}
