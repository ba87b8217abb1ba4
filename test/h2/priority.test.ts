import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPriority } from '../../src/h2/priority.ts';

/** Texts, and the urgency with `i` where what they stand for may be mixed. RFC 9218 §4, RFC 9651 §3.2. */
const rows: readonly (readonly [text: string, read: string])[] = [
  ['', '3'],
  ['u=0', '0'],
  ['u=7, i', '7 i'],
  ['i, u=1', '1 i'],
  ['i=?1', '3 i'],
  ['i=?0', '3'],
  [' u=2 ,\ti ', '2 i'],
  // The last one counts, also where it says less.
  ['u=1, u=5', '5'],
  ['i, i=?0', '3'],
  // What is out of range or of another type is passed over, and the rest holds.
  ['u=8, i', '3 i'],
  ['u=-1', '3'],
  ['u=1.0', '3'],
  ['u', '3'],
  ['u="1"', '3'],
  ['i=1, u=2', '2'],
  ['i="yes"', '3'],
  // So is what nobody knows, and a parameter.
  ['u=1, x=9, i', '1 i'],
  ['u=1;a=2;b, i;c', '1 i'],
  ['u=1, a=(1 "(" c;d=?0), i', '1 i'],
  ['a=();x, u=2', '2'],
  ['u=1, a="x,y\\" "', '1'],
  ['u=1, a=:aGk=:, b=@17, c=%"f%c3%bc"', '1'],
  ['u=1;x=":,;"', '1'],
  // What is no dictionary says nothing at all.
  ['u=1, =', '3'],
  ['u=1,', '3'],
  ['U=1', '3'],
  ['u=1; =', '3'],
  ['u==1', '3'],
  ['u=1, a=(1', '3'],
  ['u=1, a=(1,2)', '3'],
  ['u=1, a="b', '3'],
  ['u=1 i', '3'],
  [`u=1, x="${'y'.repeat(300)}"`, '3'],
];
for (const [text, read] of rows)
  test(`${JSON.stringify(text.slice(0, 40))} is ${read}`, () => {
    const { urgency, isIncremental } = readPriority(text);
    assert.equal(`${urgency}${isIncremental ? ' i' : ''}`, read);
  });
