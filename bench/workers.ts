/** The row of several processes on one port: what a request costs them, how evenly they share, what that adds up to. */
import type { Rival } from './bring-up.ts';
import { type Load, measureLoad, type Subject } from './load.ts';
import { loadSeconds, type Plan, type Row, sorted } from './plan.ts';
import { cpuColumn, type DrawnColumn, type Growth, type Table } from './sections.ts';
import { spreaders } from './servers.ts';
import { pickColumns, type Result } from './turns.ts';
import { overConnections } from './workloads.ts';

const counts = [1, 2, 4] as const;
const roundsMax = 3;
/** Shares are even only some time after the connections have come; what is meant is how they are then. */
const turnSecondsMin = 3;
/** So many that chance alone hardly makes the shares uneven. */
const connectionsEach = 128;

const capacityColumn: DrawnColumn = {
  title: 'capacity × one',
  digits: 2,
  words: 'Computed capacity (× one worker)',
  file: 'capacity',
  best: 'most',
};

/** The row `workers`: a table of two workers against one, and how it goes on with more of them. */
export const workersRow: Row = {
  name: 'workers',
  about: name => spreaders.includes(name),
  seconds: (count, { rounds, seconds }) =>
    // Longer warm-ups, and a rest before the sockets are counted.
    count * 6 +
    loadSeconds(counts.length)(count, {
      seconds: Math.max(turnSecondsMin, seconds),
      rounds: Math.min(rounds, roundsMax),
    }),
  run: async (rivals, plan) => {
    const results = await measure(rivals, plan);
    return [tableOf(results), growthOf(results)];
  },
};

async function measure(
  rivals: readonly Rival[],
  { rounds, setting, tell }: Plan,
): Promise<ReadonlyMap<string, Result>> {
  const subjects = rivals.map((rival): Subject => {
    const duties = counts.map(workers => ({
      rival: { ...rival, demands: { workers } },
      workload: overConnections(connectionsEach * workers),
    }));
    return { name: rival.name, duties };
  });
  const long = { ...setting, seconds: Math.max(turnSecondsMin, setting.seconds) };
  return sorted(await measureLoad(subjects, Math.min(rounds, roundsMax), long, tell, figures));
}

/** The figures of each number of workers in a turn: CPU time, percent of the busiest worker, capacity. */
const figuresEach = 3;

function figures(loads: readonly Load[]): readonly number[] {
  const [one] = loads;
  return loads.flatMap(({ cpuMicros, busiestShare }) => {
    // With a core for each, all of them can do no more than keep the busiest one busy.
    const capacity = (one?.cpuMicros ?? Number.NaN) / (cpuMicros * busiestShare);
    return [cpuMicros, busiestShare * 100, capacity];
  });
}

function tableOf(results: ReadonlyMap<string, Result>): Table {
  const two = figuresEach * counts.indexOf(2);
  return {
    kind: 'table',
    name: 'workers',
    title: 'Two workers, and what two cores would make of them',
    comparison: { kind: 'ratio', to: [] },
    note,
    columns: [
      { title: 'CPU µs, one', digits: 1, stands: 'alone' },
      { title: 'CPU µs, two', digits: 1, stands: 'alone' },
      { title: 'busiest %', digits: 0, stands: 'alone' },
      { ...capacityColumn, stands: 'alone' },
    ],
    results: mapped(results, result => pickColumns(result, [0, two, two + 1, two + 2])),
  };
}

function growthOf(results: ReadonlyMap<string, Result>): Growth {
  return {
    kind: 'growth',
    name: 'by-workers',
    title: 'Growth with workers',
    note: `As above, ${connectionsEach} connections for each worker, all workers on one core. The capacity with a core for each is computed from CPU time.`,
    along: 'workers',
    places: counts.map(count => ({ label: String(count), value: count })),
    scale: 'linear',
    columns: [cpuColumn, capacityColumn],
    results: mapped(results, result =>
      counts.map((_, place) => pickColumns(result, [figuresEach * place, figuresEach * place + 2])),
    ),
  };
}

function mapped<Value>(
  results: ReadonlyMap<string, Result>,
  change: (result: Result) => Value,
): ReadonlyMap<string, Value> {
  return new Map([...results].map(([name, result]) => [name, change(result)]));
}

const note = `1 KiB file, ${connectionsEach} keep-alive connections for each worker. **The capacity is computed, not seen:** \
this machine has no two cores for workers and a third one for the load. All workers run on the core of the server, as in \
every other row, and two things are measured: the CPU time of a request over all processes of the server, the \
supervisor too, and the share of the connections that the busiest worker holds in the middle of the load, which lasts \
${turnSecondsMin} s at least: ours evens out what has lasted for some tenths of a second. With a core \
for each worker that one is the first to be full, so the capacity is the CPU time of one ÷ (CPU time of two × share of \
the busiest): 2.00 where two cost no more than one and share evenly. What cores lose to one another is not in it; what \
processes lose that take turns on one core is. Before Node 23.1 the workers take connections from one shared socket; \
from there on, and in nginx (\`reuseport\`), each has a socket of its own (SO_REUSEPORT).`;
