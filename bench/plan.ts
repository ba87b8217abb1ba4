/** What a row of the plan is, and what rows share: whom they are about, how long they take, the files they need. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Rival, type Setting, siteFolder } from './bring-up.ts';
import type { Section } from './sections.ts';
import { servers } from './servers.ts';
import type { Tell } from './turns.ts';
import { writeMany } from './workloads.ts';

/** How much is measured, and whom a row tells of its steps. */
export interface Plan {
  readonly rounds: number;
  readonly setting: Setting;
  readonly tell: Tell;
}

/** A row of the plan. */
export interface Row {
  /** What `--only` takes. */
  readonly name: string;
  /** What it needs beside servers and wrk and this machine lacks, or undefined. */
  readonly missing?: () => string | undefined;
  /** Which of the servers it is about. */
  readonly about: (name: string) => boolean;
  /** About how many seconds it takes. */
  readonly seconds: (servers: number, plan: Pick<Plan, 'rounds'> & { readonly seconds: number }) => number;
  /** The parts of the page that come of it. */
  readonly run: (rivals: readonly Rival[], plan: Plan) => Promise<readonly Section[]>;
}

/** Seconds that a warm-up takes at most. */
const warmUpSeconds = 1;
const startSeconds = 0.3;

/** For a row that is about every server; ours on another Node is one more only where its way with workers counts. */
export function everyServer(name: string): boolean {
  return name !== 'newer-node';
}

/** For a row that is about some servers. */
export function among(...names: readonly string[]): (name: string) => boolean {
  return name => names.includes(name);
}

/** How long a table of loads takes, with so many loads in each turn. */
export function loadSeconds(loads: number): Row['seconds'] {
  return (count, { rounds, seconds }) => count * loads * (startSeconds + warmUpSeconds + rounds * seconds);
}

/** The order of the servers' own list, whatever order they failed or finished in. */
export function sorted<Value>(results: ReadonlyMap<string, Value>): Map<string, Value> {
  const order = servers.map(({ name }) => name);
  return new Map([...results].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

/** Writes the many small files unless they are there. */
export function prepareMany({ folder }: Setting, files: number, tell: Tell): void {
  const site = siteFolder(folder);
  if (existsSync(join(site, 'many'))) return;
  tell(`  writing ${files.toLocaleString('en')} files`);
  writeMany(site, files);
}
