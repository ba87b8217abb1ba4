// Reads docs/coming-from.md: what it says is what the tests run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row that sets what was written there beside what is written here. */
interface Pair {
  /** The first code of the first cell: a command, or a directive of a configuration. */
  readonly there: string;
  readonly here: Here;
}

/** What a cell tells to write here. */
type Here = { readonly kind: 'absent' } | Written;

/** A command, and what goes with it. */
export interface Written {
  readonly kind: 'written';
  readonly command: string;
  /** By their names: `_redirects`, `plinth.config.js`. */
  readonly files: Readonly<Record<string, string>>;
}

/** A row that tells what both answer to a request. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly there: number;
  readonly here: number;
}

/** A part of the page. */
interface Part {
  readonly pairs: readonly Pair[];
  readonly asked: readonly Asked[];
  /** The codes of all first cells, for whoever asks whether a flag is told of. */
  readonly told: string;
}

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'coming-from.md'), 'utf8');

/** The headings of the parts. */
export const headings: readonly string[] = [...page.matchAll(/^## (?:From )?(.*)$/gm)].map(
  ([, heading = '']) => heading,
);

/** The part below a heading. */
export function part(heading: string): Part {
  const [, after = ''] = page.split(`## From ${heading}\n`);
  const rows = (after.split(/^## /m)[0] ?? '')
    .split('\n')
    .filter(line => line.startsWith('| ') && !line.startsWith('| there') && !line.startsWith('| asked'))
    .map(cells);
  const isAsked = (row: readonly string[]): boolean => /^`(?:[A-Z]+ )?\//.test(row[0] ?? '');
  return {
    pairs: rows.filter(row => !isAsked(row)).map(pairOf),
    asked: rows.filter(isAsked).map(askedOf),
    told: rows.map(([first = '']) => codes(first).join(' ')).join(' '),
  };
}

function cells(line: string): readonly string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map(cell => cell.trim().replaceAll('\\|', '|'));
}

function codes(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

function pairOf([left = '', right = '']: readonly string[]): Pair {
  const [there = ''] = codes(left);
  if (right.startsWith('not here')) return { there, here: { kind: 'absent' } };
  const files: Record<string, string> = {};
  for (const [, name = '', text = ''] of right.matchAll(/`([\w.]+)`: `([^`]+)`/g)) {
    files[name] = name.startsWith('plinth.config') ? `export default { ${text} };` : text;
  }
  const command = codes(right).find(code => /^plinth\b(?!\.)/.test(code)) ?? 'plinth dist';
  return { there, here: { kind: 'written', command, files } };
}

function askedOf([request = '', there = '', here = '']: readonly string[]): Asked {
  const [line = '', ...others] = codes(request);
  const words = line.split(' ');
  const [method = '', target = ''] = words.length === 1 ? ['GET', ...words] : words;
  const fields = others.filter(code => /^[A-Z][\w-]*: /.test(code)).map(code => code.split(': '));
  return {
    method,
    target,
    fields: Object.fromEntries(fields),
    there: Number.parseInt(there, 10),
    here: Number.parseInt(here, 10),
  };
}
