/** The measured parts of the page as values: tables with a line for each server, and growth along an axis. Pure. */
import type { Place } from './plot.ts';
import { median, type Result } from './turns.ts';

/** A figure that a table shows for each server. */
export interface Column {
  readonly title: string;
  readonly digits: number;
  /** 'alone' for a figure that is a comparison by itself; 'bare' for one that needs no spread either. */
  readonly stands?: 'alone' | 'bare';
}

/** A column that can be drawn. */
export interface DrawnColumn extends Column {
  /** What its plots are headed with. */
  readonly words: string;
  /** What the names of the files of its plots end with. */
  readonly file: string;
  readonly best: 'most' | 'least';
}

/** The figure of the page's first table. */
export const cpuColumn: DrawnColumn = {
  title: 'CPU µs',
  digits: 1,
  words: 'CPU microseconds a request',
  file: 'cpu',
  best: 'least',
};

/** How many answers a server gave. */
export const rateColumn: DrawnColumn = {
  title: 'requests/s',
  digits: 0,
  words: 'Requests a second',
  file: 'rate',
  best: 'most',
};

/** How busy the core of the server was: well under 100, the load was the slower of the two. */
const busyColumn: Column = { title: 'core %', digits: 0, stands: 'bare' };

/** The columns of a table of loads, in the order of what is measured. */
export const loadColumns: readonly Column[] = [cpuColumn, rateColumn, busyColumn];

/** How a table relates its servers to a yardstick: by dividing by each of several, or by subtracting one. */
export type Comparison =
  | { readonly kind: 'ratio'; readonly to: readonly string[] }
  | { readonly kind: 'over'; readonly to: string };

/** What was measured in one row of the plan, for every server that took part in it. */
export interface Table {
  readonly kind: 'table';
  readonly name: string;
  readonly title: string;
  readonly note: string;
  readonly columns: readonly Column[];
  readonly comparison: Comparison;
  readonly results: ReadonlyMap<string, Result>;
  /** Those of its columns that are drawn as bars beside it. */
  readonly bars?: readonly DrawnColumn[];
}

/** How figures change along something. */
export interface Growth {
  readonly kind: 'growth';
  readonly name: string;
  readonly title: string;
  readonly note: string;
  /** What changes: `file size`. */
  readonly along: string;
  readonly places: readonly Place[];
  readonly scale: 'linear' | 'log';
  /** What was measured at each place, in the order of the results. */
  readonly columns: readonly DrawnColumn[];
  /** For each server what was measured at each place. */
  readonly results: ReadonlyMap<string, readonly (Result | undefined)[]>;
}

/** A part of the page that was measured. */
export type Section = Table | Growth;

/** For each server the medians of one column at each place; NaN where it has no figure. */
export function medians(growth: Growth, column: number): ReadonlyMap<string, readonly number[]> {
  return new Map(
    [...growth.results].map(([name, results]) => [
      name,
      results.map(result =>
        result?.kind === 'measured' ? median(result.columns[column] ?? []) : Number.NaN,
      ),
    ]),
  );
}
