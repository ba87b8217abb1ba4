// Several processes behind one port: how they start, share, die, are replaced and stop.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { exchange, get, open, plinth, Run, scratch, serving } from '../cli/command.ts';
import { skipWithout } from '../faults/process.ts';
import { childrenOf, clientPortsOf, isAlive, until, workersOf } from './processes.ts';

const site = join(scratch, 'site');
mkdirSync(site);
const contentBytes = 24 * 1024 * 1024;
writeFileSync(join(site, 'big.bin'), Buffer.alloc(contentBytes, 'x'));
writeFileSync(join(site, 'small.txt'), 'small');

/** While this file is there, a worker ends before it does anything. */
const trap = join(scratch, 'trap');
const trapped = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    `import{existsSync}from'node:fs';if(process.env.PLINTH_WORKER_SOCKETS&&existsSync(${JSON.stringify(trap)}))process.exit(3)`,
  )}`,
};

function request(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

/** A reader that has taken the head of a big answer and nothing more. */
async function stalledReader(port: number): Promise<Socket> {
  const socket = open(port);
  socket.on('error', () => {});
  socket.write(request('/big.bin'));
  await new Promise(resolve => socket.once('readable', resolve));
  return socket;
}

/** Stalled readers until every worker has at least one. */
async function readersOfEach(run: Run, port: number): Promise<readonly Socket[]> {
  const readers: Socket[] = [];
  const isHeldByEach = (): boolean => workersOf(run).every(pid => clientPortsOf(pid, port).size > 0);
  while (!isHeldByEach()) {
    assert.ok(readers.length < 200, 'a worker is never given a connection');
    readers.push(await stalledReader(port));
  }
  return readers;
}

/** Octets that still come until the server ends the connection. */
async function restOf(socket: Socket): Promise<number> {
  let bytes = 0;
  for await (const chunk of socket) bytes += (chunk as Buffer).length;
  return bytes;
}

test('the banner comes once and names the supervisor and the workers', async () => {
  const { run, port } = await serving([site, '0', '-q', '--workers', '3', '--host', '127.0.0.1']);
  assert.equal(workersOf(run).length, 3);
  const { code, stderr } = await run.stop();
  assert.equal(code, 0);
  const expected = [
    `listening on http://127.0.0.1:${port}/`,
    `serving ${site}`,
    'on: listing, clean URLs',
    `workers: 3; renew them with: kill -HUP ${run.child.pid}`,
    `stop with: kill ${run.child.pid}`,
    '',
  ];
  assert.equal(stderr.replace(/plinth \d+\.\d+\.\d+: /g, ''), expected.join('\n'));
});

test('what all workers find is said once, and before the banner', async () => {
  const faulty = join(scratch, 'faulty');
  mkdirSync(faulty);
  writeFileSync(join(faulty, '_headers'), '/x\n  no field\n');
  const { run } = await serving([faulty, '0', '-q', '-w', '3', '--host', '127.0.0.1']);
  const { stderr } = await run.stop();
  assert.match(stderr, /^plinth: _headers:2: [^\n]+\nplinth [^\n]+ listening on [^\n]+\n/);
  assert.equal(stderr.split('_headers:2').length, 2, stderr);
});

test('200 connections are shared by two workers', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2', '--host', '127.0.0.1']);
  const clients = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const socket = open(port);
      socket.write(request('/small.txt'));
      await new Promise(resolve => socket.once('data', resolve));
      return socket;
    }),
  );
  const pids = workersOf(run);
  await until(() => pids.every(pid => clientPortsOf(pid, port).size === 100), 'each holds half');
  for (const client of clients) client.destroy();
  assert.equal((await run.stop()).code, 0);
});

test('a port that is taken is told once, and the default one moves on for all', async () => {
  const server = createServer();
  const taken = await new Promise<number>(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const refused = await plinth([site, String(taken), '-w', '2']).ended;
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`^plinth: port ${taken} on 127\\.0\\.0\\.1 is taken[^\n]*\n$`));
  server.close();

  const first = await serving([site, '0', '-q', '-w', '2']);
  const second = await plinth([site, String(first.port), '-w', '2']).ended;
  assert.equal(second.code, 1, 'two servers on one port');
  const [one, other] = [await serving([site, '-q', '-w', '2']), await serving([site, '-q', '-w', '2'])];
  assert.notEqual(one.port, other.port);
  // Somebody else may have had 8080 at first and left it in the meantime; then the second got it and nothing was moved.
  const moved = `8080 is taken; ${other.port} is the next free one\n`;
  assert.equal(other.run.stderr.includes(moved), other.port !== 8080);
  for (const { run, port } of [first, one, other]) {
    assert.match(await exchange(port, get('/small.txt')), /small$/);
    assert.equal((await run.stop()).code, 0);
  }
});

test('a Unix socket outlives the workers that listened on it, and is gone after the stop', async () => {
  const path = join(scratch, 'workers.sock');
  const run = plinth([site, '-q', '-w', '2', '-H', `unix:${path}`]);
  await run.said(/stop with/);
  run.child.kill('SIGHUP');
  await run.said(/reloaded: 2 workers are new\n/);
  await until(() => workersOf(run).length === 2, 'the old workers end');
  assert.match(await exchange(path, get('/small.txt')), /small$/);
  assert.equal((await run.stop()).code, 0);
  assert.ok(!existsSync(path));
});

test('a worker that cannot start at the start ends the server with its exit code, and nothing stays', async () => {
  writeFileSync(trap, '');
  const ended = await plinth([site, '0', '-w', '3'], trapped).ended;
  rmSync(trap);
  assert.deepEqual(ended, { code: 3, stdout: '', stderr: '' });
});

test('a worker that is killed is replaced, and the others serve meanwhile', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2']);
  const [victim = 0] = workersOf(run);
  process.kill(victim, 'SIGKILL');
  await run.said(new RegExp(`plinth: worker ${victim} ended with SIGKILL; another one starts in 100 ms\n`));
  for (let index = 0; index < 20; index += 1) {
    assert.match(await exchange(port, get('/small.txt')), /small$/);
  }
  await until(() => workersOf(run).length === 2, 'there are two workers again');
  assert.ok(!workersOf(run).includes(victim));
  assert.equal((await run.stop()).code, 0);
});

test('workers that die young are replaced after longer and longer, and a reload that fails changes nothing', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2'], trapped);
  const before = workersOf(run);
  writeFileSync(trap, '');
  run.child.kill('SIGHUP');
  await run.said(/plinth: reload given up: a worker ended with exit code 3 before it listened\n/);
  assert.deepEqual(workersOf(run), before);
  for (const pid of before) process.kill(pid, 'SIGKILL');
  const why = 'a worker ended with exit code 3 before it listened';
  for (const delay of [200, 400, 800]) {
    await run.said(new RegExp(`plinth: ${why}; another one starts in ${delay} ms\n`));
  }
  // Nobody is there to answer, but nobody is sent away.
  const answer = exchange(port, get('/small.txt'));
  rmSync(trap);
  assert.match(await answer, /small$/);
  await until(() => workersOf(run).length === 2, 'there are two workers again');
  assert.equal((await run.stop()).code, 0);
});

test('a reload lets answers under way finish, and the old workers end', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2']);
  const readers = await readersOfEach(run, port);
  const before = workersOf(run);
  run.child.kill('SIGHUP');
  await run.said(/reloaded: 2 workers are new\n/);
  assert.equal(workersOf(run).length, 4);
  assert.match(await exchange(port, get('/small.txt')), /small$/);
  for (const bytes of await Promise.all(readers.map(restOf))) assert.ok(bytes > contentBytes);
  await until(() => before.every(pid => !isAlive(pid)), 'the old workers end');
  assert.equal((await run.stop()).code, 0);
});

test('a SIGHUP before all workers listen is kept until they do', async () => {
  const gate = join(scratch, 'gate');
  const config = join(scratch, 'gated.config.mjs');
  writeFileSync(
    config,
    `import { existsSync } from 'node:fs';
     import { setTimeout } from 'node:timers/promises';
     while (process.env.PLINTH_WORKER_SOCKETS && !existsSync(${JSON.stringify(gate)})) await setTimeout(20);
     export default { root: ${JSON.stringify(site)} };`,
  );
  const run = plinth(['-c', config, '-p', '0', '-q', '-w', '2']);
  await until(() => workersOf(run).length > 0, 'a worker starts');
  for (const _ of [1, 2]) run.child.kill('SIGHUP');
  writeFileSync(gate, '');
  await run.said(/reloaded: 2 workers are new\n/);
  await run.said(/stop with/);
  const { code } = await run.stop();
  assert.equal(code, 0);
});

test('SIGTERM finishes what every worker has under way, and exits 0', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2']);
  const readers = await readersOfEach(run, port);
  const pids = workersOf(run);
  run.child.kill('SIGTERM');
  await run.said(/finishing the answers under way/);
  for (const bytes of await Promise.all(readers.map(restOf))) assert.ok(bytes > contentBytes);
  assert.equal((await run.ended).code, 0);
  for (const pid of pids) assert.ok(!isAlive(pid));
});

test('a stop waits no longer than its grace, and a second Ctrl-C not at all', async () => {
  const rows = [
    [['--grace', '50ms'], ['SIGTERM'], 0],
    [[], ['SIGINT', 'SIGINT'], 130],
  ] as const;
  for (const [argv, signals, code] of rows) {
    const { run, port } = await serving([site, '0', '-q', '-w', '2', ...argv]);
    const readers = await readersOfEach(run, port);
    const pids = workersOf(run);
    for (const [index, signal] of signals.entries()) {
      if (index > 0) await run.said(/finishing/);
      // As a terminal does: to all of them.
      for (const pid of signal === 'SIGINT' ? pids : []) process.kill(pid, signal);
      run.child.kill(signal);
    }
    assert.equal((await run.ended).code, code);
    await until(() => pids.every(pid => !isAlive(pid)), 'no worker is left');
    for (const reader of readers) reader.destroy();
  }
});

test('a worker that hangs holds up neither a reload nor a stop for ever', async () => {
  const { run } = await serving([site, '0', '-q', '-w', '2', '--grace', '50ms']);
  const [hanging = 0] = workersOf(run);
  process.kill(hanging, 'SIGSTOP');
  run.child.kill('SIGHUP');
  await until(() => !isAlive(hanging), 'it is killed');
  const [next = 0] = workersOf(run);
  process.kill(next, 'SIGSTOP');
  assert.equal((await run.stop()).code, 0);
  assert.ok(!isAlive(next));
});

test('workers whose supervisor is killed finish what they have under way, and end', async () => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2']);
  const readers = await readersOfEach(run, port);
  const pids = workersOf(run);
  run.child.kill('SIGKILL');
  for (const bytes of await Promise.all(readers.map(restOf))) assert.ok(bytes > contentBytes);
  await until(() => pids.every(pid => !isAlive(pid)), 'no worker is left');
});

test('the lines of all workers reach one output whole', async () => {
  const { run, port } = await serving([site, '0', '-w', '2', '--log', 'json']);
  // Longer than what a pipe takes in one piece, and in all less than what may wait for a slow reader.
  const long = 'x'.repeat(6000);
  const targets = Array.from({ length: 120 }, (_, index) => `/small.txt?${index}-${long}`);
  for (let at = 0; at < targets.length; at += 40) {
    await Promise.all(targets.slice(at, at + 40).map(target => exchange(port, get(target))));
  }
  const { stdout, stderr } = await run.stop();
  assert.doesNotMatch(stderr, /lost/);
  const logged = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).target);
  assert.deepEqual(logged.sort(), targets.sort());
});

test('SIGHUP ends a server of one process, as the end of a terminal should', async () => {
  const { run } = await serving([site, '0', '-q']);
  run.child.kill('SIGHUP');
  assert.equal((await run.ended).code, null);
  assert.equal(run.child.signalCode, 'SIGHUP');
});

test('workers and their supervisor end with their terminal', {
  skip: skipWithout('script', 'bsdutils'),
}, async () => {
  const inTerminal = ['sh', '-c', 'exec script -qfec "$*" /dev/null', 'sh'];
  const run = new Run([site, '0', '-q', '-w', '2'], {}, 'pipe', inTerminal);
  await run.said(/Workers/, 'stdout');
  // `script` starts a shell that starts or becomes the supervisor.
  const below = childrenOf(run.child.pid ?? 0);
  const family = [...below, ...below.flatMap(childrenOf), ...below.flatMap(childrenOf).flatMap(childrenOf)];
  assert.ok(family.length >= 3);
  run.child.kill('SIGKILL');
  await until(() => family.every(pid => !isAlive(pid)), 'all have ended');
});
