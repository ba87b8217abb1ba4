// A server of several processes, looked at from outside.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Run } from '../cli/command.ts';

/** The workers of a supervisor, retiring ones included, the oldest first. */
export function workersOf({ child }: Run): readonly number[] {
  return childrenOf(child.pid ?? 0);
}

/** The processes that a process has started and that still run, the oldest first. */
export function childrenOf(pid: number): readonly number[] {
  const found = readdirSync('/proc').filter(name => /^\d+$/.test(name) && parentOf(name) === pid);
  return found.map(Number).sort((one, other) => one - other);
}

/** The clients' ports of the connections to a port of ours that a process holds. */
export function clientPortsOf(pid: number, port: number): ReadonlySet<number> {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map(name => linkOf(`/proc/${pid}/fd/${name}`)));
  const rows = ['tcp', 'tcp6']
    .flatMap(table => readFileSync(`/proc/self/net/${table}`, 'latin1').split('\n').slice(1))
    .map(row => row.trim().split(/\s+/));
  return new Set(
    rows
      .filter(
        row => portIn(row[1]) === port && portIn(row[2]) !== 0 && inodes.has(`socket:[${row[9] ?? ''}]`),
      )
      .map(row => portIn(row[2])),
  );
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  return parentOf(String(pid)) !== undefined;
}

/** Looks again and again until something holds; the guard is far beyond what that takes. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let looks = 0; !holds(); looks++) {
    assert.ok(looks < 1500, `it does not come to this: ${what}`);
    await wait(20);
  }
}

/** Undefined for a process that is not there, or has ended and is not yet buried. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function portIn(address = ':0'): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}
