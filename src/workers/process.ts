import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type WorkerOrder, workerListens, workerVariable } from './protocol.ts';

/** How a worker is started. */
export interface WorkerCommand {
  readonly file: string;
  readonly words: readonly string[];
  /** Descriptors of the sockets that it is to listen on. */
  readonly sockets: readonly number[];
  /** Takes what it writes to standard output; undefined: it has ours. */
  readonly takeOutput: ((output: Readable) => void) | undefined;
}

/** How a process ended. */
export interface WorkerEnd {
  readonly kind: 'ended';
  readonly exitCode: number | null;
  /** `exit code 1`, `SIGKILL`, or why there never was a process. */
  readonly inWords: string;
}

/** A worker, seen from its supervisor. */
export interface Worker {
  readonly pid: number | undefined;
  /** Resolves when it listens, or when it ended before that; one that does neither in time is killed. */
  readonly started: Promise<'listening' | WorkerEnd>;
  readonly ended: Promise<WorkerEnd>;
  /** Resolves when it has ended and everything that it wrote has been taken. */
  readonly closed: Promise<void>;
  readonly tell: (order: WorkerOrder) => void;
  readonly kill: () => void;
}

/** Starts a worker. What goes wrong comes out as its end. */
export function startWorker({ file, words, sockets, takeOutput }: WorkerCommand): Worker {
  const descriptors = sockets.map((_, index) => firstSocket + index);
  const child = spawn(file, words, {
    env: { ...process.env, [workerVariable]: descriptors.join() },
    stdio: ['ignore', takeOutput === undefined ? 'inherit' : 'pipe', 'inherit', 'ipc', ...sockets],
  });
  if (child.stdout !== null) takeOutput?.(child.stdout);
  const ended = endOf(child);
  const started = new Promise<'listening' | WorkerEnd>(resolve => {
    const guard = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
    child.once('message', message => {
      clearTimeout(guard);
      if (message === workerListens) resolve('listening');
    });
    void ended.then(end => {
      clearTimeout(guard);
      resolve(end);
    });
  });
  return {
    pid: child.pid,
    started,
    ended,
    closed: new Promise(resolve => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    }),
    // One that is ending no longer listens to us, and need not.
    tell: order => void (child.connected && child.send(order, () => {})),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** After standard input, output and error and the channel between the two. */
const firstSocket = 4;
const startTimeoutMs = 30_000;

function endOf(child: ChildProcess): Promise<WorkerEnd> {
  return new Promise(resolve => {
    child.once('exit', (exitCode, signal) =>
      resolve({ kind: 'ended', exitCode, inWords: signal ?? `exit code ${exitCode}` }),
    );
    child.on('error', error => {
      // Afterwards it tells of an order that did not arrive, which its end will explain.
      if (child.pid === undefined) resolve({ kind: 'ended', exitCode: null, inWords: error.message });
    });
  });
}
