import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { goodOnce, makeTlsFolder } from '../server/tls-fixture.ts';
import { plinth, scratch } from './command.ts';

/** A folder of these files in the scratch folder. */
function site(name: string, files: Readonly<Record<string, string>>): string {
  for (const [file, text] of Object.entries(files)) {
    const path = join(scratch, name, file);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
  return name;
}

test('every fault, dead rule and shadowed rule is told with its file and line', async () => {
  const config = {
    prot: 1,
    port: 'x',
    rules: {
      redirects: [
        { from: '/a/**', to: '/about' },
        { from: '/a/b', to: '/about' },
        { from: '/c', to: '/nowhere' },
        { from: '/d', to: '/a/b' },
        { from: '/e', to: 'https://elsewhere.example/' },
        { from: '/f/:x', to: '/f2/:x' },
      ],
      errorPages: { 404: '/lost.html' },
    },
  };
  const root = site('checked/dist', {
    'about.html': '',
    'old.html': '',
    _redirects: '/old.html /about\n/g /about 999\n/h/* /about\n/h/:y /about\n/a/z /about\n',
    _headers: '/*\n  Content-Length: 5\n',
    'serve.json': '{"rewrits": []}',
  });
  site('checked', { 'plinth.config.json': JSON.stringify(config, undefined, 1) });
  const { code, stdout, stderr } = await plinth(['check', root]).ended;
  assert.equal(stderr, '');
  assert.equal(code, 1);
  const lines = stdout.trimEnd().split('\n');
  const expected: readonly RegExp[] = [
    /^fault {5}checked\/plinth\.config\.json:2: unknown option "prot"; did you mean port\?$/,
    /^fault {5}checked\/plinth\.config\.json:3: port: found "x", wanted a port/,
  ];
  assert.equal(lines.length, expected.length, stdout);
  for (const [index, pattern] of expected.entries()) assert.match(lines[index] ?? '', pattern);

  const { prot, port, ...right } = config;
  assert.deepEqual([prot, port], [1, 'x']);
  site('checked', { 'plinth.config.json': JSON.stringify(right, undefined, 1) });
  const second = await plinth(['check', root, '--json']).ended;
  assert.equal(second.code, 1);
  const { faults, findings } = JSON.parse(second.stdout);
  assert.equal(faults, 3);
  const told = findings.map(
    ({ kind, file, line, key }: Record<string, unknown>) => `${kind} ${file} ${line ?? key}`,
  );
  const own = 'checked/plinth.config.json';
  assert.deepEqual(told, [
    'fault _headers 2',
    'fault _redirects 2',
    'fault serve.json 1',
    `shadowed ${own} 8`,
    'shadowed _redirects 4',
    'shadowed _redirects 5',
    `dead ${own} 12`,
    'dead _redirects 1',
    `dead ${own} 30`,
  ]);
});

test('a site without faults is well, dead and shadowed rules or not', async () => {
  const rows: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ 'a.html': '' }, /^nothing is wrong\n$/],
    [{ 'a.html': '', _redirects: '/x /a\n' }, /^nothing is wrong\n$/],
    [{ _redirects: '/x /a\n' }, /^dead {6}_redirects:1: nothing is at \/a\n$/],
  ];
  for (const [index, [files, expected]] of rows.entries()) {
    const { code, stdout } = await plinth(['check', site(`well${index}`, { 'y.txt': '', ...files })]).ended;
    assert.match(stdout, expected);
    assert.equal(code, 0);
  }
});

test('a rule is dead where the server would answer without it, and nowhere else', async () => {
  const first = (path: string): string => `dead      _redirects:1: a file stands at ${path} and goes first`;
  const nothing = (path: string): string => `dead      _redirects:1: nothing is at ${path}`;
  const serve = (keys: object): Readonly<Record<string, string>> => ({ 'serve.json': JSON.stringify(keys) });
  const rows: readonly (readonly [
    _redirects: string,
    files: Readonly<Record<string, string>>,
    lines: readonly string[],
    flags?: readonly string[],
  ])[] = [
    // No listing stands in the way of a rule.
    ['/ /home.html', { 'home.html': '' }, []],
    ['/ /home.html', { 'home.html': '', 'index.html': '' }, [first('/')]],
    ['/docs /home.html', { 'home.html': '', 'docs/a': '' }, []],
    ['/docs/ /home.html', { 'home.html': '', 'docs/a': '' }, []],
    ['/docs /home.html', { 'home.html': '', 'docs/index.html': '' }, [first('/docs')]],
    ['/about /home.html', { 'home.html': '', 'about.html': '' }, [first('/about')]],
    ['/about /home.html', { 'home.html': '', 'about.html': '', ...serve({ cleanUrls: false }) }, []],
    ['/about /home.html', { 'home.html': '', 'about.html': '' }, [], ['--no-clean-urls']],
    ['/x /about', { 'about.html': '', ...serve({ cleanUrls: false }) }, [nothing('/about')]],
    ['/x /docs', { 'docs/a': '' }, []],
    ['/x /docs/', { 'docs/a': '' }, [nothing('/docs/')], ['--no-listing']],
    ['/x /docs', { 'docs/a': '' }, [nothing('/docs')], ['--no-listing']],
    ['/x /docs', { 'docs/index.html': '' }, [], ['--no-listing']],
    ['/x /docs/', { 'docs/a': '', ...serve({ directoryListing: true }) }, [], ['--no-listing']],
    ['/x /docs/', { 'docs/a': '', ...serve({ directoryListing: false }) }, [nothing('/docs/')]],
  ];
  for (const [index, [_redirects, files, lines, flags = []]] of rows.entries()) {
    const { stdout } = await plinth(['check', site(`dead${index}`, { ...files, _redirects }), ...flags])
      .ended;
    const expected = lines.length === 0 ? ['nothing is wrong'] : lines;
    assert.deepEqual(stdout.trimEnd().split('\n'), expected, `${_redirects} ${Object.keys(files)}`);
  }
});

test('a folder that is to be served in the stead of the root has to be there', async () => {
  for (const [index, [folder, line]] of (
    [
      ['dist', 'nothing is wrong'],
      ['./', 'nothing is wrong'],
      ['dits', 'fault     serve.json:1: public: no folder is at /dits, so that nothing is served'],
      ['a.txt', 'fault     serve.json:1: public: no folder is at /a.txt, so that nothing is served'],
    ] as const
  ).entries()) {
    const files = { 'dist/a': '', 'a.txt': '', 'serve.json': JSON.stringify({ public: folder }) };
    const { code, stdout } = await plinth(['check', site(`stead${index}`, files)]).ended;
    assert.equal(stdout, `${line}\n`);
    assert.equal(code, line.startsWith('fault') ? 1 : 0);
  }
});

test('a rule about who may see what is told when an earlier one always comes first', async () => {
  const config = {
    rules: {
      cors: [
        { from: '/a/**', host: 'a.example', origins: '*' },
        { from: '/a/*', origins: '*' },
        { from: '/a/b', origins: [] },
      ],
    },
  };
  const root = site('choosy/dist', { 'index.html': '' });
  site('choosy', { 'plinth.config.json': JSON.stringify(config) });
  const { stdout } = await plinth(['check', root]).ended;
  assert.match(
    stdout,
    /^shadowed {2}.*rules\.cors\[2\]: never reached: .*rules\.cors\[1\] \(\/a\/\*\) matches first\n$/,
  );
});

test('of rules of every kind those are told that others keep from having an effect', async () => {
  const from = (path: string, rest: object): object => ({ from: path, ...rest });
  const rows: readonly (readonly [rules: object, expected: readonly string[]])[] = [
    [{ listing: [from('/a/**', { on: false }), from('/a/b', { on: true })] }, ['listing[1]']],
    [{ listing: [from('/a/b', { on: false }), from('/a/**', { on: true })] }, []],
    [{ unlisted: ['*.map', 'a.map', 'b.txt'] }, ['unlisted[1]']],
    [
      { cleanUrls: [from('/**', { treatment: 'serve' }), from('/a', { treatment: 'off' })] },
      ['cleanUrls[1]'],
    ],
    [
      { trailingSlash: [from('/**', { treatment: 'add' }), from('/a', { treatment: 'remove' })] },
      ['trailingSlash[1]'],
    ],
    [
      {
        errorPages: [
          from('/**', { status: 404, page: '/index.html' }),
          from('/a/**', { status: 410, page: '/index.html' }),
          from('/a/b/**', { status: 404, page: '/index.html' }),
        ],
      },
      ['errorPages[2]'],
    ],
    [{ cache: [from('/img/**', { value: 'no-store' }), from('/**', { value: 'no-cache' })] }, ['cache[0]']],
    [{ cache: [from('/**', { value: 'no-store' }), from('/img/**', { value: 'no-cache' })] }, []],
    [{ fields: [from('/a', { set: { 'X-A': '1' } }), from('/*', { remove: ['x-a'] })] }, ['fields[0]']],
    [{ fields: [from('/a', { set: { 'X-A': '1', 'X-B': '1' } }), from('/*', { remove: ['x-a'] })] }, []],
    [{ fields: [from('/a', { set: { 'X-A': '1' } }), from('/*', { append: { 'X-A': '2' } })] }, []],
    [{ fields: [from('/a', { set: { Vary: 'X-A' } }), from('/*', { set: { Vary: 'X-B' } })] }, []],
    [
      {
        fields: [from('/a', { set: { 'X-A': '1' } }), from('/a', { host: 'a.example', set: { 'X-A': '2' } })],
      },
      [],
    ],
  ];
  const root = site('overruled/dist', { 'index.html': '' });
  for (const [rules, expected] of rows) {
    site('overruled', { 'plinth.config.json': JSON.stringify({ rules }) });
    const { stdout } = await plinth(['check', root, '--json']).ended;
    const told = JSON.parse(stdout).findings.map(
      ({ kind, key }: Record<string, unknown>) => `${kind} ${key}`,
    );
    assert.deepEqual(
      told,
      expected.map(key => `shadowed rules.${key}`),
      JSON.stringify(rules),
    );
  }
});

test('redirects that lead to each other for ever are a fault, and told once', async () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['/a /b\n/b /c\n/c /a\n', ['_redirects:1: leads in a circle: /a → /b → /c → /a']],
    ['/a/* /b/:splat\n/b/* /a/:splat\n', ['_redirects:1: leads in a circle: /a/x → /b/x → /a/x']],
    ['/a /b\n/b /page\n/page /a\n', []],
    ['/a /b\n/b /page\n/page /a 301!\n', ['_redirects:1: leads in a circle: /a → /b → /page → /a']],
    ['/a /b\n/b /page 200\n/b /a\n', []],
    ['/a id=:id /b\n/b /a\n', []],
    ['/a https://else.example/a\n', []],
    ['/x/* /x/y\n', []],
    ['/f/ /g/\n/g/ /f/\n', ['_redirects:2: leads in a circle: /g/ → /f/ → /g/']],
    ['/x /a\n/a /b\n/b /a\n', ['_redirects:2: leads in a circle: /a → /b → /a']],
  ];
  for (const [index, [_redirects, expected]] of rows.entries()) {
    const root = site(`circles${index}`, { 'page.html': '', 'f/a': '', 'g/a': '', _redirects });
    const { code, stdout } = await plinth(['check', root]).ended;
    const told = stdout.split('\n').filter(line => line.startsWith('fault'));
    assert.deepEqual(
      told,
      expected.map(line => `fault     ${line}`),
      _redirects,
    );
    assert.equal(code, expected.length);
  }
});

test('a rule for some hosts stands in the way of no rule for others', async () => {
  const rules = [
    'https://*.a.example/* https://a.example/:splat 301!',
    'https://www.a.example/x https://a.example/y 301!',
    'https://www.b.example/* https://a.example/:splat 301!',
    '/* /index.html 302!',
    'https://c.example/x /z 301!',
  ];
  const root = site('hosted', { _redirects: rules.join('\n'), 'index.html': '' });
  const { stdout } = await plinth(['check', root]).ended;
  assert.match(
    stdout,
    /^shadowed {2}_redirects:2: never reached: _redirects:1 .*\nshadowed {2}_redirects:5: .*_redirects:4 .*\n/,
  );
  assert.equal(stdout.match(/^shadowed/gm)?.length, 2);
});

test('a rule for a host whose requests go to another site is dead there', async () => {
  const rewrite = (host: string | readonly string[]): object => ({ from: '/x', host, to: '/a.html' });
  const config = {
    root: 'main',
    rules: { rewrites: [rewrite(['a.example', 'other.example']), rewrite('c.example')] },
    hosts: {
      'a.example': { root: 'one', rules: { rewrites: [rewrite('a.example'), rewrite('c.example')] } },
      '*.b.example': { root: 'main' },
    },
  };
  const fields = (host: string): string => `https://${host}/*\n  X-A: 1\n`;
  const _headers = ['*.b.example', 'a.example', 'other.example'].map(fields).join('');
  const _redirects = 'https://*.b.example/y /a.html\n';
  site('split', { 'plinth.config.json': JSON.stringify(config, undefined, 1) });
  site('split/main', { 'a.html': '', _headers });
  site('split/one', { 'a.html': '', _redirects });
  const { code, stdout } = await plinth(['check', '-c', 'split/plinth.config.json']).ended;
  assert.equal(code, 0);
  assert.deepEqual(stdout.replaceAll(': those requests go to another site of this server', '').split('\n'), [
    'dead      split/plinth.config.json:5: rules.rewrites[0]: never asked for a.example',
    'dead      _headers:3: never asked for a.example',
    'dead      split/plinth.config.json:30: hosts["a.example"].rules.rewrites[1]: never asked for c.example',
    'dead      split/one/_redirects:1: never asked for *.b.example',
    '',
  ]);
});

test('rules are held against all folders that are served, wherever the base is', async () => {
  const rules = '/x /docs/d.html\n/y /docs/none\n/docs/d.html /x\n/z /app/docs/d.html\n';
  const root = site('mounted/dist', { _redirects: rules, 'a.html': '' });
  site('mounted/docs', { 'd.html': '' });
  const argv = ['check', root, '--mount', '/docs=mounted/docs', '--base', '/app'];
  const { code, stdout } = await plinth(argv).ended;
  const told = stdout.split('\n').filter(line => line !== '');
  assert.deepEqual(told, [
    'dead      _redirects:2: nothing is at /docs/none',
    'dead      _redirects:3: a file stands at /docs/d.html and goes first',
    'dead      _redirects:4: nothing is at /app/docs/d.html',
  ]);
  assert.equal(code, 0);
  const absent = await plinth(['check', root, '--mount', '/docs=mounted/none']).ended;
  assert.match(absent.stdout, /^fault {5}mount \/docs: folder "mounted\/none" does not exist\n$/);
  assert.equal(absent.code, 1);
});

test('the page of an application that is missing is told of where it is named', async () => {
  const config = { root: 'one', spa: 'app.html', hosts: { 'two.example': { root: 'two', spa: true } } };
  site('apps', {
    'one/index.html': '',
    'two/a.html': '',
    'plinth.config.json': JSON.stringify(config, undefined, 1),
  });
  const file = 'apps/plinth.config.json';
  const { stdout } = await plinth(['check', '-c', file]).ended;
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    `dead      ${file}:3: spa: nothing is at /app.html`,
    `dead      ${file}:7: hosts["two.example"].spa: nothing is at /index.html`,
  ]);
  const json = JSON.parse((await plinth(['check', '-c', file, '--json']).ended).stdout);
  const message = 'nothing is at /app.html';
  assert.deepEqual(json.findings[0], { kind: 'dead', file, line: 3, key: 'spa', message });
});

test('wrong words are exit code 2, and a configuration that holds on to something does not hold us', async () => {
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['--prot'], 'unknown flag "--prot"; did you mean --port?'],
    [['-c', 'absent.json'], 'config "absent.json" does not exist'],
  ];
  for (const [words, message] of rows) {
    const { code, stderr } = await plinth(['check', ...words]).ended;
    assert.deepEqual([code, stderr], [2, `plinth check: ${message}\n`]);
  }
  site('held', { 'root/a': '', 'held.mjs': 'setInterval(() => {}, 1000); export default { root: "root" };' });
  const { code, stdout } = await plinth(['check', '-c', 'held/held.mjs']).ended;
  assert.deepEqual([code, stdout], [0, 'nothing is wrong\n']);
});

test('certificates and keys that cannot be used are faults, and what browsers will not like is a warning', async () => {
  const folder = await makeTlsFolder();
  try {
    const root = site('secured', { 'a.html': '' });
    await folder.issue('good', ['localhost']);
    await folder.issue('old', ['localhost'], goodOnce);
    const [good, old, key] = ['good.crt', 'old.crt', 'good.key'].map(folder.path);
    const rows: readonly (readonly [cert: string | undefined, code: number, line: RegExp])[] = [
      [good, 0, /^nothing is wrong\n$/],
      [old, 1, /^fault {5}.*old\.crt: .*do not belong together/],
      [undefined, 1, /^fault {5}.*none\.crt: cannot be read/],
    ];
    for (const [cert = folder.path('none.crt'), wanted, line] of rows) {
      const words = ['check', root, '--tls-cert', cert, '--tls-key', String(key)];
      const { code, stdout } = await plinth(words).ended;
      assert.equal(code, wanted, cert);
      assert.match(stdout, line);
    }
    const expired = ['check', root, '--tls-cert', String(old), '--tls-key', folder.path('old.key')];
    const { code, stdout } = await plinth(expired).ended;
    assert.equal(code, 0);
    assert.match(stdout, /^warning {3}.*old\.crt: expired on /);
  } finally {
    folder.remove();
  }
});

test('what is wrong in a folder that several hosts share is told once', async () => {
  const hosts = { 'a.example': { root: 'common' }, 'b.example': { root: 'common' } };
  site('shared', { 'plinth.config.json': JSON.stringify({ root: 'main', hosts }), 'main/a.html': '' });
  site('shared/common', { 'a.html': '', _redirects: 'nothing\n/x /a\n/x /a\n/y /none\n' });
  const { code, stdout } = await plinth(['check', '-c', 'shared/plinth.config.json']).ended;
  assert.equal(code, 1);
  assert.deepEqual(stdout.match(/^\w+ +\S+:\d/gm), [
    'fault     shared/common/_redirects:1',
    'shadowed  shared/common/_redirects:3',
    'dead      shared/common/_redirects:4',
  ]);
});

test('password files, the cache folder, the root and files of rules that a server would not read are faults', async () => {
  const sha = '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=';
  const root = site('places/root', { 'a.html': '', users: `ann:${sha}` });
  site('places', {
    good: `ann:${sha}\n`,
    bad: `ann:${sha}\n# next\nbob:secret\ncid:rqXexS6ZhobKA\nann:${sha}\n`,
    large: '#'.repeat(1024 * 1024 + 1),
    file: '',
  });
  mkdirSync(join(scratch, 'places/open'));
  chmodSync(join(scratch, 'places/open'), 0o777);
  const big = site('big', { 'a.html': '', _redirects: `${'#'.repeat(1024 * 1024)}\n` });
  const linked = site('linked', { 'a.html': '' });
  symlinkSync(join(scratch, 'places/good'), join(scratch, linked, '_headers'));
  const rows: readonly (readonly [words: readonly string[], lines: readonly string[]])[] = [
    [[root, '--auth', 'places/good', '--auth', '/x=places/good'], ['nothing is wrong']],
    [
      [root, '--auth', '/a=places/bad', '--auth', '/b=places/bad'],
      [
        'fault     places/bad:3: a password in plain text; make it anew with htpasswd -B',
        'fault     places/bad:4: a hash that is none of bcrypt, argon2, apr1 and {SHA}; make it anew with htpasswd -B',
        'fault     places/bad:5: a user who has a line already',
      ],
    ],
    [[root, '--auth', 'places/large'], ['fault     places/large: is larger than 1048576 octets']],
    [[root, '--auth', 'places/open'], ['fault     places/open: is not a file']],
    [
      [root, '--auth', 'places/root/users'],
      ['fault     places/root/users: lies in the folder that is served, where anyone can read it'],
    ],
    [[root, '--cache-dir', 'places/new/cache'], ['nothing is wrong']],
    [[root, '--cache-dir', 'places/file'], ['fault     places/file: is not a folder']],
    [[root, '--cache-dir', 'places/file/cache'], ['fault     places/file/cache: is not a folder']],
    [
      [root, '--cache-dir', 'places/open'],
      ['fault     places/open: may be written to by other users; take that from them with chmod go-w'],
    ],
    [
      [root, '--cache-dir', 'places/root/cache'],
      ['fault     places/root/cache: lies in the folder that is served'],
    ],
    [['places/file'], ['fault     root "places/file" is not a folder']],
    [[big], ['fault     _redirects: the file cannot be read: it is larger than 1048576 bytes']],
    [[linked], ['fault     _headers: the file cannot be read: outside the root']],
    [
      [root, '--trace'],
      ['fault     trace: found it without dev, wanted both: only a site that is worked on tells of itself'],
    ],
    ...['--tls-key=a', '--tls-pass=a', '--tls-client-ca=a', '--https-redirect', '--hsts'].map(
      flag =>
        [
          [root, flag],
          [`fault     ${flag.replace('=a', '')}: found no certificate, wanted --tls-cert or --tls`],
        ] as const,
    ),
    [[root, '--spa'], ['dead      --spa: nothing is at /index.html']],
  ];
  for (const [words, lines] of rows) {
    const { code, stdout } = await plinth(['check', ...words]).ended;
    assert.deepEqual(stdout.trimEnd().split('\n'), lines);
    assert.equal(code, lines[0]?.startsWith('fault') ? 1 : 0, words.join(' '));
  }
  assert.ok(!existsSync(join(scratch, 'places/new')), 'a check makes nothing');
});
