import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/config/file.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { Settings } from '../../src/config/options.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import { noRules } from '../../src/rules/rules.ts';
import { defaults as defaultsOfLibrary } from './defaults.ts';

type Environment = Readonly<Record<string, string>>;

function settingsOf(argv: string, env: Environment = {}, isTerminal = true): Settings {
  const command = loadSettings(argv.split(' ').filter(Boolean), env, isTerminal);
  assert.equal(command.kind, 'run', JSON.stringify(command));
  return (command as { settings: Settings }).settings;
}

function faultOf(argv: readonly string[], env: Environment = {}): string {
  const command = loadSettings(argv, env, true);
  assert.equal(command.kind, 'fault', JSON.stringify(command));
  const { message } = command as { message: string };
  assert.ok(!/[\x00-\x1f\x7f-\x9f]/.test(message), 'a fault is one line without control characters');
  return message;
}

/** On a terminal the command tells of requests; all else is as in the library. */
const defaults: Settings = { ...defaultsOfLibrary, log: 'human' };

/** A configuration file that says this. */
function fileOf(given: Readonly<Record<string, unknown>>): ConfigFile {
  return {
    path: '/site/plinth.config.json',
    given: new Map(
      Object.entries(given).map(([key, value]) => [key as keyof Settings, { value, source: `file: ${key}` }]),
    ),
    parts: {},
    rules: noRules,
    hosts: [],
    faults: [],
  };
}

test('limits, mounts and passwords of flags join those of a file, name by name; all else replaces', () => {
  const said = {
    limits: { headTimeoutMs: 5000, backlog: 7 },
    mounts: { '/docs': '/a/docs', '/api': '/a/api' },
    auth: ['/etc/users', { path: '/admin', file: '/etc/admins' }],
    cache: 'max-age=1',
    port: 81,
  };
  const file = fileOf(said);
  const rows: readonly (readonly [argv: readonly string[], Partial<Settings>])[] = [
    [
      ['--limit', 'idleTimeoutMs=1s', '--limit', 'backlog=8'],
      { limits: { ...defaultLimits, headTimeoutMs: 5000, backlog: 8, idleTimeoutMs: 1000 } },
    ],
    [
      ['--mount', '/api=b', '--mount', '/new=c'],
      { mounts: { '/docs': '/a/docs', '/api': 'b', '/new': 'c' } },
    ],
    [
      ['--auth', '/x=f'],
      {
        auth: [
          { path: '/', file: '/etc/users' },
          { path: '/admin', file: '/etc/admins' },
          { path: '/x', file: 'f' },
        ],
      },
    ],
    [
      ['--auth', 'others'],
      {
        auth: [
          { path: '/admin', file: '/etc/admins' },
          { path: '/', file: 'others' },
        ],
      },
    ],
    [['--cache', 'no-store'], { cache: ['no-store'] }],
    [['--port', '82'], { port: 82 }],
  ];
  for (const [argv, expected] of rows) {
    const command = loadSettings(argv, {}, true, file);
    assert.ok(command.kind === 'run', JSON.stringify(command));
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual(command.settings[name as keyof Settings], value, argv.join(' '));
  }
  const broken = loadSettings(['--limit', 'backlog=8'], {}, true, fileOf({ limits: { backlog: 'x' } }));
  assert.match(JSON.stringify(broken), /"file: limits: backlog: found/);
});

/** What `--cors` leaves as it is. */
const noMore = { credentials: false, requestFields: [] };

test('a command line sets what it says and nothing else', () => {
  const rows: readonly (readonly [string, Partial<Settings>])[] = [
    ['', {}],
    ['dist', { root: 'dist' }],
    ['9000', { port: 9000 }],
    ['./9000', { root: './9000' }],
    ['dist 9000', { root: 'dist', port: 9000 }],
    ['2024 9000', { root: '2024', port: 9000 }],
    ['-p 80', { port: 80 }],
    ['-p=80', { port: 80 }],
    ['--port 0', { port: 0 }],
    ['--port=65535 dist', { port: 65_535, root: 'dist' }],
    ['--port 1 --port 2', { port: 2 }],
    ['--host', { hosts: ['*'] }],
    ['-H', { hosts: ['*'] }],
    ['--host *', { hosts: ['*'] }],
    ['--host --no-listing', { hosts: ['*'], listing: false }],
    ['--host 9000', { hosts: ['*'], port: 9000 }],
    ['-C', { cors: { origins: '*', ...noMore } }],
    ['--cors dist', { cors: { origins: '*', ...noMore }, root: 'dist' }],
    ['-C dist 9000', { cors: { origins: '*', ...noMore }, root: 'dist', port: 9000 }],
    ['--https-redirect dist', { httpsRedirect: 80, root: 'dist' }],
    ['--https-redirect 8081 dist', { httpsRedirect: 8081, root: 'dist' }],
    ['--hsts --https-redirect=81', { hsts: 31_536_000, httpsRedirect: 81 }],
    ['--tls-cert a --tls-cert=b --tls-key c', { tlsCert: ['a', 'b'], tlsKey: ['c'] }],
    ['--cors null dist', { cors: { origins: ['null'], ...noMore }, root: 'dist' }],
    [
      '-C http://a,http://b -C http://c',
      { cors: { origins: ['http://a', 'http://b', 'http://c'], ...noMore } },
    ],
    ['--hosts a.example,b.example --hosts c', { allowedHosts: ['a.example', 'b.example', 'c'] }],
    [
      '--allow ::1,10.0.0.0/8 --deny 10.0.0.1 --secure',
      { allow: ['::1', '10.0.0.0/8'], deny: ['10.0.0.1'], secure: true },
    ],
    [
      '--auth users --auth /a=b',
      {
        auth: [
          { path: '/', file: 'users' },
          { path: '/a', file: 'b' },
        ],
      },
    ],
    ['--host ./dist', { hosts: ['*'], root: './dist' }],
    ['--host .', { hosts: ['*'], root: '.' }],
    ['--host a/b', { hosts: ['*'], root: 'a/b' }],
    ['--host -- dist', { hosts: ['*'], root: 'dist' }],
    ['-H 127.0.0.1', { hosts: ['127.0.0.1'] }],
    ['--host ::1 dist', { hosts: ['::1'], root: 'dist' }],
    ['--host=[::1]', { hosts: ['::1'] }],
    ['--host fe80::1%eth0', { hosts: ['fe80::1%eth0'] }],
    ['--host ::ffff:127.0.0.1', { hosts: ['::ffff:127.0.0.1'] }],
    ['--host LocalHost', { hosts: ['localhost'] }],
    ['--host my-box.lan', { hosts: ['my-box.lan'] }],
    ['--host unix:/tmp/a b', { hosts: ['unix:/tmp/a'], root: 'b' }],
    ['--host ::1 -H 127.0.0.1 --host=::1', { hosts: ['::1', '127.0.0.1'] }],
    ['--no-listing', { listing: false }],
    ['--listing', {}],
    ['--listing=false', { listing: false }],
    ['--no-listing --listing', {}],
    ['--no-clean-urls', { cleanUrls: false }],
    ['--no-compress', { compress: false }],
    ['--dotfiles', { dotfiles: true }],
    ['--dotfiles --no-dotfiles', {}],
    ['--follow-symlinks', { followSymlinks: true }],
    ['-q', { log: 'off' }],
    ['--quiet', { log: 'off' }],
    ['--log json', { log: 'json' }],
    ['--log=combined', { log: 'combined' }],
    ['-q --log human', {}],
    ['--grace 3', { graceMs: 3000 }],
    ['--grace 3s', { graceMs: 3000 }],
    ['--grace 500ms', { graceMs: 500 }],
    ['--grace 0', { graceMs: 0 }],
    ['--workers 4', { workers: 4 }],
    ['-w auto', { workers: 'auto' }],
    ['--limit headTimeoutMs=250', { limits: { ...defaultLimits, headTimeoutMs: 250 } }],
    [
      '--limit headTimeoutMs=5s --limit=fieldSectionBytesMax=32k',
      { limits: { ...defaultLimits, headTimeoutMs: 5000, fieldSectionBytesMax: 32_768 } },
    ],
    ['--limit connectionsMax=0', { limits: { ...defaultLimits, connectionsMax: 0 } }],
    ['-- --dist 80', { root: '--dist', port: 80 }],
    ['-- 80', { port: 80 }],
    ['-', { root: '-' }],
  ];
  for (const [argv, expected] of rows) {
    assert.deepEqual(settingsOf(argv), { ...defaults, ...expected }, argv);
  }
});

test('flags and arguments win over the environment, PLINTH_ names over the common ones', () => {
  const rows: readonly (readonly [string, Environment, Partial<Settings>])[] = [
    ['', { PORT: '1' }, { port: 1 }],
    ['', { PORT: '1', PLINTH_PORT: '2' }, { port: 2 }],
    ['', { PORT: '1', PLINTH_PORT: '' }, { port: 1 }],
    ['', { PORT: '', HOST: '', PLINTH_ROOT: '' }, {}],
    ['3', { PORT: '1', PLINTH_PORT: '2' }, { port: 3 }],
    ['--port 3', { PORT: '1', PLINTH_PORT: '2' }, { port: 3 }],
    ['-p 3', { PORT: 'not read' }, { port: 3 }],
    ['', { HOST: '::1' }, { hosts: ['::1'] }],
    ['', { HOST: '::1', PLINTH_HOST: '*' }, { hosts: ['*'] }],
    ['--host 127.0.0.1', { HOST: '::1' }, { hosts: ['127.0.0.1'] }],
    ['', { PLINTH_ROOT: 'site' }, { root: 'site' }],
    ['9000', { PLINTH_ROOT: 'site' }, { root: 'site', port: 9000 }],
    ['dist', { PLINTH_ROOT: 'site' }, { root: 'dist' }],
    ['', { ROOT: 'x', PLINTH_LOG: 'x', PLINTH_ANYTHING: 'x' }, {}],
  ];
  for (const [argv, env, expected] of rows) {
    assert.deepEqual(settingsOf(argv, env), { ...defaults, ...expected }, `${argv} ${JSON.stringify(env)}`);
  }
});

test('the log is human on a terminal and combined elsewhere, unless one is asked for', () => {
  const rows: readonly (readonly [string, boolean, string])[] = [
    ['', true, 'human'],
    ['', false, 'combined'],
    ['--log json', true, 'json'],
    ['--log human', false, 'human'],
    ['-q', false, 'off'],
  ];
  for (const [argv, isTerminal, log] of rows) assert.equal(settingsOf(argv, {}, isTerminal).log, log);
});

test('help and version are answered wherever they stand', () => {
  const [short, whole] = [
    { kind: 'help', isWhole: false },
    { kind: 'help', isWhole: true },
  ];
  const rows: readonly (readonly [string, object])[] = [
    ['-h', short],
    ['--help', short],
    ['dist 80 --help', short],
    ['--help --bogus', short],
    ['--help all', whole],
    ['--help=all', whole],
    ['-h all', whole],
    ['all -h', short],
    ['-v', { kind: 'version' }],
    ['--version', { kind: 'version' }],
    ['a b c -v', { kind: 'version' }],
  ];
  for (const [argv, asked] of rows) assert.deepEqual(loadSettings(argv.split(' '), {}, true), asked);
});

test('what cannot be read is named, with what is wanted and the nearest known', () => {
  const port = 'wanted a port, a whole number from 0 to 65535';
  const host = 'wanted an address, a name, localhost, * or unix:/path';
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['--prot', '80'], 'unknown flag "--prot"; did you mean --port?'],
    [['--Port=80'], 'unknown flag "--Port"; did you mean --port?'],
    [['-port'], 'unknown flag "-port"; did you mean --port?'],
    [['--no-lsiting'], 'unknown flag "--no-lsiting"; did you mean --no-listing?'],
    [['--symlinks'], 'unknown flag "--symlinks"; did you mean --follow-symlinks?'],
    [['--clean-url'], 'unknown flag "--clean-url"; did you mean --clean-urls?'],
    [['--banana'], 'unknown flag "--banana"; plinth --help lists the known ones'],
    [['-x'], 'unknown flag "-x"; plinth --help lists the known ones'],
    [['-1'], 'unknown flag "-1"; plinth --help lists the known ones'],
    [['--\x1b]0;x\x07'], 'unknown flag "--\\u001b]0;x\\u0007"; plinth --help lists the known ones'],
    [['--\u009b'], 'unknown flag "--\\u009b"; plinth --help lists the known ones'],
    [['-p'], '-p: found nothing, wanted <port>'],
    [['--log'], '--log: found nothing, wanted <format>'],
    [['--port', '--listing'], `--port: found "--listing", ${port}`],
    [['--port='], `--port: found "", ${port}`],
    [['--port', '80.5'], `--port: found "80.5", ${port}`],
    [['--port', '1e3'], `--port: found "1e3", ${port}`],
    [['--port', '0x50'], `--port: found "0x50", ${port}`],
    [['--port', '-1'], `--port: found "-1", ${port}`],
    [['--port', ' 80'], `--port: found " 80", ${port}`],
    [['--port', '65536'], `--port: found "65536", ${port}`],
    [['--port', 'NaN'], `--port: found "NaN", ${port}`],
    [['99999'], `port: found "99999", ${port}`],
    [['9000', 'dist'], `port: found "dist", ${port}`],
    [['dist', '80', 'x'], 'unexpected argument "x"; wanted at most a root and a port'],
    [['dist', '80', '--port', '90'], 'port: found "80" and --port 90, wanted one of them'],
    [[''], 'root: found "", wanted a folder'],
    [['a\0b'], 'root: found "a\\u0000b", wanted a folder'],
    [['--host', ''], `--host: found "", ${host}`],
    [['--host='], `--host: found "", ${host}`],
    [['--host', '256.1.1.1'], `--host: found "256.1.1.1", ${host}`],
    [['--host', '127.1'], `--host: found "127.1", ${host}`],
    [['--host', '127.0.0.1:80'], `--host: found "127.0.0.1:80", ${host}`],
    [['--host', 'localhost:80'], `--host: found "localhost:80", ${host}`],
    [['--host', 'unix:'], `--host: found "unix:", ${host}`],
    [['--host=http://a'], `--host: found "http://a", ${host}`],
    [['--host', 'a b'], `--host: found "a b", ${host}`],
    [['--no-listing=1'], '--no-listing: found "1", wanted no value'],
    [['--help=1'], '--help: found "1", wanted no value'],
    [['-q=1'], '-q: found "1", wanted no value'],
    [['--listing=maybe'], '--listing: found "maybe", wanted true or false'],
    [['--log', 'jsn'], '--log: found "jsn", wanted human, combined, json or off'],
    [['--workers', '0'], '--workers: found "0", wanted auto or a number from 1 to 256'],
    [['-w', 'all'], '-w: found "all", wanted auto or a number from 1 to 256'],
    [['--grace', '5h'], '--grace: found "5h", wanted a time such as 10s or 500ms'],
    [['--grace', '-5'], '--grace: found "-5", wanted a time such as 10s or 500ms'],
    [['--grace', '99999999s'], '--grace: found "99999999s", wanted a time such as 10s or 500ms'],
    [
      ['--limit', 'headTimeoutMs'],
      '--limit: found "headTimeoutMs", wanted name=value, such as headTimeoutMs=5s',
    ],
    [
      ['--throttle', '*.jpg=5g'],
      '--throttle: found "*.jpg=5g", wanted slow-3g, fast-3g, or octets a second such as 100k or 1m,200ms',
    ],
    [['--limit', '=5'], '--limit: found "=5", wanted name=value, such as headTimeoutMs=5s'],
    [['--limit', 'headTimeout=5'], '--limit: no limit is called "headTimeout"; did you mean headTimeoutMs?'],
    [
      ['--limit', 'headTimeoutMs=0'],
      '--limit: headTimeoutMs: found "0", wanted a whole number from 1 to 2147483647, or a text with a unit (ms, s)',
    ],
    [['--limit', 'backlog=4k'], '--limit: backlog: found "4k", wanted a whole number from 1 to 2147483647'],
    [
      ['--limit', 'headTimeoutMs=3000000s'],
      '--limit: headTimeoutMs: found "3000000s", wanted a whole number from 1 to 2147483647, or a text with a unit (ms, s)',
    ],
    [
      ['--limit', 'lingerBytesMax=1.5'],
      '--limit: lingerBytesMax: found "1.5", wanted a whole number from 0 to 2147483647, or a text with a unit (k, m)',
    ],
  ];
  for (const [argv, message] of rows) assert.equal(faultOf(argv), message, argv.join(' '));
});

test('a fault of the environment names the variable', () => {
  const rows: readonly (readonly [Environment, string])[] = [
    [{ PORT: 'http' }, 'PORT: found "http", wanted a port, a whole number from 0 to 65535'],
    [
      { PORT: '80', PLINTH_PORT: 'x' },
      'PLINTH_PORT: found "x", wanted a port, a whole number from 0 to 65535',
    ],
    [{ HOST: 'a b' }, 'HOST: found "a b", wanted an address, a name, localhost, * or unix:/path'],
  ];
  for (const [env, message] of rows) assert.equal(faultOf([], env), message);
});

test('the sources say what gave each setting', () => {
  const command = loadSettings(['dist', '--no-listing'], { PORT: '80' }, true);
  assert.equal(command.kind, 'run');
  const { sources } = command as { sources: ReadonlyMap<string, string> };
  assert.deepEqual(Object.fromEntries(sources), { port: 'PORT', root: 'root', listing: '--no-listing' });
});
