/**
 * `npm run bench`: our server against others, on this machine, as it is.
 *
 * This file reads the arguments, makes the plan and walks through it. `servers.ts` knows who is compared,
 * `workloads.ts` what is asked, `measure.ts` how one figure is got, `report.ts` how figures become a page.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  inTurn,
  measureBareMemory,
  measureBareStartUp,
  measureLoad,
  measureMemory,
  measureStartUp,
  type Outcome,
  type Result,
  type Rival,
  type Setting,
  siteFolder,
} from './measure.ts';
import { endEverythingOnExit, makeFolder, start } from './processes.ts';
import { type Comparison, type Facts, page, section, type Table } from './report.ts';
import { buildFolder, installPeers, servers } from './servers.ts';
import { type Workload, workloads, writeSite } from './workloads.ts';

const pagePath = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
const bareNode = 'bare node';
const startsARound = 4;
const loadBefore = loadavg()[0] ?? 0;

const usage = `npm run bench -- [options]
  --rounds <n>      rounds of load for each server and row (5); start-up takes four times as many
  --seconds <s>     seconds of load a round (2)
  --only <rows>     only these rows, with commas: ${[...workloads.map(({ name }) => name), 'start-up', 'memory'].join(', ')}
  --servers <names> only these servers, with commas: ${servers.map(({ name }) => name).join(', ')}
  --cores <s,l>     core of the server and core of the load (0,1)
  --peers <folder>  where npm installed sirv-cli, serve and http-server (bench/build/peers)
  --install         install them there first
  --write           write docs/benchmarks.md`;

/** A row of the plan: measures every rival and gives its table. */
interface Row {
  readonly name: string;
  readonly run: (rivals: readonly Rival[], plan: Plan) => Promise<Table>;
}

interface Plan {
  readonly rounds: number;
  readonly setting: Setting;
}

const overBareNode: Comparison = { kind: 'over', to: bareNode };

const rows: readonly Row[] = [...workloads.map(loadRow), startUpRow(), memoryRow()];

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
  for (const [name, why] of leftOut) tell(`left out: ${name}: ${why}`);
  if (options.write && !rivals.some(({ name }) => name === 'plinth')) refuse('--write without plinth itself');
  const load = await wrkVersion();
  const folder = makeFolder();
  writeSite(siteFolder(folder));
  const { serverCore, loadCore, seconds, rounds } = options;
  const plan: Plan = { rounds, setting: { serverCore, loadCore, seconds, folder } };
  const tables: Table[] = [];
  for (const row of options.rows) {
    const table = await row.run(rivals, plan);
    tell(`\n${section(table)}\n`);
    tables.push(table);
  }
  const text = page(facts(options, load, rivals, leftOut), tables);
  process.stdout.write(text);
  if (options.write) {
    mkdirSync(join(pagePath, '..'), { recursive: true });
    writeFileSync(pagePath, text);
  }
  // A rival may well lack a feature; ours may not.
  if (tables.some(({ results }) => results.get('plinth')?.kind === 'failed')) process.exitCode = 1;
}

function loadRow(workload: Workload): Row {
  const run = async (rivals: readonly Rival[], { rounds, setting }: Plan): Promise<Table> => ({
    name: workload.name,
    title: workload.title,
    note: `${workload.connections} keep-alive connections, \`GET ${workload.target}\`.`,
    columns: [
      { title: 'CPU µs', digits: 1 },
      { title: 'requests/s', digits: 0 },
    ],
    comparison: { kind: 'ratio', to: ['nginx', 'floor'] },
    results: sorted(await measureLoad(rivals, workload, rounds, setting, tell)),
  });
  return { name: workload.name, run };
}

function startUpRow(): Row {
  const run = async (rivals: readonly Rival[], { rounds, setting }: Plan): Promise<Table> => ({
    name: 'start-up',
    title: 'Start-up to the first answer',
    note: 'Our target: at most 60 ms over a bare Node process.',
    columns: [{ title: 'ms', digits: 1 }],
    comparison: overBareNode,
    results: await withBareNode(rivals, rounds * startsARound, measureBareStartUp, (rival, workload) =>
      measureStartUp(rival, workload, setting),
    ),
  });
  return { name: 'start-up', run };
}

function memoryRow(): Row {
  const run = async (rivals: readonly Rival[], { rounds, setting }: Plan): Promise<Table> => ({
    name: 'memory',
    title: 'Memory at rest',
    note: 'Our target: at most 15 MiB over a bare Node process.',
    columns: [{ title: 'MiB', digits: 1 }],
    comparison: overBareNode,
    results: await withBareNode(rivals, rounds, measureBareMemory, (rival, workload) =>
      measureMemory(rival, workload, setting),
    ),
  });
  return { name: 'memory', run };
}

async function withBareNode(
  rivals: readonly Rival[],
  rounds: number,
  measureBare: () => Promise<Outcome>,
  measureRival: (rival: Rival, workload: Workload) => Promise<Outcome>,
): Promise<Map<string, Result>> {
  const [workload] = workloads;
  if (workload === undefined) return new Map();
  const subjects = [
    { name: bareNode, measure: measureBare },
    ...rivals.map(rival => ({ name: rival.name, measure: () => measureRival(rival, workload) })),
  ];
  return await inTurn(subjects, rounds, async ({ name, measure }) => {
    const outcome = await measure();
    tell(`${name}: ${outcome.kind === 'measured' ? outcome.values[0]?.toFixed(1) : outcome.why}`);
    return outcome;
  });
}

/** The order of the servers' own list, whatever order they failed or finished in. */
function sorted(results: ReadonlyMap<string, Result>): Map<string, Result> {
  const order = servers.map(({ name }) => name);
  return new Map([...results].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly rows: readonly Row[];
  readonly names: readonly string[];
  readonly serverCore: number;
  readonly loadCore: number;
  readonly peers: string;
  readonly install: boolean;
  readonly write: boolean;
}

function readOptions(): Options {
  const { values } = parse();
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  const known = servers.map(({ name }) => name);
  const rowNames = pick(
    '--only',
    values.only,
    rows.map(({ name }) => name),
  );
  const [serverCore = Number.NaN, loadCore = Number.NaN] = values.cores.split(',').map(Number);
  const cores = availableParallelism();
  if (!(serverCore >= 0 && loadCore >= 0) || serverCore === loadCore)
    refuse('--cores takes two different numbers');
  if (cores < 2) refuse('the server and the load need a core each, and there is only one');
  return {
    rounds: count('--rounds', values.rounds),
    seconds: count('--seconds', values.seconds),
    rows: rows.filter(({ name }) => rowNames.includes(name)),
    names: pick('--servers', values.servers, known),
    serverCore,
    loadCore,
    peers: values.peers,
    install: values.install,
    write: values.write,
  };
}

function parse() {
  try {
    return parseArgs({
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '2' },
        only: { type: 'string' },
        servers: { type: 'string' },
        cores: { type: 'string', default: '0,1' },
        peers: { type: 'string', default: join(buildFolder, 'peers') },
        install: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return refuse(`${(error as Error).message}\n${usage}`);
  }
}

function count(flag: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) refuse(`${flag} takes a whole number from 1 on, not ${text}`);
  return Number(text);
}

function pick(flag: string, text: string | undefined, known: readonly string[]): readonly string[] {
  const wanted = text?.split(',') ?? known;
  const unknown = wanted.find(name => !known.includes(name));
  if (unknown !== undefined) refuse(`${flag} knows no ${unknown}; it knows ${known.join(', ')}`);
  return wanted;
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

function facts(options: Options, load: string, rivals: readonly Rival[], leftOut: Named): Facts {
  const { rounds, seconds, serverCore, loadCore } = options;
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ').concat(' UTC'),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    machine: `${cpus().length} × ${cpu?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB of memory`,
    system: `${process.platform} ${release()}, ${process.arch}; load average ${loadBefore.toFixed(2)} before the start`,
    node: process.version,
    load: `${load}, one thread; server on core ${serverCore}, wrk on core ${loadCore}`,
    effort: `${rounds} × ${seconds} s of load after one to warm up, ${rounds * startsARound} × start-up, ${rounds} × memory`,
    tookPart: rivals.map(({ name, version }) => [name, version]),
    leftOut,
  };
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function refuse(why: string): never {
  process.stderr.write(`bench: ${why}\n`);
  process.exit(2);
}
