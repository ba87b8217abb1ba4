// Many requests of one HTTP/2 connection: whose turn it is, what they may hold, and what becomes of them when it ends.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Limits } from '../../src/http/limits.ts';
import { type Exchange, noContent } from '../../src/http/message.ts';
import type { Gate, ServerOptions } from '../../src/index.ts';
import { until } from '../faults/until.ts';
import { FrameClient } from '../h2/frame-client.ts';
import { type H2Server, startH2 } from '../wire/h2.ts';

const smallBytes = 60_000;
const largeBytes = 1_100_000;
/** Files, and what else a content holds, that one connection has at a time. */
const heldMax = 32;

let root = '';
before(() => {
  root = mkdtempSync(join(tmpdir(), 'plinth-turns-'));
  mkdirSync(join(root, 'small'));
  for (let n = 1; n < 200; n += 2) writeFileSync(join(root, 'small', `${n}`), Buffer.alloc(smallBytes, n));
  writeFileSync(join(root, 'a.txt'), 'a');
  // Beyond what is kept in memory.
  writeFileSync(join(root, 'large.bin'), Buffer.alloc(largeBytes, 'large '));
});
after(() => rmSync(root, { recursive: true }));

async function serve(
  t: TestContext,
  options: ServerOptions = {},
  change?: Parameters<typeof startH2>[1],
): Promise<H2Server> {
  const server = await startH2({ root, ...options }, change);
  t.after(() => server.stop());
  return server;
}

const heads = ({ frames }: FrameClient): string => String(frames.filter(({ type }) => type === 1).length);
const ends = ({ frames }: FrameClient): string =>
  String(frames.filter(({ type, flags }) => type === 0 && flags & 1).length);
const wide = ['WINDOW_UPDATE 0 2147418112', 'SETTINGS 4=2147483647'];

/** Notes in which order requests are looked at, by their queries. */
function noting(): { readonly gate: Gate; readonly seen: string[] } {
  const seen: string[] = [];
  const gate: Gate = ({ target }) => {
    if (target.kind === 'path') seen.push(target.query.slice(1));
    return undefined;
  };
  return { gate, seen };
}

test('requests that wait behind large files are answered in the order in which they came', async t => {
  const { gate, seen } = noting();
  const { port } = await serve(t, { gates: [gate] });
  const client = new FrameClient(t, port);
  client.send('hello', ...wide, '100 × GET {1} /large.bin?{1}');
  await until(() => ends(client), '100');
  assert.deepEqual(
    seen,
    Array.from({ length: 100 }, (_, n) => String(1 + 2 * n)),
  );
});

test('of requests that wait the most urgent is answered first, as the client says by then', async t => {
  const { gate, seen } = noting();
  const { port } = await serve(t, { gates: [gate] });
  const client = new FrameClient(t, port);
  client.send('hello', 'SETTINGS 4=0', `${heldMax} × GET {1} /large.bin?first`);
  await until(() => heads(client), String(heldMax));
  client.send('GET 101 /a.txt?unsaid', 'GET 103 /a.txt?urgent', '  priority: u=1');
  client.send('GET 105 /a.txt?late', '  priority: u=6', 'GET 107 /a.txt?sooner', '  priority: u=7');
  client.send('GET 109 /a.txt?also', 'PRIORITY_UPDATE 107 u=0', ...wide);
  await until(() => ends(client), String(heldMax + 5));
  assert.deepEqual(seen.slice(heldMax), ['sooner', 'urgent', 'unsaid', 'also', 'late']);
});

for (const round of ['that are read', 'that were read a moment ago', 'that are known'])
  test(`a client that takes nothing of many small files ${round} has a few of them held, and gets the others later`, async t => {
    const { port } = await serve(t);
    if (round !== 'that are read') {
      const first = new FrameClient(t, port);
      const times = round === 'that are known' ? 3 : 1;
      first.send('hello', ...wide);
      for (let time = 0; time < times; time++) {
        first.send(`100 × GET {${1 + 200 * time}} /small/{1}`);
        await until(() => ends(first), String(100 * (time + 1)));
      }
    }
    const client = new FrameClient(t, port);
    client.send('hello', 'SETTINGS 4=1', '100 × GET {1} /small/{1}');
    // Of 256 KiB, and of those that are held.
    await until(() => heads(client), String(4 + heldMax));
    client.send('PING 0000000000000000');
    await until(() => client.types(0).split(' ').at(-1) ?? '', '6');
    assert.equal(heads(client), String(4 + heldMax));
    client.send(...wide);
    await until(() => ends(client), '100');
    for (let n = 1; n < 200; n += 2) {
      const pieces = client.frames.filter(({ type, stream }) => type === 0 && stream === n);
      const content = Buffer.concat(pieces.map(({ payload }) => payload));
      assert.ok(content.equals(Buffer.alloc(smallBytes, n)), `stream ${n}`);
    }
  });

test('a client that leaves is in the log with all that it asked for', async t => {
  const exchanges: Exchange[] = [];
  const { port } = await serve(t, { observers: [told => void exchanges.push(told)] });
  const client = new FrameClient(t, port);
  client.send('hello', 'SETTINGS 4=0', '100 × GET {1} /large.bin?{1}');
  await until(() => heads(client), String(heldMax));
  client.socket.resetAndDestroy();
  await until(() => String(exchanges.length), '100');
  assert.ok(exchanges.every(({ outcome, contentBytes }) => outcome === 'aborted' && contentBytes === 0));
  assert.equal(new Set(exchanges.map(({ head }) => head?.target)).size, 100);
  const forgone = exchanges.filter(({ status }) => status === 503);
  assert.equal(forgone.length, 100 - heldMax);
  assert.ok(forgone.every(({ note }) => note === 'the client left before its turn'));
});

test('a client that leaves without having taken much is in the log with all that it asked for', async t => {
  const exchanges: Exchange[] = [];
  const { port } = await serve(t, {
    limits: { concurrentStreamsMax: 1000 },
    observers: [told => void exchanges.push(told)],
  });
  for (let round = 1; round <= 3; round++) {
    const client = new FrameClient(t, port);
    // More than the system holds for both sides.
    client.send('hello', ...wide, '400 × GET {1} /small/1?{1}');
    await until(() => String(Number(heads(client)) > 0), 'true');
    client.socket.resetAndDestroy();
    await until(() => String(exchanges.length), String(400 * round));
  }
  assert.ok(exchanges.some(({ outcome }) => outcome === 'aborted'));
});

test('a client that leaves while its answers are made is in the log with them', async t => {
  const exchanges: Exchange[] = [];
  const waiting: (() => void)[] = [];
  const gate: Gate = () =>
    new Promise(resolve => {
      waiting.push(() => resolve({ status: 200, fields: [], content: noContent }));
    });
  const server = await serve(t, { gates: [gate], observers: [told => void exchanges.push(told)] });
  const client = new FrameClient(t, server.port);
  client.send('hello', '40 × GET {1} /a.txt', 'PING 0000000000000000');
  await until(() => client.types(0).split(' ').at(-1) ?? '', '6');
  client.socket.resetAndDestroy();
  await until(() => String(server.held()), '0');
  assert.equal(exchanges.length, 40 - heldMax);
  assert.equal(waiting.length, heldMax);
  for (const answer of waiting) answer();
  await until(() => String(exchanges.length), '40');
  assert.ok(exchanges.every(({ outcome }) => outcome === 'aborted'));
});

/** Where the machine looks at a limit, and what makes it look. */
const bugs: readonly (readonly [what: string, limit: keyof Limits, lines: readonly string[]])[] = [
  ['what is received', 'drainedContentBytesMax', ['POST 1 /a.txt', 'DATA 1 5']],
  ['a head that is received', 'fieldLinesMax', ['GET 1 /a.txt']],
  ['a look at the time', 'contentTimeoutMs', ['POST 1 /a.txt']],
];
for (const [what, limit, lines] of bugs)
  test(`a bug that ${what} meets ends its connection and no other`, async t => {
    let isArmed = false;
    const server = await serve(t, { limits: { contentTimeoutMs: 1000 } }, service => ({
      ...service,
      limits: new Proxy(service.limits, {
        get: (limits, name: keyof Limits) => {
          if (isArmed && name === limit) throw new Error('a limit that cannot be read');
          return limits[name];
        },
      }),
    }));
    const other = new FrameClient(t, server.port);
    other.send('hello', 'GET 1 /a.txt');
    await until(() => other.types(1), '1 0');
    const client = new FrameClient(t, server.port);
    client.send('hello');
    await until(() => String(server.held()), '2');
    isArmed = true;
    client.send(...lines);
    await until(() => String(server.held()), '1');
    isArmed = false;
    assert.match(server.reports.join('\n'), /^bug: Error: a limit that cannot be read/);
    other.send('GET 3 /a.txt');
    await until(() => other.types(3), '1 0');
  });
