/** The measured parts of the page as values: tables with a line for each server, and growth along an axis. Pure. */
import type { Place } from './plot.ts';
import { median, type Result } from './turns.ts';

/** A figure that a table shows for each server. */
export interface Column {
  readonly title: string;
  readonly digits: number;
  /** 'alone' for a figure that is a comparison by itself. */
  readonly stands?: 'alone';
}

/** The figure of the page's first table. */
export const cpuColumn: Column = { title: 'CPU µs', digits: 1 };

/** How many answers a server gave. */
export const rateColumn: Column = { title: 'requests/s', digits: 0 };

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
  /** The plots of bars that stand beside the table, each of one of its columns. */
  readonly bars?: readonly { readonly column: Column; readonly title: string }[];
}

/** How the cost of a request changes along something. */
export interface Growth {
  readonly kind: 'growth';
  readonly name: string;
  readonly title: string;
  readonly note: string;
  /** What changes: `file size`. */
  readonly along: string;
  readonly places: readonly Place[];
  readonly scale: 'linear' | 'log';
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
