import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PathTarget, parseTarget } from '../../src/http/target.ts';
import { matchPattern, type PatternStyle, parsePattern } from '../../src/rules/pattern.ts';
import { fillLocation, fillTarget, fillText, parseTemplate, parseText } from '../../src/rules/template.ts';

const wide: PatternStyle = { hasBraces: false, hasWideStars: true, isExact: false };

/** Where a rule leads a request, as a Location and as a target. */
function lead(from: string, to: string, raw: string): readonly [string | undefined, PathTarget | undefined] {
  const pattern = parsePattern(from, wide);
  assert.ok(pattern.kind === 'pattern', from);
  const template = parseTemplate(to, pattern.names);
  assert.ok(template.kind === 'template', `${to}: ${template.kind === 'unreadable' ? template.why : ''}`);
  const target = parseTarget('GET', raw, { windows: false, secure: false });
  assert.ok(target.kind === 'path', raw);
  const captures = matchPattern(pattern, target);
  assert.ok(captures !== undefined, `${from} does not take ${raw}`);
  return [
    fillLocation(template, captures, target),
    fillTarget(template, captures, target, { windows: false }),
  ];
}

const locations: readonly (readonly [from: string, to: string, raw: string, location: string | undefined])[] =
  [
    ['/a', '/b', '/a', '/b'],
    ['/a', '/b', '/a?x=1', '/b?x=1'],
    ['/a', '/b?y=2', '/a?x=1', '/b?y=2'],
    ['/a', '/b#part', '/a?x=1', '/b?x=1#part'],
    ['/a', 'https://example.org', '/a?x', 'https://example.org/?x'],
    ['/a', 'https://example.org:8443/x?y#z', '/a', 'https://example.org:8443/x?y#z'],
    ['/a', '//example.org/x', '/a', '//example.org/x'],
    ['/a/*', 'https://example.org/:splat', '/a/b/c', 'https://example.org/b/c'],
    ['/news/*', '/blog/:splat', '/news/2004/01/10/my-story', '/blog/2004/01/10/my-story'],
    ['/news/*', '/blog/:splat', '/news', '/blog/'],
    ['/news/*', '/blog/:splat', '/news/a/', '/blog/a/'],
    ['/news/*', '/blog/:splat.html', '/news/a/', '/blog/a.html'],
    ['/:y/:m', '/x?year=:y&month=:m', '/20%2624/b', '/x?year=20%2624&month=b'],
    ['/:y', '/x-:y/', '/7', '/x-7/'],
    ['/:y', '/x#:y', '/7', '/x#7'],
    ['/:n', '/a/:n', '/caf%c3%a9', '/a/caf%C3%A9'],
    ['/:n', '/a/:n', '/%0d%0aSet-Cookie:x', '/a/%0D%0ASet-Cookie%3Ax'],
    ['/:n', '/a/:n', '/a%3Fb%23c', '/a/a%3Fb%23c'],
    ['/a', '/café und', '/a', '/caf%C3%A9%20und'],
    ['/a', '/b%20c', '/a', '/b%20c'],
    ['/a', '/100%', '/a', '/100%25'],
    ['/a', '/Help:Contents', '/a', '/Help:Contents'],
    ['/a', '/b;c=1,d', '/a', '/b;c=1,d'],
    // What is filled in is no host and no way up.
    ['/*', '/:splat', '/%5Cevil.example', '/%5Cevil.example'],
    ['/a', '/\\evil.example', '/a', '/%5Cevil.example'],
    ['/x*', '/:splat/evil.example', '/x', '/evil.example'],
    ['/x*', '/:splat/evil.example', '/x%5C', '/%5C/evil.example'],
    ['/x*', '/:splat:1', '/x', '/:1'],
    ['/x*', '/a/:splat/b', '/x..', undefined],
    ['/x*', '/a/:splat/b', '/x.', undefined],
    ['/x*y', '/.:splat/b', '/x.y', undefined],
    ['/x*', '/a/:splat', '/x%252e%252e', '/a/%252e%252e'],
  ];

for (const [from, to, raw, location] of locations) {
  test(`${from} to ${to} leads ${raw} ${location === undefined ? 'nowhere' : `to ${location}`}`, () => {
    assert.equal(lead(from, to, raw)[0], location);
  });
}

test('a rewrite leads to a target that is decoded like any other', () => {
  const rows: readonly (readonly [from: string, to: string, raw: string, readonly string[] | undefined])[] = [
    ['/a', '/caf%C3%A9 und/b', '/a', ['café und', 'b']],
    ['/*', '/app/:splat', '/x%20y/z', ['app', 'x y', 'z']],
    ['/a', 'https://example.org/b', '/a', undefined],
    ['/x*', '/a/:splat', '/x..', undefined],
  ];
  for (const [from, to, raw, segments] of rows)
    assert.deepEqual(lead(from, to, raw)[1]?.segments, segments, `${from} ${to} ${raw}`);
  assert.equal(lead('/a', '/b?x=1', '/a?y')[1]?.query, '?x=1');
  assert.equal(lead('/a', '/b', '/a?y')[1]?.query, '?y');
  assert.equal(lead('/a', '/b/', '/a')[1]?.endsInSlash, true);
});

test('a query value may hold anything and stays one segment; in a rewrite it can be no path', () => {
  const template = parseTemplate('/blog/:id', ['id']);
  assert.ok(template.kind === 'template');
  const target = parseTarget('GET', '/store', { windows: false, secure: false });
  assert.ok(target.kind === 'path');
  const fill = (text: string): readonly unknown[] => {
    const captures = new Map([['id', { text, isPath: false }]]);
    return [
      fillLocation(template, captures, target),
      fillTarget(template, captures, target, { windows: false })?.segments,
    ];
  };
  assert.deepEqual(fill('post'), ['/blog/post', ['blog', 'post']]);
  assert.deepEqual(fill('../../etc/passwd'), ['/blog/..%2F..%2Fetc%2Fpasswd', undefined]);
  assert.deepEqual(fill('..'), [undefined, undefined]);
  assert.deepEqual(fill('\r\nX: y'), ['/blog/%0D%0AX%3A%20y', ['blog', '\r\nX: y']]);
  assert.deepEqual(fill('\0'), ['/blog/%00', undefined]);
});

test('what can be no target is refused with the reason', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['', /begins with a slash/],
    ['b', /begins with a slash/],
    ['javascript:alert(1)', /begins with a slash/],
    ['ftp://a/b', /begins with a slash/],
    ['//', /no host/],
    ['///evil.example', /no host/],
    ['https://', /no host/],
    ['https:///x', /no host/],
    ['https://u@a/', /no host/],
    ['https://a\\b', /no host/],
    ['https://:name/x', /no host/],
    ['https://:name.example.org/x', /no host/],
    ['/a\r\nb', /control character/],
    ['/a\0', /control character/],
    ['/:other', /nothing called :other/],
    ['/../b', /cannot be asked for/],
    ['/a/%2e%2E/b', /cannot be asked for/],
    ['/a%2Fb', /cannot be asked for/],
    ['/a%00', /cannot be asked for/],
    ['/a%ff', /cannot be asked for/],
  ];
  for (const [text, why] of rows) {
    const template = parseTemplate(text, ['name']);
    assert.ok(template.kind === 'unreadable', text);
    assert.match(template.why, why, text);
  }
});

test('text of fields is filled in encoded, and unknown names stay', () => {
  const captures = new Map([['title', { text: 'a "b"\r\nX: y/z', isPath: true }]]);
  assert.equal(
    fillText(parseText('You see ":title" :other', ['title']), captures),
    'You see "a%20%22b%22%0D%0AX%3A%20y/z" :other',
  );
});

test('whatever is asked, a rule that names no host leads to this one, in visible ASCII', () => {
  const froms = fc.constantFrom('/*', '/x*', '/:a', '/:a/*', '/*y');
  const tos = fc.constantFrom('/:splat', '/:splat/b', '/b:splat', '/:a', '/:a/:splat', '/b/:splat?q=:a');
  const raws = fc.array(
    fc.constantFrom(
      '/',
      '%2e',
      '.',
      '%5C',
      '//',
      'x',
      'evil.example',
      '%0d%0a',
      ':',
      '@',
      '%2525',
      'y',
      '%E2%80%AE',
      '?',
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(froms, tos, raws, (from, to, raw) => {
      const pattern = parsePattern(from, wide);
      const target = parseTarget('GET', `/${raw.join('')}`, { windows: false, secure: false });
      if (pattern.kind !== 'pattern' || target.kind !== 'path') return;
      const template = parseTemplate(to, pattern.names);
      const captures = matchPattern(pattern, target);
      if (template.kind !== 'template' || captures === undefined) return;
      const location = fillLocation(template, captures, target);
      if (location !== undefined) {
        assert.match(location, /^\/(?![/\\])[\x21-\x7e]*$/);
        assert.equal(new URL(location, 'http://here.example/a/b').host, 'here.example');
      }
      const led = fillTarget(template, captures, target, { windows: false });
      for (const segment of led?.segments ?? []) assert.doesNotMatch(segment, /^\.{0,2}$|[/\0]/);
    }),
    { numRuns: 2000 },
  );
});
