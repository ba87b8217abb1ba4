import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldOctets } from '../../src/h2/held-octets.ts';

test('a content counts once for all streams that have it or a part of it, until the last lets go', () => {
  const held = new HeldOctets();
  const one = new Uint8Array(1000);
  const other = new Uint8Array(30);
  held.add(one);
  assert.equal(held.bytes, 1000);
  held.add(other);
  held.add(one.subarray(10, 20));
  held.add(one);
  assert.equal(held.bytes, 1030);
  assert.deepEqual([held.bytesWith(one.subarray(5)), held.bytesWith(new Uint8Array(7))], [1030, 1037]);
  held.remove(one);
  held.remove(one.subarray(10, 20));
  held.remove(other);
  assert.equal(held.bytes, 1000);
  held.remove(one);
  assert.deepEqual([held.bytes, held.bytesWith(one)], [0, 1000]);
});
