import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { covers } from '../../src/rules/covers.ts';
import { matchPattern, ownStyle, type Pattern, parsePattern } from '../../src/rules/pattern.ts';

function pattern(text: string, style = ownStyle): Pattern {
  const read = parsePattern(text, style);
  assert.equal(read.kind, 'pattern', `${text}: ${JSON.stringify(read)}`);
  return read as Pattern;
}

test('a pattern covers another when it matches all that the other matches', () => {
  const rows: readonly (readonly [wide: string, narrow: string, 'yes' | 'no'])[] = [
    ['/a', '/a', 'yes'],
    ['/a', '/a/', 'yes'],
    ['/a', '/b', 'no'],
    ['/*', '/a', 'yes'],
    ['/*', '/a/b', 'no'],
    ['/a', '/*', 'no'],
    ['/**', '/', 'yes'],
    ['/**', '/a/:b/*', 'yes'],
    ['/a/**', '/a', 'yes'],
    ['/a/**', '/a/b/**', 'yes'],
    ['/a/b/**', '/a/**', 'no'],
    ['/a/*', '/a/**', 'no'],
    ['/:x', '/:y', 'yes'],
    ['/:x/b', '/a/:y', 'no'],
    ['/:x/:y', '/a/:y', 'yes'],
    ['/*.html', '/a*.html', 'yes'],
    ['/a*.html', '/*.html', 'no'],
    ['/*a*', '/*ba*', 'yes'],
    ['/**/*.map', '/js/**/*.map', 'yes'],
    ['/**/*.map', '/*.map', 'yes'],
    ['/{a,b}/*', '/a/*', 'yes'],
    ['/a/*', '/{a,b}/*', 'no'],
    ['/{a,b,c}', '/{c,a}', 'yes'],
    // A star may stand for nothing, but no segment is empty: here it stands for something.
    ['/a/:x', '/a/*', 'yes'],
    ['/a:x', '/a*', 'no'],
  ];
  for (const [wide, narrow, expected] of rows) {
    assert.equal(covers(pattern(wide), pattern(narrow)), expected, `${wide} covers ${narrow}`);
  }
});

test('where a final slash counts for one of them only, it is not known', () => {
  const exact = pattern('/a/*', { ...ownStyle, isExact: true });
  assert.equal(covers(pattern('/a/*'), exact), 'unknown');
  assert.equal(covers(exact, exact), 'yes');
});

test('no path escapes a pattern that covers another', () => {
  const piece = fc.constantFrom('a', 'b', '*', ':n', ':m', '**', 'a*', '*b', 'a**', '{a,b}', '**b');
  const text = fc.array(piece, { maxLength: 3 }).map(pieces => `/${pieces.join('/')}`);
  const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', 'c', 'aab'), { maxLength: 4 });
  let covering = 0;
  const property = fc.property(
    text,
    text,
    fc.array(path, { minLength: 20, maxLength: 20 }),
    (wideText, narrowText, paths) => {
      const [wide, narrow] = [parsePattern(wideText), parsePattern(narrowText)];
      if (wide.kind === 'unreadable' || narrow.kind === 'unreadable') return;
      if (covers(wide, narrow) !== 'yes') return;
      covering += 1;
      for (const segments of paths) {
        const target = { segments, endsInSlash: false };
        const escapes =
          matchPattern(narrow, target) !== undefined && matchPattern(wide, target) === undefined;
        assert.ok(!escapes, `${wideText} covers ${narrowText}, but not /${segments.join('/')}`);
      }
    },
  );
  fc.assert(property, { numRuns: 2000 });
  assert.ok(covering > 20, `${covering} pairs`);
});
