// The socket of a supervisor: what others left beside it does not keep it from being there.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openControl } from '../../src/workers/control.ts';

const runtime = mkdtempSync(join(tmpdir(), 'plinth-control-'));
const folder = join(runtime, 'plinth');
mkdirSync(folder, { mode: 0o700 });
chmodSync(runtime, 0o700);
process.env.XDG_RUNTIME_DIR = runtime;
after(() => rmSync(runtime, { recursive: true, force: true }));

/** A socket file that nobody listens on. */
async function leave(name: string): Promise<void> {
  const server = createServer().listen(join(folder, 'listening'));
  await once(server, 'listening');
  renameSync(join(folder, 'listening'), join(folder, name));
  await new Promise(resolve => server.close(resolve));
}

test('what crashes left is cleared away, even by one of the same number, and the rest is let be', async () => {
  // In a container each supervisor has the number of the one before.
  await leave(`${process.pid}-aa.sock`);
  await leave('999999999-bb.sock');
  await leave(`${process.ppid}-cc.sock`);
  writeFileSync(join(folder, '999999999-dd.sock'), '');
  const control = await openControl({ pid: process.pid, workers: 1, addresses: [] }, async () => undefined);
  const kept = [`${process.ppid}-cc.sock`, '999999999-dd.sock'];
  const names = readdirSync(folder);
  assert.equal(names.length, 3, names.join());
  assert.ok(
    kept.every(name => names.includes(name)),
    names.join(),
  );
  control.close();
  assert.deepEqual(readdirSync(folder).sort(), kept.sort());
});
