/** The rows of the plan: each measures the servers it is about and gives a part of the page. */
import { measureBareMemory, measureBareStartUp, measureMemory, measureStartUp } from './at-rest.ts';
import { connectionsMaxUsual, type Rival } from './bring-up.ts';
import { codingsRow } from './codings.ts';
import { growthRows, keptOfMany, manyFiles } from './growth.ts';
import { h2Rows } from './h2.ts';
import { httpsRows } from './https.ts';
import { alike, busyPercent, type Load, measureLoad, type Subject, uniformSeconds } from './load.ts';
import { pageRow } from './page.ts';
import { among, everyServer, loadSeconds, type Plan, prepareMany, type Row, sorted } from './plan.ts';
import { descriptorsMax } from './processes.ts';
import { type Comparison, cpuColumn, loadColumns, rateColumn, type Table } from './sections.ts';
import { descriptorsNeeded, fileHolders, loggers } from './servers.ts';
import {
  largeMebibytes,
  type MeasureServer,
  measureDownload,
  measureIdle,
  measureStalled,
  prepareLarge,
} from './transfer.ts';
import { type Failed, inTurn, type Outcome, pickColumns, type Result } from './turns.ts';
import { workersRow } from './workers.ts';
import { ofMany, overConnections, pipelined, type Workload, workloads } from './workloads.ts';

const bareNode = 'bare node';
/** The rows in which the slowest would only cost time. */
const fastNames = ['plinth', 'nginx', 'lighttpd', 'h2o', 'node:http'] as const;
const theFast = among(...fastNames);
const toBoth: Comparison = { kind: 'ratio', to: ['nginx', 'floor'] };
const toNginx: Comparison = { kind: 'ratio', to: ['nginx'] };
const overBareNode: Comparison = { kind: 'over', to: bareNode };

const startsARound = 4;
const stalledReaders = 1000;
const idleConnections = 10_000;
/** Rounds of the rows that take long or whose figures hardly differ from round to round. */
const longRoundsMax = 3;
const startSeconds = 0.25;
/** For many files. */
const writingSeconds = 15;
/** Four loads in a turn: shorter ones keep the pass short. */
const statusSecondsMax = 1;

/** Every row, in the order of the page. */
export const rows: readonly Row[] = [
  ...workloads.filter(({ expected }) => expected.status === 200).map(loadRow),
  statusesRow(),
  pipelinedRow(),
  logRow(),
  manyRow(),
  codingsRow,
  downloadRow(),
  stalledRow(),
  idleRow(),
  startUpRow(),
  memoryRow(),
  ...httpsRows,
  ...h2Rows,
  pageRow,
  workersRow,
  ...growthRows,
];

function loadRow(workload: Workload): Row {
  const { name, title } = workload;
  const run: Row['run'] = async (rivals, { rounds, setting, tell }) => [
    {
      kind: 'table',
      name,
      title,
      comparison: toBoth,
      columns: loadColumns,
      note: `${workload.connections} keep-alive connections, \`GET ${workload.target}\`.`,
      results: sorted(await measureLoad(alike(rivals, workload), rounds, setting, tell)),
      bars: [cpuColumn, rateColumn],
    },
  ];
  return { name, about: everyServer, seconds: loadSeconds(1), run };
}

/** The answers that are no whole file, each in turn with the 200 that it is held against. */
function statusesRow(): Row {
  const [whole, others] = [
    workloads.slice(0, 1),
    workloads.filter(({ expected }) => expected.status !== 200),
  ];
  const figures = ([base, ...loads]: readonly Load[]): readonly number[] =>
    loads.flatMap(load => [
      ...[load.cpuMicros, load.perSecond, busyPercent(load)],
      load.cpuMicros / (base?.cpuMicros ?? Number.NaN),
    ]);
  const columns = [...loadColumns, { title: 'CPU × its 200', digits: 2, stands: 'alone' }] as const;
  const run: Row['run'] = async (rivals, { rounds, setting, tell }) => {
    const subjects = rivals.map(rival => ({
      name: rival.name,
      duties: [...whole, ...others].map(workload => ({ rival, workload })),
    }));
    const short = { ...setting, seconds: Math.min(setting.seconds, statusSecondsMax) };
    const results = sorted(await measureLoad(subjects, rounds, short, tell, figures));
    return others.map(({ name, title, connections, target }, index): Table => {
      const places = columns.map((_, column) => index * columns.length + column);
      const own = [...results].map(([server, result]) => [server, pickColumns(result, places)] as const);
      const note = `${connections} keep-alive connections, \`GET ${target}\`. Each turn measures the whole 1 KiB file first, to which the last figure relates.`;
      return { kind: 'table', name, title, comparison: toBoth, columns, note, results: new Map(own) };
    });
  };
  const seconds: Row['seconds'] = (count, plan) =>
    loadSeconds(1 + others.length)(count, { ...plan, seconds: Math.min(plan.seconds, statusSecondsMax) });
  return { name: 'statuses', about: among('floor', ...fastNames), seconds, run };
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
        : [batch.cpuMicros, batch.perSecond, busyPercent(batch), batch.perSecond / single.perSecond];
    return [
      {
        kind: 'table',
        name,
        title,
        comparison: toNginx,
        note: `${connections} keep-alive connections. The floor never parses, so it cannot tell how many requests it has read. With \`tcp_nopush\`, which its documentation advises for files, nginx waits for acknowledgements between pipelined answers: compare its CPU time, not its rate. Each turn begins with a load of single requests; the last figure is the rate over that one's.`,
        columns: [...loadColumns, { title: '× unpipelined', digits: 2, stands: 'alone' }],
        results: sorted(await measureLoad(subjects, Math.min(rounds, longRoundsMax), setting, tell, figures)),
      },
    ];
  };
  const seconds: Row['seconds'] = (count, plan) =>
    loadSeconds(2)(count, { ...plan, rounds: Math.min(plan.rounds, longRoundsMax) });
  return { name, about: theFast, seconds, run };
}

function logRow(): Row {
  const run: Row['run'] = async (rivals, { rounds, setting, tell }) => {
    const workload = overConnections(32);
    const subjects = rivals.map((rival): Subject => {
      const logging: Rival = { ...rival, demands: { log: 'combined' } };
      return { name: rival.name, duties: [rival, logging].map(each => ({ rival: each, workload })) };
    });
    const figures = ([off, on]: readonly Load[]): readonly number[] =>
      off === undefined || on === undefined
        ? []
        : [on.cpuMicros, on.perSecond, busyPercent(on), on.cpuMicros / off.cpuMicros];
    return [
      {
        kind: 'table',
        name: 'log',
        title: 'Access log, combined, to a file',
        comparison: toNginx,
        note: '1 KiB file, 32 keep-alive connections. Ours logs to standard output, which is the file; nginx has `buffer=64k flush=1s`. Each turn measures a server without a log first. When a server has written no more for 1.5 s, its log has to be longer by as many lines as wrk has had answers.',
        columns: [...loadColumns, { title: 'CPU × log off', digits: 2, stands: 'alone' }],
        results: sorted(await measureLoad(subjects, rounds, setting, tell, figures)),
      },
    ];
  };
  return { name: 'log', about: name => loggers.includes(name), seconds: loadSeconds(2), run };
}

function manyRow(): Row {
  const workload = ofMany(manyFiles);
  const run: Row['run'] = async (rivals, { rounds, setting, tell }) => {
    prepareMany(setting, manyFiles, tell);
    const out = rivals.flatMap(({ name }): readonly (readonly [string, Failed])[] => {
      const why = tooFewDescriptors(name);
      return why === undefined ? [] : [[name, { kind: 'failed', why }]];
    });
    const able = rivals.filter(({ name }) => tooFewDescriptors(name) === undefined);
    const asked = able.map((rival): Rival => ({ ...rival, demands: { files: manyFiles } }));
    const measured = await measureLoad(alike(asked, workload), rounds, setting, tell);
    return [
      {
        kind: 'table',
        name: 'many',
        title: workload.title,
        comparison: toNginx,
        note: `32 keep-alive connections. ${keptOfMany} Five of the files are compared byte for byte before, then each server is asked for every file once and for any of them for 3 s.`,
        columns: loadColumns,
        results: sorted(new Map([...out, ...measured])),
      },
    ];
  };
  const seconds: Row['seconds'] = (count, plan) =>
    writingSeconds + count * uniformSeconds + loadSeconds(1)(count, plan);
  return { name: 'many', about: theFast, seconds, run };
}

/** Why a server cannot be asked for so many files here, where that is the machine's fault; or undefined. */
function tooFewDescriptors(name: string): string | undefined {
  const needed = descriptorsNeeded({ connectionsMax: connectionsMaxUsual, files: manyFiles });
  if (!fileHolders.includes(name) || descriptorsMax() >= needed) return undefined;
  return `it holds a descriptor of each file that was asked for in the last seconds, so that ${needed.toLocaleString('en')} have to be allowed, and this machine allows a process ${descriptorsMax().toLocaleString('en')}`;
}

function downloadRow(): Row {
  const run: Row['run'] = async (rivals, plan) => [
    {
      kind: 'table',
      name: 'download',
      title: `${largeMebibytes} MiB download`,
      comparison: toNginx,
      note: 'One connection at a time, whole downloads one after the other; SHA-256 compared before.',
      columns: [
        { title: 'CPU ms', digits: 1 },
        { title: 'CPU ms a GiB', digits: 1, stands: 'alone' },
        { title: 'MiB/s', digits: 0 },
      ],
      results: await oneByOne(
        rivals,
        plan,
        Math.min(plan.rounds, longRoundsMax),
        measureDownload(prepareLarge(plan.setting)),
      ),
    },
  ];
  const seconds: Row['seconds'] = (count, plan) =>
    count * Math.min(plan.rounds, longRoundsMax) * (plan.seconds + 1);
  return { name: 'download', about: theFast, seconds, run };
}

function stalledRow(): Row {
  const run: Row['run'] = async (rivals, plan) => [
    {
      kind: 'table',
      name: 'stalled',
      title: '1,000 readers of 256 MiB that stop reading',
      note: 'Resident memory over rest, the most that was seen in 3 s, after each reader had the beginning of its answer.',
      comparison: toNginx,
      columns: [{ title: 'MiB', digits: 1 }],
      results: await oneByOne(
        rivals,
        plan,
        Math.min(plan.rounds, longRoundsMax),
        measureStalled(prepareLarge(plan.setting), stalledReaders),
      ),
    },
  ];
  const seconds: Row['seconds'] = (count, { rounds }) => count * Math.min(rounds, longRoundsMax) * 6;
  return { name: 'stalled', about: theFast, seconds, run };
}

function idleRow(): Row {
  const run: Row['run'] = async (rivals, plan) => [
    {
      kind: 'table',
      name: 'idle',
      title: '10,000 idle keep-alive connections',
      note: 'Resident memory over rest after each connection has had one answer of 1 KiB, divided by their number. What the system holds for a socket is not in it, nor what a server sets aside for connections when it starts (nginx).',
      comparison: toNginx,
      columns: [
        { title: 'KiB each', digits: 2 },
        { title: 'MiB in all', digits: 1 },
      ],
      results: await oneByOne(
        rivals,
        plan,
        Math.min(plan.rounds, longRoundsMax),
        measureIdle(idleConnections),
      ),
    },
  ];
  const seconds: Row['seconds'] = (count, { rounds }) => count * Math.min(rounds, longRoundsMax) * 6;
  return { name: 'idle', about: among('floor', ...fastNames), seconds, run };
}

function startUpRow(): Row {
  const run: Row['run'] = async (rivals, plan) => [
    {
      kind: 'table',
      name: 'start-up',
      title: 'Start-up to the first answer',
      comparison: overBareNode,
      note: `${startsARound} starts a round, on a folder of two files.`,
      columns: [{ title: 'ms', digits: 1 }],
      results: await oneByOne(rivals, plan, plan.rounds * startsARound, measureStartUp, measureBareStartUp),
    },
  ];
  const seconds: Row['seconds'] = (count, { rounds }) => count * rounds * startsARound * startSeconds;
  return { name: 'start-up', about: everyServer, seconds, run };
}

function memoryRow(): Row {
  const run: Row['run'] = async (rivals, plan) => [
    {
      kind: 'table',
      name: 'memory',
      title: 'Memory at rest',
      comparison: overBareNode,
      note: 'Resident memory after one answer and 0.7 s of rest, of a folder with two files.',
      columns: [{ title: 'MiB', digits: 1 }],
      results: await oneByOne(
        rivals,
        plan,
        Math.min(plan.rounds, longRoundsMax),
        measureMemory,
        measureBareMemory,
      ),
    },
  ];
  const seconds: Row['seconds'] = (count, { rounds }) => count * Math.min(rounds, longRoundsMax) * 1.1;
  return { name: 'memory', about: everyServer, seconds, run };
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
