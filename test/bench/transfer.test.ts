import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { siteFolder } from '../../bench/bring-up.ts';
import { endEverything, makeFolder, socketsEach } from '../../bench/processes.ts';
import { servers } from '../../bench/servers.ts';
import {
  judgeDigest,
  type Large,
  measureDownload,
  measureIdle,
  measureStalled,
} from '../../bench/transfer.ts';
import { writeLarge, writeSite } from '../../bench/workloads.ts';

const setting = { serverCore: 0, loadCore: 1, seconds: 1, folder: '' };
let large: Large;
before(() => {
  const folder = makeFolder();
  Object.assign(setting, { folder });
  writeSite(siteFolder(folder));
  large = { target: '/large.jpg', ...writeLarge(siteFolder(folder), 'large.jpg', 8) };
});
after(endEverything);

const found = servers.find(({ name }) => name === 'node:http')?.find('');
assert.ok(found?.kind === 'ready');
const rival = { name: 'node:http', ...found };

test('the sockets of a process are counted', async t => {
  const pairs = 50;
  const accepted: Socket[] = [];
  const server = createServer(socket => accepted.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const before = socketsEach(process.pid).get(process.pid) ?? 0;
  const { port } = server.address() as AddressInfo;
  const clients = Array.from({ length: pairs }, () => connect(port, '127.0.0.1'));
  t.after(() => {
    for (const end of [...clients, ...accepted]) end.destroy();
    server.close();
  });
  await Promise.all(clients.map(client => once(client, 'connect')));
  while (accepted.length < pairs) await once(server, 'connection');
  const more = (socketsEach(process.pid).get(process.pid) ?? 0) - before;
  // Node and the test runner may open or close some of their own meanwhile.
  assert.ok(Math.abs(more - 2 * pairs) <= 10, `${more} more for ${pairs} connections`);
});

test('downloads are counted, whole and right', async () => {
  const outcome = await measureDownload(large)(rival, setting);
  assert.ok(outcome.kind === 'measured', JSON.stringify(outcome));
  const [cpuMs = 0, cpuMsAGiB = 0, mibASecond = 0] = outcome.values;
  assert.ok(cpuMs > 0 && mibASecond > 0);
  // The head counts among the bytes.
  assert.ok(Math.abs(cpuMsAGiB / cpuMs - 128) < 0.1);
});

test('a download of other bytes than those of the file has no figure', async () => {
  const outcome = await measureDownload({ ...large, sha256: 'another' })(rival, setting);
  assert.deepEqual(outcome, { kind: 'failed', why: 'sent other bytes than those of the file' });
});

test('what is wrong with a download is named', () => {
  const rows: [got: Partial<{ status: number; length: number }>, wanted: RegExp][] = [
    [{ status: 404 }, /answered 404/],
    [{ length: 7 }, /sent 7 bytes/],
  ];
  for (const [got, wanted] of rows) {
    assert.match(judgeDigest(large, { status: 200, ...large, ...got }) ?? 'nothing', wanted);
  }
  assert.equal(judgeDigest(large, { status: 200, ...large }), undefined);
});

test('idle connections and readers that stall are all held while the memory is looked at', async () => {
  for (const measure of [measureIdle(20), measureStalled(large, 20)]) {
    const outcome = await measure(rival, setting);
    assert.equal(outcome.kind, 'measured', JSON.stringify(outcome));
  }
});

test('readers that are promised another length than that of the file have a reason and no figure', async () => {
  const outcome = await measureStalled({ ...large, length: 7 }, 5)(rival, setting);
  assert.ok(outcome.kind === 'failed');
  assert.match(outcome.why, /announced 8388608 bytes of content$/);
});

test('connections that cannot be held have a reason and no figure', async () => {
  const outcome = await measureStalled({ ...large, target: '/absent.jpg' }, 5)(rival, setting);
  assert.ok(outcome.kind === 'failed');
  assert.match(outcome.why, /^5 connections could not be held: answered HTTP\/1\.1 404/);
});
