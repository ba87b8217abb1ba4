import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressAt } from '../../bench/progress.ts';
import { rows } from '../../bench/rows.ts';
import { cpuColumn, type Table } from '../../bench/sections.ts';
import { judgeTargets, targets, targetsInWords } from '../../bench/targets.ts';
import type { Result } from '../../bench/turns.ts';

function table(name: string, results: Record<string, readonly (readonly number[])[]>): Table {
  const measured = Object.entries(results).map(([server, columns]): [string, Result] => [
    server,
    { kind: 'measured', columns },
  ]);
  return {
    ...{ kind: 'table', name, title: name, note: '', columns: [cpuColumn] },
    ...{ comparison: { kind: 'ratio', to: [] }, results: new Map(measured) },
  };
}

test('a target is judged by the medians, and its spread is that of the rounds', () => {
  const [judged, ...others] = judgeTargets([
    table('download', { plinth: [[10, 12, 20]], nginx: [[10, 10, 40]] }),
  ]);
  assert.deepEqual(others, []);
  assert.deepEqual(judged, {
    ...{ work: '256 MiB download', figure: '1.20 × nginx', spread: '0.50–1.20' },
    ...{ wanted: '≤ 1.15', stretch: '≤ 1.00', verdict: '**missed**' },
  });
});

test('each bound has its verdict', () => {
  const rate = (value: number): Table => table('pipelined', { plinth: [[1], [1], [1], [value]] });
  const start = (ms: number): Table => table('start-up', { plinth: [[ms]], 'bare node': [[40]] });
  const rows: [part: Table, figure: string, verdict: string][] = [
    [rate(2.9), '2.90 × the unpipelined rate', '**missed**'],
    [rate(3), '3.00 × the unpipelined rate', 'holds'],
    [rate(5), '5.00 × the unpipelined rate', 'stretch reached'],
    [start(100), '60 ms over bare Node', 'holds'],
    [start(101), '61 ms over bare Node', '**missed**'],
    [table('idle', { plinth: [[5.9]] }), '5.9 KiB each', 'stretch reached'],
    [table('idle', { nginx: [[5.9]] }), '– KiB each', 'not measured'],
    [table('many', { plinth: [[5]] }), '– × nginx', 'not measured'],
  ];
  for (const [part, figure, verdict] of rows) {
    const [judged] = judgeTargets([part]);
    assert.deepEqual([judged?.figure, judged?.verdict], [figure, verdict]);
  }
});

test('a target that is only a stretch is reached or missed as one', () => {
  const judged = judgeTargets([table('1k', { plinth: [[7]], h2o: [[8]], lighttpd: [[6]] })]);
  assert.deepEqual(
    judged.map(({ figure, verdict }) => [figure, verdict]),
    [
      ['– × the floor', 'not measured'],
      ['– × nginx', 'not measured'],
      ['0.88 × h2o', 'stretch reached'],
      ['1.17 × lighttpd', 'stretch missed'],
    ],
  );
});

test('a part says its own targets in words', () => {
  assert.equal(targetsInWords('download'), 'Target: at most 1.15 × nginx (stretch 1).');
  assert.equal(targetsInWords('by-size'), '');
});

test('every target belongs to a row of the plan', () => {
  const statuses = ['304', '404', '206'];
  const known = rows.flatMap(({ name }) => (name === 'statuses' ? statuses : [name]));
  assert.deepEqual(
    targets.map(({ part }) => part).filter(part => !known.includes(part)),
    [],
  );
});

test('the time left is an estimate that experience corrects', () => {
  const steps = [
    { name: 'a', seconds: 100 },
    { name: 'b', seconds: 300 },
  ];
  assert.equal(progressAt(steps, 0, 0), '[1 of 2] a, 0 % done, about 7 min left');
  assert.equal(progressAt(steps, 1, 20), '[2 of 2] b, 25 % done, about 5 min left');
  assert.equal(progressAt(steps, 1, 200), '[2 of 2] b, 25 % done, about 10 min left');
});
