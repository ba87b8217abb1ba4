import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatListingState,
  type ListingState,
  parseListingQuery,
  sortedBy,
} from '../../src/site/listing-query.ts';

const states: readonly (readonly [query: string, key: string, order: string, shape: string])[] = [
  ['', 'name', 'asc', 'list'],
  ['?order=desc', 'name', 'desc', 'list'],
  ['?sort=size', 'size', 'desc', 'list'],
  ['?sort=size&order=asc', 'size', 'asc', 'list'],
  ['?sort=date&view=grid', 'date', 'desc', 'grid'],
];

test('a state is read from the query that it is written as', () => {
  for (const [query, key, order, shape] of states) {
    const { state, archive } = parseListingQuery(query);
    assert.deepEqual(state, { sort: { key, order }, shape }, query);
    assert.equal(formatListingState(state), query);
    assert.equal(archive, undefined);
  }
});

test('what is not known is as if it were not there', () => {
  const { state } = parseListingQuery('');
  for (const query of [
    '?x',
    '?sort=color',
    '?sort=&order=up',
    '?view=%ff',
    '?%',
    '?sort=SIZE',
    '?download=rar&name=a',
  ])
    assert.deepEqual(parseListingQuery(query), { state, archive: undefined }, query);
});

test('an archive is asked for by its form, and its members by any number of names', () => {
  const { archive } = parseListingQuery('?download=zip&name=a+b&name=%23&name=two%0D%0Alines');
  assert.deepEqual(archive, { form: 'zip', names: ['a b', '#', 'two\r\nlines'] });
  assert.deepEqual(parseListingQuery('?download=tar').archive, { form: 'tar', names: [] });
});

test('a click on the column turns its order round, a click on another one shows most first', () => {
  const byName: ListingState = { sort: { key: 'name', order: 'asc' }, shape: 'grid' };
  assert.deepEqual(sortedBy(byName, 'name').sort, { key: 'name', order: 'desc' });
  assert.deepEqual(sortedBy(sortedBy(byName, 'name'), 'name'), byName);
  assert.deepEqual(sortedBy(byName, 'size'), { sort: { key: 'size', order: 'desc' }, shape: 'grid' });
  assert.deepEqual(sortedBy(sortedBy(byName, 'date'), 'name').sort, { key: 'name', order: 'asc' });
});
