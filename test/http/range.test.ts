import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatContentRange,
  formatUnsatisfied,
  parseRange,
  type RangeSelection,
  type RangeSpec,
  rangesMax,
  selectRanges,
} from '../../src/http/range.ts';

const greatest = Number.MAX_SAFE_INTEGER;

test('a set of byte ranges is read', () => {
  const rows: readonly (readonly [string, readonly RangeSpec[]])[] = [
    ['bytes=0-0', [from(0, 0)]],
    ['bytes=0-', [from(0)]],
    ['bytes=-5', [suffix(5)]],
    ['bytes=-0', [suffix(0)]],
    ['BYTES=1-2', [from(1, 2)]],
    ['bytes=007-008', [from(7, 8)]],
    ['bytes=0-1,3-4', [from(0, 1), from(3, 4)]],
    ['bytes= 0-1 \t, -2 ', [from(0, 1), suffix(2)]],
    ['bytes=,, 0-1,\t,', [from(0, 1)]],
    ['bytes=4294967296-8589934592', [from(2 ** 32, 2 ** 33)]],
    [`bytes=${greatest}-`, [from(greatest)]],
    ['bytes=0-99999999999999999999', [from(0, greatest)]],
    ['bytes=-99999999999999999999', [suffix(greatest)]],
    ['bytes=99999999999999999998-99999999999999999999', [from(greatest, greatest)]],
  ];
  for (const [value, expected] of rows) assert.deepEqual(parseRange(value), expected, value);
});

test('sirv#175: what is no valid set of byte ranges is none', () => {
  const rows: readonly string[] = [
    'bytes=5-2',
    'bytes=0-1,5-2',
    'bytes=99999999999999999999-99999999999999999998',
    '',
    'bytes',
    'bytes=',
    'bytes= ',
    'bytes=,',
    'bytes=-',
    'bytes=--1',
    'bytes=1--2',
    'bytes=+1-2',
    'bytes=1-+2',
    'bytes=1',
    'bytes=a-b',
    'bytes=0x1-2',
    'bytes=1.0-2',
    'bytes=1e1-',
    'bytes=1 -2',
    'bytes=1- 2',
    'bytes=1-2 3-4',
    'bytes=1-2;3-4',
    'bytes =1-2',
    ' bytes=1-2',
    'bytes:1-2',
    'bytes=\xa01-2',
    'bytes=1-2\n',
    'bytes=١-٢',
    'items=0-1',
    'none',
    'bytes=0-1, items=2-3',
    'bytes=0-1, bytes=2-3',
  ];
  for (const value of rows) assert.equal(parseRange(value), undefined, value);
});

test('ranges are clipped to the representation, and those that miss it are left out', () => {
  const rows: readonly (readonly [string, number, RangeSelection])[] = [
    ['bytes=0-', 10, parts([0, 9])],
    ['bytes=0-0', 10, parts([0, 0])],
    ['bytes=0-9', 10, parts([0, 9])],
    ['bytes=9-9', 10, parts([9, 9])],
    ['bytes=9-', 10, parts([9, 9])],
    ['bytes=5-100', 10, parts([5, 9])],
    ['bytes=-1', 10, parts([9, 9])],
    ['bytes=-10', 10, parts([0, 9])],
    ['bytes=-99', 10, parts([0, 9])],
    ['bytes=0-99999999999999999999', 10, parts([0, 9])],
    ['bytes=-99999999999999999999', 10, parts([0, 9])],
    ['bytes=0-0,-1', 10, parts([0, 0], [9, 9])],
    ['bytes=-1,0-0', 10, parts([9, 9], [0, 0])],
    ['bytes=20-30,2-3', 10, parts([2, 3])],
    ['bytes=4294967296-4294967297', 2 ** 33, parts([2 ** 32, 2 ** 32 + 1])],
    ['bytes=-1', greatest, parts([greatest - 1, greatest - 1])],
    ['bytes=0-', 1, parts([0, 0])],
  ];
  for (const [value, length, expected] of rows) assert.deepEqual(select(value, length), expected, value);
});

test('ecstatic#124, static-server#23, dufs#690, lighttpd#2899, CVE-2017-7529: ranges that lie wholly outside are unsatisfiable', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['bytes=10-', 10],
    ['bytes=10-20', 10],
    ['bytes=-0', 10],
    ['bytes=-0,10-', 10],
    ['bytes=99999999999999999999-', 10],
    ['bytes=0-', 0],
    ['bytes=0-0', 0],
    ['bytes=-0', 0],
  ];
  for (const [value, length] of rows)
    assert.deepEqual(select(value, length), { kind: 'unsatisfiable' }, value);
});

test('the end of an empty file is all of it', () => {
  assert.deepEqual(select('bytes=-5', 0), { kind: 'whole' });
  assert.deepEqual(select('bytes=0-0,-5', 0), { kind: 'whole' });
});

test('CVE-2011-3192: ranges that overlap or touch are joined where the first of them stood', () => {
  const rows: readonly (readonly [string, RangeSelection])[] = [
    ['bytes=0-4,5-9', parts([0, 9])],
    ['bytes=5-9,0-4', parts([0, 9])],
    ['bytes=0-5,3-9', parts([0, 9])],
    ['bytes=0-9,3-4', parts([0, 9])],
    ['bytes=3-4,0-9', parts([0, 9])],
    ['bytes=0-,0-,0-', parts([0, 9])],
    ['bytes=0-,-1', parts([0, 9])],
    ['bytes=0-1,3-4', parts([0, 1], [3, 4])],
    ['bytes=8-9,0-1,4-5', parts([8, 9], [0, 1], [4, 5])],
    ['bytes=8-8,0-1,9-9,4-5', parts([8, 9], [0, 1], [4, 5])],
    ['bytes=4-5,8-8,0-1,1-2', parts([4, 5], [8, 8], [0, 2])],
  ];
  for (const [value, expected] of rows) assert.deepEqual(select(value, 10), expected, value);
});

test('CVE-2011-3192: more ranges than the limit are answered with the whole', () => {
  const asked = (count: number) =>
    `bytes=${Array.from({ length: count }, (_, i) => `${2 * i}-${2 * i}`).join(',')}`;
  const most = select(asked(rangesMax), 1000);
  assert.equal(most.kind === 'parts' && most.ranges.length, rangesMax);
  assert.deepEqual(select(asked(rangesMax + 1), 1000), { kind: 'whole' });
  assert.deepEqual(select(`bytes=${'0-,'.repeat(1000)}`, 1000), { kind: 'whole' });
});

test('Content-Range names the bytes and the length', () => {
  assert.equal(formatContentRange({ first: 0, last: 4 }, 10), 'bytes 0-4/10');
  assert.equal(
    formatContentRange({ first: 2 ** 32, last: 2 ** 33 }, 2 ** 34),
    'bytes 4294967296-8589934592/17179869184',
  );
  assert.equal(formatUnsatisfied(10), 'bytes */10');
  assert.equal(formatUnsatisfied(0), 'bytes */0');
});

test('whatever is asked for, the parts lie within the representation, apart, and hold what was asked for', () => {
  const position = fc.oneof(fc.nat(30), fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 80n }));
  const spec = fc.oneof(
    fc.tuple(position, position).map(([a, b]) => (a <= b ? `${a}-${b}` : `${b}-${a}`)),
    position.map(first => `${first}-`),
    position.map(length => `-${length}`),
  );
  const value = fc.array(spec, { minLength: 1, maxLength: 8 }).map(specs => `bytes=${specs.join(',')}`);
  fc.assert(
    fc.property(value, fc.nat(25), (text, length) => {
      const specs = parseRange(text);
      assert.ok(specs !== undefined, text);
      const selection = selectRanges(specs, length);
      const wanted = new Set<number>();
      for (let at = 0; at < length; at++) if (specs.some(one => wants(one, at, length))) wanted.add(at);
      if (selection.kind !== 'parts') return assert.equal(wanted.size, 0, text);
      const ascending = [...selection.ranges].sort((a, b) => a.first - b.first);
      for (const [i, { first, last }] of ascending.entries()) {
        assert.ok(0 <= first && first <= last && last < length);
        assert.ok(i === 0 || first > (ascending[i - 1]?.last ?? 0) + 1);
      }
      const sent = ascending.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
      assert.deepEqual(sent, [...wanted]);
      return undefined;
    }),
    { numRuns: 500 },
  );
});

test('reading never throws', () => {
  const near = fc.string({ unit: fc.constantFrom(...'0129-, \t=') }).map(text => `bytes=${text}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), text => {
      for (const spec of parseRange(text) ?? []) {
        assert.ok(Number.isSafeInteger(spec.kind === 'suffix' ? spec.length : spec.first));
      }
    }),
  );
});

function from(first: number, last?: number): RangeSpec {
  return { kind: 'from', first, last };
}

function suffix(length: number): RangeSpec {
  return { kind: 'suffix', length };
}

function parts(...ranges: readonly (readonly [number, number])[]): RangeSelection {
  return { kind: 'parts', ranges: ranges.map(([first, last]) => ({ first, last })) };
}

function select(value: string, length: number): RangeSelection {
  const specs = parseRange(value);
  if (specs === undefined) assert.fail(`not a range: ${value}`);
  return selectRanges(specs, length);
}

function wants(spec: RangeSpec, at: number, length: number): boolean {
  if (spec.kind === 'suffix') return at >= length - spec.length;
  return at >= spec.first && at <= (spec.last ?? length);
}
