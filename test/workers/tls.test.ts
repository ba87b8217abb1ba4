// Several processes behind one port that is secured: a session goes on with whichever of them has the next connection.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { exchange, get, Run, scratch, serving } from '../cli/command.ts';
import { makeTlsFolder, type TlsFolder } from '../server/tls-fixture.ts';
import { clientPortsOf, until, workersOf } from './processes.ts';

const site = join(scratch, 'site');
let folder: TlsFolder;
let flags: readonly string[];

before(async () => {
  mkdirSync(site);
  writeFileSync(join(site, 'a.txt'), 'from a worker');
  folder = await makeTlsFolder();
  await folder.issue('server', ['localhost']);
  flags = ['-q', '-w', '2', '--tls-cert', folder.path('server.crt'), '--tls-key', folder.path('server.key')];
});
after(() => folder.remove());

/** A connection on which an answer has come; `take` gets the session that it can be resumed with. */
async function visit(
  port: number,
  { session, take = () => {} }: { readonly session?: Buffer; readonly take?: (session: Buffer) => void },
): Promise<TLSSocket> {
  const place = { port, host: '127.0.0.1', servername: 'localhost', ca: folder.authority.cert };
  const socket = connect({ ...place, ...(session !== undefined && { session }) });
  socket.on('session', take);
  socket.write('GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /from a worker$/);
  return socket;
}

test('a session of one worker is resumed by another, and by one that has replaced both', async () => {
  const { run, port } = await serving([site, '0', '-H', '127.0.0.1', ...flags]);
  let session: Buffer | undefined;
  const first = await visit(port, {
    take: ticket => {
      session = ticket;
    },
  });
  await until(() => session !== undefined, 'there is a session');
  assert.ok(session !== undefined);
  const sockets = [first];
  const isHeldByEach = (): boolean => workersOf(run).every(pid => clientPortsOf(pid, port).size > 0);
  while (!isHeldByEach()) {
    assert.ok(sockets.length < 200, 'a worker is never given a connection');
    const socket = await visit(port, { session });
    assert.equal(socket.isSessionReused(), true);
    sockets.push(socket);
  }
  const before = workersOf(run);
  run.child.kill('SIGHUP');
  await until(() => run.stderr.includes('2 workers are new'), 'the workers are new');
  for (const open of sockets) open.destroy();
  await until(() => workersOf(run).every(pid => !before.includes(pid)), 'the old workers have ended');
  const last = await visit(port, { session });
  assert.equal(last.isSessionReused(), true);
  last.destroy();
  assert.equal((await run.stop()).code, 0);
});

test('all workers redirect plain HTTP, and a port for that which is taken is named', async () => {
  const { run: other, port: taken } = await serving([site, '0', '-H', '127.0.0.1', '-q']);
  const failed = await new Run([site, '0', '-H', '127.0.0.1', ...flags, `--https-redirect=${taken}`]).ended;
  assert.equal(failed.code, 1);
  assert.match(
    failed.stderr,
    new RegExp(`^plinth: port ${taken} \\(--https-redirect\\) on 127.0.0.1 is taken`),
  );
  await other.stop();
  const { run, port } = await serving([site, '0', '-H', 'localhost', ...flags, `--https-redirect=${taken}`]);
  for (let times = 0; times < 10; times++) {
    const answer = await exchange(taken, get('/a.txt'));
    assert.match(answer, /^HTTP\/1\.1 308 /);
    assert.match(answer, new RegExp(`^Location: https://localhost:${port}/a.txt\r$`, 'm'));
  }
  assert.equal((await run.stop()).code, 0);
});
