import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hold, type Probe } from './hold.ts';
import { certificate, type Peer } from './sides.ts';

const python: Peer = {
  file: 'python3',
  packageName: 'python3',
  bare: 'python3 -m http.server',
  words: ({ text, port }) => {
    const words = text.split(' ').slice(1);
    const at = words.includes('--bind') ? [] : ['--bind', '127.0.0.1'];
    return [...words, ...at, ...(words.includes(String(port)) ? [] : [String(port)])];
  },
  help: () => spawnSync('python3', ['-m', 'http.server', '--help'], { encoding: 'utf8' }).stdout,
};

const front = { looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }] };
const listed = { looks: [{ ask: '/files/', status: 200, text: /a\.txt[\s\S]*b\.txt/ }] };

const probes: Readonly<Record<string, Probe>> = {
  'python3 -m http.server': listed,
  'python3 -m http.server 9000': front,
  'python3 -m http.server --directory dist': listed,
  'python3 -m http.server --bind 127.0.0.1 9000': front,
  'python3 -m http.server --protocol HTTP/1.1': front,
  'python3 -m http.server --tls-cert cert.pem --tls-key key.pem': {
    files: certificate(),
    looks: [{ ask: '/', status: 200, text: '<h1>front</h1>' }],
    also: async ({ isSecure }) => assert.ok(isSecure),
    onlyHere: 'Python has it from 3.14 on',
  },
  'python3 -m http.server --cgi': {},
  'python3 -m http.server --help': { ends: /^Usage: plinth/m },
};

hold('`python -m http.server`', python, probes, ['--tls-password-file']);
