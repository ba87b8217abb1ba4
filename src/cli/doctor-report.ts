import type { Report, Result } from '../probe/doctor.ts';
import { printable, type Style } from './style.ts';

type Examined = Extract<Report, { kind: 'examined' }>;

/** What a report tells beside what was found. */
export interface ReportFacts {
  readonly elapsedMs: number;
  /** Whether only faults are told of. */
  readonly isQuiet: boolean;
}

/** The report for people: faults first to last with reason and remedy, then advice, then what is well. */
export function reportText(report: Examined, { elapsedMs, isQuiet }: ReportFacts, style: Style): string {
  const of = (verdict: Result['verdict']) => report.results.filter(result => result.verdict === verdict);
  const failed = of('failed').flatMap(result => findingLines(result, report.start, style));
  if (isQuiet) return failed.length === 0 ? '' : `${failed.join('\n')}\n`;
  const lines = [
    '',
    `  ${style.bold('plinth doctor')}  ${style.accent(printable(report.start))}`,
    '',
    ...of('passed').map(({ title, looked }) => `  ${style.good('✓')} ${title} ${style.dim(`(${looked})`)}`),
    ...of('unasked').map(({ title }) => style.dim(`  – ${title} (nothing to look at)`)),
    '',
    ...of('advised').flatMap(result => findingLines(result, report.start, style)),
    ...failed,
    ...(report.cut === undefined ? [] : [`  ${style.warn('!')} Stopped ${report.cut}: not all was seen`, '']),
    `  ${summary(report, elapsedMs, style)}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** The report for programs: one object, the same words. */
export function jsonReport(report: Report): string {
  const counts =
    report.kind === 'examined'
      ? { faults: countOf(report, 'failed'), advice: countOf(report, 'advised') }
      : undefined;
  return `${JSON.stringify({ ...report, ...counts }, undefined, 2)}\n`;
}

function findingLines(
  { title, why, fix, verdict, findings }: Result,
  start: string,
  style: Style,
): readonly string[] {
  const mark = verdict === 'failed' ? style.bad('✗') : style.warn('!');
  const groups = new Map<string, string[]>();
  for (const { url, text, isAdvice } of findings) {
    if (isAdvice !== (verdict === 'advised')) continue;
    groups.set(text, [...(groups.get(text) ?? []), printable(shortened(url, start))]);
  }
  const shown = [...groups].slice(0, groupsShownMax);
  const more = groups.size - shown.length;
  return [
    `  ${mark} ${style.bold(title)}`,
    ...shown.map(([text, urls]) => `      ${style.accent(listed(urls))}  ${printable(text)}`),
    ...(more === 0 ? [] : [style.dim(`      and ${more} more; --json has them all`)]),
    ...wrapped(why).map((line, at) => `      ${style.dim(at === 0 ? 'Why' : '   ')}  ${line}`),
    ...wrapped(fix).map((line, at) => `      ${style.dim(at === 0 ? 'Fix' : '   ')}  ${line}`),
    '',
  ];
}

/** The report names the origin at its top. */
function shortened(url: string, start: string): string {
  const { origin } = new URL(start);
  return url.startsWith(`${origin}/`) ? url.slice(origin.length) : url;
}

function listed(urls: readonly string[]): string {
  const shown = urls.slice(0, urlsShownMax);
  const more = urls.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

function summary(report: Examined, elapsedMs: number, style: Style): string {
  const faults = countOf(report, 'failed');
  const advised = countOf(report, 'advised');
  const told = [
    style.good(`${countOf(report, 'passed')} passed`),
    faults === 0 ? 'no fault' : style.bad(faults === 1 ? '1 fault' : `${faults} faults`),
    ...(advised === 0 ? [] : [style.warn(`${advised} with advice`)]),
  ];
  const addresses = report.addresses === 1 ? '1 address' : `${report.addresses} addresses`;
  return `${told.join(', ')}; ${addresses} in ${(elapsedMs / 1000).toFixed(1)} s`;
}

function countOf({ results }: Examined, wanted: Result['verdict']): number {
  return results.filter(({ verdict }) => verdict === wanted).length;
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length >= columns) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

const columns = 68;
const groupsShownMax = 8;
const urlsShownMax = 3;
