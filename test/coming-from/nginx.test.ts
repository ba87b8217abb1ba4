import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hold, type Look, type Probe, stored } from './hold.ts';
import { certificate, type Peer, type Row, silence } from './sides.ts';

const nginx: Peer = {
  file: 'nginx',
  packageName: 'nginx-light',
  bare: 'root dist;',
  words: row => {
    writeFileSync(join(row.folder, 'nginx.conf'), configuration(row));
    return ['-p', `${row.folder}/`, '-c', 'nginx.conf'];
  },
};

/** Directives of a row where nginx wants them. */
function configuration({ text, port }: Row): string {
  const main = /^worker_processes/.test(text) ? text : '';
  const another = text.startsWith('server {') ? text : '';
  const server = main + another === '' ? text : '';
  const unless = (directive: string, line: string): string => (server.includes(directive) ? '' : line);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path temp-${name};`,
  );
  return `${main}
${process.getuid?.() === 0 ? 'user root root;' : ''}
daemon off;
pid nginx.pid;
error_log stderr crit;
events {}
http {
  ${temporary.join('\n  ')}
  types { text/html html; text/plain txt; text/javascript js; }
  default_type application/octet-stream;
  server {
    ${unless('listen ', `listen 127.0.0.1:${port} default_server;`)}
    ${unless('root ', 'root dist;')}
    ${unless('access_log ', 'access_log off;')}
    ${server}
  }
  ${another.replace('{', `{ listen 127.0.0.1:${port};`)}
}
`;
}

const page = { Accept: 'text/html' };
const credentials = { Authorization: `Basic ${btoa('ann:secret')}` };
const front: Probe = { looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }] };
const users = { users: 'ann:$apr1$bY9VJO86$chgzarqw7BwknCXkY3lkv1\n' };
const leads = (from: string, location: string | RegExp, status = 301): Look => ({
  ask: from,
  status,
  fields: { location },
});
const cached = (target: string, ageS: number): Look => ({
  ask: target,
  status: 200,
  fields: { 'cache-control': `max-age=${ageS}` },
});
const uncached = (target: string): Look => ({
  ask: target,
  fields: { 'cache-control': 'no-cache' },
  there: { fields: { 'cache-control': undefined } },
});
/** nginx writes addresses that are whole. */
const toAbout = /^(?:http:\/\/127\.0\.0\.1(?::\d+)?)?\/about$/;
const toFile = /^(?:http:\/\/127\.0\.0\.1(?::\d+)?)?\/files\/a\.txt$/;

const probes: Readonly<Record<string, Probe>> = {
  'root dist;': front,
  'server { server_name example.org; root other; }': {
    files: { 'other/index.html': 'another' },
    looks: [
      { ask: '/', with: { Host: 'example.org' }, status: 200, text: 'another' },
      { ask: '/', with: { Host: 'example.net' }, status: 200, text: '<h1>front</h1>' },
    ],
  },
  'listen 127.0.0.1:9000;': front,
  'listen 127.0.0.1:9000 ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem;': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
  },
  'listen 127.0.0.1:9000 ssl; ssl_certificate cert.pem; ssl_certificate_key locked.pem; ssl_password_file pass.txt;':
    {
      files: certificate(),
      looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
      also: async ({ isSecure }) => assert.ok(isSecure),
    },
  'listen 127.0.0.1:9000 ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; add_header Strict-Transport-Security max-age=31536000;':
    {
      files: certificate(),
      looks: [{ ask: '/', fields: { 'strict-transport-security': 'max-age=31536000' } }],
    },
  'listen unix:/run/site.sock;': front,
  'index index.html;': { looks: [{ ask: '/docs/', text: '<h1>docs</h1>' }] },
  'index home.html;': {
    files: { 'dist/docs/index.html': '->none', 'dist/docs/home.html': 'at home' },
    looks: [{ ask: '/docs/', status: 200, text: 'at home' }],
  },
  'try_files $uri $uri.html $uri/ =404;': {
    looks: [
      { ask: '/about', status: 200, text: '<h1>about</h1>' },
      { ask: '/files/a.txt', text: '0123456789' },
      { ask: '/none', status: 404 },
    ],
  },
  'try_files $uri $uri/ /index.html;': {
    looks: [
      { ask: '/users/7', with: page, status: 200, text: '<h1>front</h1>' },
      { ask: '/missing.js', with: page, status: 404, there: { status: 200, text: '<h1>front</h1>' } },
    ],
  },
  'error_page 404 /lost.html;': {
    files: { 'dist/lost.html': 'lost' },
    looks: [{ ask: '/none', with: page, status: 404, text: 'lost' }],
  },
  'autoindex on;': { looks: [{ ask: '/files/', status: 200, text: /a\.txt[\s\S]*b\.txt/ }] },
  'autoindex off;': { looks: [{ ask: '/files/', status: 404, there: { status: 403 } }] },
  'autoindex on; autoindex_format json;': {
    looks: [
      { ask: '/files/', with: { Accept: 'application/json' }, status: 200, text: /"name"\s*:\s*"a\.txt"/ },
    ],
  },
  'gzip on; gzip_types *; gzip_min_length 1024;': {
    looks: [{ ask: '/app.js', with: { 'Accept-Encoding': 'gzip' }, fields: { 'content-encoding': 'gzip' } }],
  },
  'gzip off;': {
    looks: [
      { ask: '/app.js', with: { 'Accept-Encoding': 'gzip' }, fields: { 'content-encoding': undefined } },
    ],
  },
  'gzip_static on;': stored('gzip'),
  'brotli_static on;': { ...stored('br'), onlyHere: 'a module that is seldom there' },
  'expires 1h;': {
    looks: [cached('/app.js', 3600), { ask: '/none', fields: { 'cache-control': 'no-cache' }, there: {} }],
  },
  'expires off;': { looks: [uncached('/app.js')] },
  'location /img/ { expires max; }': {
    files: { 'dist/img/a.svg': '<svg/>' },
    looks: [cached('/img/a.svg', 315360000), uncached('/app.js')],
  },
  'location ~* \\.(css|js)$ { expires 1h; }': { looks: [cached('/app.js', 3600), uncached('/index.html')] },
  'add_header X-Frame-Options DENY;': {
    looks: [
      { ask: '/', fields: { 'x-frame-options': 'DENY' } },
      {
        ask: '/none',
        fields: { 'x-frame-options': 'DENY' },
        there: { fields: { 'x-frame-options': undefined } },
      },
    ],
  },
  'add_header Access-Control-Allow-Origin *;': {
    looks: [{ ask: '/', fields: { 'access-control-allow-origin': '*' } }],
  },
  'types { text/html html; text/x-own own; }': {
    files: { 'dist/a.own': 'mine' },
    looks: [{ ask: '/a.own', status: 200, fields: { 'content-type': /^text\/x-own/ } }],
  },
  'charset utf-8;': { looks: [{ ask: '/', fields: { 'content-type': 'text/html; charset=utf-8' } }] },
  'etag off;': { looks: [{ ask: '/', fields: { etag: undefined, 'last-modified': / GMT$/ } }] },
  'auth_basic Files; auth_basic_user_file users;': {
    files: users,
    looks: [
      { ask: '/', status: 401, fields: { 'www-authenticate': /^Basic/ } },
      { ask: '/', with: credentials, status: 200 },
    ],
  },
  'location /files/ { auth_basic Files; auth_basic_user_file users; }': {
    files: users,
    looks: [
      { ask: '/', status: 200 },
      { ask: '/files/a.txt', status: 401 },
      { ask: '/files/a.txt', with: credentials, status: 200 },
    ],
  },
  'allow 127.0.0.0/8; deny all;': front,
  'deny 127.0.0.0/8;': { looks: [{ ask: '/', status: 403 }] },
  'set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; deny 192.0.2.0/24;': {
    looks: [
      { ask: '/', with: { 'X-Forwarded-For': '192.0.2.7' }, status: 403 },
      { ask: '/', with: { 'X-Forwarded-For': '198.51.100.7' }, status: 200 },
    ],
  },
  'return 301 https://example.org$request_uri;': {
    looks: [leads('/about?q=1', 'https://example.org/about?q=1')],
  },
  'location = /old { return 301 /about; }': { looks: [leads('/old', toAbout)] },
  'location /gone/ { return 410; }': { looks: [{ ask: '/gone/x', status: 410 }] },
  'location /files/ { return 404; }': { looks: [{ ask: '/files/a.txt', status: 404 }] },
  'location = /missing.js { return 404; }': { looks: [{ ask: '/missing.js', status: 404 }] },
  'rewrite ^/old/(.*)$ /files/$1 permanent;': { looks: [leads('/old/a.txt', toFile)] },
  'rewrite ^/old/(.*)$ /files/$1 last;': { looks: [{ ask: '/old/a.txt', status: 200, text: '0123456789' }] },
  'rewrite ^/(.*)\\.html$ /$1 permanent; try_files $uri $uri.html $uri/ =404;': {
    looks: [{ ...leads('/about.html', toAbout, 308), there: { status: 301, fields: { location: toAbout } } }],
  },
  'location /manuals/ { alias manuals/; }': {
    files: { 'manuals/m.txt': 'manual', 'secret.txt': 'secret' },
    looks: [
      { ask: '/manuals/m.txt', status: 200, text: 'manual' },
      { ask: '/about.html', status: 200 },
      // The slip of nginx is one without the final slash; here there is none to forget.
      { ask: '/manuals../secret.txt', status: 404 },
    ],
  },
  'location /app/ { alias dist/; }': {
    looks: [
      { ask: '/app/files/a.txt', status: 200, text: '0123456789' },
      { ask: '/files/a.txt', status: 404, there: { status: 200 } },
    ],
  },
  'server_name old.example; return 301 https://example.org$request_uri;': {
    looks: [{ ...leads('/about?q=1', 'https://example.org/about?q=1'), with: { Host: 'old.example' } }],
  },
  'server_name example.org; if ($host != $server_name) { return 403; }': {
    looks: [
      { ask: '/', with: { Host: 'example.org' }, status: 200 },
      { ask: '/', with: { Host: 'example.net' }, status: 403 },
    ],
  },
  'location ~ /\\. { return 404; }': {
    files: { 'dist/.well-known/a.txt': 'known' },
    looks: [
      { ask: '/.secret', status: 404 },
      { ask: '/.well-known/a.txt', status: 200, there: { status: 404 } },
    ],
  },
  'disable_symlinks on;': {
    files: { 'dist/away.txt': '->../outside.txt', 'dist/near.txt': '->files/a.txt' },
    looks: [
      { ask: '/away.txt', status: 404, there: { status: 403 } },
      { ask: '/near.txt', status: 200, there: { status: 403 } },
    ],
  },
  'merge_slashes on;': { looks: [{ ask: '/files//a.txt', status: 308, there: { status: 200 } }] },
  'server_tokens off;': { looks: [{ ask: '/', fields: { server: /^[a-z]+$/ } }] },
  'access_log off;': {
    looks: [{ ask: '/about.html' }],
    also: async ({ said }) => assert.doesNotMatch(said(), /about\.html/),
  },
  'access_log access.log combined;': {
    looks: [{ ask: '/about.html', with: { 'User-Agent': 'agent', Referer: 'http://from.example/' } }],
    says: /^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}(?::\d\d){3} [+-]\d{4}\] "GET \/about\.html HTTP\/1\.1" 200 14 "http:\/\/from\.example\/" "agent"$/m,
  },
  'keepalive_timeout 65s;': {
    instead: ['65s', '1s'],
    also: side => silence(side, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  },
  'client_header_timeout 60s;': {
    instead: ['60s', '1s'],
    also: side => silence(side, 'GET / HTTP/1.1\r\nHost:'),
  },
  'send_timeout 60s;': front,
  'large_client_header_buffers 4 8k;': {
    looks: [
      { ask: `/?${'q'.repeat(8000)}`, status: 200 },
      { ask: `/?${'q'.repeat(9000)}`, status: 414 },
    ],
  },
  'client_max_body_size 64k;': {
    looks: [{ ask: '/', with: { 'Content-Length': '70000' }, status: 413 }],
  },
  'worker_processes 2;': front,
  'sendfile on; tcp_nopush on; tcp_nodelay on;': front,
  'open_file_cache max=1000; open_file_cache_valid 1s;': front,
  'limit_rate 100k;': {
    looks: [{ ask: '/app.js', status: 200 }],
    also: async ({ name, said }) => assert.match(said(), name === 'plinth' ? /slow answers/ : /^/),
  },
  'limit_except GET { deny all; }': {
    looks: [
      { ask: '/', method: 'HEAD', status: 200 },
      { ask: '/', method: 'POST', status: 405 },
    ],
    onlyHere: 'it stands in a location only',
  },
  'proxy_pass http://127.0.0.1:9;': {},
  'ssi on;': {},
};

hold('nginx', nginx, probes);
