import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hold, type Probe, stored } from './hold.ts';
import { certificate, type Peer, programOf } from './sides.ts';

const program = programOf('sirv-cli');
const sirv: Peer = {
  file: process.execPath,
  bare: 'sirv dist',
  words: ({ text, port }) => {
    const words = text.split(' ').slice(1);
    const at = words.includes('--host') ? [] : ['--host', '127.0.0.1'];
    return [program, ...words, ...at, ...(words.includes('--port') ? [] : ['--port', String(port)])];
  },
  help: () => spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8' }).stdout,
};

const page = { Accept: 'text/html' };
const front: Probe = { looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }] };

const probes: Readonly<Record<string, Probe>> = {
  'sirv dist': {
    looks: [
      { ask: '/', text: '<h1>front</h1>' },
      { ask: '/about', text: '<h1>about</h1>' },
    ],
  },
  'sirv dist --port 9000': front,
  'sirv dist --host 127.0.0.1 --port 9000': front,
  'sirv dist --dev': {
    looks: [{ ask: '/', status: 200, text: /<h1>front<\/h1>/, fields: { 'cache-control': /no-store/ } }],
  },
  'sirv dist --etag': { looks: [{ ask: '/', fields: { etag: /^(W\/)?"/ } }] },
  'sirv dist --dotfiles': { looks: [{ ask: '/.secret', status: 200, text: 'secret' }] },
  'sirv dist --cors': { looks: [{ ask: '/', fields: { 'access-control-allow-origin': '*' } }] },
  'sirv dist --gzip': stored('gzip'),
  'sirv dist --brotli': stored('br'),
  'sirv dist --maxage 60': { looks: [{ ask: '/', fields: { 'cache-control': 'public,max-age=60' } }] },
  'sirv dist --maxage 60 --immutable': {
    looks: [{ ask: '/', fields: { 'cache-control': 'public,max-age=60,immutable' } }],
  },
  'sirv dist --single': {
    looks: [
      { ask: '/users/7', with: page, status: 200, text: '<h1>front</h1>' },
      { ask: '/missing.js', with: page, status: 404 },
      { ask: '/about', with: page, status: 200, text: '<h1>about</h1>' },
    ],
  },
  'sirv dist --single --ignores ^/api': {
    looks: [
      { ask: '/api/users', with: page, status: 404 },
      { ask: '/users/7', with: page, status: 200, text: '<h1>front</h1>' },
    ],
  },
  'sirv dist --quiet': {
    looks: [{ ask: '/about' }],
    also: async ({ said }) => assert.doesNotMatch(said(), /\/about/),
  },
  'sirv dist --http2 --cert cert.pem --key key.pem': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
    onlyHere: 'it speaks HTTP/2 alone',
  },
  'sirv dist --http2 --cert cert.pem --key locked.pem --pass secret': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
    onlyHere: 'it speaks HTTP/2 alone',
  },
  'sirv --help': { ends: /^Usage: plinth/m },
  'sirv --version': { ends: /^plinth \d/ },
};

hold('`sirv-cli`', sirv, probes);
