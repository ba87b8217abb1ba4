import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields, fieldValue, noFields, varyingOn } from '../../src/http/fields.ts';

const fields = new Fields([
  ['Accept', 'text/html'],
  ['X-One', '1'],
  ['accept', 'text/plain'],
  ['__proto__', 'x'],
]);

test('fields are found by name in any case of the line, in order', () => {
  assert.deepEqual(fields.values('accept'), ['text/html', 'text/plain']);
  assert.deepEqual(fields.values('x-one'), ['1']);
  assert.deepEqual(fields.values('__proto__'), ['x']);
  assert.deepEqual(fields.values('constructor'), []);
});

test('several lines of one field are joined by a comma', () => {
  assert.equal(fields.get('accept'), 'text/html, text/plain');
  assert.equal(fields.get('x-one'), '1');
  assert.equal(fields.get('absent'), undefined);
  assert.equal(noFields.get('accept'), undefined);
});

test('a line of a response is found by name in any case', () => {
  assert.equal(fieldValue(fields.lines, 'ACCEPT'), 'text/html');
  assert.equal(fieldValue(fields.lines, 'absent'), undefined);
});

test('what a response varies on stands in one line, each name once', () => {
  assert.deepEqual(varyingOn([], 'Accept'), [['Vary', 'Accept']]);
  assert.deepEqual(varyingOn([['Vary', 'Accept']], 'Accept'), [['Vary', 'Accept']]);
  const two = varyingOn([['vary', 'Accept-Encoding'], ...fields.lines.slice(1, 2)], 'Accept');
  assert.deepEqual(two, [
    ['X-One', '1'],
    ['Vary', 'Accept-Encoding, Accept'],
  ]);
});
