import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTarget } from '../../src/http/target.ts';
import {
  type Captures,
  matchPattern,
  ownStyle,
  type Pattern,
  type PatternStyle,
  parsePattern,
  type Token,
} from '../../src/rules/pattern.ts';

const netlify: PatternStyle = { hasBraces: false, hasWideStars: true, isExact: false };
const cloudflare: PatternStyle = { hasBraces: false, hasWideStars: true, isExact: true };

function read(text: string, style?: PatternStyle): Pattern {
  const pattern = parsePattern(text, style);
  assert.ok(pattern.kind === 'pattern', `${text}: ${pattern.kind === 'unreadable' ? pattern.why : ''}`);
  return pattern;
}

/** What a pattern takes a raw path for; undefined when it does not match. */
function take(pattern: Pattern, raw: string): Record<string, string> | undefined {
  const target = parseTarget('GET', raw, { windows: false, secure: false });
  assert.ok(target.kind === 'path', raw);
  const captures = matchPattern(pattern, target);
  return captures && words(captures);
}

function words(captures: Captures): Record<string, string> {
  return Object.fromEntries([...captures].map(([name, { text }]) => [name, text]));
}

const matches: readonly (readonly [
  pattern: string,
  path: string,
  captures: Record<string, string> | undefined,
])[] = [
  ['/', '/', {}],
  ['/', '/a', undefined],
  ['/a', '/a', {}],
  ['/a', '/a/', {}],
  ['/a/', '/a', {}],
  ['/a', '/ab', undefined],
  ['/a', '/A', undefined],
  ['/a', '/a/b', undefined],
  ['/*', '/', undefined],
  ['/*', '/a', { splat: 'a' }],
  ['/*', '/a/b', undefined],
  ['/a*', '/a', { splat: '' }],
  ['/*.html', '/x.html', { splat: 'x' }],
  ['/*.html', '/x.htm', undefined],
  ['/*.html', '/d/x.html', undefined],
  ['/**', '/', { splat: '' }],
  ['/**', '/a/b/c', { splat: 'a/b/c' }],
  ['/docs/**', '/docs', { splat: '' }],
  ['/docs/**', '/docs/', { splat: '' }],
  ['/docs/**', '/docs/a/b', { splat: 'a/b' }],
  ['/docs/**', '/docs-secret/a', undefined],
  ['/docs/**', '/docs../secret', undefined],
  ['/**/*.js', '/a.js', { splat: 'a' }],
  ['/**/*.js', '/x/y/a.js', { splat: 'a' }],
  ['/**/*.js', '/x/y/a.css', undefined],
  ['/a/**/z', '/a/z', { splat: '' }],
  ['/a/**/z', '/a/b/c/z', { splat: 'b/c' }],
  ['/a/**/z', '/abz', undefined],
  ['/a/**/z', '/a/b/cz', undefined],
  ['/**.js', '/x/y/a.js', { splat: 'x/y/a' }],
  ['/:name', '/a', { name: 'a' }],
  ['/:name', '/', undefined],
  ['/:name', '/a/b', undefined],
  ['/:year-:month', '/2024-05-06', { year: '2024', month: '05-06' }],
  ['/:year-:month', '/2024', undefined],
  ['/blog/:year/:slug', '/blog/2024/caf%C3%A9', { year: '2024', slug: 'café' }],
  ['/:id/edit', '/7/edit', { id: '7' }],
  ['/:id/**', '/7/a/b', { id: '7', splat: 'a/b' }],
  ['/{a,b}/x', '/b/x', {}],
  ['/{a,b}/x', '/c/x', undefined],
  ['/{a,b/c}/x', '/b/c/x', {}],
  ['/**/*.{jpg,png}', '/i/x.png', { splat: 'x' }],
  ['/x{,.html}', '/x', {}],
  ['/x{,.html}', '/x.html', {}],
  ['/caf%C3%A9', '/caf%c3%a9', {}],
  ['/café', '/caf%C3%A9', {}],
  ['/a%2Ab', '/a*b', {}],
  ['/a%2Ab', '/axb', undefined],
  ['/a%3Fb', '/a%3fb', {}],
  ['/a%7Bb', '/a%7bb', {}],
  ['/a:1', '/a:1', {}],
  ['/a:', '/a:', {}],
  // What a path decodes to is what is matched: no encoding leads around a pattern.
  ['/admin/**', '/%61dmin/x', { splat: 'x' }],
  ['/admin/**', '/./admin//x', { splat: 'x' }],
  ['/admin/**', '/x/..//admin/%78', { splat: 'x' }],
  ['/admin/**', '/admin/.', { splat: '' }],
  ['/public/**', '/public/../admin', undefined],
  ['/a/*', '/a/%2A', { splat: '*' }],
  ['/a*/**', '/ab/c', { splat: 'c' }],
  ['/*a*a*', '/aXaYaa', { splat: 'Yaa' }],
];

for (const [pattern, path, captures] of matches) {
  test(`${pattern} ${captures === undefined ? 'passes over' : 'takes'} ${path}`, () => {
    assert.deepEqual(take(read(pattern), path), captures);
  });
}

test('in the files of hosts a star goes on over slashes, and braces mean themselves', () => {
  const rows: readonly (readonly [PatternStyle, string, string, Record<string, string> | undefined])[] = [
    [netlify, '/news/*', '/news/a/b', { splat: 'a/b' }],
    [netlify, '/news/*', '/news', { splat: '' }],
    [netlify, '/news/*', '/newspaper', undefined],
    [netlify, '/*.js', '/a/b.js', { splat: 'a/b' }],
    [netlify, '/a/*/z', '/a/b/c/z', { splat: 'b/c' }],
    [netlify, '/{a}', '/%7Ba%7D', {}],
    [netlify, '/*', '/', { splat: '' }],
    [cloudflare, '/blog/*', '/blog', undefined],
    [cloudflare, '/blog/*', '/blog/', { splat: '' }],
    [cloudflare, '/blog/*', '/blog/a/', { splat: 'a/' }],
    [cloudflare, '/blog', '/blog/', undefined],
    [cloudflare, '/blog/', '/blog/', {}],
    [cloudflare, '/blog/', '/blog', undefined],
    [cloudflare, '/*', '/', { splat: '' }],
    [cloudflare, '/', '/', {}],
    [cloudflare, '/:a.zip', '/x.zip', { a: 'x' }],
  ];
  for (const [style, pattern, path, captures] of rows)
    assert.deepEqual(take(read(pattern, style), path), captures, `${pattern} ${path}`);
});

test('what can be no pattern is refused with the reason', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['', /begins with a slash/],
    ['a', /begins with a slash/],
    ['https://a/b', /begins with a slash/],
    ['/a?b', /without a query/],
    ['/a#b', /without a query/],
    ['/a//b', /two slashes/],
    ['/a/../b', /\. or \.\./],
    ['/./b', /\. or \.\./],
    ['/%zz', /%zz has an escape/],
    ['/a%2Fb', /escape/],
    ['/a%00', /escape/],
    ['/a\0', /escape/],
    ['/:a/:a', /:a stands there twice/],
    ['/:a:b', /side by side/],
    ['/*:b', /side by side/],
    ['/a***', /more than two stars/],
    ['/{a', /brace/],
    ['/a}', /brace/],
    ['/{a,{b,c}}', /brace/],
    [`/${'{a,b}'.repeat(7)}`, /more than 64/],
    [`/${'*a'.repeat(17)}`, /more than 16 wildcards/],
    [
      `/*/*.{${Array.from({ length: 33 }, (_, nth) => `a${nth}`)}}`,
      /the braces stand for more than 64 wildcards/,
    ],
    [`/${'a'.repeat(2000)}`, /longer than 2000/],
  ];
  for (const [text, why] of rows) {
    const pattern = parsePattern(text);
    assert.ok(pattern.kind === 'unreadable', text);
    assert.match(pattern.why, why, text);
  }
});

test('braces may stand for many file types in any folder', () => {
  const types = Array.from({ length: 32 }, (_, nth) => `a${nth}`);
  const pattern = read(`/**/*.{${types}}`);
  assert.ok(matchPattern(pattern, { segments: ['x', 'y.a31'], endsInSlash: false }));
});

test('the names of a pattern are those that it captures whichever of its braces matches', () => {
  assert.deepEqual(read('/:a/**/:b').names, ['a', 'splat', 'b']);
  assert.deepEqual(read('/{:a,b}/:c').names, ['c']);
  assert.deepEqual(read('/a').names, []);
});

/** The naive reference: the same meaning, by trying everything. */
function slowly(text: string, path: string): boolean {
  const source = text
    .split('/')
    .slice(1)
    .map(segment =>
      segment === '**'
        ? '(?:/[^/]+)*'
        : `/${segment
            .split(/(\*+|:[a-z])/)
            .map(slowPiece)
            .join('')}`,
    )
    .join('');
  return new RegExp(`^${source}$`, 's').test(path);
}

function slowPiece(piece: string): string {
  if (piece === '**') return '.*';
  if (piece === '*') return '[^/]*';
  return /^:[a-z]$/.test(piece) ? '[^/]+' : piece.replaceAll('.', '\\.');
}

const patternSegment = fc.oneof(
  { weight: 2, arbitrary: fc.constant('**') },
  fc.stringMatching(/^(?:[ab.]{1,2}\*{0,2}){1,3}$/),
  fc.stringMatching(/^\*{1,2}[ab]{0,2}$/),
  fc.constantFrom(':x', 'a:y', ':z.b'),
);
const pathSegments = fc.array(fc.stringMatching(/^[ab]{1,4}(?:\.[ab]{1,2})?$/), { maxLength: 6 });

test('a pattern takes exactly the paths that the naive reference takes', () => {
  fc.assert(
    fc.property(
      fc.array(patternSegment, { minLength: 1, maxLength: 5 }),
      pathSegments,
      (written, segments) => {
        const text = written.map(segment => `/${segment}`).join('');
        const pattern = parsePattern(text);
        fc.pre(pattern.kind === 'pattern');
        if (pattern.kind !== 'pattern') return;
        const path = segments.map(segment => `/${segment}`).join('');
        assert.equal(
          matchPattern(pattern, { segments, endsInSlash: false }) !== undefined,
          slowly(text, path),
        );
      },
    ),
    { numRuns: 3000 },
  );
});

test('what is captured, put back for the wildcards, is the path again', () => {
  const shapes = fc.constantFrom('/*-*', '/:a/**', '/**/:b', '/:a-:b', '/a/**/b/*');
  fc.assert(
    fc.property(shapes, pathSegments, (text, segments) => {
      const pattern = read(text);
      const captures = matchPattern(pattern, { segments, endsInSlash: false });
      if (captures === undefined) return;
      for (const { text: taken } of captures.values()) assert.ok(segments.join('/').includes(taken));
    }),
  );
});

test('http-server#419: the time does not explode, whatever the path', () => {
  const pattern = read(`/${'*a'.repeat(15)}*b`, ownStyle);
  const wide = read('/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b');
  const long = { segments: ['a'.repeat(8000)], endsInSlash: false };
  const deep = { segments: Array.from({ length: 4000 }, () => 'a'), endsInSlash: false };
  // Tried in every order, these take longer than the world has stood: that they come to an end is the test.
  assert.equal(matchPattern(pattern, long), undefined);
  assert.equal(matchPattern(wide, deep), undefined);
});

test('no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, isExact) => {
      parsePattern(`/${text}`, { hasBraces: true, hasWideStars: false, isExact });
    }),
  );
});

test('a pattern is read into pieces that a check may look at', () => {
  const rows: readonly (readonly [text: string, pieces: readonly Token[]])[] = [
    ['/', []],
    ['/a/:b/**', [{ kind: 'literal', text: '/a/' }, { kind: 'named', name: 'b' }, { kind: 'segments' }]],
    ['/*.c', [{ kind: 'literal', text: '/' }, { kind: 'within' }, { kind: 'literal', text: '.c' }]],
    ['/x**', [{ kind: 'literal', text: '/x' }, { kind: 'across' }]],
  ];
  for (const [text, pieces] of rows) assert.deepEqual(read(text).branches, [pieces], text);
});
