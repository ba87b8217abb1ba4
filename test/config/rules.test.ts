import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { readSiteRules } from '../../src/config/rules.ts';
import { schemaOfShape } from '../../src/config/shape.ts';
import { type SiteRules, siteRulesShape } from '../../src/config/site-rules.ts';
import type { HostNames } from '../../src/http/host-names.ts';
import type { Pattern } from '../../src/rules/pattern.ts';
import { formatSource, type RuleSet } from '../../src/rules/rules.ts';

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schemaOfShape(siteRulesShape));
const inFile = (): { readonly file: string } => ({ file: 'plinth.config.ts' });

function rulesOf(rules: SiteRules): RuleSet {
  assert.ok(validate(rules), JSON.stringify([rules, validate.errors]));
  const read = readSiteRules(rules, inFile);
  assert.deepEqual(read.faults, [], JSON.stringify(rules));
  return read.rules;
}

/** Everything that a set holds, with patterns and targets as they were written and places as they are told. */
function told(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== 'object' || value === null) return value;
  if ('kind' in value && (value.kind === 'pattern' || value.kind === 'template'))
    return (value as Pattern).text;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'source' ? formatSource(one) : told(one)]),
  );
}

const place = (key: string): string => `plinth.config.ts: rules.${key}`;
const route = { query: [], isForNavigation: false };

test('routes go redirects, refusals, rewrites, then the page of the application', () => {
  const { routes } = rulesOf({
    spa: '/app.html',
    rewrites: [{ from: '/api/*', to: '/stub.json' }],
    refusals: [{ from: '/gone/**', status: 410 }],
    redirects: [
      { from: '/blog/:id', to: 'https://blog.example/:id', status: 308 },
      { from: '/old', to: '/new/:n', query: { id: ':n', mode: 'full' }, force: false },
    ],
  });
  assert.deepEqual(told(routes), [
    {
      ...route,
      source: place('redirects[0]'),
      from: '/blog/:id',
      isForced: true,
      action: { kind: 'redirect', status: 308, to: 'https://blog.example/:id' },
    },
    {
      ...route,
      source: place('redirects[1]'),
      from: '/old',
      isForced: false,
      query: [
        { name: 'id', value: { kind: 'name', name: 'n' } },
        { name: 'mode', value: { kind: 'literal', text: 'full' } },
      ],
      action: { kind: 'redirect', status: 301, to: '/new/:n' },
    },
    {
      ...route,
      source: place('refusals[0]'),
      from: '/gone/**',
      isForced: true,
      action: { kind: 'refuse', status: 410 },
    },
    {
      ...route,
      source: place('rewrites[0]'),
      from: '/api/*',
      isForced: false,
      action: { kind: 'rewrite', status: 200, to: '/stub.json' },
    },
    {
      source: place('spa'),
      from: '/**',
      query: [],
      isForNavigation: true,
      isForced: false,
      action: { kind: 'rewrite', status: 200, to: '/app.html' },
    },
  ]);
});

test('fields are set, appended and removed, and the cache rule is one of them', () => {
  const { fields } = rulesOf({
    fields: [
      {
        from: '/:lang/**',
        set: { 'Content-Language': ':lang' },
        append: { Link: '</a>' },
        remove: ['X-Old'],
      },
    ],
    cache: [{ from: '/assets/**', value: 'public, max-age=60' }],
  });
  const literal = (text: string): unknown => [{ kind: 'literal', text }];
  assert.deepEqual(told(fields), [
    {
      source: place('fields[0]'),
      from: '/:lang/**',
      changes: [
        { kind: 'set', name: 'Content-Language', value: [{ kind: 'name', name: 'lang' }] },
        { kind: 'append', name: 'Link', value: literal('</a>') },
        { kind: 'remove', name: 'X-Old' },
      ],
    },
    {
      source: place('cache[0]'),
      from: '/assets/**',
      changes: [{ kind: 'set', name: 'Cache-Control', value: literal('public, max-age=60') }],
    },
  ]);
});

test('what holds for the whole site has a short form, what holds for some paths a list', () => {
  const short = rulesOf({
    errorPages: { 404: '/lost/page.html' },
    cleanUrls: 'redirect',
    trailingSlash: 'remove',
  });
  assert.deepEqual(told([short.errorPages, short.cleanUrls, short.finalSlash]), [
    [{ source: place('errorPages.404'), from: '/**', status: 404, page: ['lost', 'page.html'] }],
    [{ source: place('cleanUrls'), from: '/**', treatment: 'redirect' }],
    [{ source: place('trailingSlash'), from: '/**', treatment: 'remove' }],
  ]);
  const long = rulesOf({
    errorPages: [{ from: '/docs/**', status: 410, page: '/a%20b.html' }],
    cleanUrls: [{ from: '/a/*', treatment: 'off' }],
    trailingSlash: [{ from: '/b/*', treatment: 'add' }],
    listing: [{ from: '/c', on: false }],
    secure: [{ from: '/e', on: true }],
    unlisted: ['*.map'],
    spa: [{ from: '/d/**', page: '/d/index.html' }],
  });
  const { errorPages, cleanUrls, finalSlash, listing, secure, unlisted } = long;
  assert.deepEqual(told([errorPages, cleanUrls, finalSlash, listing, secure, unlisted]), [
    [{ source: place('errorPages[0]'), from: '/docs/**', status: 410, page: ['a b.html'] }],
    [{ source: place('cleanUrls[0]'), from: '/a/*', treatment: 'off' }],
    [{ source: place('trailingSlash[0]'), from: '/b/*', treatment: 'add' }],
    [{ source: place('listing[0]'), isOn: false, from: '/c' }],
    [{ source: place('secure[0]'), isOn: true, from: '/e' }],
    [{ source: place('unlisted[0]'), isOn: true, from: '/*.map' }],
  ]);
  assert.deepEqual(long.routes[0]?.source, { ...inFile(), key: 'rules.spa[0]' });
});

test('origins are read as those of the whole site are, and none at all are named too', () => {
  const { cors } = rulesOf({
    cors: [
      { from: '/a/**', origins: 'https://A.example/,null' },
      { from: '/b', origins: ['https://b.example'], credentials: true, requestFields: ['X-A'] },
      { from: '/c', origins: [] },
    ],
  });
  const none = { credentials: false, requestFields: [] };
  assert.deepEqual(told(cors), [
    { source: place('cors[0]'), from: '/a/**', ...none, origins: ['https://a.example', 'null'] },
    {
      source: place('cors[1]'),
      from: '/b',
      origins: ['https://b.example'],
      credentials: true,
      requestFields: ['X-A'],
    },
    { source: place('cors[2]'), from: '/c', ...none, origins: [] },
  ]);
});

test('ranges of addresses are read as those of the whole site are', () => {
  const { access } = rulesOf({ access: [{ from: '/a/**', allow: '10.0.0.0/8,::1', deny: ['10.1.0.0/16'] }] });
  const lists = { allow: ['10.0.0.0/8', '::1'], deny: ['10.1.0.0/16'] };
  assert.deepEqual(told(access), [{ source: place('access[0]'), from: '/a/**', ...lists }]);
});

test('a rule may be for some hosts', () => {
  const { routes, fields, cors, secure, access } = rulesOf({
    redirects: [{ from: '/**', host: 'www.A.example', to: 'https://a.example/:splat' }],
    rewrites: [{ from: '/x', host: ['*.b.example', '[::1]'], to: '/y' }],
    refusals: [{ from: '/z', host: [] }],
    fields: [{ from: '/**', host: 'c.example', set: { A: 'b' } }],
    cors: [{ from: '/**', host: 'd.example', origins: '*' }],
    secure: [{ from: '/**', host: 'e.example', on: true }],
    access: [{ from: '/**', host: 'f.example', deny: 'unix' }],
  });
  const named = ({ hosts }: { readonly hosts?: HostNames | undefined }): unknown =>
    hosts && [...hosts.names, ...hosts.suffixes];
  assert.deepEqual(routes.map(named), [['www.a.example'], undefined, ['::1', '.b.example']]);
  const others = [fields, cors, secure, access].map(list => list.map(named));
  assert.deepEqual(others, [[['c.example']], [['d.example']], [['e.example']], [['f.example']]]);
});

test('what has not its shape is told with its place, for the schema too', () => {
  const pattern = 'wanted a pattern such as /blog/**';
  const pageStatuses = '400, 403, 404, 405, 406, 410, 412, 416, 421, 429, 451, 501';
  const rows: readonly (readonly [unknown, string])[] = [
    [[], 'rules: found an array, wanted an object'],
    [null, 'rules: found null, wanted an object'],
    [{ redirect: [] }, 'rules.redirect: no key is called so here; did you mean redirects?'],
    [{ redirects: {} }, 'rules.redirects: found an object, wanted an array'],
    [{ redirects: ['/a /b'] }, 'rules.redirects[0]: found "/a /b", wanted an object with from, to'],
    [{ redirects: [{ from: '/a' }] }, 'rules.redirects[0]: found no to, wanted from, to'],
    [{ redirects: [{ from: 5, to: '/' }] }, `rules.redirects[0].from: found 5, ${pattern}`],
    [{ redirects: [{ from: '', to: '/' }] }, `rules.redirects[0].from: found "", ${pattern}`],
    [
      { redirects: [{ from: '/a', to: '/', status: 200 }] },
      'rules.redirects[0].status: found 200, wanted 301, 302, 303, 307 or 308',
    ],
    [
      { redirects: [{ from: '/a', to: '/', forced: true }] },
      'rules.redirects[0].forced: no key is called so here; did you mean force?',
    ],
    [
      { rewrites: [{ from: '/a', to: '/', force: 1 }] },
      'rules.rewrites[0].force: found 1, wanted true or false',
    ],
    [
      { fields: [{ from: '/a', set: [] }] },
      'rules.fields[0].set: found an array, wanted an object with names of fields',
    ],
    [{ fields: [{ from: '/a', set: { A: 1 } }] }, 'rules.fields[0].set.A: found 1, wanted a value'],
    // No site is asked for a page where a head is too large, the server is busy, or a guard lets nobody pass.
    ...[200, 401, 408, 413, 414, 417, 431, 500, 503, 505].flatMap(
      (status): readonly (readonly [unknown, string])[] => [
        [
          { errorPages: { [status]: '/a.html' } },
          `rules.errorPages: found the key "${status}", wanted statuses that have pages (${pageStatuses})`,
        ],
        [
          { errorPages: [{ from: '/a', status, page: '/a.html' }] },
          `rules.errorPages[0].status: found ${status}, wanted ${pageStatuses.replace(', 501', ' or 501')}`,
        ],
      ],
    ),
    [
      { errorPages: 'x' },
      `rules.errorPages: found "x", wanted an object with statuses that have pages (${pageStatuses}), or an array`,
    ],
    [
      { cleanUrls: 'redirekt' },
      'rules.cleanUrls: found "redirekt", wanted off, serve or redirect, or an array',
    ],
    [{ cleanUrls: true }, 'rules.cleanUrls: found true, wanted off, serve or redirect, or an array'],
    [{ spa: false }, 'rules.spa: found false, wanted a path of this site, or an array'],
    [{ cors: [{ from: '/a' }] }, 'rules.cors[0]: found no origins, wanted from, origins'],
    [
      { cors: [{ from: '/a', origin: '*', origins: '*' }] },
      'rules.cors[0].origin: no key is called so here; did you mean origins?',
    ],
    [{ secure: [{ from: '/a', on: 'yes' }] }, 'rules.secure[0].on: found "yes", wanted true or false'],
    [{ secure: true }, 'rules.secure: found true, wanted an array'],
    [
      { access: [{ from: '/a', alow: '::1' }] },
      'rules.access[0].alow: no key is called so here; did you mean allow?',
    ],
    [{ unlisted: ['a', 5] }, 'rules.unlisted[1]: found 5, wanted a name such as *.map'],
  ];
  for (const [rules, message] of rows) {
    assert.ok(!validate(rules), `schema: ${JSON.stringify(rules)}`);
    const { faults } = readSiteRules(rules, inFile);
    assert.deepEqual(
      faults.map(({ source, why }) => `${formatSource(source)}: ${why}`),
      [`plinth.config.ts: ${message}`],
    );
  }
});

test('what is no pattern, no target or no field is a fault, and the other rules hold', () => {
  const rows: readonly (readonly [SiteRules, string])[] = [
    [
      { redirects: [{ from: 'a', to: '/b' }] },
      'rules.redirects[0].from: found "a"; a pattern begins with a slash',
    ],
    [
      { redirects: [{ from: '/a', to: '/:b' }] },
      'rules.redirects[0].to: found "/:b"; the pattern has nothing called :b (a colon is written %3A)',
    ],
    [
      { redirects: [{ from: '/a', host: ['a.example', 'b.example:80'], to: '/b' }] },
      'rules.redirects[0].host: found "b.example:80", wanted a host such as example.com, *.example.com or 192.0.2.1, without a port',
    ],
    [
      { fields: [{ from: '/a', host: 'https://a.example', remove: ['X'] }] },
      'rules.fields[0].host: found "https://a.example", wanted a host such as example.com, *.example.com or 192.0.2.1, without a port',
    ],
    [
      { rewrites: [{ from: '/a', to: 'https://b.example/' }] },
      'rules.rewrites[0].to: an answer of https://b.example cannot be passed on; wanted a path of this site',
    ],
    [{ fields: [{ from: '/a', set: { 'a b': 'c' } }] }, 'rules.fields[0].set: "a b" is no name of a field'],
    [
      { fields: [{ from: '/a', set: { A: 'b\r\nC: d' } }] },
      'rules.fields[0].set: the value of A has a control character',
    ],
    [
      { errorPages: { 404: 'lost.html' } },
      'rules.errorPages.404: found "lost.html", wanted a file of this site, by a path that begins with a slash',
    ],
    [
      { errorPages: { 404: '/../lost.html' } },
      'rules.errorPages.404: found "/../lost.html", wanted a file of this site, by a path that begins with a slash',
    ],
    [
      { cors: [{ from: '/a', origins: '*', credentials: true }] },
      'rules.cors[0]: found "*", wanted named origins, as credentials are not for every page',
    ],
    [
      { cors: [{ from: '/a', origins: 'null', credentials: true }] },
      'rules.cors[0]: found "null", wanted named origins, as credentials are not for every page',
    ],
    [
      { cors: [{ from: '/a', origins: ['a.example'] }] },
      'rules.cors[0]: found "a.example", wanted * or an origin such as https://app.example:8443',
    ],
    [
      { cors: [{ from: '/a', origins: '*', requestFields: ['a b'] }] },
      'rules.cors[0]: requestFields: found "a b", wanted a field name',
    ],
    [{ secure: [{ from: 'a', on: true }] }, 'rules.secure[0].from: found "a"; a pattern begins with a slash'],
    [{ access: [{ from: '/a' }] }, 'rules.access[0]: wanted allow, deny or both'],
    [
      { fields: [{ from: '/a', set: {}, remove: [] }] },
      'rules.fields[0]: wanted set, append, remove or several of them',
    ],
    [
      { access: [{ from: '/a', allow: ['::1', '10.0.0.0/33'] }] },
      'rules.access[0].allow: found "10.0.0.0/33", wanted an address, a range such as 10.0.0.0/8 or 2001:db8::/32, or unix',
    ],
    [
      { access: [{ from: '/a', deny: [] }] },
      'rules.access[0].deny: found an array, wanted an address, a range such as 10.0.0.0/8 or 2001:db8::/32, or unix',
    ],
    [{ unlisted: ['a/b'] }, 'rules.unlisted[0]: found "a/b", wanted a name, which has no slash'],
  ];
  const good: SiteRules = { refusals: [{ from: '/x' }] };
  for (const [rules, message] of rows) {
    const read = readSiteRules({ ...good, ...rules }, inFile);
    assert.deepEqual(
      read.faults.map(({ source, why }) => `${formatSource(source)}: ${why}`),
      [`plinth.config.ts: ${message}`],
    );
    assert.equal(read.rules.routes.length, 1, message);
  }
});
