import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  absoluteAuthority,
  formatPath,
  type PathTarget,
  parseTarget,
  pathTo,
} from '../../src/http/target.ts';

const posix = { windows: false, secure: true };
const windows = { windows: true, secure: true };

test('an origin-form target is its decoded segments and its query as sent', () => {
  const rows: readonly (readonly [string, readonly string[], boolean, string])[] = [
    ['/', [], true, ''],
    ['/a', ['a'], false, ''],
    ['/a/', ['a'], true, ''],
    ['/a/b.html', ['a', 'b.html'], false, ''],
    ['/?', [], true, '?'],
    ['/a?x=1&y=/../%2f%00%zz\\?', ['a'], false, '?x=1&y=/../%2f%00%zz\\?'],
    ['/a%20b%23%3F%25', ['a b#?%'], false, ''],
    ['/a+b', ['a+b'], false, ''],
    ['/%e4%bd%a0', ['你'], false, ''],
    ['/%F0%9F%98%80', ['😀'], false, ''],
    ['/%41', ['A'], false, ''],
    ['/"<>^`{|}[]', ['"<>^`{|}[]'], false, ''],
    ["/!$&'()*+,;=:@-._~", ["!$&'()*+,;=:@-._~"], false, ''],
    ['/...', ['...'], false, ''],
    ['/.a', ['.a'], false, ''],
    ['/a./b..', ['a.', 'b..'], false, ''],
    ['/http://a', ['http:', 'a'], false, ''],
    ['/*', ['*'], false, ''],
  ];
  for (const [raw, segments, endsInSlash, query] of rows) {
    const hadSlashRun = raw.split('?')[0]?.includes('//');
    const expected = { kind: 'path', segments, endsInSlash, query, hadSlashRun };
    assert.deepEqual(parseTarget('GET', raw, posix), expected, raw);
  }
});

test('the path to segments is the target that a request for them has', () => {
  const rows: readonly (readonly [string, readonly string[], boolean])[] = [
    ['/', [], true],
    ['/a', ['a'], false],
    ['/a%20b/c/', ['a b', 'c'], true],
  ];
  for (const [raw, segments, endsInSlash] of rows)
    assert.deepEqual(pathTo(segments, endsInSlash), parseTarget('GET', raw, posix), raw);
});

test('an absolute-form target is its path; the authority is handed out apart', () => {
  const rows: readonly (readonly [string, readonly string[], string, string])[] = [
    ['http://example.com/a?b', ['a'], '?b', 'example.com'],
    ['HTTPS://[::1]:80/a', ['a'], '', '[::1]:80'],
    ['hTTp://example.com', [], '', 'example.com'],
    ['http://example.com?b/c', [], '?b/c', 'example.com'],
    ['http://u@h:1/a', ['a'], '', 'u@h:1'],
    ['http://h/%2e/a/..', [], '', 'h'],
  ];
  for (const [raw, segments, query, authority] of rows) {
    const target = pathOf(raw);
    assert.deepEqual([target.segments, target.query], [segments, query], raw);
    assert.equal(absoluteAuthority(raw), authority, raw);
  }
  for (const raw of ['/', '/http://a', '*', 'ftp://a/', 'http:/a', 'a:80']) {
    assert.equal(absoluteAuthority(raw), undefined, raw);
  }
});

test('each form of a target goes with its methods only', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['OPTIONS', '*', 'asterisk'],
    ['OPTIONS', '/a', 'path'],
    ['OPTIONS', 'http://h/', 'path'],
    ['GET', '*', 'violation'],
    ['OPTIONS', '**', 'violation'],
    ['OPTIONS', '*?x', 'violation'],
    ['CONNECT', 'example.com:80', 'authority'],
    ['CONNECT', '[::1]:80', 'authority'],
    ['CONNECT', 'example.com', 'violation'],
    ['CONNECT', 'example.com:', 'violation'],
    ['CONNECT', ':80', 'violation'],
    ['CONNECT', 'a@b:80', 'violation'],
    ['CONNECT', '/', 'violation'],
    ['CONNECT', '*', 'violation'],
    ['CONNECT', 'http://h:80/', 'violation'],
    ['GET', 'example.com:80', 'violation'],
    ['GET', 'a', 'violation'],
    ['GET', '../a', 'violation'],
    ['GET', '?a', 'violation'],
    ['GET', '\\a', 'violation'],
    ['GET', 'http:///a', 'violation'],
    ['GET', 'http://', 'violation'],
    ['GET', 'http://?a', 'violation'],
    ['GET', 'http:/a', 'violation'],
    ['GET', 'ftp://h/a', 'violation'],
    ['GET', 'file:///etc/passwd', 'violation'],
    ['GET', '', 'violation'],
  ];
  for (const [method, raw, kind] of rows)
    assert.equal(parseTarget(method, raw, posix).kind, kind, `${method} ${raw}`);
});

refuses('CVE-2013-4547: octets other than visible ASCII', [
  '/a \0.php',
  '/a b',
  '/\0',
  '/\x1b',
  '/\t',
  '/\x7f',
  '/\x80',
  '/é',
  '/a?\n',
  'http://h/ ',
]);
refuses('a fragment', ['/#', '/a#b', '/a?b#c', 'http://h#a', 'http://h/#']);
refuses('CVE-2025-11149, h2o_uri_unescape NUL: an encoded NUL', [
  '/%00',
  '/a%00.html',
  '/.env%00',
  '/%00/..',
  '/a%2500%00',
]);
refuses('CVE-2021-42013, miniserve 0.12: an escape that is cut short or not hexadecimal', [
  '/%',
  '/%4',
  '/%zz',
  '/a%',
  '/%%20',
  '/%u0041',
  '/%-1',
  '/%2g',
  '/%%32%65%%32%65/',
]);
refuses('miniserve 1285: escapes that are not UTF-8', [
  '/%ff',
  '/%80',
  '/%c3',
  '/%c3/%a9',
  '/%c0%ae%c0%ae/',
  '/%c0%af',
  '/%e0%80%af',
  '/%f0%80%80%af',
  '/%ed%a0%80',
  '/%ed%a0%bd%ed%b8%80',
  '/%f4%90%80%80',
]);
refuses(
  'CVE-2026-29087, CVE-2026-15074, GHSA-x428-ghpx-8j92, GHSA-3pmx-cf9f-34xr, caddy#7941: an encoded slash',
  [
    '/admin%2fsecret',
    '/admin%2Fsecret',
    '/%2f%2fevil',
    '/a%2f..%2fprivate',
    '/public/..%2fadmin/s',
    '/node_modules%2f',
    '//evil.com/..%2fsub',
  ],
);
refuses('cpython#132826: a raw backslash in the path', [
  '/\\evil.com/%2e%2e%2fsub',
  '/a\\b',
  '/..\\a',
  'http://h/\\',
]);
refuses('CVE-2025-58751, CVE-2021-41773, CVE-2017-16134: a path above the root', [
  '/..',
  '/../',
  '/../www-secret/s',
  '/../../etc/passwd',
  '/a/../../b',
  '/a/../..',
  '/.%2e/',
  '/%2e./a',
  '/%2e%2e/%2E%2E/etc/passwd',
  '/./../a',
  '//..',
  '/a//../..',
  'http://h/..',
]);

test('every reason is a short text of fixed words', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.string().map(text => `/%${text}`),
  );
  fc.assert(
    fc.property(fc.constantFrom('GET', 'CONNECT', 'OPTIONS'), hostile, (method, raw) => {
      const target = parseTarget(method, raw, windows);
      if (target.kind !== 'violation') return;
      assert.equal(target.status, 400);
      assert.match(target.why, /^[\w\s*-]{10,80}$/);
    }),
  );
});

test('a path is decoded exactly once', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['/%2565', '%65'],
    ['/%252e%252e', '%2e%2e'],
    ['/%252f', '%2f'],
    ['/%2500', '%00'],
    ['/%25', '%'],
  ];
  for (const [raw, name] of rows) assert.deepEqual(pathOf(raw).segments, [name], raw);
});

test('CVE-2026-7120, CVE-2018-3718, Vite `/.env/.`: dot segments, plain or encoded, are resolved after decoding', () => {
  const rows: readonly (readonly [string, readonly string[], boolean])[] = [
    ['/./f', ['f'], false],
    ['/public/../private/f', ['private', 'f'], false],
    ['/a/%2e%2e/b', ['b'], false],
    ['/a/.%2E/b', ['b'], false],
    ['/a/%2E./b', ['b'], false],
    ['/a/%2e/b', ['a', 'b'], false],
    ['/.', [], true],
    ['/a/.', ['a'], true],
    ['/a/%2e', ['a'], true],
    ['/a/..', [], true],
    ['/a/b/%2e%2e', ['a'], true],
    ['/.env/.', ['.env'], true],
    ['/.env/', ['.env'], true],
    ['/%2eenv', ['.env'], false],
    ['/a/../b/../c/./', ['c'], true],
  ];
  for (const [raw, segments, endsInSlash] of rows) {
    const target = pathOf(raw);
    assert.deepEqual([target.segments, target.endsInSlash], [segments, endsInSlash], raw);
  }
});

test('CVE-2026-39406, GHSA-92pp-h63x-v22m: runs of slashes collapse before dot segments are resolved, and are reported', () => {
  const rows: readonly (readonly [string, readonly string[], boolean])[] = [
    ['//admin/secret', ['admin', 'secret'], true],
    ['//', [], true],
    ['/a//', ['a'], true],
    ['/a///b', ['a', 'b'], true],
    ['/a//../b', ['b'], true],
    ['/a/../b', ['b'], false],
    ['/a//./b', ['a', 'b'], true],
    ['//evil.com/', ['evil.com'], true],
    ['http://h//a', ['a'], true],
    ['/a?b//c', ['a'], false],
    ['http://h/a', ['a'], false],
  ];
  for (const [raw, segments, hadSlashRun] of rows) {
    const target = pathOf(raw);
    assert.deepEqual([target.segments, target.hadSlashRun], [segments, hadSlashRun], raw);
  }
});

test('an encoded backslash is a byte of the name, never a separator', () => {
  assert.deepEqual(pathOf('/..%5c..%5cwin.ini').segments, ['..\\..\\win.ini']);
  assert.deepEqual(pathOf('/private%5Cs').segments, ['private\\s']);
});

test('http-server#749, CVE-2019-10775, dufs#691: encoded control characters are bytes of the name', () => {
  assert.deepEqual(pathOf('/%0c').segments, ['\f']);
  assert.deepEqual(pathOf('/%1b]0;x%07').segments, ['\x1b]0;x\x07']);
  assert.deepEqual(pathOf('/a%0ab%7f').segments, ['a\nb\x7f']);
});

test('GHSA-frvp-7c67-39w9, GHSA-7p7c-pvvx-2vx3, GHSA-qrp7-cvwr-j2c6, caddy#5148, nginx 0.8.33: Windows names are refused under its rules alone', () => {
  const rows: readonly string[] = [
    '/..%5c..%5cwin.ini',
    '/private%5cs',
    '/a%5C../b',
    '/foo/c:/windows/win.ini',
    '/c:',
    '/c%3a/x',
    '/f.txt::$DATA',
    '/f.txt%3a%3a$DATA',
    '/SECRET~1/x',
    '/a~9.txt',
    '/private./s',
    '/private%20/s',
    '/f.txt.',
    '/f.txt%20',
    '/f.txt.%20.',
    '/...',
    '/nul',
    '/NUL.txt',
    '/Con',
    '/a/aux/b',
    '/prn.',
    '/com1',
    '/COM0.log',
    '/com%C2%B9',
    '/lpt9.a.b',
    '/nul%20.txt',
    '/conin$',
    '/CONOUT$',
    '/a*',
    '/a%3f',
    '/a%22',
    '/%3ca%3e',
    '/a|b',
    '/a%0a',
  ];
  for (const raw of rows) {
    assert.equal(parseTarget('GET', raw, windows).kind, 'violation', raw);
    assert.equal(parseTarget('GET', raw, posix).kind, 'path', raw);
  }
  for (const raw of [
    '/a',
    '/a~b',
    '/null',
    '/com',
    '/com10',
    '/console.log',
    '/a.nul',
    '/.well-known',
    '/a%20b',
    '/你',
  ]) {
    assert.equal(parseTarget('GET', encodeURI(decodeURI(raw)), windows).kind, 'path', raw);
  }
});

test('parsing never throws, and a parsed path keeps its promises', () => {
  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    '%2e',
    '%2E',
    '%5c',
    '%',
    '%25',
    'a',
    '?',
    '%e4%bd%a0',
    '%0a',
    '~1',
    ' ',
    '\\',
    '*',
  );
  const prefix = fc.constantFrom('/', 'http://h', 'https://h/', '');
  const almost = fc.tuple(prefix, fc.array(piece)).map(([start, pieces]) => start + pieces.join(''));
  const raw = fc.oneof(fc.string(), almost);
  fc.assert(
    fc.property(raw, fc.boolean(), (text, isWindows) => {
      const target = parseTarget('GET', text, { windows: isWindows, secure: true });
      if (target.kind !== 'path') return assert.equal(target.kind, 'violation');
      for (const segment of target.segments) {
        assert.doesNotMatch(segment, /^(?:\.\.?)?$|[/\0]/);
        if (isWindows) assert.doesNotMatch(segment, /[\\:*?"<>|]|[. ]$/);
      }
      const canonical = formatPath(target.segments, target.endsInSlash);
      assert.deepEqual(pathOf(canonical + target.query), { ...target, hadSlashRun: false });
      return undefined;
    }),
    { numRuns: 1000 },
  );
});

/** One test: all of these are answered 400. */
function refuses(what: string, rows: readonly string[]): void {
  test(`${what} is refused`, () => {
    for (const raw of rows) {
      const target = parseTarget('GET', raw, posix);
      assert.deepEqual(
        [target.kind, 'status' in target && target.status],
        ['violation', 400],
        JSON.stringify(raw),
      );
    }
  });
}

function pathOf(raw: string): PathTarget {
  const target = parseTarget('GET', raw, posix);
  if (target.kind !== 'path') assert.fail(`${JSON.stringify(raw)} is no path: ${JSON.stringify(target)}`);
  return target;
}

test('an https URI is refused where nothing is secured, whatever its path', () => {
  for (const raw of ['https://h', 'https://h/a', 'HTTPS://h:443/%zz']) {
    const target = parseTarget('GET', raw, { windows: false, secure: false });
    assert.equal(target.kind === 'violation' ? target.status : target.kind, 421, raw);
  }
});
