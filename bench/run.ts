/**
 * `npm run bench`: our server against others, on this machine, as it is.
 *
 * This file walks through the plan. `rows.ts` and `growth.ts` are the plan, `servers.ts` knows who is compared,
 * `workloads.ts` what is asked, `load.ts`, `transfer.ts` and `at-rest.ts` how one figure is got, `targets.ts` what is
 * wanted of it, `report.ts` and `figures.ts` how figures become a page.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Rival, siteFolder } from './bring-up.ts';
import { figuresOf } from './figures.ts';
import { type Options, readOptions, refuse } from './options.ts';
import type { Plan, Row } from './plan.ts';
import { endEverythingOnExit, makeFolder, start } from './processes.ts';
import { progressAt } from './progress.ts';
import { type Facts, inMarkdown, page } from './report.ts';
import type { Section } from './sections.ts';
import { installPeers, servers } from './servers.ts';
import { writeSite } from './workloads.ts';

const docsFolder = fileURLToPath(new URL('../docs', import.meta.url));
const loadBefore = loadavg()[0] ?? 0;
/** A load average over which somebody else must be at work. */
const loadQuiet = 0.7;

await main();

async function main(): Promise<void> {
  const options = readOptions();
  endEverythingOnExit();
  if (options.install) {
    tell(`installing into ${options.peers}`);
    const failure = installPeers(options.peers);
    if (failure !== undefined) refuse(failure);
  }
  const { rivals, leftOut } = findRivals(options);
  const rows = options.rows.filter(({ missing }) => missing?.() === undefined);
  const rowsLeftOut = options.rows.flatMap(({ name, missing }): Named => {
    const why = missing?.();
    return why === undefined ? [] : [[`The row ${name}`, why]];
  });
  for (const [name, why] of [...leftOut, ...rowsLeftOut]) tell(`left out: ${name}: ${why}`);
  if (options.write && !rivals.some(({ name }) => name === 'plinth')) refuse('--write without plinth itself');
  if (loadBefore > loadQuiet)
    tell(`the machine is busy (load average ${loadBefore.toFixed(2)}): figures will be noisy`);
  const load = await wrkVersion();
  const folder = makeFolder();
  writeSite(siteFolder(folder));
  const { serverCore, loadCore, seconds, rounds } = options;
  const walked = await walk(rows, rivals, {
    rounds,
    setting: { serverCore, loadCore, seconds, folder },
    tell,
  });
  const { sections, lost } = walked;
  const text = page(
    facts(options, { load, rivals, leftOut: [...leftOut, ...rowsLeftOut], walked }),
    sections,
  );
  process.stdout.write(text);
  if (options.write) write(text, sections);
  // A rival may well lack a feature; ours may not.
  if (lost.length > 0 || sections.some(hasFailed)) process.exitCode = 1;
}

/** Runs the rows one after the other and says how far it is and how long it will take. */
async function walk(rows: readonly Row[], rivals: readonly Rival[], plan: Plan): Promise<Walked> {
  const planned = rows
    .map(row => ({ row, rivals: rivals.filter(({ name }) => row.about(name)) }))
    .filter(each => each.rivals.length > 0);
  const { rounds, setting } = plan;
  const steps = planned.map(({ row, rivals: own }) => ({
    name: row.name,
    seconds: row.seconds(own.length, { rounds, seconds: setting.seconds }),
  }));
  const beganMs = performance.now();
  const sections: Section[] = [];
  const lost: (readonly [string, string])[] = [];
  for (const [index, { row, rivals: own }] of planned.entries()) {
    tell(progressAt(steps, index, (performance.now() - beganMs) / 1000));
    try {
      const parts = await row.run(own, plan);
      for (const part of parts) tell(`\n${inMarkdown(part)}\n`);
      sections.push(...parts);
    } catch (error) {
      // What the other rows gave is not thrown away with it.
      lost.push([row.name, (error as Error).message]);
      tell(`  the row ${row.name} broke off: ${(error as Error).stack}`);
    }
  }
  return { sections, lost, minutes: (performance.now() - beganMs) / 60_000 };
}

function write(text: string, sections: readonly Section[]): void {
  const plots = join(docsFolder, 'benchmarks');
  rmSync(plots, { recursive: true, force: true });
  mkdirSync(plots, { recursive: true });
  for (const { file, svg } of sections.flatMap(figuresOf)) writeFileSync(join(plots, file), svg);
  writeFileSync(join(docsFolder, 'benchmarks.md'), text);
}

function hasFailed(section: Section): boolean {
  const ours = section.results.get('plinth');
  const results = ours !== undefined && 'kind' in ours ? [ours] : (ours ?? []);
  return results.some(result => result?.kind === 'failed');
}

type Named = readonly (readonly [name: string, text: string])[];

function findRivals({ names, peers }: Options): { rivals: readonly Rival[]; leftOut: Named } {
  const rivals: Rival[] = [];
  const leftOut: (readonly [string, string])[] = [];
  for (const { name, find } of servers.filter(server => names.includes(server.name))) {
    const found = find(peers);
    if (found.kind === 'ready') rivals.push({ name, ...found });
    else leftOut.push([name, found.why]);
  }
  return { rivals, leftOut };
}

async function wrkVersion(): Promise<string> {
  try {
    // It prints its version with its usage and ends with 1.
    const { output } = await start({ file: 'wrk', args: ['-v'] }).ended;
    return output.split(' Copyright')[0] ?? 'wrk';
  } catch {
    return refuse('wrk is not installed (Debian: apt-get install wrk)');
  }
}

/** What came of all rows. */
interface Walked {
  readonly sections: readonly Section[];
  /** Rows that broke off, and why. */
  readonly lost: Named;
  readonly minutes: number;
}

interface Circumstances {
  /** The version of wrk. */
  readonly load: string;
  readonly rivals: readonly Rival[];
  readonly leftOut: Named;
  readonly walked: Walked;
}

function facts(options: Options, { load, rivals, leftOut, walked }: Circumstances): Facts {
  const { rounds, seconds, serverCore, loadCore } = options;
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ').concat(' UTC'),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    machine: `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
    system: `${process.platform} ${release()}, ${process.arch}; load average ${loadBefore.toFixed(2)} before the start`,
    node: process.version,
    load: `${load}, one thread; server on core ${serverCore}, load on core ${loadCore}`,
    effort: `${rounds} × ${seconds} s of load after one of 1 s to warm up, except where a row says otherwise; ${Math.round(walked.minutes)} minutes in all`,
    tookPart: rivals.map(({ name, version }) => [name, version]),
    leftOut,
    lost: walked.lost,
  };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
