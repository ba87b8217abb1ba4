import assert from 'node:assert/strict';
import type { ByteRange } from '../../src/http/message.ts';
import {
  formatContentRange,
  parseRange,
  type RangeSpec,
  rangesMax,
  selectRanges,
} from '../../src/http/range.ts';
import type { FuzzTarget } from '../target.ts';

/** Range fields and what they select. */
export const range: FuzzTarget = {
  name: 'range',
  words: [
    ...[
      'bytes=',
      'Bytes=',
      'bytes',
      '=',
      '-',
      ',',
      ', ',
      ' , ',
      ',,',
      '\t',
      '0-',
      '-0',
      '0-0',
      '-1',
      '5-2',
      '0-,',
    ],
    ...[
      '9007199254740991-',
      '-9007199254740993',
      '99999999999999999999-99999999999999999998',
      '1-1',
      '3-7',
      'x=0-',
    ],
    ...['0-1,2-3', '0-5,3-9', '9-,0-', '-5,-6', '\x0b', '\xa0', '+1-2', '0x1-2', '1e1-2', '1.0-2', '–'],
  ],
  check: input => {
    const specs = parseRange(input.toString('latin1'));
    if (specs === undefined) return 'ignored';
    assert.ok(specs.length > 0);
    for (const spec of specs) checkSpec(spec);
    assert.deepEqual(parseRange(`bytes=${specs.map(specText).join(', ')}`), specs, 'read again it differs');
    return `${Math.min(specs.length, 4)} ${lengths.map(length => checkSelection(specs, length)).join(' ')}`;
  },
};

const lengths = [0, 1, 2, 10, 1000, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER];
/** Up to this length every octet is looked at. */
const countableLength = 1000;

function checkSpec(spec: RangeSpec): void {
  const numbers = spec.kind === 'suffix' ? [spec.length] : [spec.first, spec.last ?? spec.first];
  for (const number of numbers)
    assert.ok(Number.isSafeInteger(number) && number >= 0, `the position ${number}`);
  if (spec.kind === 'from' && spec.last !== undefined) assert.ok(spec.first <= spec.last);
}

function checkSelection(specs: readonly RangeSpec[], length: number): string {
  const selection = selectRanges(specs, length);
  if (selection.kind === 'parts') {
    assert.ok(selection.ranges.length > 0 && selection.ranges.length <= Math.min(specs.length, rangesMax));
    checkParts(selection.ranges, length);
  }
  if (length > countableLength || specs.length > rangesMax) return selection.kind;
  const wanted = octetsOf(specs, length);
  if (selection.kind === 'unsatisfiable')
    assert.equal(wanted.size, 0, 'something was asked for that is there');
  if (selection.kind === 'parts') {
    const sent = selection.ranges.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, at) => first + at),
    );
    assert.deepEqual(new Set(sent), wanted, `other octets of ${length} than were asked for`);
  }
  return selection.kind;
}

function checkParts(ranges: readonly ByteRange[], length: number): void {
  let total = 0;
  for (const { first, last } of ranges) {
    assert.ok(Number.isSafeInteger(first) && Number.isSafeInteger(last));
    assert.ok(first >= 0 && first <= last && last < length, `${first}-${last} of ${length}`);
    assert.match(formatContentRange({ first, last }, length), /^bytes \d+-\d+\/\d+$/);
    total += last - first + 1;
  }
  assert.ok(total <= length, `${total} octets of ${length}`);
  const ascending = ranges.toSorted((a, b) => a.first - b.first);
  for (const [at, next] of ascending.slice(1).entries()) {
    assert.ok(next.first > (ascending[at]?.last ?? 0) + 1, 'ranges that touch');
  }
}

/** Straight from RFC 9110 §14.1.2. */
function octetsOf(specs: readonly RangeSpec[], length: number): ReadonlySet<number> {
  const octets = new Set<number>();
  for (const spec of specs) {
    const first = spec.kind === 'suffix' ? length - spec.length : spec.first;
    const last = spec.kind === 'suffix' ? length - 1 : (spec.last ?? length - 1);
    for (let at = Math.max(first, 0); at <= Math.min(last, length - 1); at++) octets.add(at);
  }
  return octets;
}

function specText(spec: RangeSpec): string {
  return spec.kind === 'suffix' ? `-${spec.length}` : `${spec.first}-${spec.last ?? ''}`;
}
