// Files that change while they are served, each in a way of its own, and what may be seen of them.
import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { appendFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../fuzz/random.ts';
import { hashOf, octetsOf, type Version } from './versions.ts';

/**
 * How a file changes. 'swapped': written aside and renamed into place. 'emptied', 'truncated', 'extended': in place, so
 * that every beginning of a version may be met. 'overwritten': in place by one write of the same length, which the
 * server does not see under way.
 */
export type Manner = 'swapped' | 'emptied' | 'truncated' | 'extended' | 'overwritten';

/**
 * Two changes of a file are so far apart, some ticks of the clock by which a kernel stamps files: what changes twice
 * within one tick and keeps its length cannot be told apart by anybody.
 */
const apartMs = 40;

/** A file and its history. */
export class ChangingFile {
  readonly target: string;
  readonly manner: Manner;
  /** Octets of its versions, about. */
  readonly size: number;
  /** The hash of each whole version by its number. */
  readonly hashes = new Map<number, string>();
  readonly #path: string;
  readonly #pids: () => readonly number[];
  #octets: Buffer = Buffer.alloc(0);
  #written = 0;
  #changedAtMs = 0;

  constructor(
    folder: string,
    name: string,
    { manner, size }: Pick<ChangingFile, 'manner' | 'size'>,
    pids: () => readonly number[],
  ) {
    this.target = `/${name}`;
    this.manner = manner;
    this.size = size;
    this.#path = join(folder, name);
    this.#pids = pids;
  }

  /** What stands there. */
  get octets(): Buffer {
    return this.#octets.subarray(0, this.#written);
  }

  /** Whether an answer may be cut short: of what changes in place and is too large to be read before its head leaves. */
  get mayBeTorn(): boolean {
    return this.manner !== 'swapped' && this.size > 64 * 1024;
  }

  /** Whether it stands empty for a while when it is written in place. */
  get isEmptiedFirst(): boolean {
    return this.manner === 'emptied' || this.manner === 'truncated';
  }

  /** Changes it, unless it has just been changed. */
  async change(random: Random): Promise<void> {
    if (performance.now() - this.#changedAtMs < apartMs) return;
    await this.#change(random);
    this.#changedAtMs = performance.now();
  }

  async #change(random: Random): Promise<void> {
    const isWhole = this.#written === this.#octets.length && this.#written > 0;
    switch (this.manner) {
      case 'swapped':
        this.#make(random);
        return this.#swap();
      case 'emptied':
        this.#make(random);
        return writeFile(this.#path, this.#octets);
      case 'truncated':
        if (!isWhole) {
          this.#make(random);
          return writeFile(this.#path, this.#octets);
        }
        this.#written = Math.floor(this.#octets.length / 2);
        return truncate(this.#path, this.#written);
      case 'extended': {
        if (isWhole || this.#written === 0) {
          this.#make(random);
          this.#written = Math.floor(this.#octets.length / 3);
          return this.#swap();
        }
        const more = this.#octets.subarray(this.#written);
        this.#written = this.#octets.length;
        return appendFile(this.#path, more);
      }
      case 'overwritten':
        this.#make(random);
        if (!existsSync(this.#path)) return writeFile(this.#path, this.#octets);
        whileStopped(this.#pids(), () => overwrite(this.#path, this.#octets));
        return;
    }
  }

  async #swap(): Promise<void> {
    await writeFile(`${this.#path}.new`, this.octets);
    await rename(`${this.#path}.new`, this.#path);
  }

  #make(random: Random): void {
    const isEmpty = this.manner === 'swapped' && this.size < 4096 && random.chance(0.1);
    const spread = this.manner === 'overwritten' ? 0 : random.below(Math.floor(this.size / 2));
    const version: Version = { number: numbers++, length: isEmpty ? 0 : this.size - spread };
    this.#octets = octetsOf(version);
    this.#written = version.length;
    this.hashes.set(version.number, hashOf(this.#octets));
  }
}

/** Numbers of versions grow, so that a client sees which of two is the older. */
let numbers = 1;

function overwrite(path: string, octets: Buffer): void {
  const fd = openSync(path, 'r+');
  try {
    assert.equal(writeSync(fd, octets), octets.length);
  } finally {
    closeSync(fd);
  }
}

/** Does something while no thread of these processes runs: to them it happens in no time. */
function whileStopped(pids: readonly number[], act: () => void): void {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    while (pids.some(pid => !isStopped(pid)));
    act();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every(task => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  });
}
