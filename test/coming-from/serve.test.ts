import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hold, type Probe } from './hold.ts';
import { certificate, type Peer, programOf } from './sides.ts';

const program = programOf('serve');
const serve: Peer = {
  file: process.execPath,
  bare: 'serve dist',
  words: ({ text, port }) => {
    const words = text.split(' ').slice(1);
    const onLoopback = `tcp://127.0.0.1:${port}`;
    const named = words.map(word => (word === String(port) ? onLoopback : word));
    return [program, ...named, ...(words.some(word => word === '--listen') ? [] : ['--listen', onLoopback])];
  },
  help: () => spawnSync(process.execPath, [program, '--help'], { encoding: 'utf8' }).stdout,
};

const page = { Accept: 'text/html' };
const front: Probe = { looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }] };

const probes: Readonly<Record<string, Probe>> = {
  'serve dist': {
    looks: [
      { ask: '/files/', status: 200, text: /a\.txt[\s\S]*b\.txt/ },
      { ask: '/about', text: '<h1>about</h1>' },
    ],
  },
  'serve --listen 9000 dist': front,
  'serve --listen tcp://127.0.0.1:9000 dist': front,
  'serve --listen unix:/run/site.sock dist': front,
  'serve --no-port-switching --listen tcp://127.0.0.1:9000 dist': front,
  'serve --single dist': {
    looks: [
      { ask: '/users/7', with: page, status: 200, text: '<h1>front</h1>' },
      { ask: '/about', with: page, text: '<h1>about</h1>', there: { text: '<h1>front</h1>' } },
      { ask: '/missing.js', with: page, status: 404, there: { status: 200, text: '<h1>front</h1>' } },
    ],
  },
  'serve --config serve.json dist': {
    files: { 'dist/serve.json': '{ "redirects": [{ "source": "/old", "destination": "/about" }] }' },
    looks: [{ ask: '/old', status: 301, fields: { location: '/about' } }],
  },
  'serve --cors dist': { looks: [{ ask: '/', fields: { 'access-control-allow-origin': '*' } }] },
  'serve --no-compression dist': {
    looks: [
      { ask: '/app.js', with: { 'Accept-Encoding': 'gzip' }, fields: { 'content-encoding': undefined } },
    ],
  },
  'serve --no-etag dist': {
    looks: [{ ask: '/app.js', fields: { etag: undefined, 'last-modified': / GMT$/ } }],
  },
  'serve --symlinks dist': {
    files: { 'dist/away.txt': '->../outside.txt' },
    looks: [{ ask: '/away.txt', status: 200, text: 'outside' }],
  },
  'serve --no-request-logging dist': {
    looks: [{ ask: '/about' }],
    also: async ({ said }) => assert.doesNotMatch(said(), /\/about/),
  },
  'serve --no-clipboard dist': front,
  'serve --ssl-cert cert.pem --ssl-key key.pem dist': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
  },
  'serve --ssl-cert cert.pem --ssl-key locked.pem --ssl-pass pass.txt dist': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
  },
  'serve --debug dist': {},
  'serve --help': { ends: /^Usage: plinth/m },
  'serve --version': { ends: /^plinth \d/ },
};

hold('`serve`', serve, probes);
