import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { after } from 'node:test';
import { commandFile, scratch } from './command.ts';

const running = new Set<ChildProcess>();

after(() => {
  for (const child of running) child.kill('SIGKILL');
  // What a shell has put in the background outlives its terminal: it is known by the folder of this test alone.
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(commandFile()))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
});

/** A shell command at a terminal of 100 columns and 50 lines, which `script` of util-linux makes. */
export class PseudoTerminal {
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  /** All that the terminal was told, with its colours. */
  written = '';

  constructor(command: string, env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn('script', ['-qfec', `stty rows 50 cols 100; ${command}`, '/dev/null'], {
      env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', SHELL: '/bin/bash', ...env },
      cwd: scratch,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    running.add(this.#child);
    this.#child.stdout?.setEncoding('utf8').on('data', text => {
      this.written += text;
    });
    this.ended = new Promise(resolve => {
      this.#child.on('close', code => {
        running.delete(this.#child);
        resolve(code);
      });
    });
  }

  /** The same without colours. */
  get screen(): string {
    return this.written.replace(/\x1b\[[\d;]*m/g, '');
  }

  /** Goes away, as a window that is closed. */
  close(): void {
    this.#child.kill('SIGKILL');
  }

  /** Types on the keyboard. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits until this is on the screen, behind what was there at `from`; gives the match. */
  async shows(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.screen.slice(from));
      if (match !== null) return match;
      const more = new Promise(resolve => this.#child.stdout?.once('data', resolve));
      const end = await Promise.race([more, this.ended.then(code => ({ code }))]);
      if (typeof end === 'object' && end !== null)
        assert.match(this.screen.slice(from), pattern, `ended with ${JSON.stringify(end)}`);
    }
  }

  /** Waits until a server listens and says so; gives its port. */
  async port(): Promise<number> {
    return Number(
      (await this.shows(/http:\/\/127\.0\.0\.1:(\d+)\/[\s\S]*Stop +Ctrl-C\r\n(?:[\s\S]*?\r\n)?\r\n/))[1],
    );
  }
}

/** The words of a shell that run the command. */
export function shellWords(...words: readonly string[]): string {
  return [process.execPath, commandFile(), ...words].map(word => `'${word}'`).join(' ');
}
