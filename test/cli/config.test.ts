import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exchange, get, plinth, scratch, serving } from './command.ts';

const site = join(scratch, 'project', 'site');
mkdirSync(site, { recursive: true });
writeFileSync(join(site, 'index.html'), 'here');
writeFileSync(join(site, '.hidden'), 'hidden');

function configure(name: string, text: string): string {
  const path = join(scratch, 'project', name);
  writeFileSync(path, text);
  return path;
}

test('a flag wins over the environment, that over the file, that over the default', async () => {
  const file = configure('order.json', '{"port": 0, "host": "127.0.0.3", "dotfiles": true, "root": "site"}');
  const rows: readonly (readonly [readonly string[], Readonly<Record<string, string>>, string, RegExp])[] = [
    [[], {}, '127.0.0.3', /hidden$/],
    [[], { HOST: '127.0.0.2' }, '127.0.0.2', /hidden$/],
    [['--host', '127.0.0.1'], { HOST: '127.0.0.2' }, '127.0.0.1', /hidden$/],
    [['--no-dotfiles'], {}, '127.0.0.3', /^HTTP\/1\.1 404 /],
  ];
  for (const [flags, env, host, expected] of rows) {
    const { run, port } = await serving(['-q', '-c', file, ...flags], env);
    assert.ok(run.stderr.includes(`listening on http://${host}:${port}/\n`), run.stderr);
    assert.ok(run.stderr.includes(`configured by ${file}\n`), run.stderr);
    assert.ok(run.stderr.includes(`serving ${site}\n`), run.stderr);
    assert.match(await exchange(port, get('/.hidden'), host), expected);
    assert.equal((await run.stop()).code, 0);
  }
});

test('a program in TypeScript beside the root gives options and functions', async () => {
  const path = configure(
    'plinth.config.ts',
    `import { defineConfig, type Finisher } from 'plinth';
const mark: Finisher = (_request, response) => ({ ...response, fields: [...response.fields, ['X-Mark', 'ours']] });
export default defineConfig(async () => ({ port: 0, host: '127.0.0.1', finishers: [mark] }));
`,
  );
  const { run, port } = await serving(['-q', 'project/site']);
  assert.ok(run.stderr.includes(`configured by ${path}\n`), run.stderr);
  assert.match(await exchange(port, get('/')), /\r\nX-Mark: ours\r\n.*\r\n\r\nhere$/s);
  const { code, stderr } = await run.stop();
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /arning/);
});

test('a file that cannot be used is one line, exit code 2, and nothing is started', async () => {
  const rows: readonly (readonly [string, string, string])[] = [
    [
      'a.json',
      '{\n  "port": "x"\n}',
      'a.json:2: port: found "x", wanted a port, a whole number from 0 to 65535',
    ],
    ['b.json', '{\n  "lisitng": false\n}', 'b.json:2: unknown option "lisitng"; did you mean listing?'],
    [
      'c.json',
      '{\n  "limits": {"backlogs": 5}\n}',
      'c.json:2: limits: no limit is called "backlogs"; did you mean backlog?',
    ],
    ['d.mjs', 'export default { log: 5 };', 'd.mjs: log: found 5, wanted human, combined, json or off'],
    ['e.ts', 'const a: string = "x";\nthrow new Error(a);', 'e.ts:2: threw Error: x'],
    ['f.ts', 'const a: string =\n];', 'f.ts:2: Unexpected token'],
    [
      'i.json',
      '{\n  "rules": {\n    "redirects": [\n      {"form": "/a", "to": "/b"}\n    ]\n  }\n}',
      'i.json:4: rules.redirects[0].form: no key is called so here; did you mean from?',
    ],
    ['g.mts', 'export const a = 1;', 'g.mts: exports "a", wanted export default'],
    ['k.ts', 'const a: number = 1;', 'k.ts: exports nothing, wanted export default'],
    [
      'h.json',
      '{\n "root": "absent"}',
      `h.json:2: root "${join(scratch, 'project', 'absent')}" does not exist`,
    ],
    [
      'j.json',
      '{"root": "site",\n "mounts": {"/docs": "absent"}}',
      `j.json:2: mount /docs: folder "${join(scratch, 'project', 'absent')}" does not exist`,
    ],
  ];
  for (const [name, text, message] of rows) {
    const path = configure(name, text);
    const expected = `project/${message}`;
    const argv = ['-c', `project/${name}`, ...(/^[hj]/.test(name) ? [] : ['project/site'])];
    assert.deepEqual(
      await plinth(argv).ended,
      { code: 2, stdout: '', stderr: `plinth: ${expected}\n` },
      path,
    );
  }
});

test('folders that cannot be served are told of by their paths, and nothing is started', async () => {
  const rows: readonly (readonly [mount: string, message: string])[] = [
    ['/docs=absent', 'mount /docs: folder "absent" does not exist'],
    ['/docs=project/a.json', 'mount /docs: folder "project/a.json" is not a folder'],
    ['/docs=/', 'mount /docs: folder "/" is the whole file system; serve a folder in it'],
    ['docs', '--mount: found "docs", wanted a path and a folder, such as /docs=../docs'],
  ];
  configure('a.json', '{}');
  for (const [mount, message] of rows) {
    const ended = await plinth([site, '-c', 'project/a.json', '--mount', mount]).ended;
    assert.deepEqual(ended, { code: 2, stdout: '', stderr: `plinth: ${message}\n` }, mount);
  }
});

test('the port that a file asks for and that is taken is an error that names the file', async () => {
  const { run, port } = await serving([
    site,
    '0',
    '-q',
    '--host',
    '127.0.0.1',
    '-c',
    configure('none.json', '{}'),
  ]);
  const file = configure('taken.json', `{"port": ${port}, "host": "127.0.0.1"}`);
  const { code, stderr } = await plinth([site, '-c', file]).ended;
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`^plinth: port ${port} \\(from project/taken\\.json:1\\) on 127\\.0\\.0\\.1 is taken`),
  );
  await run.stop();
});

test('a reload brings a changed file to the workers, and a broken one changes nothing', async () => {
  const text = (dotfiles: boolean): string =>
    JSON.stringify({ workers: 2, port: 0, host: '127.0.0.1', dotfiles });
  const file = configure('reload.json', text(false));
  const { run, port } = await serving([site, '-q', '-c', file]);
  assert.match(run.stderr, /workers: 2;/);
  assert.match(await exchange(port, get('/.hidden')), /^HTTP\/1\.1 404 /);
  configure('reload.json', text(true));
  run.child.kill('SIGHUP');
  await run.said(/reloaded: 2 workers are new/);
  assert.match(await exchange(port, get('/.hidden')), /hidden$/);
  configure('reload.json', '{"prot": 1}');
  run.child.kill('SIGHUP');
  await run.said(/project\/reload\.json:1: unknown option "prot"; did you mean port\?\n/);
  await run.said(/reload given up: a worker ended with exit code 2 before it listened/);
  assert.match(await exchange(port, get('/.hidden')), /hidden$/);
  assert.equal((await run.stop()).code, 0);
});

test('rules of a file hold, before those of the site, and the file itself is not served', async () => {
  const folder = join(scratch, 'ruled');
  mkdirSync(join(folder, 'docs'), { recursive: true });
  const files = {
    'index.html': 'home',
    'app.html': 'app',
    'lost.html': 'lost',
    'old.html': 'old',
    'docs/a.html': 'a',
    _redirects: '/old.html /site\n/both /site\n/only /site\n',
    _headers: '/*\n  X-Who: site\n',
    'plinth.config.json': '{}',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const rules = {
    redirects: [
      { from: '/old.html', to: '/new', status: 308 },
      { from: '/both', to: '/ours' },
    ],
    refusals: [{ from: '/docs/**', status: 410 }],
    fields: [{ from: '/**', set: { 'X-Who': 'ours' } }],
    errorPages: { 410: '/lost.html' },
    spa: '/app.html',
  };
  const config = { root: '../ruled', port: 0, host: '127.0.0.1', rules };
  const { run, port } = await serving(['-q', '-c', configure('rules.json', JSON.stringify(config))]);
  const rows: readonly (readonly [string, RegExp])[] = [
    ['/', /^HTTP\/1\.1 200 .*\r\nX-Who: ours\r\n.*home$/s],
    ['/old.html', /^HTTP\/1\.1 308 .*\r\nLocation: \/new\r\n/s],
    ['/both', /^HTTP\/1\.1 301 .*\r\nLocation: \/ours\r\n/s],
    ['/only', /^HTTP\/1\.1 301 .*\r\nLocation: \/site\r\n/s],
    ['/docs/a', /^HTTP\/1\.1 410 .*lost$/s],
    ['/deep/page', /^HTTP\/1\.1 200 .*app$/s],
    ['/missing.js', /^HTTP\/1\.1 404 /],
    ['/plinth.config.json', /^HTTP\/1\.1 404 /],
    ['/Plinth.Config.json', /^HTTP\/1\.1 404 /],
  ];
  for (const [target, expected] of rows) assert.match(await exchange(port, get(target)), expected, target);
  assert.equal((await run.stop()).code, 0);
});

test('the configuration that is read is not served, whatever it is called and wherever it lies', async () => {
  const folder = join(scratch, 'published');
  mkdirSync(join(folder, 'conf'), { recursive: true });
  writeFileSync(join(folder, 'conf', 'mine.json'), '{"port": 0, "host": "127.0.0.1"}');
  writeFileSync(join(folder, 'conf', 'other.json'), 'served');
  symlinkSync('conf/mine.json', join(folder, 'link.json'));
  const named = ['published', '-c', join(folder, 'conf', 'mine.json')];
  for (const workers of ['1', '2']) {
    const { run, port } = await serving(['-q', ...named, '--workers', workers]);
    for (const path of ['/conf/mine.json', '/link.json', '/conf/plinth.config.json'])
      assert.match(await exchange(port, get(path)), /^HTTP\/1\.1 404 /, path);
    assert.match(await exchange(port, get('/conf/other.json')), /served$/);
    assert.doesNotMatch(await exchange(port, get('/conf/')), /mine/);
    assert.equal((await run.stop()).code, 0);
  }
  const { stdout } = await plinth(['explain', '/link.json', ...named]).ended;
  assert.match(stdout, /it is there for the server/);
});
