/** The rows of the plan: each measures the servers it is about and gives a part of the page. */
import { measureBareMemory, measureBareStartUp, measureMemory, measureStartUp } from './at-rest.ts';
import { type Rival, type Setting, siteFolder } from './bring-up.ts';
import { growthRows, manyFiles } from './growth.ts';
import { alike, type Load, measureLoad, type Subject } from './load.ts';
import {
  among,
  everyone,
  loadSeconds,
  notTheFloor,
  type Plan,
  prepareMany,
  type Row,
  sorted,
} from './plan.ts';
import { type Column, type Comparison, cpuColumn, rateColumn } from './sections.ts';
import { loggers } from './servers.ts';
import { type Large, type MeasureServer, measureDownload, measureIdle, measureStalled } from './transfer.ts';
import { inTurn, type Outcome, type Result } from './turns.ts';
import { ofMany, overConnections, pipelined, type Workload, workloads, writeLarge } from './workloads.ts';

const bareNode = 'bare node';
/** The rows in which the slowest would only cost time. */
const theFast = among('plinth', 'nginx', 'lighttpd', 'h2o', 'node:http');
const toBoth: Comparison = { kind: 'ratio', to: ['nginx', 'floor'] };
const toNginx: Comparison = { kind: 'ratio', to: ['nginx'] };
const overBareNode: Comparison = { kind: 'over', to: bareNode };
const floorAnswer = overConnections(1).floorAnswer;

const startsARound = 4;
const stalledReaders = 1000;
const idleConnections = 10_000;
const largeMebibytes = 256;
/** Rounds of the rows that take long or whose figures hardly differ from round to round. */
const longRoundsMax = 3;
const startSeconds = 0.25;

/** Every row, in the order of the page. */
export const rows: readonly Row[] = [
  ...workloads.map(loadRow),
  pipelinedRow(),
  logRow(),
  manyRow(),
  downloadRow(),
  stalledRow(),
  idleRow(),
  startUpRow(),
  memoryRow(),
  ...growthRows,
];

function loadRow(workload: Workload): Row {
  const { name, title } = workload;
  const run: Row['run'] = async (rivals, { rounds, setting, tell }) => ({
    kind: 'table',
    name,
    title,
    comparison: toBoth,
    columns: [cpuColumn, rateColumn],
    note: `${workload.connections} keep-alive connections, \`GET ${workload.target}\`.`,
    results: sorted(await measureLoad(alike(rivals, workload), rounds, setting, tell)),
    bars: workload === workloads[0] ? bothBars(title) : [],
  });
  return { name, about: everyone, seconds: loadSeconds(1), run };
}

function bothBars(title: string): readonly { readonly column: Column; readonly title: string }[] {
  return [
    { column: cpuColumn, title: `CPU microseconds a request: ${title}` },
    { column: rateColumn, title: `Requests a second: ${title}` },
  ];
}

function pipelinedRow(): Row {
  const { name, title, connections } = pipelined;
  const run: Row['run'] = async (rivals, { rounds, setting, tell }) => {
    const subjects = rivals.map(rival => ({
      name: rival.name,
      duties: [overConnections(connections), pipelined].map(workload => ({ rival, workload })),
    }));
    const figures = ([single, batch]: readonly Load[]): readonly number[] =>
      single === undefined || batch === undefined
        ? []
        : [batch.cpuMicros, batch.perSecond, batch.perSecond / single.perSecond];
    return {
      kind: 'table',
      name,
      title,
      comparison: toNginx,
      note: `${connections} keep-alive connections. The floor never parses, so it cannot tell how many requests it has read. With \`tcp_nopush\`, which its documentation advises for files, nginx waits for acknowledgements between pipelined answers: compare its CPU time, not its rate. Each turn begins with a load of single requests; the last figure is the rate over that one's. Our target: at least 3.`,
      columns: [cpuColumn, rateColumn, { title: '× unpipelined', digits: 2, stands: 'alone' }],
      results: sorted(await measureLoad(subjects, Math.min(rounds, longRoundsMax), setting, tell, figures)),
    };
  };
  const seconds: Row['seconds'] = (count, plan) =>
    loadSeconds(2)(count, { ...plan, rounds: Math.min(plan.rounds, longRoundsMax) });
  return { name, about: notTheFloor, seconds, run };
}

function logRow(): Row {
  const run: Row['run'] = async (rivals, { rounds, setting, tell }) => {
    const workload = overConnections(32);
    const subjects = rivals.map((rival): Subject => {
      const logging: Rival = { ...rival, demands: { log: 'combined' } };
      return { name: rival.name, duties: [rival, logging].map(each => ({ rival: each, workload })) };
    });
    const figures = ([off, on]: readonly Load[]): readonly number[] =>
      off === undefined || on === undefined ? [] : [on.cpuMicros, on.perSecond, on.cpuMicros / off.cpuMicros];
    return {
      kind: 'table',
      name: 'log',
      title: 'Access log, combined, to a file',
      comparison: toNginx,
      note: '1 KiB file, 32 keep-alive connections. Ours logs to standard output, which is the file; nginx has `buffer=64k flush=1s`. Each turn measures a server without a log first. The log must have grown by a line a request. Our target: at most 1.15 × log off.',
      columns: [cpuColumn, rateColumn, { title: 'CPU × log off', digits: 2, stands: 'alone' }],
      results: sorted(await measureLoad(subjects, rounds, setting, tell, figures)),
    };
  };
  return { name: 'log', about: name => loggers.includes(name), seconds: loadSeconds(2), run };
}

function manyRow(): Row {
  const workload = ofMany(manyFiles);
  const run: Row['run'] = async (rivals, { rounds, setting, tell }) => {
    prepareMany(setting, manyFiles, tell);
    return {
      kind: 'table',
      name: 'many',
      title: workload.title,
      comparison: toNginx,
      note: '32 keep-alive connections; nginx keeps 10,000 descriptors open, ours 64 MiB of contents. Five of the files are compared byte for byte before. Our target: at most 1.3 × nginx.',
      columns: [cpuColumn, rateColumn],
      results: sorted(await measureLoad(alike(rivals, workload), rounds, setting, tell)),
    };
  };
  return { name: 'many', about: theFast, seconds: (count, plan) => 30 + loadSeconds(1)(count, plan), run };
}

function downloadRow(): Row {
  const run: Row['run'] = async (rivals, plan) => ({
    kind: 'table',
    name: 'download',
    title: `${largeMebibytes} MiB download`,
    comparison: toNginx,
    note: 'One connection at a time, whole downloads one after the other; SHA-256 compared before. Our target: at most 1.15 × nginx.',
    columns: [
      { title: 'CPU ms', digits: 1 },
      { title: 'CPU ms a GiB', digits: 1, stands: 'alone' },
      { title: 'MiB/s', digits: 0 },
    ],
    results: await oneByOne(rivals, plan, plan.rounds, measureDownload(prepareLarge(plan.setting))),
  });
  const seconds: Row['seconds'] = (count, plan) => count * plan.rounds * (plan.seconds + 1);
  return { name: 'download', about: theFast, seconds, run };
}

function stalledRow(): Row {
  const run: Row['run'] = async (rivals, plan) => ({
    kind: 'table',
    name: 'stalled',
    title: '1,000 readers of 256 MiB that stop reading',
    note: 'Resident memory over rest, the most that was seen in 3 s, after each reader had the beginning of its answer. Our target: under 96 MiB.',
    comparison: toNginx,
    columns: [{ title: 'MiB', digits: 1 }],
    results: await oneByOne(
      rivals,
      plan,
      Math.min(plan.rounds, longRoundsMax),
      measureStalled(prepareLarge(plan.setting), stalledReaders),
    ),
  });
  const seconds: Row['seconds'] = (count, { rounds }) => count * Math.min(rounds, longRoundsMax) * 6;
  return { name: 'stalled', about: theFast, seconds, run };
}

function idleRow(): Row {
  const run: Row['run'] = async (rivals, plan) => ({
    kind: 'table',
    name: 'idle',
    title: '10,000 idle keep-alive connections',
    note: 'Resident memory over rest after each connection has had one answer of 1 KiB, divided by their number. What the system holds for a socket is not in it, nor what a server sets aside for connections when it starts (nginx). Our target: at most 12 KiB each.',
    comparison: toNginx,
    columns: [
      { title: 'KiB each', digits: 2 },
      { title: 'MiB in all', digits: 1 },
    ],
    results: await oneByOne(
      rivals,
      plan,
      Math.min(plan.rounds, longRoundsMax),
      measureIdle(idleConnections, floorAnswer),
    ),
  });
  const seconds: Row['seconds'] = (count, { rounds }) => count * Math.min(rounds, longRoundsMax) * 6;
  return { name: 'idle', about: among('plinth', 'floor', 'nginx', 'node:http'), seconds, run };
}

function startUpRow(): Row {
  const run: Row['run'] = async (rivals, plan) => ({
    kind: 'table',
    name: 'start-up',
    title: 'Start-up to the first answer',
    comparison: overBareNode,
    note: `${startsARound} starts a round. Our target: at most 60 ms over a bare Node process.`,
    columns: [{ title: 'ms', digits: 1 }],
    results: await oneByOne(
      rivals,
      plan,
      plan.rounds * startsARound,
      (rival, setting) => measureStartUp(rival, setting, floorAnswer),
      measureBareStartUp,
    ),
  });
  const seconds: Row['seconds'] = (count, { rounds }) => count * rounds * startsARound * startSeconds;
  return { name: 'start-up', about: everyone, seconds, run };
}

function memoryRow(): Row {
  const run: Row['run'] = async (rivals, plan) => ({
    kind: 'table',
    name: 'memory',
    title: 'Memory at rest',
    comparison: overBareNode,
    note: 'Our target: at most 15 MiB over a bare Node process.',
    columns: [{ title: 'MiB', digits: 1 }],
    results: await oneByOne(
      rivals,
      plan,
      plan.rounds,
      (rival, setting) => measureMemory(rival, setting, floorAnswer),
      measureBareMemory,
    ),
  });
  const seconds: Row['seconds'] = (count, { rounds }) => count * rounds * 1.1;
  return { name: 'memory', about: everyone, seconds, run };
}

/** Starts servers one at a time, each afresh, and a bare Node process among them where that is the yardstick. */
async function oneByOne(
  rivals: readonly Rival[],
  { setting, tell }: Plan,
  rounds: number,
  measure: MeasureServer,
  measureBare?: () => Promise<Outcome>,
): Promise<Map<string, Result>> {
  const bare = measureBare === undefined ? [] : [{ name: bareNode, measure: measureBare }];
  const subjects = [
    ...bare,
    ...rivals.map(rival => ({ name: rival.name, measure: () => measure(rival, setting) })),
  ];
  return await inTurn(subjects, rounds, async (subject, round) => {
    const outcome = await subject.measure();
    const words =
      outcome.kind === 'measured' ? outcome.values.map(value => value.toFixed(1)).join(', ') : outcome.why;
    tell(`  round ${round + 1} of ${rounds}  ${subject.name}: ${words}`);
    return outcome;
  });
}

const largeFiles = new Map<string, Large>();

/** The large file, written when it is first needed. */
function prepareLarge({ folder }: Setting): Large {
  const name = 'large.jpg';
  const large = largeFiles.get(folder) ?? {
    target: `/${name}`,
    ...writeLarge(siteFolder(folder), name, largeMebibytes),
  };
  largeFiles.set(folder, large);
  return large;
}
