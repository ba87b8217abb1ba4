import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SecondSight, sampleOf, sampleOfText } from '../../src/http/second-sight.ts';

test('what comes again is told from what comes once', () => {
  const sight = new SecondSight();
  const samples = Array.from({ length: 500 }, (_, n) => sampleOfText(`GET /some/page/${n}.html`));
  const first = samples.filter(sample => sight.isSecond(sample)).length;
  const again = samples.filter(sample => sight.isSecond(sample)).length;
  assert.ok(first < 40, `${first} of 500 were taken for others`);
  assert.ok(again > 450, `${again} of 500 were known again`);
});

test('what came long ago is forgotten', () => {
  const sight = new SecondSight();
  sight.isSecond(1);
  for (let n = 0; n < 200_000; n++) sight.isSecond(sampleOfText(`${n}`));
  assert.ok(!sight.isSecond(1));
});

test('equal octets have equal samples wherever they stand, and so have equal texts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 900 }), fc.nat(20), (octets, before) => {
      const moved = Buffer.concat([Buffer.alloc(before, 7), octets, Buffer.from('after')]);
      const sample = sampleOf(octets, 0, octets.length);
      assert.equal(sampleOf(moved, before, before + octets.length), sample);
      assert.equal(sampleOfText(Buffer.from(octets).toString('latin1')), sample);
    }),
  );
});
