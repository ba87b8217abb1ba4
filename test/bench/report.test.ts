import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthSection, inMarkdown, page, section } from '../../bench/report.ts';
import { cpuColumn, type Growth, rateColumn, type Table } from '../../bench/sections.ts';

const loadTable: Table = {
  kind: 'table',
  name: '1k',
  title: 'A load',
  note: 'A note.',
  columns: [cpuColumn],
  comparison: { kind: 'ratio', to: ['nginx'] },
  results: new Map([
    ['plinth', { kind: 'measured', columns: [[10, 30, 15]] }],
    ['nginx', { kind: 'measured', columns: [[20, 19, 21]] }],
    ['serve', { kind: 'failed', why: 'answered 500\nwhere 200 is right' }],
  ]),
};

function cellsOf(markdown: string, server: string): string[] | undefined {
  const line = markdown.split('\n').find(text => text.startsWith(`| ${server} `));
  return line
    ?.split('|')
    .slice(1, -1)
    .map(cell => cell.trim());
}

test('a table has the median, the spread and the ratio to the yardstick', () => {
  const text = section(loadTable);
  assert.deepEqual(cellsOf(text, 'server'), ['server', 'CPU µs', 'min–max', '× nginx']);
  assert.deepEqual(cellsOf(text, 'plinth'), ['plinth', '15.0', '10.0–30.0', '0.75']);
  assert.deepEqual(cellsOf(text, 'nginx'), ['nginx', '20.0', '19.0–21.0', '1.00']);
});

test('a server that answered wrongly has the reason on one line and no figure', () => {
  const text = section(loadTable);
  assert.equal(cellsOf(text, 'serve'), undefined);
  assert.match(text, /^- \*\*serve\*\* has no figure: answered 500 where 200 is right$/m);
});

test('a ratio to a yardstick that is not there is a dash, never a number', () => {
  const text = section({ ...loadTable, comparison: { kind: 'ratio', to: ['floor'] } });
  assert.equal(cellsOf(text, 'plinth')?.at(-1), '–');
});

test('a table over a yardstick subtracts it', () => {
  const text = section({ ...loadTable, comparison: { kind: 'over', to: 'nginx' } });
  assert.equal(cellsOf(text, 'plinth')?.at(-1), '-5.0');
});

test('a figure that is a comparison by itself is not compared again', () => {
  const text = section({
    ...loadTable,
    columns: [cpuColumn, { title: '× unpipelined', digits: 2, stands: 'alone' }],
    results: new Map([['plinth', { kind: 'measured', columns: [[10], [4]] }]]),
  });
  assert.deepEqual(cellsOf(text, 'server'), [
    ...['server', 'CPU µs', 'min–max', '× nginx'],
    ...['× unpipelined', 'min–max'],
  ]);
  assert.deepEqual(cellsOf(text, 'plinth')?.slice(-2), ['4.00', '4.00–4.00']);
});

test('bars are drawn with the best first, and say their figures in words', () => {
  const text = inMarkdown({ ...loadTable, bars: [cpuColumn] });
  assert.match(
    text,
    /^!\[CPU microseconds a request: A load: plinth 15, nginx 20\]\(benchmarks\/1k-cpu\.svg\)$/m,
  );
});

const growth: Growth = {
  kind: 'growth',
  name: 'by-size',
  title: 'Growth',
  note: 'A note.',
  along: 'file size',
  scale: 'log',
  columns: [cpuColumn, rateColumn],
  places: [
    { label: '1 KiB', value: 1024 },
    { label: '4 KiB', value: 4096 },
  ],
  results: new Map([
    [
      'plinth',
      [
        { kind: 'measured', columns: [[10], [5000]] },
        { kind: 'measured', columns: [[20], [3000]] },
      ],
    ],
    [
      'nginx',
      [
        { kind: 'measured', columns: [[11], [4000]] },
        { kind: 'failed', why: 'gone' },
      ],
    ],
  ]),
};

test('growth has a plot and a table of each figure, and a dash where a server failed', () => {
  const text = growthSection(growth);
  assert.match(text, /CPU microseconds a request by file size, from 1 KiB to 4 KiB: plinth 10 to 20\]/);
  assert.match(text, /\(benchmarks\/by-size-rate\.svg\)/);
  assert.deepEqual(cellsOf(text, 'plinth'), ['plinth', '10.0', '20.0']);
  assert.deepEqual(cellsOf(text, 'nginx'), ['nginx', '11.0', '–']);
  assert.match(text, /^- \*\*nginx\*\* has no figure at 4 KiB: gone$/m);
});

test('the page begins with the targets and the CPU time of every table that has it', () => {
  const facts = {
    ...{ date: '', command: '', machine: '', system: '', node: '', load: '', effort: '' },
    tookPart: [],
    leftOut: [],
    lost: [['log', 'the disk is full']] as const,
  };
  const other: Table = { ...loadTable, name: '404' };
  const idle: Table = { ...loadTable, name: 'idle', columns: [rateColumn] };
  const text = page(facts, [loadTable, other, idle, growth]);
  assert.deepEqual(cellsOf(text, '1 KiB file'), [
    ...['1 KiB file', '– × the floor', '–', '≤ 1.45', '≤ 1.25', 'not measured'],
  ]);
  assert.ok(text.indexOf('## Targets') < text.indexOf('## CPU microseconds'));
  assert.deepEqual(cellsOf(text, 'server'), ['server', '1k', '404']);
  assert.deepEqual(cellsOf(text, 'serve'), ['serve', '–', '–']);
  assert.match(text, /^- The row \*\*log\*\* broke off: the disk is full$/m);
});
