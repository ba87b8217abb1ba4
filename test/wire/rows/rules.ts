// Sites with rules, and what their requests are answered.
import type { FieldLine } from '../../../src/http/message.ts';
import type { ServerOptions } from '../../../src/index.ts';
import { errorPolicy, listingPolicy } from '../../../src/page/style.ts';
import { browser, json } from './row.ts';

/** A site by its files, and the options of its server. */
export interface RuleSite {
  readonly files: Readonly<Record<string, string>>;
  readonly options?: ServerOptions;
}

/** One request to one of the sites, and its answer. */
export interface RuleRow {
  readonly site: keyof typeof ruleSites;
  readonly name: string;
  /** The target of a GET. */
  readonly ask: string;
  readonly fields?: readonly FieldLine[];
  readonly status: number;
  readonly has?: Readonly<Record<string, string | RegExp | undefined>>;
  readonly content?: string;
}

const files = {
  'index.html': 'home',
  'about.html': 'about',
  'file.txt': 'file',
  'docs/index.html': 'docs index',
  'docs/page.html': 'docs page',
  'list/a.txt': 'a',
  'team.html': 'team page',
  'team/x.txt': 'x',
  'assets/index-BxK3a9Qz.js': 'built',
  'assets/holiday-Summer24.jpg': 'not built',
  'gone.html': 'it is gone',
  '404.html': 'nothing here',
};

const redirects = `
/old /about 301
/moved/* /docs/:splat 302
/file.txt /about
/file.txt-forced /about 301!
/about /docs 301!
/through /file.txt 200
/folder /docs 200
/listed /list/ 200
/was /gone.html 410
/shut/* /nowhere 404
/away https://example.org/x 307
/store id=:id /item/:id 301
/list/* /file.txt 200
/assets/gone-BxK3a9Qz.js /file.txt 200
/loop/* /loop/:splat 301!

`;

/** The sites. */
export const ruleSites = {
  hosts: {
    files: {
      'file.txt': 'file',
      _redirects:
        'https://www.example.com/* https://example.com/:splat 301!\nhttp://*.test/file.txt /other 302!',
      _headers: 'https://example.com/*\n  X-Host: own',
    },
  },
  elsewhere: {
    files: { 'file.txt': 'file', _redirects: '/* https://example.org/:splat 301!' },
  },
  elsewherePort: {
    files: { 'file.txt': 'file', _redirects: '/* http://127.0.0.1:8080/:splat 301!' },
  },
  netlify: {
    files: {
      ...files,
      _redirects: redirects,
      _headers:
        '/docs/*\n  X-Docs: 1\n  Cache-Control: max-age=5\n/*\n  X-All: 1\n  X-Frame-Options: DENY\n/docs/page\n  ! X-All\n',
    },
  },
  cloudflare: {
    files: {
      ...files,
      _redirects: '/file.txt /about\n/docs/ /docs\n/movies/:title /m/:title 200\n',
      _headers: '/file*\n  X-File: :splat\n',
    },
    options: { dialect: 'cloudflare' },
  },
  serve: {
    files: {
      ...files,
      'single/only.txt': 'the only one',
      'serve.json': JSON.stringify({
        cleanUrls: true,
        rewrites: [{ source: 'app/**', destination: '/index.html' }],
        redirects: [{ source: '/file.txt', destination: '/about', type: 302 }],
        headers: [{ source: '**/*.@(js|css)', headers: [{ key: 'X-Built', value: 'yes' }] }],
        directoryListing: ['/list', '/single'],
        unlisted: ['*.txt'],
        renderSingle: true,
        etag: false,
      }),
    },
  },
  slashes: {
    files: { ...files, 'serve.json': JSON.stringify({ trailingSlash: true, cleanUrls: true }) },
  },
  slashless: {
    files: { ...files, 'serve.json': JSON.stringify({ trailingSlash: false }) },
  },
  below: {
    files: {
      'serve.json': JSON.stringify({ public: 'dist' }),
      _redirects: '/old /new.txt',
      'dist/new.txt': 'new',
      'dist/_headers': 'not served',
      'above.txt': 'not served',
    },
  },
  application: { files, options: { spa: 'about.html' } },
  policies: {
    files: {
      ...files,
      _headers: "/*\n  Content-Security-Policy: default-src 'self'\n  X-All: 1\n",
    },
  },
  described: {
    files: {
      ...files,
      _headers:
        '/*\n  Cache-Control: public, max-age=31536000\n  Content-Type: text/html\n  Content-Disposition: inline\n  X-All: 1\n',
    },
  },
  unpolicied: { files: { 'a/x.txt': 'x', _headers: '/*\n  ! Content-Security-Policy\n' } },
  shared: {
    files: {
      ...files,
      _headers:
        '/docs/*\n  Access-Control-Allow-Origin: https://docs.example\n/file.txt\n  access-control-allow-origin: *\n',
    },
    options: { cors: 'https://app.example' },
  },
  strict: {
    files: { ...files, _redirects: '/* /about.html 200\n' },
    options: { cleanUrls: false, listing: false },
  },
} as const satisfies Readonly<Record<string, RuleSite>>;

const cached = 'public, max-age=31536000, immutable';

/** All rows. */
export const ruleRows: readonly RuleRow[] = [
  ...[1, 2].flatMap(round => hostRows(round)),
  {
    site: 'policies',
    name: 'a rule makes the policy of the pages of the site',
    ask: '/about',
    status: 200,
    has: { 'Content-Security-Policy': "default-src 'self'", 'X-All': '1' },
  },
  {
    site: 'policies',
    name: 'the policy of a listing is its own, whatever a rule says',
    ask: '/list/',
    fields: [browser],
    status: 200,
    has: { 'Content-Security-Policy': listingPolicy, 'X-All': '1' },
  },
  {
    site: 'policies',
    name: 'what is no page of ours gets the policy of a rule',
    ask: '/list/',
    fields: [json],
    status: 200,
    has: { 'Content-Security-Policy': "default-src 'self'" },
  },
  ...(
    [
      ['/list/', browser, 'text/html; charset=utf-8'],
      ['/list/', json, 'application/json'],
      ['/list/', ['Accept', 'text/plain'], 'text/plain; charset=utf-8'],
      ['/list/?download=zip', browser, 'application/zip'],
      ['/missing', json, 'application/json'],
    ] as const
  ).map(
    ([ask, accept, type]): RuleRow => ({
      site: 'described',
      name: `what is said of files is not said of what the server makes: ${accept[1]}`,
      ask,
      fields: [accept],
      status: ask === '/missing' ? 404 : 200,
      has: {
        'Content-Type': type,
        'Cache-Control': 'no-cache',
        'Content-Disposition': type === 'application/zip' ? /^attachment/ : undefined,
        'X-All': '1',
      },
    }),
  ),
  {
    site: 'described',
    name: 'nor of a listing that is asked for on condition',
    ask: '/list/',
    fields: [['If-None-Match', '*']],
    status: 304,
    has: { 'Cache-Control': 'no-cache', 'X-All': '1' },
  },
  {
    site: 'described',
    name: 'but of a file',
    ask: '/file.txt',
    status: 200,
    has: {
      'Content-Type': 'text/html',
      'Cache-Control': 'public, max-age=31536000',
      'Content-Disposition': 'inline',
    },
  },
  {
    site: 'unpolicied',
    name: 'the policy of an error page is its own, whatever a rule says',
    ask: '/missing',
    fields: [browser],
    status: 404,
    has: { 'Content-Security-Policy': errorPolicy },
  },
  {
    site: 'unpolicied',
    name: 'a rule takes no policy from a listing',
    ask: '/a/',
    fields: [browser],
    status: 200,
    has: { 'Content-Security-Policy': listingPolicy },
  },
  ...[
    ['/docs/page.html', 'https://app.example', 'https://docs.example'],
    ['/docs/page.html', 'https://docs.example', 'https://docs.example'],
    ['/file.txt', 'https://app.example', '*'],
    ['/about', 'https://app.example', 'https://app.example'],
    ['/about', 'https://docs.example', undefined],
  ].map(
    ([ask = '', origin = '', allowed]): RuleRow => ({
      site: 'shared',
      name: `one line says that ${allowed ?? 'nobody'} may read, to ${origin}`,
      ask,
      fields: [['Origin', origin]],
      status: 200,
      has: { 'Access-Control-Allow-Origin': allowed, Vary: /Origin/ },
    }),
  ),
  {
    site: 'netlify',
    name: 'a redirect where nothing stands',
    ask: '/old?a=b',
    status: 301,
    has: { Location: '/about?a=b', 'Cache-Control': 'no-cache' },
    content: '',
  },
  {
    site: 'netlify',
    name: 'fields are changed on redirects too',
    ask: '/old',
    status: 301,
    has: { 'X-All': '1' },
  },
  { site: 'netlify', name: 'a splat', ask: '/moved/page', status: 302, has: { Location: '/docs/page' } },
  { site: 'netlify', name: 'a file wins', ask: '/file.txt', status: 200, content: 'file' },
  {
    site: 'netlify',
    name: 'unless the rule is forced',
    ask: '/about',
    status: 301,
    has: { Location: '/docs' },
  },
  { site: 'netlify', name: 'a rule is for one path', ask: '/about.html', status: 200, content: 'about' },
  {
    site: 'netlify',
    name: 'a rewrite',
    ask: '/through',
    status: 200,
    has: { 'Content-Type': /^text\/plain/, ETag: /^"/ },
    content: 'file',
  },
  {
    site: 'netlify',
    name: 'a range of what is rewritten',
    ask: '/through',
    fields: [['Range', 'bytes=1-2']],
    status: 206,
    content: 'il',
  },
  {
    site: 'netlify',
    name: 'a rewrite to a folder is its index',
    ask: '/folder',
    status: 200,
    content: 'docs index',
  },
  {
    site: 'netlify',
    name: 'a page with another status',
    ask: '/was',
    status: 410,
    has: { ETag: undefined },
    content: 'it is gone',
  },
  {
    site: 'netlify',
    name: 'a status whose page is not there',
    ask: '/shut/x',
    fields: [browser],
    status: 404,
    content: 'nothing here',
  },
  {
    site: 'netlify',
    name: 'to another host',
    ask: '/away?a',
    status: 307,
    has: { Location: 'https://example.org/x?a' },
  },
  {
    site: 'netlify',
    name: 'a parameter',
    ask: '/store?id=a%2Fb',
    status: 301,
    has: { Location: '/item/a%2Fb' },
  },
  { site: 'netlify', name: 'without the parameter', ask: '/store', status: 404 },
  { site: 'netlify', name: 'a rule goes before a listing', ask: '/list/', status: 200, content: 'file' },
  { site: 'netlify', name: 'a rule that leads in a circle does nothing', ask: '/loop/x', status: 404 },
  {
    site: 'netlify',
    name: 'runs of slashes are led to one before any rule',
    ask: '//old',
    status: 308,
    has: { Location: '/old' },
  },
  {
    site: 'netlify',
    name: 'fields by path',
    ask: '/docs/',
    status: 200,
    has: { 'X-Docs': '1', 'X-All': '1', 'Cache-Control': 'max-age=5' },
  },
  {
    site: 'netlify',
    name: 'fields on a 304',
    ask: '/docs/',
    fields: [['If-None-Match', '*']],
    status: 304,
    has: { 'Cache-Control': 'max-age=5' },
  },
  {
    site: 'netlify',
    name: 'a field that is removed',
    ask: '/docs/page',
    status: 200,
    has: { 'X-All': undefined, 'X-Docs': '1' },
  },
  {
    site: 'netlify',
    name: 'errors have the fields that are not about files',
    ask: '/docs/none',
    fields: [browser],
    status: 404,
    has: { 'X-Frame-Options': 'DENY', 'Cache-Control': 'no-cache' },
    content: 'nothing here',
  },
  {
    site: 'netlify',
    name: 'a name made of the content is kept for ever',
    ask: '/assets/index-BxK3a9Qz.js',
    status: 200,
    has: { 'Cache-Control': cached },
  },
  {
    site: 'netlify',
    name: 'and its 304 says so too',
    ask: '/assets/index-BxK3a9Qz.js',
    fields: [['If-None-Match', '*']],
    status: 304,
    has: { 'Cache-Control': cached },
  },
  {
    site: 'netlify',
    name: 'a word and a year are no hash',
    ask: '/assets/holiday-Summer24.jpg',
    status: 200,
    has: { 'Cache-Control': 'no-cache' },
  },
  {
    site: 'netlify',
    name: 'what a rule puts in the stead of such a file is not',
    ask: '/assets/gone-BxK3a9Qz.js',
    status: 200,
    has: { 'Cache-Control': 'no-cache' },
    content: 'file',
  },
  {
    site: 'netlify',
    name: 'nor an error',
    ask: '/assets/none-BxK3a9Qz.js',
    status: 404,
    has: { 'Cache-Control': 'no-cache' },
  },

  {
    site: 'cloudflare',
    name: 'the rule wins over the file, with 302',
    ask: '/file.txt',
    status: 302,
    has: { Location: '/about', 'X-File': '.txt' },
  },
  {
    site: 'cloudflare',
    name: 'a final slash counts',
    ask: '/docs/',
    status: 302,
    has: { Location: '/docs' },
  },

  { site: 'serve', name: 'a rewrite where nothing stands', ask: '/app/x/y', status: 200, content: 'home' },
  {
    site: 'serve',
    name: 'a redirect goes before a file',
    ask: '/file.txt',
    status: 302,
    has: { Location: '/about' },
  },
  {
    site: 'serve',
    name: 'a page is at home at its clean URL',
    ask: '/about.html?a=b',
    status: 308,
    has: { Location: '/about?a=b' },
  },
  { site: 'serve', name: 'and serves there', ask: '/about', status: 200, content: 'about' },
  {
    site: 'serve',
    name: 'an index page at its folder',
    ask: '/docs/index.html',
    status: 308,
    has: { Location: '/docs/' },
  },
  {
    site: 'serve',
    name: 'the front page at the root',
    ask: '/index.html',
    status: 308,
    has: { Location: '/' },
  },
  { site: 'serve', name: 'but not a page whose clean URL is missing', ask: '/none.html', status: 404 },
  {
    site: 'serve',
    name: 'a listing where it is switched on, without what is left out',
    ask: '/list/',
    fields: [json],
    status: 200,
    content: '{\n  "path": "/list/",\n  "entries": []\n}\n',
  },
  { site: 'serve', name: 'and none elsewhere', ask: '/team/', status: 404 },
  {
    site: 'serve',
    name: 'no entity tag',
    ask: '/about',
    status: 200,
    has: { ETag: undefined, 'Last-Modified': /GMT/ },
  },
  {
    site: 'serve',
    name: 'a field by the glob of the documentation',
    ask: '/assets/index-BxK3a9Qz.js',
    status: 200,
    has: { 'X-Built': 'yes' },
  },

  {
    site: 'slashes',
    name: 'a page gets its slash',
    ask: '/about?x',
    status: 308,
    has: { Location: '/about/?x' },
  },
  { site: 'slashes', name: 'and serves with it', ask: '/about/', status: 200, content: 'about' },
  {
    site: 'slashes',
    name: 'its file leads there at once',
    ask: '/about.html',
    status: 308,
    has: { Location: '/about/' },
  },
  { site: 'slashes', name: 'other files stay', ask: '/file.txt', status: 200 },
  { site: 'slashes', name: 'a page beside a folder', ask: '/team', status: 308, has: { Location: '/team/' } },
  { site: 'slashes', name: 'is shown in its stead', ask: '/team/', status: 200, content: 'team page' },

  {
    site: 'slashless',
    name: 'a page loses its slash',
    ask: '/about/?x',
    status: 308,
    has: { Location: '/about?x' },
  },
  {
    site: 'slashless',
    name: 'a folder with an index page too',
    ask: '/docs/',
    status: 308,
    has: { Location: '/docs' },
  },
  { site: 'slashless', name: 'and serves without', ask: '/docs', status: 200, content: 'docs index' },
  { site: 'slashless', name: 'the root has its slash', ask: '/', status: 200, content: 'home' },
  { site: 'slashless', name: 'a listing keeps it', ask: '/list', status: 308, has: { Location: '/list/' } },
  { site: 'slashless', name: 'and serves with it', ask: '/list/', fields: [json], status: 200 },

  { site: 'below', name: 'a folder in the stead of the root', ask: '/new.txt', status: 200, content: 'new' },
  {
    site: 'below',
    name: 'whose rules stand above it',
    ask: '/old',
    status: 301,
    has: { Location: '/new.txt' },
  },
  { site: 'below', name: 'and nothing else there is served', ask: '/above.txt', status: 404 },
  { site: 'below', name: 'nor by way of it', ask: '/dist/new.txt', status: 404 },
  { site: 'below', name: 'nor what looks like rules', ask: '/_headers', status: 404 },

  {
    site: 'application',
    name: 'another page',
    ask: '/deep/link',
    fields: [browser],
    status: 200,
    content: 'about',
  },
  {
    site: 'application',
    name: 'a file wins',
    ask: '/file.txt',
    fields: [browser],
    status: 200,
    content: 'file',
  },
  {
    site: 'application',
    name: 'a missing asset is missing',
    ask: '/deep/x.js',
    fields: [browser],
    status: 404,
  },

  {
    site: 'strict',
    name: 'a rewrite to a page without clean URLs',
    ask: '/x/y',
    status: 200,
    content: 'about',
  },
  {
    site: 'strict',
    name: 'where files are themselves',
    ask: '/docs/page.html',
    status: 200,
    content: 'docs page',
  },
  { site: 'strict', name: 'and nothing else is', ask: '/docs/page', status: 200, content: 'about' },
];

/** The same target under several hosts, again and again: no answer is that of another host. */
function hostRows(round: number): readonly RuleRow[] {
  const there = 'https://example.org/file.txt';
  const rows: readonly (readonly [
    site: RuleRow['site'],
    host: string,
    status: number,
    location?: string | undefined,
    own?: string,
  ])[] = [
    ['hosts', 'www.example.com', 301, 'https://example.com/file.txt'],
    ['hosts', 'example.com', 200, undefined, 'own'],
    ['hosts', 'EXAMPLE.com.:80', 200, undefined, 'own'],
    ['hosts', 'a.test', 302, '/other'],
    ['hosts', 'test', 200],
    ['hosts', 'h', 200],
    ['elsewhere', 'h', 301, there],
    ['elsewhere', 'example.org', 200],
    ['elsewhere', 'EXAMPLE.org.:443', 200],
    ['elsewhere', 'www.example.org', 301, there],
    ['elsewhere', 'example.org:8080', 301, there],
    ['elsewherePort', '127.0.0.1', 301, 'http://127.0.0.1:8080/file.txt'],
    ['elsewherePort', '127.0.0.1:8080', 200],
  ];
  return rows.map(([site, host, status, location, own]) => ({
    site,
    name: `of ${host}, round ${round}`,
    ask: '/file.txt',
    fields: [['Host', host]],
    status,
    has: { Location: location, 'X-Host': own },
  }));
}
