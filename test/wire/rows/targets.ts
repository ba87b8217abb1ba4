// Which file a target and a method lead to.
import { modifiedForms } from '../site.ts';
import { html, plain, type Row, whole } from './row.ts';

const { imf } = modifiedForms;
const files200: readonly Row[] = [
  {
    name: 'a file with everything that describes it',
    ask: 'GET /a.txt',
    status: 200,
    has: {
      'Content-Type': plain,
      'Content-Length': '36',
      'Last-Modified': imf,
      ETag: 'ETAG',
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'no-cache',
      'Content-Encoding': undefined,
      Vary: 'Accept-Encoding',
      Location: undefined,
    },
    content: whole,
  },
  { name: 'a query changes nothing', ask: 'GET /a.txt?v=1&x=%00%2f\\', status: 200, content: whole },
  { name: 'an escaped name', ask: 'GET /%61%2Etxt', status: 200, content: whole },
  { name: 'absolute-form', ask: 'GET http://example.org/a.txt?q', status: 200, content: whole },
  {
    name: 'absolute-form, scheme in any case',
    ask: 'GET HTTP://example.org/a.txt',
    status: 200,
    content: whole,
  },
  { name: 'absolute-form without a path', ask: 'GET http://example.org', status: 200, content: /home/ },
  {
    name: 'absolute-form of https, misdirected in the clear',
    ask: 'GET HTTPS://example.org:443/a.txt',
    status: 421,
    securedStatus: 200,
  },
  { name: 'an empty file', ask: 'GET /empty.txt', status: 200, has: { 'Content-Length': '0' }, content: '' },
  { name: 'dot segments are resolved', ask: 'GET /docs/.././docs/%2e%2E/a.txt', status: 200, content: whole },
  { name: 'an index page', ask: 'GET /', status: 200, has: { 'Content-Type': html }, content: /home/ },
  { name: 'an index page in a folder', ask: 'GET /docs/', status: 200, content: 'docs index' },
  { name: 'an index page by its own name', ask: 'GET /docs/index.html', status: 200, content: 'docs index' },
  { name: 'the second name of an index page', ask: 'GET /old/', status: 200, content: 'old index' },
  {
    name: 'a dot segment at the end means the folder',
    ask: 'GET /docs/.',
    status: 200,
    content: 'docs index',
  },
  { name: '.well-known is public', ask: 'GET /.well-known/security.txt', status: 200, content: /Contact/ },
  {
    name: 'no extension',
    ask: 'GET /noext',
    status: 200,
    has: { 'Content-Type': 'application/octet-stream' },
  },
  { name: 'CSS', ask: 'GET /style.css', status: 200, has: { 'Content-Type': 'text/css; charset=utf-8' } },
  {
    name: 'a module',
    ask: 'GET /app.mjs',
    status: 200,
    has: { 'Content-Type': 'text/javascript; charset=utf-8' },
  },
  {
    name: 'JSON',
    ask: 'GET /data.json',
    status: 200,
    has: { 'Content-Type': 'application/json; charset=utf-8' },
  },
  { name: 'SVG', ask: 'GET /pic.svg', status: 200, has: { 'Content-Type': 'image/svg+xml; charset=utf-8' } },
  { name: 'a font', ask: 'GET /font.woff2', status: 200, has: { 'Content-Type': 'font/woff2' } },
  {
    name: 'content of a GET is dropped',
    ask: 'GET /a.txt',
    sends: 'GET /docs/ HTTP/1.1',
    status: 200,
    content: whole,
  },
];

const cleanUrls: readonly Row[] = [
  {
    name: 'the page of that name',
    ask: 'GET /about',
    status: 200,
    has: { 'Content-Type': html },
    content: 'about',
  },
  { name: 'the page itself, without a redirect', ask: 'GET /about.html', status: 200, content: 'about' },
  { name: 'in a folder', ask: 'GET /docs/page?x', status: 200, content: 'docs page' },
  { name: 'a file goes before the page of its name', ask: 'GET /both', status: 200, content: 'the file' },
  {
    name: 'the page goes before the folder of its name',
    ask: 'GET /team',
    status: 200,
    content: 'team page',
  },
  { name: 'with a slash it is the folder', ask: 'GET /team/', status: 200, content: /x\.txt/ },
  { name: 'a page is no folder', ask: 'GET /about/', status: 404 },
  { name: 'a file is no folder', ask: 'GET /a.txt/', status: 404 },
  { name: 'switched off, nothing is there', ask: 'GET /about', server: 'bare', status: 404 },
  {
    name: 'switched off, the folder is found',
    ask: 'GET /team',
    server: 'bare',
    status: 308,
    has: { Location: '/team/' },
  },
];

const redirects: readonly Row[] = [
  {
    name: 'a folder gets its slash and keeps the query',
    ask: 'GET /docs?a=b&c=%2f',
    status: 308,
    has: {
      Location: '/docs/?a=b&c=%2f',
      'Content-Length': '0',
      'Content-Type': undefined,
      'Cache-Control': 'no-cache',
    },
    content: '',
  },
  {
    name: 'names stay escaped',
    ask: 'GET /odd/a%20folder%3f%23%25',
    status: 308,
    has: { Location: '/odd/a%20folder%3F%23%25/' },
  },
  {
    name: 'runs of slashes collapse',
    ask: 'GET //docs///page?q=1',
    status: 308,
    has: { Location: '/docs/page?q=1' },
    content: '',
  },
  { name: 'never to another host', ask: 'GET //evil.example/%2e%2e', status: 308, has: { Location: '/' } },
  { name: 'only slashes', ask: 'GET ///', status: 308, has: { Location: '/' } },
  { name: 'in absolute-form', ask: 'GET http://h//docs/', status: 308, has: { Location: '/docs/' } },
];

const methods: readonly Row[] = [
  {
    name: 'OPTIONS',
    ask: 'OPTIONS /a.txt',
    status: 204,
    has: { Allow: 'GET, HEAD, OPTIONS', 'Content-Type': undefined },
  },
  { name: 'OPTIONS of the server', ask: 'OPTIONS *', status: 204, has: { Allow: 'GET, HEAD, OPTIONS' } },
  { name: 'OPTIONS of what is absent', ask: 'OPTIONS /none', status: 204 },
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'].map(method => ({
    name: 'known and not ours',
    ask: `${method} /a.txt`,
    status: 405,
    has: { Allow: 'GET, HEAD, OPTIONS', 'Content-Type': plain, Vary: 'Accept' },
    content: '405 Method Not Allowed: This address can only be read.\n',
  })),
  { name: 'content is dropped', ask: 'POST /a.txt', sends: 'x'.repeat(1000), status: 405 },
  { name: 'a tunnel', ask: 'CONNECT example.org:443', status: 405, has: { Allow: 'GET, HEAD, OPTIONS' } },
  { name: 'unknown', ask: 'BREW /a.txt', status: 501, has: { Allow: undefined } },
  { name: 'lower case is unknown', ask: 'get /a.txt', status: 501 },
  { name: 'asterisk-form goes with OPTIONS only', ask: 'GET *', status: 400 },
  { name: 'authority-form goes with CONNECT only', ask: 'GET example.org:443', status: 400 },
  { name: 'CONNECT names no path', ask: 'CONNECT /', status: 400 },
];

const badTargets: readonly Row[] = [
  ...[
    '/%00',
    '/a%00.html',
    '/a%2fb',
    '/a%2Fb',
    '/a\\b',
    '/%c0%ae',
    '/%ff',
    '/%ed%a0%80',
    '/%',
    '/%z0',
    '/a%2',
  ].map(target => ({
    name: 'is no path',
    ask: `GET ${target}`,
    status: 400,
    has: { 'Content-Type': plain },
  })),
  { name: 'above the root', ask: 'GET /../a.txt', status: 400 },
  { name: 'above the root, encoded', ask: 'GET /docs/%2e%2e/.%2E/a.txt', status: 400 },
  { name: 'a fragment', ask: 'GET /a.txt#x', status: 400 },
  { name: 'another scheme', ask: 'GET ftp://h/a.txt', status: 400 },
  { name: 'a path without its slash', ask: 'GET a.txt', status: 400 },
  {
    name: 'a backslash is a byte of a name',
    ask: 'GET /odd/back%5cslash',
    status: 200,
    content: 'content of back\\slash',
  },
  { name: 'decoded exactly once', ask: 'GET /odd/%2541', status: 200, content: 'content of %41' },
  {
    name: 'decoded exactly once, no dot segments',
    ask: 'GET /odd/%252e%252e',
    status: 200,
    content: 'content of %2e%2e',
  },
];

/** All of them. */
export const targetRows: readonly Row[] = [
  ...files200,
  ...cleanUrls,
  ...redirects,
  ...methods,
  ...badTargets,
];
