import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noFields } from '../../src/http/fields.ts';
import { parseTarget } from '../../src/http/target.ts';
import { matchPattern, type Pattern } from '../../src/rules/pattern.ts';
import { readServeJson } from '../../src/rules/read-serve-json.ts';
import { routerOf } from '../../src/rules/routing.ts';
import { formatSource, type RuleSet } from '../../src/rules/rules.ts';

function read(value: unknown): RuleSet {
  const { rules, faults } = readServeJson(JSON.stringify(value), 'serve.json');
  assert.deepEqual(faults, []);
  return rules;
}

function targetOf(raw: string): ReturnType<typeof parseTarget> & { kind: 'path' } {
  const target = parseTarget('GET', raw, { windows: false, secure: false });
  assert.ok(target.kind === 'path', raw);
  return target;
}

function route(value: unknown, raw: string): string {
  const target = targetOf(raw);
  const client = { address: '127.0.0.1', port: 1 };
  const request = { method: 'GET', target, authority: 'a', secure: false, fields: noFields, client };
  const routed = routerOf(read(value).routes, false)?.(request, target);
  if (routed === undefined) return '-';
  const { action } = routed;
  if (action.kind === 'refuse') return String(action.status);
  const to = action.kind === 'redirect' ? action.location : `/${action.target.segments.join('/')}`;
  return `${action.status}${routed.isForced ? '!' : ''} ${to}`;
}

/** The choice for a path: the first whose pattern matches. */
function choose<Choice extends { readonly from: Pattern }>(
  choices: readonly Choice[],
  raw: string,
): Choice | undefined {
  return choices.find(({ from }) => matchPattern(from, targetOf(raw)) !== undefined);
}

// Each row has the shape of an example in the documentation of vercel/serve.
const routes: readonly (readonly [value: unknown, raw: string, outcome: string])[] = [
  [{ rewrites: [{ source: 'app/**', destination: '/index.html' }] }, '/app/a/b', '200 /index.html'],
  [{ rewrites: [{ source: 'app/**', destination: '/index.html' }] }, '/app', '200 /index.html'],
  [{ rewrites: [{ source: 'app/**', destination: '/index.html' }] }, '/apple', '-'],
  [
    { rewrites: [{ source: 'plans/*/edit', destination: '/edit-plan.html' }] },
    '/plans/7/edit',
    '200 /edit-plan.html',
  ],
  [
    { rewrites: [{ source: '/plans/:id/edit', destination: '/edit-plan-:id.html' }] },
    '/plans/7/edit',
    '200 /edit-plan-7.html',
  ],
  [{ redirects: [{ source: '/here', destination: '/there' }] }, '/here', '301! /there'],
  [{ redirects: [{ source: '/here', destination: '/there' }] }, '/here/', '301! /there'],
  [{ redirects: [{ source: '/old-pages/**', destination: '/start' }] }, '/old-pages/a/b', '301! /start'],
  [{ redirects: [{ source: '/here', destination: '/there', type: 302 }] }, '/here?a=b', '302! /there?a=b'],
  [{ redirects: [{ source: '/old/:id', destination: '/new/:id' }] }, '/old/7', '301! /new/7'],
  [{ redirects: [{ source: '/old/:id', destination: '/new/:id' }] }, '/old/7/8', '-'],
  [{ redirects: [{ source: '/old/:path*', destination: '/new/:path*' }] }, '/old/a/b', '301! /new/a/b'],
  [
    { redirects: [{ source: '/old/*', destination: 'https://new.example/:splat' }] },
    '/old/a/b',
    '301! https://new.example/a/b',
  ],
  [{ redirects: [{ source: '/x', destination: 'y' }] }, '/x', '301! /y'],
  // Redirects first, wherever they stand.
  [
    { rewrites: [{ source: '/a', destination: '/r' }], redirects: [{ source: '/a', destination: '/d' }] },
    '/a',
    '301! /d',
  ],
];

for (const [value, raw, outcome] of routes) {
  test(`${JSON.stringify(value)} takes ${raw} to ${outcome}`, () => {
    assert.equal(route(value, raw), outcome);
  });
}

test('choices by path are those of the first glob that matches, negated ones before the others', () => {
  const { cleanUrls, listing, unlisted } = read({
    cleanUrls: ['/app/**', '/!parts/**'],
    directoryListing: ['/assets/**', '!/assets/private'],
    unlisted: ['.DS_Store', '*.bak'],
  });
  assert.equal(choose(cleanUrls, '/app/x')?.treatment, 'redirect');
  assert.equal(choose(cleanUrls, '/parts/x')?.treatment, 'off');
  assert.equal(choose(cleanUrls, '/x')?.treatment, 'off');
  assert.equal(choose(listing, '/assets/a/')?.isOn, true);
  assert.equal(choose(listing, '/assets/private/')?.isOn, false);
  assert.equal(choose(listing, '/')?.isOn, false);
  const { listing: slashed } = read({ directoryListing: ['/assets/**', '/!assets/private'] });
  assert.deepEqual(
    ['/assets/a/', '/assets/private/', '/'].map(raw => choose(slashed, raw)?.isOn),
    [true, false, false],
  );
  assert.equal(choose(unlisted, '/.DS_Store')?.isOn, true);
  assert.equal(choose(unlisted, '/a.bak')?.isOn, true);
  assert.equal(choose(unlisted, '/a.txt'), undefined);
  assert.equal(choose(read({ directoryListing: ['!/private/**'] }).listing, '/x/')?.isOn, true);
  assert.equal(choose(read({ directoryListing: false }).listing, '/x/')?.isOn, false);
  assert.equal(choose(read({ cleanUrls: true }).cleanUrls, '/x')?.treatment, 'redirect');
  assert.equal(choose(read({ cleanUrls: false }).cleanUrls, '/x')?.treatment, 'off');
});

test('the other keys', () => {
  assert.deepEqual(read({ public: './dist/' }).folder?.segments, ['dist']);
  assert.deepEqual(read({ public: '.' }).folder?.segments, []);
  assert.equal(read({ trailingSlash: true }).finalSlash[0]?.treatment, 'add');
  assert.equal(read({ trailingSlash: false }).finalSlash[0]?.treatment, 'remove');
  assert.deepEqual(read({ renderSingle: true }).singleFile, {
    file: 'serve.json',
    line: 1,
    key: 'renderSingle',
  });
  assert.equal(read({ renderSingle: false }).singleFile, undefined);
  assert.deepEqual(read({ etag: true, symlinks: false }).fields, []);
  assert.deepEqual(read({ etag: false }).fields[0]?.changes, [{ kind: 'remove', name: 'ETag' }]);
  const images = {
    source: '**/*.@(jpg|jpeg|gif|png)',
    headers: [
      { key: 'Cache-Control', value: 'max-age=7200' },
      { key: 'Server', value: null },
    ],
  };
  const { fields } = read({ headers: [images, { source: '404.html', headers: [] }] });
  assert.deepEqual(fields[0]?.changes, [
    { kind: 'set', name: 'Cache-Control', value: [{ kind: 'literal', text: 'max-age=7200' }] },
    { kind: 'remove', name: 'Server' },
  ]);
  assert.equal(choose(fields, '/a/b.gif'), fields[0]);
  assert.equal(choose(fields, '/404.html'), fields[1]);
  assert.equal(choose(fields, '/a.svg'), undefined);
});

test('what cannot be kept is reported with its key, and the other keys hold', () => {
  const rows: readonly (readonly [value: Record<string, unknown>, key: string, why: RegExp])[] = [
    [{ cleanUrl: true }, 'cleanUrl', /no key is called so; did you mean cleanUrls\?$/],
    [{ zzzzzzzz: true }, 'zzzzzzzz', /no key is called so; known are public, /],
    [{ __proto__x: 1 }, '__proto__x', /no key is called so/],
    [{ constructor: 1 }, 'constructor', /no key is called so/],
    [{ public: '../x' }, 'public', /below the root/],
    [{ public: '/etc' }, 'public', /below the root/],
    [{ public: 'C:\\x' }, 'public', /below the root/],
    [{ public: 7 }, 'public', /^found 7, wanted a folder below the root$/],
    [{ cleanUrls: 'yes' }, 'cleanUrls', /^found "yes", wanted true, false or an array/],
    [{ cleanUrls: ['/[ab]'] }, 'cleanUrls[0]', /not known here/],
    [{ unlisted: [7] }, 'unlisted', /array of globs/],
    [{ rewrites: {} }, 'rewrites', /^found an object, wanted an array/],
    [{ rewrites: [{ source: '/a' }] }, 'rewrites[0]', /source and destination/],
    [{ rewrites: [{ source: '/a', destination: 'https://b.example' }] }, 'rewrites[0]', /passed on/],
    [{ rewrites: [{ source: '/a', destination: '/b', type: 302 }] }, 'rewrites[0]', /type/],
    [
      { redirects: [{ source: '/a', destination: '/b', type: 200 }] },
      'redirects[0]',
      /type: found 200, wanted 301/,
    ],
    [{ redirects: [{ source: '/a', destination: '/b', permanent: true }] }, 'redirects[0]', /permanent/],
    [{ redirects: [{ source: '/a', destinaton: '/b' }] }, 'redirects[0]', /did you mean destination\?$/],
    [{ redirects: [{ source: '/a(\\d+)', destination: '/b' }] }, 'redirects[0]', /not known here/],
    [{ redirects: [{ source: '/:id?', destination: '/b' }] }, 'redirects[0]', /not known here/],
    [
      { redirects: [{ source: '!/a', destination: '/b' }] },
      'redirects[0]',
      /found "!\/a"; a source cannot be negated/,
    ],
    [
      { redirects: [{ source: '/a/../b', destination: '/b' }] },
      'redirects[0]',
      /^found "\/a\/\.\.\/b"; a path never/,
    ],
    [
      { redirects: [{ source: '/a', destination: '/:id' }] },
      'redirects[0]',
      /^found "\/:id"; the pattern has nothing called :id/,
    ],
    [
      { headers: [{ source: '/a', headers: [{ key: 'Date', value: 'x' }] }] },
      'headers[0].headers[0]',
      /time of the answer/,
    ],
    [
      { headers: [{ source: '/a', headers: [{ key: 'X', value: 'a\r\nB: c' }] }] },
      'headers[0].headers[0]',
      /control/,
    ],
    [{ headers: [{ source: '/a', headers: [7] }] }, 'headers[0].headers[0]', /text key/],
    [{ headers: [7] }, 'headers[0]', /^found 7, wanted .* source and the array headers/],
    [{ trailingSlash: 'yes' }, 'trailingSlash', /true or false/],
    [{ renderSingle: 1 }, 'renderSingle', /true or false/],
    [{ etag: 1 }, 'etag', /^found 1, wanted true or false/],
    [{ symlinks: true }, 'symlinks', /--follow-symlinks/],
    [{ symlinks: 1 }, 'symlinks', /true or false/],
  ];
  for (const [value, key, why] of rows) {
    const { rules, faults } = readServeJson(
      JSON.stringify({ ...value, directoryListing: false }),
      'serve.json',
    );
    assert.equal(rules.listing.length, 1, key);
    assert.deepEqual(
      faults.map(({ source }) => formatSource(source)),
      [`serve.json:1: ${key}`],
    );
    assert.match(faults[0]?.why ?? '', why, key);
  }
});

test('a rule and a fault have the line in which they begin', () => {
  const text =
    '\ufeff{\r\n  "unlisted":\n    ["a",\n "["],\n"redirects": [\n  { "source": "/a", "destination": "/b\\"],[{" },\n\n  7],\n' +
    '"headers": [{\n"source": "/a", "headers": [\n7]}],\n"x": {"a": [1, 2]},"y\\u0041": 1}';
  const { rules, faults } = readServeJson(text, 'f');
  assert.deepEqual(
    [...rules.unlisted, ...rules.routes, ...rules.fields].map(({ source }) => formatSource(source)),
    ['f:3: unlisted[0]', 'f:6: redirects[0]', 'f:9: headers[0]'],
  );
  assert.deepEqual(
    faults.map(({ source }) => formatSource(source)),
    ['f:4: unlisted[1]', 'f:8: redirects[1]', 'f:11: headers[0].headers[0]', 'f:12: x', 'f:12: yA'],
  );
});

test('text that is no JSON object is one fault', () => {
  for (const text of ['', '[]', '7', 'null', '{"a":', '{\n\n"a": x}', '\ufeff{']) {
    const { faults } = readServeJson(text, 'serve.json');
    assert.equal(faults.length, 1, text);
    assert.match(faults[0]?.why ?? '', /JSON/);
  }
  assert.deepEqual(readServeJson('\ufeff{}', 'serve.json').faults, []);
});

test('no text and no value makes the reader throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void readServeJson(text, 'f')));
  const keys = fc.constantFrom(
    'public',
    'cleanUrls',
    'rewrites',
    'redirects',
    'headers',
    'directoryListing',
    'unlisted',
    'source',
    'destination',
    'key',
    'value',
    'headers',
    'type',
  );
  const globs = fc.stringMatching(/^[!/.]{0,3}[a*:{},@(|)?[\]]{0,12}$/);
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      globs,
      fc.array(tie('value')),
      fc.dictionary(keys, tie('value')),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(keys, value), tree => void readServeJson(JSON.stringify(tree), 'f')),
    { numRuns: 2000 },
  );
});
