import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { exchange, get, open, scratch, serving } from './command.ts';

const site = join(scratch, 'site');
mkdirSync(site);
const contentBytes = 24 * 1024 * 1024;
writeFileSync(join(site, 'big.bin'), Buffer.alloc(contentBytes, 'x'));
writeFileSync(join(site, 'small.txt'), 'small');

/** A reader that has taken the head of a big answer and nothing more. */
async function stalledReader(port: number): Promise<Socket> {
  const socket = open(port);
  socket.write('GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise(resolve => socket.once('readable', resolve));
  return socket;
}

/** Octets that still come until the server ends the connection. */
async function restOf(socket: Socket): Promise<number> {
  let bytes = 0;
  for await (const chunk of socket) bytes += (chunk as Buffer).length;
  return bytes;
}

async function isRefused(port: number): Promise<boolean> {
  const socket = open(port);
  return new Promise(resolve => {
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
}

test('SIGTERM and SIGINT end an idle server at once with exit code 0', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { run, port } = await serving([site, '0', '-q']);
    const idle = open(port);
    idle.write('GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise(resolve => idle.once('data', resolve));
    const closed = new Promise(resolve => idle.on('close', resolve));
    run.child.kill(signal);
    assert.equal((await run.ended).code, 0);
    await closed;
  }
});

test('a stop finishes the answer under way, takes no new connection, and exits 0', async () => {
  const { run, port } = await serving([site, '0', '-q']);
  const socket = await stalledReader(port);
  run.child.kill('SIGTERM');
  await run.said(/finishing the answers under way, 10 s at most; Ctrl-C again ends at once/);
  assert.ok(await isRefused(port));
  assert.ok((await restOf(socket)) > contentBytes);
  assert.equal((await run.ended).code, 0);
});

test('a stop waits no longer than its grace', async () => {
  const { run, port } = await serving([site, '0', '-q', '--grace', '50ms']);
  const socket = await stalledReader(port);
  socket.on('error', () => {});
  run.child.kill('SIGTERM');
  assert.equal((await run.ended).code, 0);
  socket.destroy();
});

test('a second Ctrl-C ends at once, with exit code 130', async () => {
  const { run, port } = await serving([site, '0', '-q']);
  const socket = await stalledReader(port);
  socket.on('error', () => {});
  run.child.kill('SIGINT');
  await run.said(/finishing/);
  run.child.kill('SIGINT');
  assert.equal((await run.ended).code, 130);
  socket.destroy();
});

test('one Ctrl-C that npm passes on a second time is still one', async () => {
  // A machine that stands still between the two makes two wishes of them: then they are sent again, to another server.
  for (let attemptsLeft = 5; attemptsLeft > 0; attemptsLeft -= 1) {
    const { run, port } = await serving([site, '0', '-q']);
    const socket = await stalledReader(port);
    socket.on('error', () => {});
    run.child.kill('SIGINT');
    await wait(20);
    run.child.kill('SIGINT');
    const rest = run.said(/finishing/).then(() => restOf(socket));
    const bytes = await rest.catch(() => 0);
    const { code } = await run.ended;
    socket.destroy();
    if (code === 130 && attemptsLeft > 1) continue;
    assert.deepEqual([code, bytes > contentBytes], [0, true]);
    return;
  }
});

test('the access log is whole after a stop', async () => {
  const { run, port } = await serving([site, '0', '--log', 'json']);
  for (let index = 0; index < 20; index += 1) await exchange(port, get(`/small.txt?${index}`));
  const { stdout } = await run.stop();
  const targets = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).target);
  assert.deepEqual(
    targets,
    Array.from({ length: 20 }, (_, index) => `/small.txt?${index}`),
  );
});

test('a reader of its output that leaves does not end the server', async () => {
  const { run, port } = await serving([site, '0']);
  run.child.stdout?.destroy();
  for (let index = 0; index < 5; index += 1) assert.match(await exchange(port, get('/small.txt')), /small$/);
  await run.said(/plinth: access log: cannot be written: broken pipe\n/);
  run.child.stderr?.destroy();
  for (let index = 0; index < 5; index += 1) assert.match(await exchange(port, get('/small.txt')), /small$/);
  run.child.kill('SIGTERM');
  assert.equal((await run.ended).code, 0);
});

test('a reader of the log that stalls holds up neither answers nor the stop', async () => {
  const fifo = join(scratch, 'fifo');
  spawnSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const stdout = openSync(fifo, 'w');
  const { run, port } = await serving([site, '0'], {}, stdout);
  // Several times what a pipe holds.
  const long = `/small.txt?${'x'.repeat(4000)}`;
  for (let index = 0; index < 100; index += 1) assert.match(await exchange(port, get(long)), /small$/);
  const { code, stderr } = await run.stop();
  assert.equal(code, 0);
  assert.match(stderr, /access log: \d+ lines lost: the reader takes nothing\n/);
  for (const descriptor of [reader, stdout]) closeSync(descriptor);
});

test('a full disk under the access log does not stop the service', async () => {
  const full = openSync('/dev/full', 'w');
  const { run, port } = await serving([site, '0'], {}, full);
  for (let index = 0; index < 20; index += 1) assert.match(await exchange(port, get('/small.txt')), /small$/);
  await run.said(/access log: cannot be written: no space left on device\n/);
  const { code, stderr } = await run.stop();
  assert.equal(code, 0);
  assert.match(stderr, /access log: 20 lines lost: no space left on device\n$/);
  closeSync(full);
});
