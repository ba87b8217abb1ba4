import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { bundleInto } from '../bundled.ts';

/** A folder for this test file's trees, removed at the end; its path has no links. */
export const scratch: string = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-cli-')));

/** The command as it is shipped, compiled from the sources as they are at its first run. */
let command: string | undefined;

/** How a run ended and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});

/** A run of the command, with what it said so far. */
export class Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  /**
   * `stdout` is the descriptor of a test that wants to be, or to spoil, what the command writes to; `within` are the
   * words of a program that puts the command in its own place (`prlimit --nofile=64`); `cwd` is where it is called.
   */
  constructor(
    argv: readonly string[],
    env: Readonly<Record<string, string>> = {},
    stdout: number | 'pipe' = 'pipe',
    within: readonly string[] = [],
    cwd: string = scratch,
  ) {
    const [file = process.execPath, ...words] = [...within, process.execPath, commandFile(), ...argv];
    // Of the environment only what a process needs: a PORT of the machine must not decide a test.
    this.child = spawn(file, words, {
      env: { PATH: process.env.PATH ?? '', ...env },
      cwd,
      stdio: ['ignore', stdout, 'pipe'],
    });
    running.add(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', text => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', text => {
      this.stderr += text;
    });
    this.ended = new Promise(resolve => {
      this.child.on('close', code => {
        running.delete(this.child);
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Waits until the child has said this, and gives the match; fails when it ends before. */
  async said(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stderr'): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      const more = new Promise(resolve => this.child[stream]?.once('data', resolve));
      const end = await Promise.race([more, this.ended.then(ended => ({ ended }))]);
      if (typeof end === 'object' && end !== null && 'ended' in end) {
        assert.match(this[stream], pattern, `ended before it said so: ${JSON.stringify(end.ended)}`);
      }
    }
  }

  /** Ends it as an operator would. */
  async stop(): Promise<Ended> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

/** The file of the command. */
export function commandFile(): string {
  command ??= bundleInto(join(scratch, 'package'));
  return command;
}

/** Runs the command. */
export function plinth(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  return new Run(argv, env);
}

/** Runs the command and waits until it listens; answers the port too. */
export async function serving(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdout: number | 'pipe' = 'pipe',
): Promise<{ readonly run: Run; readonly port: number }> {
  const run = new Run(argv, env, stdout);
  await run.said(/stop with/);
  return { run, port: Number((await run.said(/listening on https?:\/\/\S+:(\d+)\//))[1]) };
}

/** Sends bytes to a port or a Unix socket and answers all that comes back until the server closes. */
export async function exchange(where: number | string, text: string, host = '127.0.0.1'): Promise<string> {
  const socket = open(where, host);
  socket.end(text);
  let answer = '';
  for await (const chunk of socket.setEncoding('latin1')) answer += chunk;
  return answer;
}

/** A connection to a port or a Unix socket. */
export function open(where: number | string, host = '127.0.0.1'): Socket {
  return typeof where === 'string' ? connect(where) : connect(where, host);
}

/** A request that asks for the connection to end. */
export function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
}
