import type { RuleFault } from './rules.ts';

/** A line that says something. */
export interface SourceLine {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
}

/** How a host reads `_headers` and `_redirects`. */
export type Dialect = 'netlify' | 'cloudflare';

/** The lines of a text that are neither empty nor comments, trimmed, whatever ends them. */
export function linesOf(text: string): readonly SourceLine[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|[\n\r]/)
    .map((line, index) => ({ text: line.trim(), number: index + 1 }))
    .filter(line => line.text !== '' && !line.text.startsWith('#'));
}

/** Makes faults of one file. */
export function faultAt(file: string, line: number, why: string): RuleFault {
  return { source: { file, line }, why };
}
