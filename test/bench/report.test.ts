import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, section, type Table } from '../../bench/report.ts';

test('the median is the middle value, and the mean of the two middle ones of an even number', () => {
  const rows: [values: number[], wanted: number][] = [
    [[5], 5],
    [[9, 1, 5], 5],
    [[10, 9, 1, 100], 9.5],
    [[], Number.NaN],
  ];
  for (const [values, wanted] of rows) assert.equal(median(values), wanted, `of ${values}`);
});

const loadTable: Table = {
  name: '1k',
  title: 'A load',
  note: 'A note.',
  columns: [{ title: 'CPU µs', digits: 1 }],
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
