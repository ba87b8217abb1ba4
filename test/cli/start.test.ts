import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { commandFile, exchange, get, plinth, scratch, serving } from './command.ts';

const site = join(scratch, 'site');
mkdirSync(site);
writeFileSync(join(site, 'index.html'), '<h1>here</h1>');
writeFileSync(join(site, 'about.html'), '<h1>about</h1>');

/** Listens where it can; undefined when somebody else has the port. */
function occupy(port: number): Promise<Server | undefined> {
  return new Promise(resolve => {
    const server = createServer();
    server.on('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('help and version are shown, and nothing is started', async () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['--help', /^plinth \d+\.\d+\.\d+: .*\n\nUsage: plinth \[root\] \[port\]/],
    ['-h', /--no-listing/],
    ['--version', /^plinth \d+\.\d+\.\d+\n$/],
    ['-v', /^plinth \d+\.\d+\.\d+\n$/],
  ];
  for (const [flag, expected] of rows) {
    const { code, stdout, stderr } = await plinth([flag]).ended;
    assert.equal(code, 0);
    assert.match(stdout, expected);
    assert.equal(stderr, '');
  }
});

test('a start loads few files: each costs it more than its octets do', () => {
  const loaded = new Set([commandFile(), join(dirname(commandFile()), 'index.js')]);
  for (const file of loaded) {
    const code = readFileSync(file, 'utf8');
    for (const [, path = ''] of code.matchAll(/^(?:import|\} from|export \* from) "(\.[^"]+)";$/gm))
      loaded.add(join(dirname(file), path));
  }
  const files = [...loaded].map(file => `${statSync(file).size} ${basename(file)}`);
  assert.ok(files.length > 2 && files.length <= 12, files.join('\n'));
});

test('what cannot be used is one line, exit code 2, and nothing is started', async () => {
  writeFileSync(join(scratch, 'file'), '');
  symlinkSync('/', join(scratch, 'everything'));
  symlinkSync('loop', join(scratch, 'loop'));
  const whole = 'is the whole file system; serve a folder in it';
  const rows: readonly (readonly [readonly string[], string, Readonly<Record<string, string>>?])[] = [
    [['--prot', '80'], 'unknown flag "--prot"; did you mean --port?'],
    [['--no-lsiting'], 'unknown flag "--no-lsiting"; did you mean --no-listing?'],
    [['a', '80', 'b'], 'unexpected argument "b"; wanted at most a root and a port'],
    [[], 'PORT: found "http", wanted a port, a whole number from 0 to 65535', { PORT: 'http' }],
    [['/'], `root "/" ${whole}`],
    [['/tmp/..'], `root "/tmp/.." ${whole}`],
    [['everything'], `root "everything" ${whole}`],
    [['absent'], 'root "absent" does not exist'],
    [['chekc'], 'root "chekc" does not exist; did you mean the command check?'],
    [['file'], 'root "file" is not a folder'],
    [['file/x'], 'root "file/x" is not a folder'],
    [['loop'], 'root "loop" is a link that leads to itself'],
    [['\x1b[2J'], 'root "\\u001b[2J" does not exist'],
  ];
  for (const [argv, message, env] of rows) {
    assert.deepEqual(await plinth(argv, env).ended, { code: 2, stdout: '', stderr: `plinth: ${message}\n` });
  }
});

test('the banner names what is bound, the root, what is on and how to stop', async () => {
  const { run, port } = await serving([site, '0', '-q', '--host', '127.0.0.1']);
  assert.match(await exchange(port, get('/')), /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n<h1>here<\/h1>$/s);
  const { stderr, stdout } = await run.stop();
  const says = stderr.replace(/plinth \d+\.\d+\.\d+: /g, '');
  const expected = [
    `listening on http://127.0.0.1:${port}/`,
    `serving ${site}`,
    'on: listing, clean URLs',
    `stop with: kill ${run.child.pid}`,
    '',
  ];
  assert.equal(says, expected.join('\n'));
  assert.equal(stdout, '');
});

test('with --dev one process serves, so that every page hears of the same events', async () => {
  const { run, port } = await serving([site, '0', '-q', '--dev', '--workers', '2', '--host', '127.0.0.1']);
  const scripts = new Set<string>();
  for (let round = 0; round < 20; round++)
    scripts.add((await exchange(port, get('/.plinth/live.js'))).replace(/^.*\r\n\r\n/s, ''));
  assert.equal(scripts.size, 1);
  assert.match([...scripts].join(), /plinthLive/);
  const { code, stderr } = await run.stop();
  assert.equal(code, 0);
  assert.ok(stderr.includes('plinth: --dev: one process serves, and not 2\n'), stderr);
  assert.doesNotMatch(stderr, /workers: /);
});

test('every address that the banner names answers', async () => {
  for (const argv of [['0'], ['0', '--host'], ['0', '-H', '127.0.0.1', '-H', '127.0.0.2']]) {
    const { run } = await serving(argv, { PLINTH_ROOT: site });
    const urls = [...run.stderr.matchAll(/listening on http:\/\/\[?([^\]\s]+?)\]?:(\d+)\//g)];
    assert.ok(urls.length > 0);
    for (const [, host, port] of urls)
      assert.match(await exchange(Number(port), get('/'), host), /here/, host);
    assert.equal((await run.stop()).code, 0);
  }
});

test('a Unix socket is served beside a port, and is gone after the stop', async () => {
  const path = join(scratch, 'plinth.sock');
  const { run, port } = await serving([site, '0', '--host', `unix:${path}`, '--host', '127.0.0.1']);
  assert.match(run.stderr, new RegExp(`listening on unix:${path}\n`));
  assert.match(await exchange(path, get('/about')), /<h1>about<\/h1>$/);
  assert.match(await exchange(port, get('/about')), /<h1>about<\/h1>$/);
  const { code, stdout } = await run.stop();
  assert.equal(code, 0);
  assert.match(stdout, /^- - - \[.*\] "GET \/about HTTP\/1\.1" 200 14 "-" "-"\n127\.0\.0\.1 - - /);
});

test('a port that was asked for and is taken is an error that names who has it', async () => {
  const server = await occupy(0);
  const port = portOf(server);
  const owner = process.platform === 'linux' ? ` by \\S+ \\(pid ${process.pid}\\)` : '';
  const rows: readonly (readonly [readonly string[], Readonly<Record<string, string>>, string])[] = [
    [[site, String(port)], {}, ''],
    [[site, '-p', String(port)], {}, ''],
    [[site], { PORT: String(port) }, ' \\(from PORT\\)'],
  ];
  for (const [argv, env, origin] of rows) {
    const { code, stderr } = await plinth(argv, env).ended;
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(
        `^plinth: port ${port}${origin} on 127\\.0\\.0\\.1 is taken${owner}; --port 0 takes any free one\n$`,
      ),
    );
  }
  server?.close();
});

test('a configuration that holds on to something holds up no failure, and no explanation', async () => {
  const taken = await occupy(0);
  try {
    const config = join(scratch, 'held.mjs');
    writeFileSync(config, 'setInterval(() => {}, 1000); export default { root: "site" };\n');
    const port = String(portOf(taken));
    const rows: readonly (readonly [words: readonly string[], code: number, line: RegExp])[] = [
      [['-c', config, '--port', port], 1, /^plinth: port \d+ /],
      [['-c', config, '--port', port, '--workers', '2'], 1, /^plinth: port \d+ /],
      [['-c', config, '--auth', 'absent'], 2, /^plinth: --auth: /],
      [['-c', config, '/no/folder', '0'], 2, /^plinth: /],
      [['explain', '/', '-c', config], 0, /^\n {2}plinth explain/],
    ];
    for (const [words, wanted, line] of rows) {
      const { code, stdout, stderr } = await plinth(words).ended;
      assert.equal(code, wanted, words.join(' '));
      assert.match(stdout + stderr, line, words.join(' '));
    }
  } finally {
    taken?.close();
  }
});

test('the default port moves on to the next free one and says so', async () => {
  const server = await occupy(8080);
  const { run, port } = await serving([site, '-q']);
  // Somebody else may have had 8080 and left it in the meantime; then it is ours, and nothing was moved.
  if (server !== undefined) assert.notEqual(port, 8080);
  const moved = `8080 is taken; ${port} is the next free one`;
  assert.equal(run.stderr.includes(moved), port !== 8080);
  assert.match(await exchange(port, get('/')), /here/);
  assert.equal((await run.stop()).code, 0);
  server?.close();
});

test('a host that cannot be bound is an error that says why', async () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [['-H', '192.0.2.254'], /^plinth: host 192\.0\.2\.254 is not an address of this machine; /],
    [['-H', 'no-such-name.invalid'], /^plinth: host no-such-name\.invalid is no known name; /],
    [
      ['-H', `unix:${join(scratch, 'absent', 's')}`],
      /^plinth: the socket \S+ cannot be made: its folder is missing/,
    ],
  ];
  for (const [argv, message] of rows) {
    const { code, stderr } = await plinth([site, '-p', '0', ...argv]).ended;
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
});

test('it warns of what nobody means to publish, and tells truly whether it can be read', async () => {
  const root = join(scratch, 'hazards');
  for (const folder of ['', '.git', 'node_modules', 'deep']) mkdirSync(join(root, folder));
  const key = '-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n';
  const rows: readonly (readonly [string, string])[] = [
    ['.env', 'SECRET=1'],
    ['.env.local', 'SECRET=1'],
    ['.environment', 'fine'],
    ['server.key', key],
    ['bundle.pem', `subject=x\n${key.replace('BEGIN', 'BEGIN RSA')}`],
    ['public.pem', '-----BEGIN CERTIFICATE-----\n'],
    ['notes.txt', key],
    ['deep/server.key', key],
  ];
  for (const [name, text] of rows) writeFileSync(join(root, name), text);
  const held = 'not served, as dotfiles are off: .env, .env.local, .git';
  const closed = await serving([root, '0', '-q']);
  await closed.run.said(/note: /);
  assert.ok(
    closed.run.stderr.includes(
      'plinth: warning: anyone here can read bundle.pem, node_modules, server.key\n',
    ),
  );
  assert.ok(closed.run.stderr.includes(`plinth: note: ${held}\n`), closed.run.stderr);
  assert.match(await exchange(closed.port, get('/.env')), /^HTTP\/1\.1 404 /);
  assert.match(await exchange(closed.port, get('/server.key')), /^HTTP\/1\.1 200 /);
  await closed.run.stop();

  const wide = await serving([root, '0', '-q', '--dotfiles']);
  await wide.run.said(/warning: anyone here can read \.env, \.env\.local, \.git, bundle\.pem and 2 more\n/);
  assert.match(await exchange(wide.port, get('/.env')), /^HTTP\/1\.1 200 /);
  await wide.run.stop();

  const clean = await serving([site, '0', '-q']);
  const { stderr } = await clean.run.stop();
  assert.doesNotMatch(stderr, /warning|note/);
});

test('names that are not UTF-8 are told of, and not those that only look so', {
  skip: process.platform !== 'linux' && 'names are UTF-8 here',
}, async () => {
  const root = join(scratch, 'misnamed');
  mkdirSync(root);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9]), Buffer.from('.txt')]), '');
  writeFileSync(join(root, 'café.txt'), '');
  writeFileSync(join(root, 'odd\ufffd.txt'), '');
  const { run, port } = await serving([root, '0', '-q']);
  await run.said(/note: not served, as the name is not UTF-8: caf\ufffd\.txt\n/);
  assert.match(await exchange(port, get('/caf%e9.txt')), /^HTTP\/1\.1 400 /);
  assert.match(await exchange(port, get('/odd%ef%bf%bd.txt')), /^HTTP\/1\.1 200 /);
  await run.stop();
});
