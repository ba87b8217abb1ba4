// Connections that last are shared evenly, whoever accepted them, and none of them notices that it is moved.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { open, plinth, type Run, scratch, serving } from '../cli/command.ts';
import { load } from './load.ts';
import { clientPortsOf, until, workersOf } from './processes.ts';

const site = join(scratch, 'site');
mkdirSync(site);
writeFileSync(join(site, 'small.txt'), 'small');

const clientsEach = 16;

/** How many sockets of any kind a process has open. */
function socketsOf(pid: number): number {
  const links = readdirSync(`/proc/${pid}/fd`).map(name => linkOf(`/proc/${pid}/fd/${name}`));
  return links.filter(link => link.startsWith('socket:')).length;
}

/** A descriptor that has gone since it was listed is no link any more. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

async function ask(socket: Socket): Promise<void> {
  socket.write('GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let answer = '';
  while (!answer.endsWith('small')) {
    answer += await new Promise<string>((resolve, reject) => {
      socket.once('data', bytes => resolve(bytes.toString('latin1')));
      socket.once('close', () => reject(new Error(`ended after: ${answer}`)));
    });
    socket.removeAllListeners('close');
  }
}

async function servingOn(
  path: string | undefined,
): Promise<{ readonly run: Run; readonly where: number | string }> {
  if (path === undefined) {
    const { run, port } = await serving([site, '0', '-q', '-w', '2', '-H', '127.0.0.1']);
    return { run, where: port };
  }
  const run = plinth([site, '-q', '-w', '2', '-H', `unix:${path}`]);
  await run.said(/stop with/);
  return { run, where: path };
}

for (const [over, path] of [
  ['TCP', undefined],
  ['a Unix socket', join(scratch, 'balance.sock')],
] as const) {
  test(`of ${2 * clientsEach} connections at once over ${over}, each of two workers comes to hold half`, async () => {
    const { run, where } = await servingOn(path);
    const pids = workersOf(run);
    const before = new Map(pids.map(pid => [pid, socketsOf(pid)]));
    const shareOf = (pid: number): number => socketsOf(pid) - (before.get(pid) ?? 0);
    // While one stands still, the other takes all that come to a socket that they share.
    const [still = 0] = pids;
    process.kill(still, 'SIGSTOP');
    const clients = Array.from({ length: 2 * clientsEach }, () => open(where));
    const answers = Promise.all(clients.map(ask));
    if (path !== undefined) await answers;
    process.kill(still, 'SIGCONT');
    await answers;
    await until(() => pids.every(pid => shareOf(pid) === clientsEach), 'each holds half');
    await Promise.all(clients.map(ask));
    for (const client of clients) client.destroy();
    assert.equal((await run.stop()).code, 0);
  });
}

test('a worker that replaces a killed one gets its share under load, and nobody loses an answer', async t => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2', '-H', '127.0.0.1']);
  const stopLoad = load(port, '/small.txt', 'small', 2 * clientsEach);
  const isEven = (): boolean => {
    const pids = workersOf(run);
    return pids.length === 2 && pids.every(pid => clientPortsOf(pid, port).size === clientsEach);
  };
  await until(isEven, 'each holds half');
  const [victim = 0] = workersOf(run);
  process.kill(victim, 'SIGSTOP');
  const held = clientPortsOf(victim, port);
  process.kill(victim, 'SIGKILL');
  await run.said(/another one starts/);
  await until(isEven, 'each holds half again');
  const { failedPorts, why, answers } = await stopLoad();
  t.diagnostic(`${answers} answers, ${held.size} connections killed`);
  const unexplained = failedPorts.filter(failed => !held.has(failed));
  assert.deepEqual(unexplained, [], why.join('\n'));
  assert.equal((await run.stop()).code, 0);
});
