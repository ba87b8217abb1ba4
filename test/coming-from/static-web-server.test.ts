import assert from 'node:assert/strict';
import { hold, type Probe, stored } from './hold.ts';
import { certificate, type Peer } from './sides.ts';

/** npm brings no static-web-server, so only this side is run. */
const staticWebServer: Peer = { file: '', bare: '', words: () => [] };

const page = { Accept: 'text/html' };
const front: Probe = { looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }] };
const logged: Probe = {
  looks: [{ ask: '/about' }],
  says: /^127\.0\.0\.1 - - \[.*\] "GET \/about HTTP\/1\.1" 200 14 /,
};
const preflight = {
  Origin: 'https://app.example',
  'Access-Control-Request-Method': 'GET',
  'Access-Control-Request-Headers': 'x-trace',
};

const onDist: Readonly<Record<string, Probe>> = {
  '': front,
  '--host 127.0.0.1 --port 9000': front,
  '--page-fallback dist/app.html': {
    files: { 'dist/app.html': 'app' },
    looks: [
      { ask: '/users/7', with: page, status: 200, text: 'app' },
      { ask: '/missing.js', with: page, status: 404 },
    ],
  },
  '--page404 dist/404.html': {
    files: { 'dist/404.html': 'lost' },
    looks: [{ ask: '/none/at/all', with: page, status: 404, text: 'lost' }],
  },
  '--directory-listing': {
    looks: [
      { ask: '/files/', with: page, status: 200, text: /a\.txt[\s\S]*b\.txt/ },
      { ask: '/files/', with: { Accept: 'application/json' }, text: /"name": "a\.txt"/ },
    ],
  },
  '--directory-listing-order 5': {
    looks: [
      {
        ask: '/files/?sort=size&order=desc',
        with: { Accept: 'application/json' },
        text: /"a\.txt"[\s\S]*"b\.txt"/,
      },
      {
        ask: '/files/?sort=size&order=asc',
        with: { Accept: 'application/json' },
        text: /"b\.txt"[\s\S]*"a\.txt"/,
      },
    ],
  },
  '--directory-listing-download tar': {
    looks: [{ ask: '/files/?download=tar', status: 200, fields: { 'content-type': 'application/x-tar' } }],
  },
  '--compression false': {
    looks: [
      { ask: '/app.js', with: { 'Accept-Encoding': 'gzip' }, fields: { 'content-encoding': undefined } },
    ],
  },
  '--compression-static': stored('gzip'),
  '--cors-allow-origins https://app.example': {
    looks: [
      {
        ask: '/',
        with: { Origin: 'https://app.example' },
        fields: { 'access-control-allow-origin': 'https://app.example' },
      },
      {
        ask: '/',
        with: { Origin: 'https://other.example' },
        fields: { 'access-control-allow-origin': undefined },
      },
    ],
  },
  '--cors-allow-headers x-trace': {
    looks: [
      {
        ask: '/',
        method: 'OPTIONS',
        with: preflight,
        fields: { 'access-control-allow-headers': /x-trace/i },
      },
    ],
  },
  '--security-headers': {
    looks: [
      {
        ask: '/',
        fields: { 'x-frame-options': 'SAMEORIGIN', 'content-security-policy': /object-src 'none'/ },
      },
    ],
  },
  '--cache-control-headers false': {
    files: { 'dist/assets/index-BxK3a9Qz.js': 'hashed' },
    looks: [
      { ask: '/', fields: { 'cache-control': 'no-cache' } },
      {
        ask: '/assets/index-BxK3a9Qz.js',
        fields: { 'cache-control': 'public, max-age=31536000, immutable' },
      },
    ],
  },
  '--basic-auth ann:$2y$…': {
    files: { users: 'ann:$apr1$bY9VJO86$chgzarqw7BwknCXkY3lkv1\n' },
    looks: [
      { ask: '/', status: 401 },
      { ask: '/', with: { Authorization: `Basic ${btoa('ann:secret')}` }, status: 200 },
    ],
  },
  '--ignore-hidden-files': { looks: [{ ask: '/.secret', status: 404 }] },
  '--disable-symlinks': {
    files: { 'dist/away.txt': '->../outside.txt', 'dist/near.txt': '->files/a.txt' },
    looks: [
      { ask: '/away.txt', status: 404 },
      { ask: '/near.txt', status: 200 },
    ],
  },
  '--redirect-trailing-slash false': {},
  '--index-files home.html': {
    files: { 'dist/docs/index.html': '->none', 'dist/docs/home.html': 'at home' },
    looks: [{ ask: '/docs/', status: 200, text: 'at home' }],
  },
  '--log-level info': logged,
  '--log-remote-address': logged,
  '--trusted-proxies 127.0.0.1 --log-forwarded-for': {
    looks: [
      { ask: '/', with: { 'X-Forwarded-For': '192.0.2.7' }, status: 403 },
      { ask: '/', with: { 'X-Forwarded-For': '198.51.100.7' }, status: 200 },
    ],
  },
  '--threads-multiplier 2': front,
  '--grace-period 5': front,
  '--http2 --http2-tls-cert cert.pem --http2-tls-key key.pem': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
  },
  '--health': {},
  '--maintenance-mode': {},
  '--accept-markdown': {},
};

const probes = Object.fromEntries(
  Object.entries(onDist).map(([flags, probe]) => [`static-web-server --root dist ${flags}`.trim(), probe]),
);

const virtualHost: Probe = {
  files: { 'other/index.html': 'another' },
  looks: [
    { ask: '/', with: { Host: 'example.org' }, status: 200, text: 'another' },
    { ask: '/', with: { Host: 'example.net' }, status: 200, text: '<h1>front</h1>' },
  ],
};

hold('`static-web-server`', staticWebServer, {
  ...probes,
  '[[advanced.virtual-hosts]] host = "example.org" root = "other"': virtualHost,
});
