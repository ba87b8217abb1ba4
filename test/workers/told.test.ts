import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { Told } from '../../src/workers/told.ts';

/** Who says what when, and which of it is passed on. */
const rows: readonly (readonly [
  string,
  readonly (readonly [by: number, text: string, atMs: number])[],
  string,
])[] = [
  [
    'the same of two workers',
    [
      [0, 'a\n', 0],
      [1, 'a\n', 10],
    ],
    'a',
  ],
  [
    'the same of one worker',
    [
      [0, 'a\n', 0],
      [0, 'a\n', 10],
    ],
    'aa',
  ],
  [
    'more often of one than of the other',
    [
      [0, 'a\n', 0],
      [1, 'a\na\n', 10],
      [0, 'a\na\n', 20],
    ],
    'aaa',
  ],
  [
    'different lines',
    [
      [0, 'a\nb\n', 0],
      [1, 'b\nc\n', 10],
    ],
    'abc',
  ],
  [
    'the same much later',
    [
      [0, 'a\n', 0],
      [1, 'a\n', 10_001],
    ],
    'aa',
  ],
  [
    'a line in pieces',
    [
      [0, 'a', 0],
      [1, 'b', 1],
      [0, 'c\n', 2],
      [1, 'd\n', 3],
    ],
    'acbd',
  ],
  [
    'last words without an end',
    [
      [0, 'a\nb', 0],
      [1, 'b', 0],
    ],
    'ab',
  ],
];
for (const [name, said, expected] of rows)
  test(`of what workers say: ${name}`, async () => {
    let passedOn = '';
    let nowMs = 0;
    const told = new Told(
      line => {
        passedOn += line;
      },
      () => nowMs,
    );
    const outputs = [new PassThrough(), new PassThrough()];
    for (const output of outputs) told.take(output);
    for (const [by, text, atMs] of said) {
      nowMs = atMs;
      outputs[by]?.write(text);
      await new Promise(setImmediate);
    }
    for (const output of outputs) output.end();
    await Promise.all(outputs.map(output => new Promise(resolve => output.once('close', resolve))));
    assert.equal(passedOn, expected);
  });

test('of very many lines none is lost', async () => {
  let count = 0;
  const told = new Told(
    () => {
      count += 1;
    },
    () => 0,
  );
  const output = new PassThrough();
  told.take(output);
  output.end(Array.from({ length: 1000 }, (_, n) => `${n}\n`).join(''));
  await new Promise(resolve => output.once('close', resolve));
  assert.equal(count, 1000);
});
