// `plinth reload`, from outside: whom it finds, what it waits for, and that it harms nobody else.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from '../workers/load.ts';
import { until, workersOf } from '../workers/processes.ts';
import { exchange, get, plinth, Run, scratch, serving } from './command.ts';

const site = join(scratch, 'site');
const runtime = join(scratch, 'run');
mkdirSync(site);
mkdirSync(runtime, { mode: 0o700 });
writeFileSync(join(site, 'small.txt'), 'small');
const env = { XDG_RUNTIME_DIR: runtime, TMPDIR: scratch };
const sockets = join(runtime, 'plinth');
const isLinux = process.platform === 'linux';

/** While this file is there, a worker ends before it does anything. */
const trap = join(scratch, 'trap');
const trapped = {
  ...env,
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    `import{existsSync}from'node:fs';if(process.env.PLINTH_WORKER_SOCKETS&&existsSync(${JSON.stringify(trap)}))process.exit(3)`,
  )}`,
};

function occupy(): Promise<{ readonly server: Server; readonly port: number }> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : 0 });
    });
  });
}

test('20 reloads by the command lose no request, and each waits for its workers', async t => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2'], env);
  const stopLoad = load(port, '/small.txt', 'small', 16);
  for (let count = 1; count <= 20; count += 1) {
    const before = workersOf(run);
    const { code, stdout, stderr } = await plinth(['reload', String(port)], env).ended;
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 0, stdout: `plinth reload: 2 workers of pid ${run.child.pid} are new\n`, stderr: '' },
    );
    // Those of reloads before may still retire.
    const fresh = workersOf(run).filter(pid => !before.includes(pid));
    assert.equal(fresh.length, 2);
  }
  const { answers, failedPorts, why } = await stopLoad();
  t.diagnostic(`${answers} answers`);
  assert.ok(answers > 1000, `${answers} answers`);
  assert.deepEqual(failedPorts, [], why.join('\n'));
  assert.equal((await run.stop()).code, 0);
  assert.deepEqual(readdirSync(sockets), [], 'a socket is left behind');
});

test('a reload that fails says why, with exit code 1, and the old workers stay', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2'], trapped);
  const before = workersOf(run);
  writeFileSync(trap, '');
  const ended = await plinth(['reload', String(port)], env).ended;
  rmSync(trap);
  const why = 'a worker ended with exit code 3 before it listened';
  assert.deepEqual(ended, {
    code: 1,
    stdout: '',
    stderr: `plinth reload: given up: ${why}; workers that are not new stay as they were\n`,
  });
  assert.deepEqual(workersOf(run), before);
  assert.equal((await plinth(['reload', String(port)], env).ended).code, 0);
  assert.equal((await run.stop()).code, 0);
});

test('reloads that are asked for at once are all granted', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2'], env);
  const before = workersOf(run);
  const all = await Promise.all([1, 2, 3, 4].map(() => plinth(['reload', String(port)], env).ended));
  assert.deepEqual(
    all.map(({ code }) => code),
    [0, 0, 0, 0],
  );
  await until(() => workersOf(run).length === 2, 'the old workers end');
  assert.ok(!workersOf(run).some(pid => before.includes(pid)));
  assert.equal((await run.stop()).code, 0);
});

test('a server on a Unix socket is found by its path, and one among several by its port', async () => {
  const path = join(scratch, 'site.sock');
  const onSocket = new Run([site, '-q', '-w', '2', '-H', 'unix:site.sock'], env);
  await onSocket.said(/stop with/);
  const onPort = await serving([site, '0', '-q', '-w', '2'], env);
  const rows: readonly (readonly [string, Run])[] = [
    [`unix:${path}`, onSocket],
    ['unix:site.sock', onSocket],
    [String(onPort.port), onPort.run],
  ];
  for (const [place, run] of rows) {
    const { code, stdout } = await plinth(['reload', place], env).ended;
    assert.deepEqual([code, stdout], [0, `plinth reload: 2 workers of pid ${run.child.pid} are new\n`]);
  }
  const { code, stderr } = await plinth(['reload'], env).ended;
  assert.equal(code, 1);
  assert.match(stderr, /^plinth reload: several servers with workers run, name one: /);
  for (const { child } of [onSocket, onPort.run]) assert.match(stderr, new RegExp(`\\(pid ${child.pid}\\)`));
  for (const run of [onSocket, onPort.run]) assert.equal((await run.stop()).code, 0);
});

test('what is no server with workers is left alone, and said to be none', async t => {
  const single = await serving([site, '0', '-q'], env);
  const stranger = await occupy();
  t.after(() => stranger.server.close());
  const closed = await occupy();
  await new Promise(resolve => closed.server.close(resolve));
  // A control socket of a server that has crashed.
  const killed = await serving([site, '0', '-q', '-w', '2'], env);
  const workers = workersOf(killed.run);
  killed.run.child.kill('SIGKILL');
  await until(() => workers.every(pid => !existsSync(`/proc/${pid}`)), 'its workers end');
  assert.equal(readdirSync(sockets).length, 1);

  const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[String(closed.port)], 1, /^nothing listens on port \d+\n$/],
    [[String(killed.port)], 1, /^nothing listens on port \d+\n$/],
    [
      [String(single.port)],
      1,
      new RegExp(`\\(pid ${single.run.child.pid}\\), a Plinth of one process: it has no workers`),
    ],
    [[String(stranger.port)], 1, new RegExp(`\\(pid ${process.pid}\\), which is not Plinth\n$`)],
    [['unix:/absent.sock'], 1, /^no server with --workers of this user is at unix:\/absent\.sock\n$/],
    [['http'], 2, /^found "http", wanted a port, from 1 to 65535, or unix:\/path\n$/],
    [['0'], 2, /^found "0", wanted a port/],
    [['8080', 'x'], 2, /^unexpected argument "x"; wanted at most a port\n$/],
    [['--hepl'], 2, /^unknown flag "--hepl"; did you mean --help\?\n$/],
  ];
  for (const [argv, code, message] of isLinux ? rows : rows.slice(4)) {
    const ended = await plinth(['reload', ...argv], env).ended;
    assert.equal(ended.code, code);
    assert.match(ended.stderr.replace('plinth reload: ', ''), message);
  }
  assert.match(await exchange(single.port, get('/small.txt')), /small$/);
  assert.equal((await single.run.stop()).code, 0);

  const next = await serving([site, '0', '-q', '-w', '2'], env);
  assert.equal(readdirSync(sockets).length, 1, 'what the crash left is cleared away');
  assert.equal((await next.run.stop()).code, 0);
});

test('a folder that others could have made is not trusted, and without any the server serves', async () => {
  chmodSync(sockets, 0o777);
  const { run, port } = await serving([site, '0', '-q', '-w', '2'], env);
  assert.deepEqual(readdirSync(sockets), []);
  assert.equal((await plinth(['reload', String(port)], env).ended).code, 0);
  assert.equal((await run.stop()).code, 0);
  chmodSync(sockets, 0o700);
});

test('a place that cannot hold a socket is passed over, by server and command alike', async () => {
  const long = join(scratch, 'n'.repeat(90 - scratch.length));
  mkdirSync(long);
  const rows = [join(site, 'small.txt'), '/dev/null/run', long];
  for (const place of rows) {
    const there = { ...env, XDG_RUNTIME_DIR: place };
    const { run, port } = await serving([site, '0', '-q', '-w', '2'], there);
    const { code, stderr } = await plinth(['reload', String(port)], there).ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, place);
    assert.equal((await run.stop()).code, 0);
  }
  assert.deepEqual(readdirSync(long), []);
});

test('nonsense on the control socket is refused, and the server lives on', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2'], env);
  const path = join(sockets, readdirSync(sockets)[0] ?? '');
  for (const words of ['', 'stop\n', 'reload\nreload\n', 'x'.repeat(100_000)]) {
    const answer = await exchange(path, words).catch((error: NodeJS.ErrnoException) => error.code ?? '');
    assert.match(answer, new RegExp(`^$|^E|^\\{"pid":${run.child.pid},[^\n]*\\}\n$`), JSON.stringify(words));
  }
  assert.doesNotMatch(run.stderr, /reloaded/);
  assert.equal((await plinth(['reload', String(port)], env).ended).code, 0);
  assert.equal((await run.stop()).code, 0);
});

test('its help fits a screen, and says how a folder of its name is served', async () => {
  const { code, stdout } = await plinth(['reload', '-h']).ended;
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.ok(lines.length <= 24 && lines.every(line => line.length <= 80), stdout);
  assert.match(stdout, /plinth \.\/reload/);
});
