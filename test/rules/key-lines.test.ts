import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyLines } from '../../src/rules/key-lines.ts';

test('keys and elements have the line in which they begin', () => {
  const rows: readonly (readonly [text: string, lines: Record<string, number>])[] = [
    ['{}', {}],
    ['7', {}],
    ['{"a":1}', { a: 1 }],
    ['{\n"a": "x\\"},[{",\r\n"b":\n2}', { a: 2, b: 3 }],
    ['{"a":[\n1,\n{"b":true},\n[]]}', { a: 1, 'a[0]': 2, 'a[1]': 3, 'a[1].b': 3, 'a[2]': 4 }],
    ['{"a":1,\n"a":2}', { a: 2 }],
    ['{"":1,"\\u0061":2}', { '': 1, a: 1 }],
    ['[[[[[\n1]]]]]', { '[0]': 1, '[0][0]': 1, '[0][0][0]': 1, '[0][0][0][0]': 1 }],
  ];
  for (const [text, lines] of rows) assert.deepEqual(Object.fromEntries(keyLines(text)), lines, text);
});

test('it finds each key of any value, however it is indented', () => {
  const tree = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
  fc.assert(
    fc.property(tree, value => {
      const lines = keyLines(JSON.stringify(value, null, 1));
      for (const key of Object.keys(value)) assert.ok(lines.has(key), key);
      assert.deepEqual(keyLines(JSON.stringify(value, null, 3)), lines);
    }),
  );
});

test('long and deep texts neither overflow nor fill the memory', () => {
  const rows: readonly string[] = [
    `{"a":"${'x'.repeat(1 << 20)}"}`,
    `{"a":"${'\\n'.repeat(1 << 19)}"}`,
    `{"a":${'['.repeat(1 << 19)}${']'.repeat(1 << 19)}}`,
    `{"a":1${' '.repeat(1 << 20)}}`,
  ];
  for (const text of rows) assert.ok(keyLines(text).size <= 4);
});
