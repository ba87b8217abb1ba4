import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatEntityTag,
  matchesStrongly,
  matchesWeakly,
  parseEntityTags,
} from '../../src/http/entity-tag.ts';

test('a list of entity tags is read in order, empty elements skipped', () => {
  const rows: readonly (readonly [string, '*' | readonly string[]])[] = [
    ['*', '*'],
    ['', []],
    [',', []],
    ['"a"', ['"a"']],
    ['""', ['""']],
    ['W/"a"', ['W/"a"']],
    ['"a", W/"b"', ['"a"', 'W/"b"']],
    ['"a","b"', ['"a"', '"b"']],
    [',, "a" \t,\t ,"b",', ['"a"', '"b"']],
    ['"a,b", "c"', ['"a,b"', '"c"']],
    ['"\\"', ['"\\"']],
    ['"*"', ['"*"']],
    ['"\xe9"', ['"\xe9"']],
  ];
  for (const [value, expected] of rows) assert.deepEqual(parseEntityTags(value), expected, value);
});

test('one malformed element spoils the list', () => {
  const rows: readonly string[] = [
    'a',
    '"a',
    'a"',
    '"a" "b"',
    '"a";"b"',
    '"a", b',
    'w/"a"',
    'W/a',
    'W/ "a"',
    '*, "a"',
    '"a", *',
    '* *',
    '"a b"',
    '"a\tb"',
    '"a\x7f"',
    '"a\0"',
    "'a'",
  ];
  for (const value of rows) assert.equal(parseEntityTags(value), undefined, JSON.stringify(value));
});

test('two entity tags match by the table of RFC 9110 §8.8.3.2', () => {
  const rows: readonly (readonly [string, string, boolean, boolean])[] = [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', 'W/"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"1"', '"2"', false, false],
  ];
  for (const [left, right, strong, weak] of rows) {
    assert.equal(matchesStrongly(left, right), strong, `${left} ${right}`);
    assert.equal(matchesWeakly(left, right), weak, `${left} ${right}`);
  }
});

test('what is formatted is read back as one tag', () => {
  const opaque = fc.string({ unit: fc.constantFrom(...'!#aZ09-,;*\\~') });
  fc.assert(
    fc.property(opaque, fc.constantFrom('strong' as const, 'weak' as const), (text, strength) => {
      const tag = formatEntityTag(text, strength);
      assert.deepEqual(parseEntityTags(tag), [tag]);
      assert.equal(matchesStrongly(tag, tag), strength === 'strong');
    }),
  );
});

test('reading never throws, and a list reads back as itself', () => {
  const near = fc.string({ unit: fc.constantFrom('"', 'W/', ',', ' ', '*', 'a', '\t') });
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), value => {
      const tags = parseEntityTags(value);
      if (tags === undefined || tags === '*') return;
      assert.deepEqual(parseEntityTags(tags.join(', ')), tags);
    }),
  );
});
