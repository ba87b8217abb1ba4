import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acceptedCodings, contentCodings } from '../../src/http/coding.ts';

/** The field and the codings that it accepts, best first. */
const rows: readonly (readonly [acceptEncoding: string | undefined, accepted: string])[] = [
  [undefined, 'identity'],
  ['', 'identity'],
  [' , ,', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip identity'],
  ['x-gzip', 'gzip identity'],
  ['GZIP', 'gzip identity'],
  ['X-GZip;Q=0.5', 'gzip identity'],
  ['gzip, deflate, br, zstd', 'br zstd gzip identity'],
  ['gzip, deflate', 'gzip identity'],
  ['deflate', 'identity'],
  ['compress, exi', 'identity'],
  ['br;q=0.5, gzip', 'gzip br identity'],
  ['gzip;q=0.001, zstd;q=0.002', 'zstd gzip identity'],
  ['gzip;q=0.5, br;q=0.5', 'br gzip identity'],
  ['gzip ; q=0.5 , br\t;\tq=0.25', 'gzip br identity'],
  ['identity, gzip;q=0.5', 'identity gzip'],
  ['identity, gzip', 'gzip identity'],
  ['identity;q=0.5, gzip;q=0.5', 'gzip identity'],
  ['*', 'br zstd gzip identity'],
  ['*;q=0.3, gzip', 'gzip br zstd identity'],
  ['*, br;q=0', 'zstd gzip identity'],
  ['*;q=0', ''],
  ['*;q=0, gzip', 'gzip'],
  ['*;q=0, identity', 'identity'],
  ['identity;q=0', ''],
  ['identity;q=0.000', ''],
  ['identity;q=0, gzip', 'gzip'],
  ['identity;q=0, *', 'br zstd gzip'],
  ['gzip;q=0', 'identity'],
  ['gzip;q=0, gzip', 'gzip identity'],
  ['gzip, x-gzip;q=0', 'identity'],
  ['gzip;q=1.0, br;q=1., zstd;q=1.000', 'br zstd gzip identity'],
  ['gzip;q=2, br', 'br identity'],
  ['gzip;q=0.1234, br', 'br identity'],
  ['gzip;q=-1, br', 'br identity'],
  ['gzip;q=, br', 'br identity'],
  ['gzip;q, br', 'br identity'],
  ['gzip;x=1, br', 'br identity'],
  ['gz ip, br', 'br identity'],
  ['"gzip", br', 'br identity'],
  ['br/1, __proto__, constructor', 'identity'],
];

for (const [acceptEncoding, accepted] of rows) {
  test(`${JSON.stringify(acceptEncoding)} accepts: ${accepted}`, () => {
    assert.equal(acceptedCodings(acceptEncoding).join(' '), accepted);
  });
}

const near = fc.string({
  unit: fc.constantFrom('gzip', 'br', 'identity', '*', ';', 'q=', '0', '.5', ',', ' ', '\t', '1'),
});

test('reading never throws and answers each coding at most once', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), near), field => {
      const accepted = acceptedCodings(field);
      assert.equal(new Set(accepted).size, accepted.length);
      assert.ok(accepted.every(coding => coding === 'identity' || contentCodings.includes(coding)));
    }),
  );
});

test('a greater weight comes first, whatever the order of the elements', () => {
  const weighted = fc.uniqueArray(
    fc.record({ coding: fc.constantFrom(...contentCodings), weight: fc.integer({ min: 1, max: 1000 }) }),
    { selector: ({ coding }) => coding },
  );
  fc.assert(
    fc.property(weighted, elements => {
      const field = elements.map(({ coding, weight }) => `${coding};q=${(weight / 1000).toFixed(3)}`).join();
      const best = [...elements].sort(
        (one, other) =>
          other.weight - one.weight ||
          contentCodings.indexOf(one.coding) - contentCodings.indexOf(other.coding),
      );
      assert.deepEqual(acceptedCodings(field), [...best.map(({ coding }) => coding), 'identity']);
    }),
  );
});
