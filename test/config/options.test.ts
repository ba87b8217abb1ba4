import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError, options, readOptions, type Settings } from '../../src/config/options.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import { nearest } from '../../src/rules/nearest.ts';
import { defaults } from './defaults.ts';

test('options of the library are read and completed', () => {
  const rows: readonly (readonly [Readonly<Record<string, unknown>>, Partial<Settings>])[] = [
    [{}, {}],
    [{ root: undefined, port: undefined, limits: undefined }, {}],
    [
      { root: '/srv', port: 0 },
      { root: '/srv', port: 0 },
    ],
    [{ port: '80' }, { port: 80 }],
    [{ host: '*' }, { hosts: ['*'] }],
    [{ host: ['::1', 'unix:/tmp/s'] }, { hosts: ['::1', 'unix:/tmp/s'] }],
    [
      { listing: false, dotfiles: true },
      { listing: false, dotfiles: true },
    ],
    [
      { cleanUrls: false, followSymlinks: true, compress: false },
      { cleanUrls: false, followSymlinks: true, compress: false },
    ],
    [
      { log: 'json', graceMs: 5 },
      { log: 'json', graceMs: 5 },
    ],
    [{ env: 'PUBLIC_' }, { env: ['PUBLIC_'] }],
    [
      { tlsCert: 'a.pem', tlsKey: ['a.key', 'b.key'] },
      { tlsCert: ['a.pem'], tlsKey: ['a.key', 'b.key'] },
    ],
    [
      { httpsRedirect: true, hsts: true },
      { httpsRedirect: 80, hsts: 31_536_000 },
    ],
    [
      { httpsRedirect: 8080, hsts: 0 },
      { httpsRedirect: 8080, hsts: 0 },
    ],
    [{ httpsRedirect: false, hsts: false }, {}],
    [{ env: ['A', 'VITE_', 'A'] }, { env: ['A', 'VITE_'] }],
    [{ limits: {} }, {}],
    [{ limits: { backlog: 5, headTimeoutMs: undefined } }, { limits: { ...defaultLimits, backlog: 5 } }],
  ];
  for (const [input, expected] of rows) {
    assert.deepEqual(readOptions(input), { ...defaults, ...expected }, JSON.stringify(input));
  }
});

test('an option that cannot be used is an OptionError that says what, and what is wanted', () => {
  const host = 'wanted an address, a name, localhost, * or unix:/path';
  const known =
    'root, port, host, listing, cleanUrls, mounts, base, spa, cache, variants, languages, dialect, dotfiles, followSymlinks, compress, cacheDir, revalidateMs, dev, env, throttle, trace, allowedHosts, auth, allow, deny, trustProxy, cors, secure, tls, tlsCert, tlsKey, tlsPass, tlsClientCa, httpsRedirect, hsts, log, graceMs, limits';
  const rows: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ prot: 1 }, 'unknown option "prot"; did you mean port?'],
    [{ workers: 2 }, `unknown option "workers"; known are ${known}`],
    [{ hosts: '*' }, 'unknown option "hosts"; did you mean host?'],
    [{ cleanURLs: true }, 'unknown option "cleanURLs"; did you mean cleanUrls?'],
    [{ toString: 1 }, `unknown option "toString"; known are ${known}`],
    [{ port: 1.5 }, 'option port: found 1.5, wanted a port, a whole number from 0 to 65535'],
    [{ port: Number.NaN }, 'option port: found NaN, wanted a port, a whole number from 0 to 65535'],
    [{ port: -1 }, 'option port: found -1, wanted a port, a whole number from 0 to 65535'],
    [{ port: null }, 'option port: found null, wanted a port, a whole number from 0 to 65535'],
    [{ root: new URL('file:///srv') }, 'option root: found an object, wanted a folder'],
    [{ root: 5 }, 'option root: found 5, wanted a folder'],
    [{ host: [] }, `option host: found an array, ${host}`],
    [{ host: ['::1', 5] }, `option host: found 5, ${host}`],
    [{ host: () => '' }, `option host: found a function, ${host}`],
    [{ host: 'x'.repeat(300) }, `option host: found "${'x'.repeat(60)}…", ${host}`],
    [{ listing: 'yes' }, 'option listing: found "yes", wanted true or false'],
    [{ listing: 1 }, 'option listing: found 1, wanted true or false'],
    [{ env: '' }, 'option env: found "", wanted the beginning of names, such as PUBLIC_'],
    [
      { env: ['A', '__proto'] },
      'option env: found "__proto", wanted the beginning of names, such as PUBLIC_',
    ],
    [{ env: 1 }, 'option env: found 1, wanted the beginning of names, such as PUBLIC_'],
    [{ tlsCert: [5] }, 'option tlsCert: found 5, wanted a file'],
    [{ hsts: 'ever' }, 'option hsts: found "ever", wanted a whole number of seconds'],
    [{ hsts: -1 }, 'option hsts: found -1, wanted a whole number of seconds'],
    [
      { httpsRedirect: 'x' },
      'option httpsRedirect: found "x", wanted a port, a whole number from 1 to 65535',
    ],
    [{ httpsRedirect: 0 }, 'option httpsRedirect: found 0, wanted a port, a whole number from 1 to 65535'],
    [{ log: true }, 'option log: found true, wanted human, combined, json or off'],
    [{ graceMs: Infinity }, 'option graceMs: found Infinity, wanted a whole number of milliseconds'],
    [{ graceMs: 2 ** 31 }, 'option graceMs: found 2147483648, wanted a whole number of milliseconds'],
    [{ limits: 5 }, 'option limits: found 5, wanted an object with names of limits'],
    [{ limits: [5] }, 'option limits: found 5, wanted name=value, such as headTimeoutMs=5s'],
    [{ limits: null }, 'option limits: found null, wanted an object with names of limits'],
    [
      { limits: { headTimoutMs: 1 } },
      'option limits: no limit is called "headTimoutMs"; did you mean headTimeoutMs?',
    ],
    [
      { limits: { backlog: 0 } },
      'option limits: backlog: found 0, wanted a whole number from 1 to 2147483647',
    ],
    [
      { limits: { constructor: 1 } },
      `option limits: no limit is called "constructor"; known are ${Object.keys(defaultLimits).join(', ')}`,
    ],
  ];
  for (const [input, message] of rows) {
    assert.throws(() => readOptions(input), { name: 'OptionError', message });
  }
});

test('every limit can be set, and its least value is one that still serves', () => {
  for (const name of Object.keys(defaultLimits)) {
    assert.deepEqual(readOptions({ limits: { [name]: 7 } }).limits, { ...defaultLimits, [name]: 7 });
    assert.throws(() => readOptions({ limits: { [name]: -1 } }), OptionError);
  }
});

test('no two rows of the table share a key, a flag, a letter or a variable', () => {
  const rows = Object.values(options);
  for (const names of [
    rows.map(row => row.key),
    rows.flatMap(row => row.flag ?? []),
    rows.flatMap(row => row.short ?? []),
    rows.flatMap(row => row.environment),
  ]) {
    assert.deepEqual(names, [...new Set(names)]);
  }
});

test('the nearest word is at most two edits away, or contains the one that was given', () => {
  const known = ['port', 'host', 'listing', 'follow-symlinks', 'log'];
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['port', 'port'],
    ['prot', 'port'],
    ['pport', 'port'],
    ['PORT', 'port'],
    ['pot', 'port'],
    ['hst', 'host'],
    ['lisitng', 'listing'],
    ['listen', 'listing'],
    ['lists', undefined],
    ['symlinks', 'follow-symlinks'],
    ['lgo', 'log'],
    ['p', undefined],
    ['', undefined],
    ['xyz', undefined],
    ['l'.repeat(100_000), undefined],
  ];
  for (const [word, expected] of rows) assert.equal(nearest(word, known), expected, word.slice(0, 20));
});
