import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { comparison, inOrder, type Sort } from '../../src/site/order.ts';
import type { Member } from '../../src/store/store.ts';

const members: readonly Member[] = [
  { name: 'b', kind: 'folder', size: 0, modifiedMs: 5 },
  { name: 'a', kind: 'folder', size: 0, modifiedMs: 9 },
  { name: 'file 10', kind: 'file', size: 3, modifiedMs: 1 },
  { name: 'file 9', kind: 'file', size: 3, modifiedMs: 2 },
  { name: 'c', kind: 'file', size: 100, modifiedMs: Number.NaN },
];

const orders: readonly (readonly [sort: Sort, names: string])[] = [
  [{ key: 'name', order: 'asc' }, 'a b c file 9 file 10'],
  [{ key: 'name', order: 'desc' }, 'b a file 10 file 9 c'],
  [{ key: 'size', order: 'asc' }, 'a b file 9 file 10 c'],
  [{ key: 'size', order: 'desc' }, 'a b c file 9 file 10'],
];

test('folders come first in every order, and names decide between equals', () => {
  for (const [sort, names] of orders) {
    for (const given of [members, members.toReversed()])
      assert.equal(
        [...given]
          .sort(comparison(sort))
          .map(member => member.name)
          .join(' '),
        names,
        JSON.stringify(sort),
      );
  }
});

test('names that are read alike have an order too, whatever they are given in', () => {
  const alike = ['p1', 'p01', 'p001'].map((name): Member => ({ name, kind: 'file', size: 0, modifiedMs: 0 }));
  for (const given of [alike, alike.toReversed()])
    assert.deepEqual(
      [...given].sort(comparison({ key: 'name', order: 'asc' })).map(({ name }) => name),
      ['p001', 'p01', 'p1'],
    );
});

test('the order of dates is that of time', () => {
  const dated = members.filter(member => !Number.isNaN(member.modifiedMs));
  const names = (order: 'asc' | 'desc'): string =>
    [...dated]
      .sort(comparison({ key: 'date', order }))
      .map(member => member.name)
      .join(' ');
  assert.equal(names('asc'), 'b a file 10 file 9');
  assert.equal(names('desc'), 'a b file 9 file 10');
});

test('runs that are merged are in the order of one sort, however many there are', async () => {
  const compare = (one: number, other: number): number => one - other;
  for (const length of [0, 1, 2, 999, 1000, 1001, 2500, 7003]) {
    const items = fc.sample(fc.array(fc.integer(), { minLength: length, maxLength: length }), 1)[0] ?? [];
    let turns = 0;
    const merged: number[] = [];
    const turn = async (): Promise<void> => {
      turns += 1;
    };
    for await (const item of inOrder(items, compare, turn)) merged.push(item);
    assert.deepEqual(merged, [...items].sort(compare));
    assert.equal(turns, Math.ceil(length / 1000));
  }
});
