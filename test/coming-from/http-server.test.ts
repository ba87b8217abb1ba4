import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hold, type Probe, stored } from './hold.ts';
import { certificate, type Peer, programOf, silence } from './sides.ts';

const program = programOf('http-server');
const httpServer: Peer = {
  file: process.execPath,
  bare: 'http-server dist',
  words: ({ text, port }) => {
    const words = text.split(' ').slice(1);
    const at = words.includes('-a') ? [] : ['-a', '127.0.0.1'];
    return [program, ...words, ...at, ...(words.includes('--port') ? [] : ['--port', String(port)])];
  },
  help: () => spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8' }).stdout,
};

const front: Probe = { looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }] };

const probes: Readonly<Record<string, Probe>> = {
  'http-server dist': {
    looks: [
      { ask: '/files/', status: 200, text: /a\.txt[\s\S]*b\.txt/ },
      {
        ask: '/',
        fields: { 'cache-control': 'no-cache' },
        there: { fields: { 'cache-control': 'max-age=3600' } },
      },
    ],
  },
  'http-server dist --port 9000': front,
  'http-server dist -a 127.0.0.1 --port 9000': front,
  'http-server dist -d false': { looks: [{ ask: '/files/', status: 404, there: { status: 403 } }] },
  'http-server dist -i false': {},
  'http-server dist --gzip': stored('gzip'),
  'http-server dist --brotli': stored('br'),
  'http-server dist --ext html': { looks: [{ ask: '/about', status: 200, text: '<h1>about</h1>' }] },
  'http-server dist --silent': {
    looks: [{ ask: '/about' }],
    also: async ({ said }) => assert.doesNotMatch(said(), /\/about/),
  },
  'http-server dist --cors': { looks: [{ ask: '/', fields: { 'access-control-allow-origin': '*' } }] },
  'http-server dist --cors=X-Trace': {
    looks: [
      {
        ask: '/',
        method: 'OPTIONS',
        with: {
          Origin: 'https://app.example',
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'x-trace',
        },
        status: 204,
        fields: { 'access-control-allow-headers': /x-trace/i },
      },
    ],
  },
  'http-server dist -o': {
    files: { 'bin/xdg-open': '#!/bin/sh\necho "opened $1" >> "$(dirname "$0")/../called.log"\n' },
    says: /^opened http:\/\/127\.0\.0\.1:\d+\/$/m,
    onlyHere: 'it brings a program of its own that looks for browsers',
  },
  'http-server dist -c10': { looks: [{ ask: '/', fields: { 'cache-control': 'max-age=10' } }] },
  'http-server dist -c-1': { looks: [{ ask: '/', fields: { 'cache-control': /no-store/ } }] },
  'http-server dist -t60': { instead: ['60', '1'], also: side => silence(side) },
  'http-server dist --utc': {
    looks: [{ ask: '/about.html' }],
    says: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|GMT/,
  },
  'http-server dist --log-ip': { looks: [{ ask: '/about.html' }], says: /127\.0\.0\.1.*GET \/about\.html/ },
  'http-server dist --proxy http://127.0.0.1:9': {},
  'http-server dist --proxy-options.secure false': {},
  'http-server dist --username ann --password secret': {
    files: { users: 'ann:$apr1$bY9VJO86$chgzarqw7BwknCXkY3lkv1\n' },
    looks: [
      { ask: '/', status: 401, fields: { 'www-authenticate': /^Basic/ } },
      { ask: '/', with: { Authorization: `Basic ${btoa('ann:secret')}` }, status: 200 },
      { ask: '/', with: { Authorization: `Basic ${btoa('ann:other')}` }, status: 401 },
    ],
  },
  'http-server dist --robots': {},
  'http-server dist --no-dotfiles': {
    files: { 'dist/files/.hidden': 'hidden' },
    looks: [
      { ask: '/files/', status: 200, text: /^(?![\s\S]*\.hidden)[\s\S]*a\.txt/ },
      { ask: '/.secret', status: 404, there: { status: 200 } },
    ],
  },
  'http-server dist --mimetypes own.types': {
    files: { 'own.types': 'text/x-own own\n', 'dist/a.own': 'mine' },
    looks: [{ ask: '/a.own', status: 200, fields: { 'content-type': /^text\/x-own/ } }],
  },
  'http-server dist --tls --cert cert.pem --key key.pem': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
  },
  'http-server --help': { ends: /^Usage: plinth/m },
  'http-server --version': { ends: /^plinth \d/ },
};

hold('`http-server`', httpServer, probes);
