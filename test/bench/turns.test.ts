import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurn, median, type Outcome, pickColumns } from '../../bench/turns.ts';

test('the median is the middle value, and the mean of the two middle ones of an even number', () => {
  const rows: [values: number[], wanted: number][] = [
    [[5], 5],
    [[9, 1, 5], 5],
    [[10, 9, 1, 100], 9.5],
    [[], Number.NaN],
  ];
  for (const [values, wanted] of rows) assert.equal(median(values), wanted, `of ${values}`);
});

test('columns are picked in the order asked for, and a failure stays one', () => {
  const measured = { kind: 'measured', columns: [[1], [2], [3]] } as const;
  assert.deepEqual(pickColumns(measured, [2, 0]), { kind: 'measured', columns: [[3], [1]] });
  const failed = { kind: 'failed', why: 'gone' } as const;
  assert.deepEqual(pickColumns(failed, [0]), failed);
});

test('every server has its turn once a round, and each round begins with the next one', async () => {
  const turns: string[] = [];
  const subjects = ['a', 'b', 'c'].map(name => ({ name }));
  const results = await inTurn(subjects, 3, async ({ name }, round): Promise<Outcome> => {
    turns.push(name);
    if (name === 'b' && round === 1) return { kind: 'failed', why: 'broken' };
    return { kind: 'measured', values: [round, 10 * round] };
  });
  assert.equal(turns.join(''), 'abc' + 'bca' + 'ca');
  assert.deepEqual(results.get('a'), {
    kind: 'measured',
    columns: [
      [0, 1, 2],
      [0, 10, 20],
    ],
  });
  assert.deepEqual(results.get('b'), { kind: 'failed', why: 'broken' });
});
