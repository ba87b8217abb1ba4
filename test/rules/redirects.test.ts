import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fields } from '../../src/http/fields.ts';
import type { Request } from '../../src/http/message.ts';
import { type PathTarget, parseTarget } from '../../src/http/target.ts';
import type { Dialect } from '../../src/rules/lines.ts';
import { readRedirects } from '../../src/rules/read-redirects.ts';
import { routerOf } from '../../src/rules/routing.ts';

function requestOf(raw: string, accept?: string): Request & { readonly target: PathTarget } {
  const target = parseTarget('GET', raw, { windows: false, secure: false });
  assert.ok(target.kind === 'path', raw);
  return {
    method: 'GET',
    target,
    authority: 'a',
    secure: false,
    fields: new Fields(accept === undefined ? [] : [['Accept', accept]]),
    client: { address: '127.0.0.1', port: 1 },
  };
}

/** What a file does with a request, in short: `301 /b`, `200! /b`; `-` when nothing. */
function route(text: string, dialect: Dialect, raw: string): string {
  const { rules, faults } = readRedirects(text, '_redirects', dialect);
  assert.deepEqual(faults, []);
  const request = requestOf(raw);
  const routed = routerOf(rules.routes, false)?.(request, request.target);
  if (routed === undefined) return '-';
  const mark = routed.isForced ? '!' : '';
  const { action } = routed;
  if (action.kind === 'refuse') return `${action.status}${mark}`;
  const to =
    action.kind === 'redirect'
      ? action.location
      : `/${action.target.segments.join('/')}${action.target.endsInSlash && action.target.segments.length > 0 ? '/' : ''}`;
  return `${action.status}${mark} ${to}`;
}

// Each row has the shape of an example in the public documentation of the host.
const rows: readonly (readonly [dialect: Dialect, text: string, raw: string, outcome: string])[] = [
  ['netlify', '/start /', '/start', '301 /'],
  ['netlify', '/weblog/entry.php /weblog/entry', '/weblog/entry.php', '301 /weblog/entry'],
  ['netlify', '/latest /weblog', '/latest', '301 /weblog'],
  ['netlify', '/search-engine https://search.example', '/search-engine', '301 https://search.example/'],
  ['netlify', '/start / 301', '/start', '301 /'],
  ['netlify', '/mine / 302', '/mine?a=b', '302 /?a=b'],
  ['netlify', '/through /index.html 200', '/through', '200 /index.html'],
  ['netlify', '/shop /shop-is-shut 404', '/shop', '404 /shop-is-shut'],
  ['netlify', '/gone /gone.html 410', '/gone', '410 /gone.html'],
  ['netlify', '/app/*  /app/index.html  200', '/app/a/b', '200 /app/index.html'],
  ['netlify', '/* /index.html 200', '/any/where?x', '200 /index.html'],
  ['netlify', '/* /index.html 200', '/', '200 /index.html'],
  ['netlify', '/made/* /other/:splat 200!', '/made/a', '200! /other/a'],
  ['netlify', '/latest/* /weblog/:splat', '/latest/2004/01/10/tale', '301 /weblog/2004/01/10/tale'],
  ['netlify', '/latest/* /weblog/:splat', '/latest', '301 /weblog/'],
  [
    'netlify',
    '/latest/:month/:day/:year/:name /weblog/:year/:month/:day/:name',
    '/latest/02/12/2004/tale',
    '301 /weblog/2004/02/12/tale',
  ],
  ['netlify', '/people/zo%C3%AB /people/about-zo%C3%AB', '/people/zo%C3%AB', '301 /people/about-zo%C3%AB'],
  ['netlify', '/people/zo%c3%ab /x', '/people/zo%C3%AB', '301 /x'],
  ['netlify', '/fr/* /fr/404.html 404\n/it/* /it/404.html 404', '/it/a', '404 /it/404.html'],
  ['netlify', '/titel /title\n/titel/ /never', '/titel/', '301 /title'],
  ['netlify', '/way/* a=:one b=:two /other/:one/:two/:splat 301', '/way/x/y?b=2&a=1', '301 /other/1/2/x/y'],
  ['netlify', '/way/* a=:one /one/:one\n/way/* /none/:splat', '/way/x?b=2', '301 /none/x?b=2'],
  ['netlify', '/goods id=:id /things/:id 301', '/goods?id=lamp', '301 /things/lamp'],
  ['netlify', '/goods id=:id /things/:id 301', '/goods', '-'],
  ['netlify', '/goods id=:id kind=:kind /things/:kind/:id', '/goods?kind=a%2Fb&id=7', '301 /things/a%2Fb/7'],
  ['netlify', '/goods kind=lamp /lamps', '/goods?kind=lamp&x=1', '301 /lamps'],
  ['netlify', '/goods kind=lamp /lamps', '/goods?kind=chair', '-'],
  ['netlify', '/goods flag /lamps', '/goods?flag', '301 /lamps'],
  ['netlify', '/a /b # why\n#/a /c\n\n  \t\n', '/a', '301 /b'],
  ['netlify', '\ufeff/a\t/b\r\n/c /d\r/e /f', '/c', '301 /d'],
  ['netlify', '/a /b\n/a /c', '/a', '301 /b'],
  ['netlify', '/a/* /x 200\n/a/b /y 301!', '/a/b', '200 /x'],
  ['netlify', '/a /b', '/a/', '301 /b'],
  ['netlify', '/a/ /b', '/a', '301 /b'],
  ['netlify', '/* /:splat/x 301', '/y', '301 /y/x'],
  ['netlify', '/* /welcome 302!', '/welcome', '-'],
  ['netlify', '/* /welcome 302!', '/welcome?x', '-'],
  ['cloudflare', '/start301 / 301', '/start301', '301! /'],
  ['cloudflare', '/plain /there', '/plain', '302! /there'],
  ['cloudflare', '/query /there?a=b', '/query?c=d', '302! /there?a=b'],
  ['cloudflare', '/part /page#below', '/part', '302! /page#below'],
  ['cloudflare', '/tw https://chat.example', '/tw', '302! https://chat.example/'],
  ['cloudflare', '/articles/ /articles', '/articles/', '302! /articles'],
  ['cloudflare', '/articles/ /articles', '/articles', '-'],
  ['cloudflare', '/articles /articles/ 308', '/articles', '308! /articles/'],
  ['cloudflare', '/weblog/* https://weblog.example/:splat', '/weblog/a/b', '302! https://weblog.example/a/b'],
  ['cloudflare', '/weblog/* https://weblog.example/:splat', '/weblog', '-'],
  ['cloudflare', '/film/:title /work/:title', '/film/up', '302! /work/up'],
  [
    'cloudflare',
    '/shop/:kind/:id /catalogue?kind=:kind&id=:id',
    '/shop/a%26b/7',
    '302! /catalogue?kind=a%26b&id=7',
  ],
  ['cloudflare', '/old/* /new/:splat 200', '/old/a', '200! /new/a'],
  ['cloudflare', '/query /?a=b 301', '/query', '301! /?a=b'],
  ['cloudflare', '/part/ /other/#below 301', '/part/', '301! /other/#below'],
  ['cloudflare', '/help/faq/* /help/faqs 200', '/help/faq/a', '200! /help/faqs'],
  ['cloudflare', '/n/:year/:month/:day/:name /w/:year/:month/:day/:name', '/n/1/2/3/x', '302! /w/1/2/3/x'],
  // A rewrite is not rewritten again.
  ['cloudflare', '/a /b 200\n/b /c 200', '/a', '200! /b'],
];

for (const [dialect, text, raw, outcome] of rows) {
  test(`${dialect}: ${JSON.stringify(text)} takes ${raw} to ${outcome}`, () => {
    assert.equal(route(text, dialect, raw), outcome);
  });
}

test('a rule for one host holds for that host, by whatever scheme, port and case it is asked for', () => {
  const text = [
    'http://www.example.com/* https://example.com/:splat 301!',
    'https://*.shop.example/x /y',
    'http://[::1]/* /six/:splat 200!',
    'https://loop.example/* https://loop.example/:splat/ 301!',
    '/x /z',
  ].join('\n');
  const { rules, faults } = readRedirects(text, '_redirects', 'netlify');
  assert.deepEqual(faults, []);
  const rows: readonly (readonly [
    authority: string | undefined,
    raw: string,
    location: string | undefined,
  ])[] = [
    ['www.example.com', '/a/b?c', 'https://example.com/a/b?c'],
    ['WWW.Example.COM.:8080', '/', 'https://example.com/'],
    ['example.com', '/x', '/z'],
    ['www.example.com.evil.example', '/x', '/z'],
    ['wwwxexample.com', '/x', '/z'],
    ['a.shop.example', '/x', '/y'],
    ['a.b.shop.example', '/x', '/y'],
    ['shop.example', '/x', '/z'],
    ['myshop.example', '/x', '/z'],
    ['[0:0::1]:80', '/x', '200'],
    [undefined, '/x', '/z'],
    ['', '/x', '/z'],
    ['loop.example', '/a', 'https://loop.example/a/'],
    ['loop.example', '/a/', undefined],
    ['loop.example:81', '/a/', 'https://loop.example/a/'],
  ];
  for (const [authority, raw, location] of rows) {
    const request = { ...requestOf(raw), authority };
    const action = routerOf(rules.routes, false)?.(request, request.target)?.action;
    const led = action?.kind === 'redirect' ? action.location : action && '200';
    assert.equal(led, location, `${authority}${raw}`);
  }
});

test('what cannot be kept is reported with its line, and the other rules hold', () => {
  const refusals: readonly (readonly [dialect: Dialect, line: string, why: RegExp])[] = [
    ['netlify', '/a', /wanted from, to/],
    ['netlify', '/a b', /wanted from, to/],
    ['netlify', 'a /b', /^found "a"; a pattern begins with a slash$/],
    ['netlify', '/ /north 302 Country=fi,se', /condition Country/],
    ['netlify', '/ /en 302 Language=en', /condition Language/],
    ['netlify', '/staff/* /staff/:splat 200! Role=chief', /condition Role/],
    ['netlify', '/staff/* 200! Role=chief', /wanted from, to/],
    ['netlify', '/fi/* /fi/sv/:splat 302 Country=fi Language=sv', /condition Country/],
    ['cloudflare', '/shop id=:id /things/:id 301', /condition id/],
    ['cloudflare', '/ /us 302 Country=us', /condition Country/],
    ['cloudflare', 'a.example/* b.example/x/:splat 301', /begins with a slash/],
    ['netlify', '/* /old/:splat 200 Cookie=old', /condition Cookie/],
    ['netlify', '/ /x Country=fi', /condition Country/],
    ['netlify', '/api/* https://api.example/:splat 200', /cannot be passed on/],
    ['netlify', 'http://a.example:81/* https://new.example/:splat 301!', /is no host; wanted a host such as/],
    ['netlify', 'https://:name.example/* /x', /is no host/],
    ['netlify', 'http://a.example/* https://A.example/:splat 301!', /the scheme only/],
    ['netlify', 'http://a.example https://a.example', /the scheme only/],
    ['netlify', 'http://a.example/x /x', /leads to where it begins/],
    ['netlify', '/a /b 500', /500 is no status/],
    ['netlify', '/a /b 301 !', /is no status/],
    ['netlify', '/a /b 30x', /is no status/],
    ['netlify', '/a /a', /leads to where it begins/],
    ['netlify', '/a /a/', /leads to where it begins/],
    ['netlify', '/a /:b', /nothing called :b/],
    ['netlify', '/:a/:a /b', /:a stands there twice/],
    ['netlify', '/a ///evil.example', /no host/],
    ['cloudflare', '/a /b 301!', /301! is no status/],
    ['cloudflare', '/a x=:y /b', /condition x/],
    ['cloudflare', '/a https://b.example 200', /cannot be passed on/],
    ['cloudflare', 'https://a.example/x /b', /for every host/],
  ];
  for (const [dialect, line, why] of refusals) {
    const { rules, faults } = readRedirects(`/before /x\n\n${line}\n/after /y\n`, '_redirects', dialect);
    assert.equal(rules.routes.length, 2, line);
    assert.equal(faults.length, 1, line);
    assert.deepEqual(faults[0]?.source, { file: '_redirects', line: 3 });
    assert.match(faults[0]?.why ?? '', why, line);
  }
});

test('among thousands of rules the first in the file decides, wherever its first segment is kept', () => {
  const many = Array.from({ length: 5000 }, (_, index) => `/p${index}/* /q${index}/:splat`);
  const text = ['/p7/x /first', ...many, '/* /last 200', '/p9/x /never'].join('\n');
  assert.equal(route(text, 'netlify', '/p7/x'), '301 /first');
  assert.equal(route(text, 'netlify', '/p9/x'), '301 /q9/x');
  assert.equal(route(text, 'netlify', '/other'), '200 /last');
});

test('no text makes the reader throw, and what it reads can be followed', () => {
  const words = fc.constantFrom(
    '/a',
    '/*',
    '/:x',
    '/b/:x/*',
    ':splat',
    '301',
    '200!',
    '404',
    'x=:y',
    'Country=a',
    '#',
    'https://a.example/:splat',
    '//',
    '%',
    '%2e',
    '\n',
    '{a,b}',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words).map(list => list.join(' ')),
  );
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom<Dialect>('netlify', 'cloudflare'),
      fc.webPath(),
      (text, dialect, raw) => {
        const { rules } = readRedirects(text, 'f', dialect);
        const target = parseTarget('GET', `/${raw}`, { windows: false, secure: false });
        if (target.kind !== 'path') return;
        const routed = routerOf(rules.routes, true)?.(requestOf('/'), target);
        if (routed?.action.kind === 'redirect') assert.match(routed.action.location, /^[\x21-\x7e]+$/);
      },
    ),
    { numRuns: 1000 },
  );
});
