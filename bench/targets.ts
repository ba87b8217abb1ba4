/** What we want to reach, and whether what was measured reaches it. Pure: every verdict comes from the run's own figures. */
import type { Section } from './sections.ts';
import { median, type Result } from './turns.ts';

/** A bound on one figure of one part of the page. */
export interface Target {
  /** The name of the part of the page. */
  readonly part: string;
  readonly work: string;
  /** The place of the figure among the part's columns. */
  readonly column: number;
  /** Whose figure it is; ours unless it says otherwise. */
  readonly of?: string;
  /** What the figure is divided by, or what is subtracted from it. Without it the figure stands for itself. */
  readonly against?: { readonly by: 'ratio' | 'over'; readonly name: string };
  /** What the figure counts: `× nginx`. */
  readonly unit: string;
  readonly digits: number;
  readonly bound: 'at most' | 'at least';
  readonly wanted?: number;
  /** What would be better still. */
  readonly stretch?: number;
}

/** A target beside the figure that was measured, in words. */
export interface Judged {
  readonly work: string;
  readonly figure: string;
  readonly spread: string;
  readonly wanted: string;
  readonly stretch: string;
  readonly verdict: string;
}

const ratio = { unit: '', digits: 2, bound: 'at most' } as const;

/** Every target, in the order of the page. */
export const targets: readonly Target[] = [
  { part: '1k', work: '1 KiB file', ...against('floor', 'the floor'), wanted: 1.45, stretch: 1.25 },
  { part: '1k', work: '1 KiB file', ...against('nginx'), wanted: 0.75 },
  { part: '1k', work: '1 KiB file', ...against('h2o'), stretch: 1 },
  { part: 'https', work: '1 KiB file over TLS', ...against('nginx'), wanted: 1, stretch: 0.85 },
  { part: 'h2-1k', work: '1 KiB file over HTTP/2', ...against('nginx'), wanted: 0.7, stretch: 0.45 },
  { part: 'h2-100k', work: '100 KB file over HTTP/2', ...against('nginx'), wanted: 1, stretch: 0.9 },
  { part: 'h2-download', work: '256 MiB over HTTP/2', ...against('nginx'), wanted: 1.3, stretch: 1 },
  {
    ...{ part: 'page', work: 'A page of 100 images over HTTP/2', ...against('nginx') },
    ...{ unit: '× the time of nginx', wanted: 1 },
  },
  { part: 'handshakes', work: 'A full handshake', ...against('nginx'), wanted: 1.25, stretch: 1 },
  { part: '1k', work: '1 KiB file', ...against('lighttpd'), stretch: 1 },
  { part: 'browser', work: "1 KiB file, a browser's head", ...against('nginx'), wanted: 0.8, stretch: 0.7 },
  { part: '100k', work: '100 KB file', ...against('nginx'), wanted: 0.95, stretch: 0.85 },
  ...['304', '404', '206'].map((part): Target => {
    return { part, work: part, column: 3, ...times('× its 200'), wanted: 1.25 };
  }),
  {
    ...{ part: 'pipelined', work: '32 requests a write', column: 3, ...times('× the unpipelined rate') },
    ...{ bound: 'at least', wanted: 3, stretch: 5 },
  },
  { part: 'log', work: 'access log to a file', column: 3, ...times('× log off'), wanted: 1.15 },
  { part: 'many', work: '100,000 files', ...against('nginx'), wanted: 1.3 },
  ...[times('× identity'), times('× identity in memory')].map((figure, index): Target => {
    return { part: 'codings', work: '1 MB of JavaScript in br', column: 3 + index, ...figure, wanted: 1.1 };
  }),
  { part: 'download', work: '256 MiB download', ...against('nginx'), wanted: 1.15, stretch: 1 },
  {
    ...{ part: 'stalled', work: '1,000 stalled readers', column: 0, unit: 'MiB', digits: 0 },
    ...{ bound: 'at most', wanted: 96 },
  },
  {
    ...{ part: 'idle', work: '10,000 idle connections', column: 0, unit: 'KiB each', digits: 1 },
    ...{ bound: 'at most', wanted: 12, stretch: 6 },
  },
  ...['plinth', 'newer-node'].map((of): Target => {
    const work = of === 'plinth' ? '2 workers on 2 cores' : '2 workers on 2 cores, newer Node';
    const part = { part: 'workers', work, of, column: 3, ...times('× one worker') };
    return { ...part, bound: 'at least', wanted: 1.7 };
  }),
  {
    ...{ part: 'start-up', work: 'start to the first answer', column: 0, unit: 'ms over bare Node' },
    ...{ against: { by: 'over', name: 'bare node' }, digits: 0, bound: 'at most', wanted: 60 },
  },
  {
    ...{ part: 'memory', work: 'memory at rest', column: 0, unit: 'MiB over bare Node' },
    ...{ against: { by: 'over', name: 'bare node' }, digits: 0, bound: 'at most', wanted: 15 },
  },
];

/** Holds what was measured against the targets of the parts that were. The median decides. */
export function judgeTargets(sections: readonly Section[]): readonly Judged[] {
  return targets.flatMap(target => {
    const part = sections.find(({ name }) => name === target.part);
    return part?.kind === 'table' ? [judgeTarget(target, part.results)] : [];
  });
}

/** The targets of a part of the page in words, or nothing where it has none. */
export function targetsInWords(part: string): string {
  const own = targets.filter(target => target.part === part && target.of !== 'newer-node');
  const lines = own.map(({ wanted, stretch, bound, unit }) => {
    if (wanted === undefined) return `stretch ${bound} ${stretch} ${unit}`;
    return `${bound} ${wanted} ${unit}${stretch === undefined ? '' : ` (stretch ${stretch})`}`;
  });
  return lines.length === 0 ? '' : `Target: ${lines.join('; ')}.`;
}

function against(name: string, words = name): Pick<Target, 'column' | 'against' | keyof typeof ratio> {
  return { ...ratio, column: 0, against: { by: 'ratio', name }, unit: `× ${words}` };
}

function times(unit: string): Pick<Target, keyof typeof ratio> {
  return { ...ratio, unit };
}

function judgeTarget(target: Target, results: ReadonlyMap<string, Result>): Judged {
  const { work, unit, wanted, stretch, digits } = target;
  const { middle, all } = figure(target, results);
  const said = (value: number): string => value.toFixed(digits);
  const isThere = Number.isFinite(middle);
  return {
    work,
    figure: isThere ? `${said(middle)} ${unit}` : `– ${unit}`,
    spread: isThere ? `${said(Math.min(...all))}–${said(Math.max(...all))}` : '–',
    wanted: inSigns(target, wanted),
    stretch: inSigns(target, stretch),
    verdict: isThere ? verdict(target, middle) : 'not measured',
  };
}

/** The median as the tables give it, and what each round by itself would say. */
function figure(target: Target, results: ReadonlyMap<string, Result>): { middle: number; all: number[] } {
  const own = valuesOf(results, target.of ?? 'plinth', target.column);
  if (target.against === undefined) return { middle: median(own), all: [...own] };
  const { by, name } = target.against;
  const base = valuesOf(results, name, target.column);
  const compare = (a: number, b: number): number => (by === 'ratio' ? a / b : a - b);
  const rounds = Math.min(own.length, base.length);
  return {
    middle: compare(median(own), median(base)),
    all: own.slice(0, rounds).map((value, round) => compare(value, base[round] ?? Number.NaN)),
  };
}

function valuesOf(results: ReadonlyMap<string, Result>, name: string, column: number): readonly number[] {
  const result = results.get(name);
  return result?.kind === 'measured' ? (result.columns[column] ?? []) : [];
}

function verdict({ bound, wanted, stretch }: Target, value: number): string {
  const holds = (limit: number): boolean => (bound === 'at most' ? value <= limit : value >= limit);
  if (stretch !== undefined && holds(stretch)) return 'stretch reached';
  if (wanted === undefined) return 'stretch missed';
  return holds(wanted) ? 'holds' : '**missed**';
}

function inSigns({ bound, digits }: Target, limit: number | undefined): string {
  if (limit === undefined) return '';
  return `${bound === 'at most' ? '≤' : '≥'} ${digits === 2 ? limit.toFixed(2) : limit}`;
}
