import type { Outcome, Tally } from '../precompress/precompress.ts';
import { bytesInWords, timeInWords } from './progress.ts';
import { printable, type Style } from './style.ts';

/** What a summary tells beside the outcome. */
export interface SummaryFacts {
  readonly elapsedMs: number;
  readonly threads: number;
  /** The version of Node, as `process.version` has it. */
  readonly node: string;
}

/** What went wrong, a line each; one line for those beyond the first twenty. */
export function troubleLines({ failures, givenUp }: Outcome): readonly string[] {
  const lines = failures.slice(0, troublesShownMax).map(({ path, why }) => `${printable(path)}: ${why}`);
  const more = failures.length - lines.length;
  return [
    ...lines,
    ...(more > 0 ? [`and ${more} more failed`] : []),
    ...(givenUp === undefined
      ? []
      : [givenUp.kind === 'stopped' ? 'stopped; what was finished stays' : `given up: ${givenUp.why}`]),
  ];
}

/** What a run found and did, for a terminal of 80 columns. */
export function summaryText(outcome: Outcome, facts: SummaryFacts, style: Style): string {
  const { survey, codings } = outcome;
  const worth = survey.candidates.length;
  const looked = [
    `${counted(survey.files, 'file')} in ${counted(survey.folders, 'folder')}`,
    `${worth} worth coding`,
    ...some(survey.small, 'under 1 KiB'),
    ...some(survey.incompressible, 'of types that get no smaller'),
    ...some(survey.coded, 'coded already'),
    ...some(survey.links, survey.links === 1 ? 'link not followed' : 'links not followed'),
    ...some(survey.special, 'no files'),
  ];
  const made = total(outcome, 'made') + total(outcome, 'removed');
  const ended = `in ${facts.elapsedMs < 1000 ? `${Math.ceil(facts.elapsedMs)} ms` : timeInWords(facts.elapsedMs)} with ${counted(facts.threads, 'thread')}`;
  return [
    ...wrapped(`Looked at ${looked.join(', ')}`),
    ...(worth === 0 ? [] : table(codings, style)),
    ...(codings.has('zstd')
      ? []
      : [`zstd: not made, as this Node (${facts.node}) has none; 22.15 and newer have`]),
    ...notes(outcome).map(note => style.warn(note)),
    made === 0 && outcome.failures.length === 0 && outcome.givenUp === undefined
      ? `Nothing to do; looked ${ended}`
      : `Made ${counted(total(outcome, 'made'), 'file')} ${ended}`,
    '',
  ].join('\n');
}

const troublesShownMax = 20;
const namesShownMax = 5;
const widthMax = 80;
const columns = ['', 'made', 'kept', 'no gain', 'others', 'before', 'after', 'saved'];
const columnWidths = [6, 8, 8, 9, 8, 10, 10, 8];

function table(codings: ReadonlyMap<string, Tally>, style: Style): readonly string[] {
  const rows = [...codings].map(([coding, { made, fresh, spare, foreign, before, after }]) => [
    coding,
    ...[made, fresh, spare, foreign].map(String),
    bytesInWords(before),
    bytesInWords(after),
    before === 0 ? '-' : `${Math.round((1 - after / before) * 100)} %`,
  ]);
  return [style.dim(row(columns)), ...rows.map(row)];
}

function row(cells: readonly string[]): string {
  const [first = '', ...rest] = cells;
  return `  ${first.padEnd(columnWidths[0] ?? 0)}${rest.map((cell, at) => cell.padStart(columnWidths[at + 1] ?? 0)).join('')}`;
}

/** What is not wrong, and yet somebody may want to know. */
function notes({ foreign, orphans, codings }: Outcome): readonly string[] {
  const stale = foreign.filter(({ isOlder }) => isOlder).map(({ path }) => path);
  const fresh = foreign.filter(({ isOlder }) => !isOlder).map(({ path }) => path);
  const removed = [...codings.values()].reduce((sum, tally) => sum + tally.removed, 0);
  return [
    ...(fresh.length > 0 ? [`Left alone, as others made them: ${named(fresh)}`] : []),
    ...(stale.length > 0
      ? [`Left alone, as others made them, and older than their files: ${named(stale)}`]
      : []),
    ...(orphans.length > 0 ? [`Their files are gone, and they are still served: ${named(orphans)}`] : []),
    ...(removed > 0 ? [`Removed, as they no longer save 5 %: ${counted(removed, 'file')}`] : []),
  ];
}

function named(paths: readonly string[]): string {
  const shown = paths.slice(0, namesShownMax).map(printable).join(', ');
  return paths.length > namesShownMax ? `${shown} and ${paths.length - namesShownMax} more` : shown;
}

function total({ codings }: Outcome, what: 'made' | 'removed'): number {
  return [...codings.values()].reduce((sum, tally) => sum + tally[what], 0);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function some(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}

/** Lines no wider than the screen, broken between words. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > widthMax) {
      lines.push(line);
      line = ` ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
