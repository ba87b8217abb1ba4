import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inRanges } from '../../src/server/address-ranges.ts';

const rows: readonly (readonly [ranges: readonly string[], address: string, isIn: boolean])[] = [
  [['192.0.2.1'], '192.0.2.1', true],
  [['192.0.2.1'], '192.0.2.2', false],
  [['10.0.0.0/8'], '10.255.255.255', true],
  [['10.0.0.0/8'], '11.0.0.0', false],
  [['10.1.2.3/8'], '10.200.0.1', true],
  [['0.0.0.0/0'], '203.0.113.9', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::/0'], '2001:db8::1', true],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
  [['10.0.0.0/8'], '::FFFF:0a01:203', true],
  [['2001:db8::/33'], '2001:db8:7fff::1', true],
  [['2001:db8::/33'], '2001:db8:8000::1', false],
  [['fe80::/10'], 'fe80::1%eth0', true],
  [['::1'], '0:0:0:0:0:0:0:1', true],
  [['192.0.2.1', '::1'], '::1', true],
  [['unix'], '', true],
  [['10.0.0.0/8'], '', false],
  [['unix'], '127.0.0.1', false],
  [['0.0.0.0/0', '::/0', 'unix'], 'unknown', false],
];

for (const [ranges, address, isIn] of rows) {
  test(`${address || 'a Unix socket'} is ${isIn ? '' : 'not '}in ${ranges.join(' and ')}`, () => {
    assert.equal(inRanges(ranges)(address), isIn);
  });
}

test('an address is in a range when their first bits are the same', () => {
  const octets = (count: number): fc.Arbitrary<number[]> =>
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: count, maxLength: count });
  const bitsOf = (address: readonly number[]): string =>
    address.map(octet => octet.toString(2).padStart(8, '0')).join('');
  const textOf = (address: readonly number[]): string =>
    address.length === 4
      ? address.join('.')
      : Array.from({ length: 8 }, (_, at) =>
          (((address[2 * at] ?? 0) << 8) | (address[2 * at + 1] ?? 0)).toString(16),
        ).join(':');
  for (const count of [4, 16]) {
    const near = octets(count).chain(network =>
      fc.tuple(
        fc.constant(network),
        fc.integer({ min: 0, max: 8 * count }),
        fc.oneof(octets(count), flipped(network)),
      ),
    );
    fc.assert(
      fc.property(near, ([network, bits, address]) => {
        const expected = bitsOf(network).slice(0, bits) === bitsOf(address).slice(0, bits);
        assert.equal(inRanges([`${textOf(network)}/${bits}`])(textOf(address)), expected);
      }),
    );
  }
});

/** The same address but for one bit. */
function flipped(address: readonly number[]): fc.Arbitrary<number[]> {
  return fc
    .integer({ min: 0, max: 8 * address.length - 1 })
    .map(bit => address.map((octet, at) => (at === bit >> 3 ? octet ^ (0x80 >> (bit & 7)) : octet)));
}
