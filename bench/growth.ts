/** The rows that show how the cost of a request grows: with the file, with the connections, with the number of files. */
import { type Rival, siteFolder } from './bring-up.ts';
import { alike, measureLoad, uniformSeconds } from './load.ts';
import { among, loadSeconds, type Plan, prepareMany, type Row, sorted } from './plan.ts';
import type { Place } from './plot.ts';
import { cpuColumn, type Growth, rateColumn } from './sections.ts';
import type { Result } from './turns.ts';
import { ofMany, ofSize, overConnections, type Workload, writeSized } from './workloads.ts';

const roundsMax = 2;
const secondsMax = 1;

const sizes = [0, 1, 4, 16, 64, 256, 1024, 4096].map(kibibytes => kibibytes * 1024);
/** Nothing has no logarithm: where an empty file stands on the axis, a step of the others away. */
const emptyAt = 256;
const connectionCounts = [1, 2, 8, 32, 128, 512];
const fileCounts = [100, 1000, 10_000, 100_000];

/** The most files that are asked for; all that there are. */
export const manyFiles: number = 100_000;

/** What servers keep of so many files. */
export const keptOfMany =
  'nginx keeps 10,000 descriptors open, which it looks at again after 30 s. Ours reads a file anew for each answer until it is asked for more than four times in a second; from then on the answer stays in memory, and the file is read anew when that is a second old. `node:http` keeps 1,000 files, each for a second, and forgets all of them when there is one more.';

/** What a growth row is beside its places. */
type Kind = Pick<Growth, 'name' | 'title' | 'note' | 'along' | 'scale'>;

/** A place of the axis, and what is asked there. */
interface Step extends Place {
  readonly workload: Workload;
}

/** Every growth row, in the order of the page. */
export const growthRows: readonly Row[] = [
  growthRow(
    {
      name: 'by-size',
      title: 'Growth with the size of the file',
      note: '32 keep-alive connections.',
      along: 'file size',
      scale: 'log',
    },
    among('plinth', 'floor', 'nginx', 'node:http'),
    sizes.map(bytes => ({
      label: sizeLabel(bytes),
      value: Math.max(bytes, emptyAt),
      workload: ofSize(bytes),
    })),
    ({ setting }) => writeSized(siteFolder(setting.folder), sizes),
  ),
  growthRow(
    {
      name: 'by-connections',
      title: 'Growth with connections',
      note: '1 KiB file over keep-alive connections, each asking as soon as it has its answer.',
      along: 'connections',
      scale: 'linear',
    },
    among('plinth', 'floor', 'nginx', 'node:http'),
    connectionCounts.map(count => ({
      label: String(count),
      value: count,
      workload: overConnections(count),
    })),
  ),
  growthRow(
    {
      name: 'by-files',
      title: 'Growth with the number of files',
      note: `1 KiB each, asked for uniformly over 32 keep-alive connections. ${keptOfMany}`,
      along: 'number of files',
      scale: 'linear',
    },
    among('plinth', 'nginx', 'node:http'),
    fileCounts.map(count => ({
      label: count.toLocaleString('en'),
      value: count,
      workload: ofMany(count),
    })),
    ({ setting, tell }) => prepareMany(setting, manyFiles, tell),
  ),
];

function growthRow(
  kind: Kind,
  about: Row['about'],
  steps: readonly Step[],
  prepare: (plan: Plan) => void = () => {},
): Row {
  const run = async (rivals: readonly Rival[], plan: Plan): Promise<readonly Growth[]> => {
    prepare(plan);
    const rounds = Math.min(plan.rounds, roundsMax);
    const setting = { ...plan.setting, seconds: Math.min(plan.setting.seconds, secondsMax) };
    const found: ReadonlyMap<string, Result>[] = [];
    for (const { workload, label } of steps) {
      plan.tell(`  ${kind.along}: ${label}`);
      found.push(await measureLoad(alike(rivals, workload), rounds, setting, plan.tell));
    }
    const results = new Map(rivals.map(({ name }) => [name, found.map(each => each.get(name))]));
    return [
      {
        kind: 'growth',
        ...kind,
        places: steps.map(({ label, value }) => ({ label, value })),
        columns: [cpuColumn, rateColumn],
        results: sorted(results),
      },
    ];
  };
  const walks = steps.filter(({ workload }) => workload.asks.kind === 'uniform').length;
  const seconds: Row['seconds'] = (count, plan) =>
    count * walks * uniformSeconds +
    steps.length * loadSeconds(1)(count, { rounds: Math.min(plan.rounds, roundsMax), seconds: secondsMax });
  return { name: kind.name, about, seconds, run };
}

function sizeLabel(bytes: number): string {
  if (bytes === 0) return '0 B';
  return bytes < 2 ** 20 ? `${bytes / 1024} KiB` : `${bytes / 2 ** 20} MiB`;
}
