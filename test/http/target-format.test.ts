import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPath, formatSegment, parseTarget } from '../../src/http/target.ts';

test('CVE-2021-28861, serve-handler#122: a formatted path begins with exactly one slash', () => {
  const rows: readonly (readonly [readonly string[], boolean, string])[] = [
    [[], false, '/'],
    [[], true, '/'],
    [['evil.com'], true, '/evil.com/'],
    [['', 'evil.com'], false, '/evil.com'],
    [['', ''], true, '/'],
    [['/evil.com'], false, '/%2Fevil.com'],
    [['\\evil.com'], false, '/%5Cevil.com'],
    [['a', 'b'], false, '/a/b'],
    [['a', 'b'], true, '/a/b/'],
  ];
  for (const [segments, endsInSlash, expected] of rows)
    assert.equal(formatPath(segments, endsInSlash), expected);
});

test('caddy#6237, miniserve#1294, python#142533: a formatted name hides whatever would end it or mean something else', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['index.html', 'index.html'],
    ['A-z_0.~', 'A-z_0.~'],
    ['a b', 'a%20b'],
    ['100%', '100%25'],
    ['a#b?c', 'a%23b%3Fc'],
    ['a+b&c=d;e,f@g$h', 'a%2Bb%26c%3Dd%3Be%2Cf%40g%24h'],
    ['javascript:alert(1)', 'javascript%3Aalert(1)'],
    ['"\'<>`', '%22%27%3C%3E%60'],
    ['a\\b', 'a%5Cb'],
    ['\r\nSet-Cookie:x', '%0D%0ASet-Cookie%3Ax'],
    ['\x1b\x7f\x01', '%1B%7F%01'],
    ['你😀', '%E4%BD%A0%F0%9F%98%80'],
    ['\ud800', '%EF%BF%BD'],
    ['a\udc00b', 'a%EF%BF%BDb'],
  ];
  for (const [name, expected] of rows) assert.equal(formatSegment(name), expected, name);
});

const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }),
    fc.string({ unit: 'binary-ascii', minLength: 1 }),
    fc.string({ unit: fc.constantFrom(...'.%\\ ~:#?+"\'\n2eE5cC'), minLength: 1 }),
  )
  .filter(text => !/^\.\.?$|[/\0]/.test(text) && !/\p{Surrogate}/u.test(text));

test('every name that a file can have survives being formatted and parsed', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 5 }), fc.boolean(), (segments, endsInSlash) => {
      const path = formatPath(segments, endsInSlash);
      assert.match(path, /^\/(?!\/)[\x21-\x7e]*$/);
      const target = parseTarget('GET', path, { windows: false, secure: false });
      if (target.kind !== 'path') assert.fail(path);
      assert.deepEqual(target.segments, segments);
      assert.equal(target.endsInSlash, endsInSlash || segments.length === 0);
      assert.equal(target.hadSlashRun, false);
      assert.equal(formatPath(target.segments, target.endsInSlash), path);
    }),
  );
});

test('CVE-2021-28861: no array of texts makes a path that leads to another host or holds a control character', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.nat(0xffff).map(code => String.fromCharCode(code)),
      fc.constantFrom('/', '\\', '.'),
    ),
  });
  fc.assert(
    fc.property(fc.array(text), fc.boolean(), (segments, endsInSlash) => {
      assert.match(formatPath(segments, endsInSlash), /^\/(?![/\\])[\x21-\x7e]*$/);
    }),
  );
});
