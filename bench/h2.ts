/** The rows of HTTP/2 over TLS, asked by h2load: small and middling files over many streams, and a large one. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { askDigestOverHttp2 } from './ask.ts';
import { lastWord, type Rival, type Setting, type Up } from './bring-up.ts';
import { busyPercent } from './load.ts';
import { type Agreed, judgeAgreed, offer, offerInWords, readAgreed } from './offer.ts';
import { among, loadSeconds, type Plan, type Row, sorted } from './plan.ts';
import { cpuSeconds, start } from './processes.ts';
import { type Column, loadColumns, type Table } from './sections.ts';
import { measureSecured } from './secured.ts';
import { judgeDigest, type Large, largeMebibytes, prepareLarge } from './transfer.ts';
import type { Outcome } from './turns.ts';
import { overConnections, type Workload, workloads } from './workloads.ts';

const connections = 8;
const streams = 16;
const warmUpSeconds = 1;
const downloadsMin = 3;
const downloadsASecond = 2;
const roundsMax = 3;

const about = among('plinth', 'newer-node', 'nginx', 'nginx-read', 'lighttpd', 'h2o');
const comparison = { kind: 'ratio', to: ['nginx'] } as const;
const downloadColumns: readonly Column[] = [
  { title: 'CPU ms', digits: 1 },
  { title: 'CPU ms a GiB', digits: 1, stands: 'alone' },
  { title: 'MiB/s', digits: 0 },
];

/** How h2load asks for a file. */
interface Asked {
  readonly file: Large;
  readonly connections: number;
  /** Requests under way on each connection. */
  readonly streams: number;
  readonly until: { readonly seconds: number } | { readonly requests: number };
}

/** The rows, in the order of the page. */
export const h2Rows: readonly Row[] = [
  loadRow('h2-1k', '1 KiB file over HTTP/2', overConnections(connections)),
  ...workloads
    .filter(({ name }) => name === '100k')
    .map(workload => loadRow('h2-100k', '100 KB file over HTTP/2', workload)),
  {
    name: 'h2-download',
    missing,
    about,
    seconds: (count, { rounds }) => count * (1 + Math.min(rounds, roundsMax)) * 2,
    run: async (rivals, plan) => {
      const file = prepareLarge(plan.setting);
      const requests = Math.max(downloadsMin, Math.round(plan.setting.seconds * downloadsASecond));
      const table = {
        name: 'h2-download',
        title: `${largeMebibytes} MiB over HTTP/2`,
        columns: downloadColumns,
        note: `${asker()}, ${requests} downloads a round over one connection, one after the other; SHA-256 compared before.`,
      };
      const short = { ...plan, rounds: Math.min(plan.rounds, roundsMax) };
      return [await measured(rivals, short, table, file, up => download(up, file, requests, plan.setting))];
    },
  },
];

function loadRow(name: string, title: string, { target, expected }: Workload): Row {
  const run: Row['run'] = async (rivals, plan) => {
    const content = expected.content ?? Buffer.alloc(0);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const file = { target, length: content.length, sha256 };
    const table = {
      ...{ name, title, columns: loadColumns },
      note: `${asker()}, ${connections} connections with ${streams} streams each, \`GET ${target}\`. ${offerInWords} Its windows are so wide that they hold nobody up.`,
    };
    return [
      await measured(rivals, plan, table, file, (up, isWarmUp) =>
        load(up, file, isWarmUp ? warmUpSeconds : plan.setting.seconds, plan.setting),
      ),
    ];
  };
  return { name, missing, about, seconds: loadSeconds(1), run };
}

async function measured(
  rivals: readonly Rival[],
  plan: Plan,
  table: Pick<Table, 'name' | 'title' | 'columns' | 'note'>,
  file: Large,
  measure: (up: Up, isWarmUp: boolean) => Promise<Outcome>,
): Promise<Table> {
  const check = async (up: Up): Promise<string | undefined> =>
    judgeDigest(file, await askDigestOverHttp2(up.bed.port, file.target));
  const results = sorted(await measureSecured(rivals, plan, { check, measure }));
  return { kind: 'table', comparison, ...table, results };
}

async function load(up: Up, file: Large, seconds: number, setting: Setting): Promise<Outcome> {
  const counted = await askAll(up, { file, connections, streams, until: { seconds } }, setting);
  if ('why' in counted) return counted;
  const { cpuMicros, counts } = counted;
  const one = { cpuMicros: cpuMicros / counts.succeeded, perSecond: counts.perSecond, busiestShare: 1 };
  return { kind: 'measured', values: [one.cpuMicros, one.perSecond, busyPercent(one)] };
}

async function download(up: Up, file: Large, requests: number, setting: Setting): Promise<Outcome> {
  const counted = await askAll(up, { file, connections: 1, streams: 1, until: { requests } }, setting);
  if ('why' in counted) return counted;
  const cpuMs = counted.cpuMicros / 1000 / requests;
  const mebibytes = file.length / 2 ** 20;
  return {
    kind: 'measured',
    values: [cpuMs, (cpuMs * 1024) / mebibytes, mebibytes * counted.counts.perSecond],
  };
}

async function askAll(up: Up, asked: Asked, { loadCore }: Setting) {
  const { until } = asked;
  const amount = 'seconds' in until ? `-D${until.seconds}` : `-n${until.requests}`;
  const url = `https://127.0.0.1:${up.bed.port}${asked.file.target}`;
  const offered = [`--tls13-ciphers=${offer.suite}`, `--groups=${offer.group}`];
  const args = ['-t1', `-c${asked.connections}`, `-m${asked.streams}`, ...offered, amount, url];
  const before = cpuSeconds(up.program.pid);
  const h2load = start({ file: 'h2load', args }, loadCore);
  const { output } = await h2load.ended;
  const cpuMicros = (cpuSeconds(up.program.pid) - before) * 1e6;
  const fail = (why: string) => ({ kind: 'failed', why }) as const;
  if (up.program.hasEnded()) return fail(`ended under load: ${lastWord(up.program)}`);
  const counts = readH2Counts(output);
  if (counts === undefined) return fail(`h2load failed: ${h2load.complaint() || output}`);
  const wrong = judgeH2Counts(counts, asked);
  return wrong === undefined ? ({ cpuMicros, counts } as const) : fail(wrong);
}

/** What h2load counted. */
export interface H2Counts {
  readonly protocol: string;
  readonly agreed: Agreed | undefined;
  readonly perSecond: number;
  readonly succeeded: number;
  /** Requests without a right answer, whatever kept it. */
  readonly failed: number;
  /** Octets of content. */
  readonly bytes: number;
}

/** The figures in what h2load printed, or undefined. */
export function readH2Counts(output: string): H2Counts | undefined {
  const protocol = /^Application protocol: (\S+)/m.exec(output)?.[1];
  const rate = /^finished in [\d.]+\w+, ([\d.]+) req\/s/m.exec(output)?.[1];
  const requests = /^requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m.exec(output);
  const statuses = /^status codes: (\d+) 2xx,/m.exec(output)?.[1];
  const bytes = /^traffic: .* \S+ \((\d+)\) data$/m.exec(output)?.[1];
  if (protocol === undefined || rate === undefined || requests === null) return undefined;
  const [succeeded = 0, ...others] = requests.slice(1).map(Number);
  const unlike = Math.max(0, succeeded - Number(statuses));
  return {
    agreed: readAgreed(output),
    ...{ protocol, succeeded, perSecond: Number(rate), bytes: Number(bytes) },
    failed: others.reduce((sum, one) => sum + one, unlike),
  };
}

/** Why the counts cannot be those of right answers only, or undefined. */
export function judgeH2Counts(
  counts: H2Counts,
  { file, connections, streams, until }: Asked,
): string | undefined {
  if (counts.protocol !== 'h2') return `h2load was given ${counts.protocol}`;
  const wrong = judgeAgreed(counts.agreed);
  if (wrong !== undefined) return wrong;
  if (counts.succeeded === 0) return 'h2load got no answer';
  if (counts.failed > 0) return `h2load counted ${counts.failed} requests without a right answer`;
  const least = counts.succeeded * file.length;
  // Content of answers that were still under way at the end is counted, the answers are not.
  const underWay = 'seconds' in until ? connections * streams * file.length : 0;
  if (counts.bytes >= least && counts.bytes <= least + underWay) return undefined;
  return `${Math.round(counts.bytes / counts.succeeded)} bytes an answer where ${file.length} are right`;
}

let version: string | undefined;

/** The name and version of h2load; empty where it is not installed. */
function asker(): string {
  version ??= (spawnSync('h2load', ['--version'], { encoding: 'utf8' }).stdout ?? '').trim();
  return version;
}

function missing(): string | undefined {
  return asker() === '' ? 'h2load is not installed (Debian: apt-get install nghttp2-client)' : undefined;
}
