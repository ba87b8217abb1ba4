/** From rounds to words: medians, spreads and ratios as Markdown tables, and the page around them. Pure. */
import { figuresOf } from './figures.ts';
import { type Column, cpuColumn, type Growth, medians, type Section, type Table } from './sections.ts';
import { judgeTargets, targetsInWords } from './targets.ts';
import { median } from './turns.ts';

/** Everything that the page says beside the tables. */
export interface Facts {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly system: string;
  readonly node: string;
  readonly load: string;
  readonly effort: string;
  /** Name, and version or the reason why it was left out. */
  readonly tookPart: readonly (readonly [name: string, version: string])[];
  readonly leftOut: readonly (readonly [name: string, why: string])[];
  /** Rows of the plan that broke off, and why. */
  readonly lost: readonly (readonly [name: string, why: string])[];
}

/** The whole page as Markdown. */
export function page(facts: Facts, sections: readonly Section[]): string {
  const tables = sections.filter(section => section.kind === 'table');
  const parts = [heading(facts), summary(sections), overview(tables), ...sections.map(inMarkdown)];
  return `${[...parts, reading, servers(facts)].filter(part => part !== '').join('\n\n')}\n`;
}

/** A part of the page with its title, figures and plots. */
export function inMarkdown(part: Section): string {
  return part.kind === 'table' ? section(part) : growthSection(part);
}

/** One table with its title. A server whose answers were wrong has the reason in place of figures. */
export function section(table: Table): string {
  const { columns, comparison } = table;
  const compared =
    comparison.kind === 'ratio' ? comparison.to.map(name => `× ${name}`) : [`over ${comparison.to}`];
  const titles = columns.flatMap(({ title, stands }) => [
    ...[title, ...(stands === 'bare' ? [] : ['min–max'])],
    ...(stands === undefined ? compared : []),
  ]);
  const rows: string[][] = [];
  const failures: string[] = [];
  for (const [name, result] of table.results) {
    if (result.kind === 'failed') failures.push(`- **${name}** has no figure: ${oneLine(result.why)}`);
    else
      rows.push([
        name,
        ...columns.flatMap((column, index) => cells(table, column, index, result.columns[index] ?? [])),
      ]);
  }
  const targets = targetsInWords(table.name);
  const intro = [`## ${table.title}`, table.note, targets];
  const parts = [...intro, grid(['server', ...titles], rows), failures.join('\n')];
  return [...parts, plots(table)].filter(part => part !== '').join('\n\n');
}

/** Plots of both figures along the axis, and a table of the medians of each. */
export function growthSection(growth: Growth): string {
  const titles = [growth.along, ...growth.places.map(({ label }) => label)];
  const tables = growth.columns.map(({ title, digits }, index) => {
    const rows = [...medians(growth, index)].map(([name, values]) => [
      name,
      ...values.map(value => number(value, digits)),
    ]);
    return `${title}:\n\n${grid(titles, rows)}`;
  });
  // Whoever fails at one place mostly fails at the next ones for the same reason.
  const failures = [...growth.results].flatMap(([name, results]) => {
    const at = results.findIndex(result => result?.kind === 'failed');
    const failure = results[at];
    if (failure?.kind !== 'failed') return [];
    return [`- **${name}** has no figure at ${growth.places[at]?.label}: ${oneLine(failure.why)}`];
  });
  const parts = [`## ${growth.title}`, growth.note, plots(growth), ...tables, failures.join('\n')];
  return parts.filter(part => part !== '').join('\n\n');
}

function plots(part: Section): string {
  return figuresOf(part)
    .map(({ file, alt }) => `![${alt}](benchmarks/${file})`)
    .join('\n\n');
}

function cells(table: Table, column: Column, index: number, values: readonly number[]): string[] {
  const middle = median(values);
  if (!Number.isFinite(middle) && column.stands === 'alone') return ['–', '–'];
  const spread = `${number(Math.min(...values), column.digits)}–${number(Math.max(...values), column.digits)}`;
  switch (column.stands) {
    case 'bare':
      return [number(middle, column.digits)];
    case 'alone':
      return [number(middle, column.digits), spread];
    case undefined:
      return [number(middle, column.digits), spread, ...comparisons(table, column, index, middle)];
    default:
      return column.stands satisfies never;
  }
}

function comparisons(table: Table, column: Column, index: number, middle: number): string[] {
  const { comparison } = table;
  const base = (name: string): number => {
    const result = table.results.get(name);
    return result?.kind === 'measured' ? median(result.columns[index] ?? []) : Number.NaN;
  };
  switch (comparison.kind) {
    case 'ratio':
      return comparison.to.map(name => number(middle / base(name), 2));
    case 'over':
      return [number(middle - base(comparison.to), column.digits)];
    default:
      return comparison satisfies never;
  }
}

/** What was to be reached and whether it was, from the same run. */
function summary(sections: readonly Section[]): string {
  const judged = judgeTargets(sections);
  if (judged.length === 0) return '';
  const rows = judged.map(({ work, figure, spread, wanted, stretch, verdict }) => [
    ...[work, figure, spread, wanted, stretch, verdict],
  ]);
  const titles = ['work', 'figure', 'min–max', 'target', 'stretch', 'outcome'];
  return [
    '## Targets',
    'CPU time a request, unless the figure names another unit. The medians decide; min–max is what each round by itself would say.',
    grid(titles, rows),
  ].join('\n\n');
}

/** The CPU time of every table that has it side by side: the table to look at first. */
function overview(tables: readonly Table[]): string {
  const loads = tables.filter(({ columns }) => columns[0] === cpuColumn);
  if (loads.length < 2) return '';
  const names = new Set(loads.flatMap(({ results }) => [...results.keys()]));
  const rows = [...names].map(name => [
    name,
    ...loads.map(({ results }) => {
      const result = results.get(name);
      return result?.kind === 'measured' ? number(median(result.columns[0] ?? []), cpuColumn.digits) : '–';
    }),
  ]);
  return `## CPU microseconds a request, median\n\n${grid(['server', ...loads.map(({ name }) => name)], rows)}`;
}

function heading(facts: Facts): string {
  return [
    '# Benchmarks',
    'Written by the bench itself, as it came out; nothing here is edited by hand.',
    [
      `- **Command:** \`${facts.command}\``,
      `- **When:** ${facts.date}`,
      `- **Machine:** ${facts.machine}`,
      `- **System:** ${facts.system}`,
      `- **Node.js** of all servers written for it: ${facts.node}`,
      `- **Load:** ${facts.load}`,
      `- **Effort:** ${facts.effort}`,
    ].join('\n'),
  ].join('\n\n');
}

const reading = `## How to read it

- Everything runs on one machine over the loopback interface, the server on one core and the load on another. The
  network costs nothing here and the client shares caches and memory with the server, so requests a second say
  which server is ahead, not what a site would reach.
- CPU time a request is the steadier figure: user and kernel time of the server with its threads and children, from
  \`/proc\`, divided by the answers that wrk counted. Under 1.00 is better than the yardstick; for requests a second,
  over 1.00 is better. Linux tells it in steps of 10 ms: of a second of load, one percent.
- *core %* is how busy the server's core was. Well under 100, the client was the slower of the two: the rate is then
  the client's, and a server that waits for its client also pays for waking up more often.
- The floor (\`bench/floor.c\`) is an epoll loop in C that sends the same octets whatever it reads, as many as ours
  sends. It is no server: it shows what the system's own part of a request costs.
- nginx is set up as its documentation advises for files (\`bench/nginx.conf\`). nginx-read is the same without
  \`sendfile\`, which is the cheaper way for small files; no setting is the best for every size.
- \`node:http\` is a small server of this folder (\`bench/node-http.mjs\`) that keeps up to 1,000 files of up to 1 MiB in
  memory: what the platform's own HTTP costs, without anyone's extras.
- The servers take turns, one round each, and each round begins with the next one. Figures are medians of the
  rounds; min–max is their whole spread. Where two spreads overlap, the order of the two servers means nothing.
- Before each row every server's answer is compared with the file byte for byte; during it, the client's counts of errors,
  statuses and bytes are checked, and connections that are held must all have had their answer. A server that fails
  has the reason in place of a figure.
- The plots of growth are medians of fewer and shorter rounds: they show a shape.
- No server compresses and none logs requests, but where a table says so. The heads of the answers, and the content
  of a 404, are each server's own and differ in length.
- Start-up is the time from spawning the process to its first whole answer. A bare Node process is measured up to
  its first statement. Memory is resident memory after one answer and 0.7 s of rest; pages that several
  processes of one server share (nginx) count for each.`;

function servers(facts: Facts): string {
  const rows = facts.tookPart.map(pair => [...pair]);
  const out = [
    ...facts.leftOut.map(([name, why]) => `- **${name}** was left out: ${oneLine(why)}`),
    ...facts.lost.map(([name, why]) => `- The row **${name}** broke off: ${oneLine(why)}`),
  ];
  return ['## Servers', grid(['server', 'version'], rows), out.join('\n')]
    .filter(part => part !== '')
    .join('\n\n');
}

/** A Markdown table with its columns lined up, so that it reads well in a terminal too. */
function grid(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, index) =>
    Math.max(3, title.length, ...rows.map(row => row[index]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, index) => pad(row[index] ?? '', width, index)).join(' | ')} |`;
  const rule = `|${widths.map((width, index) => `${'-'.repeat(width + 1)}${index === 0 ? '-' : ':'}`).join('|')}|`;
  return [line(titles), rule, ...rows.map(line)].join('\n');
}

function pad(text: string, width: number, index: number): string {
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}

function number(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
