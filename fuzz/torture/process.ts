// The server under torture: bundled from the sources as they are now, as a process of its own, seen from outside.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleInto } from '../../test/bundled.ts';
import type { Place } from '../../test/wire/client.ts';

/** A running server process. */
export interface ServerProcess {
  readonly place: Place;
  /** Its exit code or signal; undefined while it runs. */
  readonly exit: () => number | string | undefined;
  /** What it had to say on standard error. */
  readonly errors: () => string;
  /** Open descriptors; undefined where the system does not tell. */
  readonly descriptors: () => number | undefined;
  /** Memory that it holds, in MiB; undefined where the system does not tell. */
  readonly memoryMiB: () => number | undefined;
  /** Sends SIGTERM and answers how the process ended; one that does not end in time is killed. */
  readonly stop: () => Promise<number | string>;
}

/** A guard, never a measure. */
const guardMs = 30_000;

/** Starts the server on a free port of the loopback. Rejects when it ends instead. */
export async function startServer(root: string): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-tortured-'));
  try {
    return await startIn(folder, root);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(folder: string, root: string): Promise<ServerProcess> {
  const args = [
    bundleInto(folder),
    root,
    '--port',
    '0',
    '--host',
    '127.0.0.1',
    '--log',
    'combined',
    ...smallCaches,
  ];
  const child = spawn(process.execPath, [smallHeap, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: withoutOptions(),
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    errors += text;
  });
  const place = await listening(child, () => errors);
  const proc = `/proc/${child.pid}`;
  const exit = (): number | string | undefined => child.exitCode ?? child.signalCode ?? undefined;
  return {
    place,
    exit,
    errors: () => errors,
    descriptors: () => (existsSync(proc) ? readdirSync(`${proc}/fd`).length : undefined),
    memoryMiB: () => {
      if (!existsSync(proc)) return undefined;
      const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`${proc}/status`, 'latin1'));
      return found === null ? undefined : Number(found[1]) / 1024;
    },
    stop: async () => {
      const gone = once(child, 'exit');
      if (exit() === undefined && child.kill('SIGTERM')) {
        const guard = setTimeout(() => child.kill('SIGKILL'), guardMs);
        await gone;
        clearTimeout(guard);
      }
      rmSync(folder, { recursive: true, force: true });
      return exit() ?? 'nothing';
    },
  };
}

/** Where the server says that it listens. Rejects when it ends instead. */
function listening(child: ChildProcess, errors: () => string): Promise<Place> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const port = /listening on http:\/\/127\.0\.0\.1:(\d+)\//.exec(errors())?.[1];
      if (port !== undefined) resolve({ host: '127.0.0.1', port: Number(port) });
    };
    child.stderr?.on('data', look);
    child.on('exit', () => reject(new Error(`the server did not start: ${errors()}`)));
  });
}

/** Nothing that the surroundings set decides what is tortured. */
function withoutOptions(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, PORT: __, HOST: ___, ...rest } = process.env;
  return Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('PLINTH_')));
}

/**
 * What is remembered is memory that the server means to hold, 64 MiB three times over; made small here, what is held
 * at the end beyond the beginning is what was forgotten. The suite on the wire runs with caches of every size.
 */
const smallCaches = ['--limit', 'cacheBytesMax=4m'];

/**
 * Where there is much memory, the collector lets the heap grow by hundreds of MiB before it looks what is used (Node
 * 26: 200 MiB more after 60 s). In a heap of this size nothing can hide.
 */
const smallHeap = '--max-old-space-size=40';
