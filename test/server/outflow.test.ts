import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Chunks } from '../../src/h2/output.ts';
import { Outflow } from '../../src/server/outflow.ts';
import { until } from '../faults/until.ts';

const stalledMs = 1000;

/** Both ends of a connection; what arrives is not read. */
async function pair(t: TestContext): Promise<{ readonly ours: Socket; readonly client: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  const [ours] = (await once(server, 'connection')) as [Socket];
  for (const end of [ours, client]) end.on('error', () => {});
  t.after(() => {
    for (const end of [ours, client]) end.destroy();
    server.close();
  });
  return { ours, client };
}

/** How many large chunks can be had at a time. */
function largeLeft(chunks: Chunks): number {
  const borrowed = Array.from({ length: 100 }, () => chunks.borrow());
  for (const chunk of borrowed) chunks.release(chunk);
  return borrowed.filter(({ length }) => length > 64 * 1024).length;
}

/** Writes until the reader has to be waited for, and tells how many octets. */
function fill(outflow: Outflow, chunks: Chunks): number {
  let bytes = 0;
  while (!outflow.isBlocked) {
    const octets = chunks.borrow();
    outflow.write(octets, 0);
    bytes += octets.length;
  }
  return bytes;
}

test('a reader who does not keep up is waited for, and has everything in the end', async t => {
  const { ours, client } = await pair(t);
  const chunks = new Chunks();
  let freed = 0;
  const outflow = new Outflow(ours, chunks, stalledMs, () => {
    freed += 1;
  });
  const wanted = fill(outflow, chunks);
  await new Promise(setImmediate);
  assert.equal(freed, 0);
  assert.equal(outflow.hasStalled(stalledMs - 1), false);
  let got = 0;
  client.on('data', (octets: Buffer) => {
    got += octets.length;
  });
  client.resume();
  await until(() => `${got} octets, free ${freed} times`, `${wanted} octets, free 1 times`);
  assert.equal(outflow.isBlocked, false);
  assert.equal(outflow.hasStalled(Number.MAX_VALUE), false);
  assert.equal(largeLeft(chunks), largeLeft(new Chunks()));
});

test('a reader who takes nothing has stalled', async t => {
  const { ours } = await pair(t);
  const chunks = new Chunks();
  const outflow = new Outflow(ours, chunks, stalledMs, () => assert.fail('nothing was taken'));
  fill(outflow, chunks);
  // What the system still took is no reader's stall.
  const looks = Array.from({ length: 100 }, (_, n) => () => outflow.hasStalled((n + 1) * stalledMs));
  await until(() => String(looks.shift()?.()), 'true');
});

test('what waits for a reader who is gone has not left, and its memory is given back', async t => {
  const { ours } = await pair(t);
  const chunks = new Chunks();
  const outflow = new Outflow(ours, chunks, stalledMs, () => assert.fail('nothing was taken'));
  fill(outflow, chunks);
  ours.destroy();
  await once(ours, 'close');
  assert.equal(outflow.isBlocked, true);
  assert.equal(largeLeft(chunks), largeLeft(new Chunks()));
});
