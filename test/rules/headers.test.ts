import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldsByRule } from '../../src/features/fields.ts';
import { noFields } from '../../src/http/fields.ts';
import {
  type Content,
  type FieldLine,
  noContent,
  type Request,
  type Response,
} from '../../src/http/message.ts';
import { parseTarget } from '../../src/http/target.ts';
import type { Dialect } from '../../src/rules/lines.ts';
import { readHeaders } from '../../src/rules/read-headers.ts';
import type { FieldRule } from '../../src/rules/rules.ts';

const file = {
  location: 'a',
  identity: '1',
  size: 9,
  modifiedNs: 0n,
  changedNs: 0n,
};

const stored: Content = { kind: 'stored', file, pieces: [{ first: 0, last: 8 }] };

const served: Response = {
  status: 200,
  fields: [
    ['Server', 'plinth'],
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Cache-Control', 'no-cache'],
    ['Vary', 'Accept-Encoding'],
    ['ETag', '"1"'],
  ],
  content: stored,
};

/** The fields of an answer that the rules have changed, beside those that they left alone. */
function changedBy(
  rules: readonly FieldRule[],
  raw: string,
  response: Response = served,
  authority = 'a',
): readonly FieldLine[] {
  const target = parseTarget('GET', raw, { windows: false, secure: false });
  assert.ok(target.kind === 'path');
  const client = { address: '127.0.0.1', port: 1 };
  const request: Request = { method: 'GET', target, authority, secure: false, fields: noFields, client };
  const { fields } = fieldsByRule(rules)(request, response);
  return fields.filter(
    ([name, value]) => !response.fields.some(line => line[0] === name && line[1] === value),
  );
}

function changes(text: string, dialect: Dialect, raw: string, response?: Response): readonly FieldLine[] {
  const { rules, faults } = readHeaders(text, '_headers', dialect);
  assert.deepEqual(faults, []);
  return changedBy(rules.fields, raw, response);
}

// Each row has the shape of an example in the public documentation of the host.
const rows: readonly (readonly [
  dialect: Dialect,
  text: string,
  raw: string,
  lines: readonly (readonly [string, string])[],
])[] = [
  ['netlify', '/*\n  X-Frame-Options: DENY', '/', [['X-Frame-Options', 'DENY']]],
  ['netlify', '/*\n  X-Frame-Options: DENY', '/a/b', [['X-Frame-Options', 'DENY']]],
  ['netlify', '/models/one.html\n  X-A: 1', '/models/one.html', [['X-A', '1']]],
  ['netlify', '/models/one.html\n  X-A: 1', '/models/two.html', []],
  ['netlify', '/models/*\n  X-A: 1', '/models', [['X-A', '1']]],
  ['netlify', '/models/:one/x\n  X-A: 1', '/models/two/x', [['X-A', '1']]],
  ['netlify', '/*.js\n  X-A: 1', '/a/b.js', [['X-A', '1']]],
  [
    'netlify',
    '/*\n  Cache-Control: max-age=0\n  Cache-Control: no-cache\n  Cache-Control: no-store',
    '/',
    [['Cache-Control', 'max-age=0, no-cache, no-store']],
  ],
  [
    'netlify',
    '# all\n/*\n# framed\n\tX-Frame-Options: DENY\r\n\r\n/a\n  X-XSS-Protection: 1; mode=block',
    '/a',
    [
      ['X-Frame-Options', 'DENY'],
      ['X-XSS-Protection', '1; mode=block'],
    ],
  ],
  ['netlify', '/:a\n  X-A: see :a', '/x', [['X-A', 'see :a']]],
  [
    'netlify',
    '/*\n  Set-Cookie: a=1\n  Set-Cookie: b=2',
    '/',
    [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ],
  ],
  ['netlify', '/*\n  X-Name: é', '/', [['X-Name', 'Ã©']]],
  ['netlify', '/*\n  X-A:', '/', [['X-A', '']]],
  ['netlify', '/*\n  Vary: Cookie, Accept-Encoding', '/', [['Vary', 'Accept-Encoding, Cookie']]],
  [
    'cloudflare',
    '/safe/page\n  X-Frame-Options: DENY\n  X-Content-Type-Options: nosniff\n  Referrer-Policy: no-referrer',
    '/safe/page',
    [
      ['X-Frame-Options', 'DENY'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Referrer-Policy', 'no-referrer'],
    ],
  ],
  [
    'cloudflare',
    '/*\n  X-Robots-Tag: noindex\n/still/*\n  X-Robots-Tag: nosnippet',
    '/still/a.css',
    [['X-Robots-Tag', 'noindex, nosnippet']],
  ],
  ['cloudflare', '/*\n  Content-Security-Policy: x\n/*.jpg\n  ! Content-Security-Policy', '/a/b.jpg', []],
  ['cloudflare', '/film/:title\n  X-Film: You see ":title"', '/film/a%22b', [['X-Film', 'You see "a%22b"']]],
  ['cloudflare', '/*\n  X-Rest: :splat', '/%0d%0aX-B:1', [['X-Rest', '%0D%0AX-B%3A1']]],
  ['cloudflare', '/still/*\n  X-A: 1', '/still', []],
  ['cloudflare', '/a/*\n  X-Path: before :splat', '/a/', [['X-Path', 'before']]],
  ['cloudflare', '/a/*\n  X-Path: :splat behind', '/a/', [['X-Path', 'behind']]],
  // Its last octet is a blank to Unicode, and none to HTTP.
  ['cloudflare', '/a/*\n  X-Path: :splat voil\u00e0', '/a/', [['X-Path', 'voil\u00c3\u00a0']]],
  [
    'cloudflare',
    '/help/faq/*\n  Link: </help/faqs>; rel="canonical"',
    '/help/faq/a',
    [['Link', '</help/faqs>; rel="canonical"']],
  ],
  [
    'cloudflare',
    "/app/*\n  Permissions-Policy: usb=()\n  Content-Security-Policy: script-src 'self'; frame-ancestors 'none';",
    '/app/a',
    [
      ['Permissions-Policy', 'usb=()'],
      ['Content-Security-Policy', "script-src 'self'; frame-ancestors 'none';"],
    ],
  ],
  ['cloudflare', '/*\n  Access-Control-Allow-Origin: *', '/a', [['Access-Control-Allow-Origin', '*']]],
];

for (const [dialect, text, raw, lines] of rows) {
  test(`${dialect}: ${JSON.stringify(text)} for ${raw}`, () => {
    assert.deepEqual(changes(text, dialect, raw), lines);
  });
}

test('a name in the host stands for some characters of a label', () => {
  const text =
    'https://:project.pages.dev/*\n  X-A: :project\nhttps://:version.:project.pages.dev/:x\n  X-B: :project :version :x';
  const { rules, faults } = readHeaders(text, '_headers', 'cloudflare');
  assert.deepEqual(faults, []);
  const rows: readonly (readonly [host: string, fields: readonly (readonly [string, string])[]])[] = [
    ['mine.pages.dev', [['X-A', 'mine']]],
    ['MINE.Pages.dev.:8080', [['X-A', 'mine']]],
    ['v1.mine.pages.dev', [['X-B', 'mine v1 a']]],
    ['pages.dev', []],
    ['.pages.dev', []],
    ['a.b.c.pages.dev', []],
    ['mine.pages.dev.example', []],
    ['minexpages.dev', []],
  ];
  for (const [host, fields] of rows)
    assert.deepEqual(changedBy(rules.fields, '/a', served, host), fields, host);
  for (const [line, why] of [
    ['https://:a:b.example/*', /is no host/],
    ['https://:a-:b.example/*', /is no host/],
    ['https://:a.:a.example/*', /is no host/],
    ['https://:a.example:80/*', /is no host/],
    ['https://:a..example/*', /is no host/],
    ['https://*.:a.example/*', /is no host/],
    ['https://:1.example/*', /is no host/],
    ['https://:a.example/:a', /:a stands there twice/],
  ] as const) {
    const reading = readHeaders(`${line}\n  X-A: 1\n`, '_headers', 'cloudflare');
    assert.match(reading.faults[0]?.why ?? '', why, line);
    assert.equal(reading.rules.fields.length, 0);
  }
});

test('what is true of a file is said of files only', () => {
  const text =
    '/*\n  Cache-Control: immutable\n  Content-Type: text/x\n  Content-Disposition: inline\n  X-A: 1';
  const etag: FieldLine = ['ETag', '"1"'];
  const parts: FieldLine = ['Content-Type', 'multipart/byteranges; boundary=x'];
  const chunks = async function* (): AsyncGenerator<Uint8Array> {};
  const stream: Content = { kind: 'stream', length: undefined, bytesHeld: 0, chunks };
  const bytes: Content = { kind: 'bytes', bytes: Buffer.from('a listing') };
  const whole = ['Cache-Control', 'Content-Type', 'Content-Disposition', 'X-A'];
  const untyped = ['Cache-Control', 'Content-Disposition', 'X-A'];
  const rows: readonly (readonly [number, Content, readonly FieldLine[], readonly string[]])[] = [
    [200, stored, [], whole],
    [200, { ...stored, pieces: [] }, [], whole],
    [200, { kind: 'coded', file, from: 'identity', to: 'br' }, [], whole],
    [206, stored, [], whole],
    [206, stored, [parts], untyped],
    [304, noContent, [etag], untyped],
    [304, noContent, [['Last-Modified', 'Sat, 03 Feb 2024 04:05:06 GMT']], untyped],
    // A listing has no validators, and may be asked for on condition all the same.
    [304, noContent, [], ['X-A']],
    [200, bytes, [], ['X-A']],
    [200, stream, [], ['X-A']],
    [200, noContent, [], ['X-A']],
    ...[301, 308, 404, 412, 416, 500, 503].map(status => [status, noContent, [], ['X-A']] as const),
    [404, stored, [], ['X-A']],
  ];
  for (const [status, content, fields, expected] of rows) {
    const changed = changes(text, 'netlify', '/', { status, fields, content });
    assert.deepEqual(
      changed.map(([name]) => name),
      expected,
      `${status} ${content.kind} ${fields}`,
    );
  }
});

test('what the server says itself can be replaced and removed', () => {
  const { rules } = readHeaders('/*\n  Server: mine\n  ! ETag\n  ! Cache-Control', '_headers', 'netlify');
  const request = {
    target: { kind: 'path', segments: [], endsInSlash: true, query: '', hadSlashRun: false },
  };
  const { fields } = fieldsByRule(rules.fields)(request as unknown as Request, served);
  assert.deepEqual(
    fields.map(([name]) => name),
    ['Content-Type', 'Vary', 'Server'],
  );
});

test('a request that could not be read gets no rule', () => {
  const { rules } = readHeaders('/*\n  X-A: 1', '_headers', 'netlify');
  assert.equal(fieldsByRule(rules.fields)(undefined, served), served);
});

test('what cannot be kept is reported with its line, and the other lines hold', () => {
  const refusals: readonly (readonly [line: string, why: RegExp])[] = [
    ['Content-Length: 5', /belongs to the connection/],
    ['transfer-encoding: chunked', /belongs to the connection/],
    ['Connection: close', /belongs to the connection/],
    ['Date: today', /time of the answer/],
    ['Content-Encoding: br', /which the server decides/],
    ['ETag: "x"', /can be removed, not set/],
    ['! Vary', /cannot be removed/],
    ['! X-Content-Type-Options', /cannot be removed/],
    ['X-Content-Type-Options: sniff', /always nosniff/],
    ['Basic-Auth: user:word', /tell its password/],
    ['X A: 1', /no name of a field/],
    ['X-A\0: 1', /no name of a field/],
    ['X-A: 1\0', /control character/],
    ['X-A: 1\x1b[2J', /control character/],
    [': 1', /wanted a path/],
    ['just words', /wanted a path/],
    ['!', /wanted a path/],
  ];
  for (const [line, why] of refusals) {
    const { rules, faults } = readHeaders(
      `/*\n  X-Before: 1\n  ${line}\n  X-After: 1`,
      '_headers',
      'netlify',
    );
    assert.deepEqual(
      rules.fields[0]?.changes.map(({ name }) => name),
      ['X-Before', 'X-After'],
      line,
    );
    assert.deepEqual(
      faults.map(({ source }) => source),
      [{ file: '_headers', line: 3 }],
    );
    assert.match(faults[0]?.why ?? '', why, line);
  }
  const { rules, faults } = readHeaders(
    'X-A: 1\nhttps://a.example:1/*\n  X-B: 1\n/c//d\n  X-C: 1\n/e\n  X-E: 1',
    'f',
    'netlify',
  );
  assert.deepEqual(
    faults.map(({ source }) => source.line),
    [1, 2, 4],
  );
  assert.equal(rules.fields.length, 1);
});

test('no text makes the reader throw, and no field that it makes can split an answer', () => {
  const words = fc.constantFrom(
    '/*',
    '/:a',
    '\n',
    '\r',
    ' ',
    ':',
    '!',
    'X-A',
    'Set-Cookie',
    ':a',
    '\0',
    'é',
    '\u2028',
    '"',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words).map(list => list.join('')),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom<Dialect>('netlify', 'cloudflare'), (text, dialect) => {
      const { rules } = readHeaders(`/*\n${text}`, 'f', dialect);
      for (const [name, value] of changedBy(rules.fields, '/x%0d%0ay')) {
        assert.match(name, /^[!#$%&'*+\-.^_`|~\w]+$/);
        assert.match(value, /^[\t\x20-\x7e\x80-\xff]*$/);
      }
    }),
    { numRuns: 1000 },
  );
});
