// What the streams cost that HTTP/2 clients ask for and do not take: a thousand of them, a hundred to a connection.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../faults/until.ts';
import { FrameClient } from '../h2/frame-client.ts';
import { makeTlsFolder, type TlsFolder } from '../server/tls-fixture.ts';

const mebibyte = 2 ** 20;
const heldMax = 96 * mebibyte;
const connections = 10;
const streamsEach = 100;
/** Files, and archives, that are sent at once over one connection; further requests wait behind them. */
const filesEach = 32;
/** Octets of a file that is read anew for each of its answers, and how many of them one connection may have at once. */
const smallBytes = 65_000;
const smallEach = 4;

let root = '';
let tls: TlsFolder;
before(async () => {
  root = mkdtempSync(join(tmpdir(), 'plinth-stalled-'));
  writeFileSync(join(root, 'a.txt'), 'a');
  writeFileSync(join(root, 'large.bin'), '');
  truncateSync(join(root, 'large.bin'), 256 * mebibyte);
  writeFileSync(join(root, 'kept.bin'), Buffer.alloc(1_000_000, 'kept in memory'));
  writeFileSync(join(root, 'coded.txt'), Buffer.alloc(3_000_000, 'coded on the way '));
  mkdirSync(join(root, 'small'));
  for (let n = 1; n < 2 * streamsEach; n += 2)
    writeFileSync(join(root, 'small', `${n}`), Buffer.alloc(smallBytes, n));
  mkdirSync(join(root, 'folder'));
  for (let n = 0; n < 20; n++) writeFileSync(join(root, 'folder', `${n}.bin`), Buffer.alloc(200_000, n));
  tls = await makeTlsFolder();
  await tls.issue('server', ['127.0.0.1']);
});
after(() => {
  rmSync(root, { recursive: true });
  tls.remove();
});

const narrow = 'SETTINGS 4=1';
const wide = ['SETTINGS 4=2147483647', 'WINDOW_UPDATE 0 2147418112'];

/** What is asked for, behind which windows, and how many of a connection's streams have their head then; 0: nobody reads. */
const rows: readonly (readonly [string, readonly string[], readonly string[], number])[] = [
  ['a large file, behind the windows that clients begin with', [], ['/large.bin'], filesEach],
  ['a large file, behind windows of an octet', [narrow], ['/large.bin'], filesEach],
  ['a large file, behind a socket that is full', wide, ['/large.bin'], 0],
  ['a file in memory, behind windows of an octet', [narrow], ['/kept.bin'], filesEach],
  ['a file in memory, behind a socket that is full', wide, ['/kept.bin'], 0],
  // Each connection asks in words of its own: no answer is asked for so often that all share it.
  ['many small files, behind windows of an octet', [narrow], ['/small/{1}?CLIENT'], smallEach + filesEach],
  ['many small files, behind a socket that is full', wide, ['/small/{1}?CLIENT'], 0],
  [
    'a file that is coded, behind windows of an octet',
    [narrow],
    ['/coded.txt', '  accept-encoding: gzip'],
    streamsEach,
  ],
  ['an archive, behind windows of an octet', [narrow], ['/folder/?download=tar'], filesEach],
  ['an archive, behind a socket that is full', wide, ['/folder/?download=tar'], 0],
];
for (const [what, windows, [target = '', ...fields], heads] of rows)
  test(`1,000 stalled streams of ${what} hold under 96 MiB in all`, async t => {
    const files = [tls.path('server.crt'), tls.path('server.key')];
    const child = fork(new URL('./memory-child.ts', import.meta.url), [root, ...files], {
      execArgv: ['--import', 'tsx', '--expose-gc'],
    });
    t.after(() => child.kill());
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    const memory = async (): Promise<number> => {
      child.send('measure');
      const [bytes] = (await once(child, 'message')) as [number];
      return bytes;
    };
    const open = (): FrameClient => new FrameClient(t, port, tls.authority.cert);
    const ask = (client: FrameClient, number: number): void =>
      client.send(
        'hello',
        ...windows,
        `${streamsEach} × GET {1} ${target.replace('CLIENT', String(number))}`,
        ...fields,
      );
    const begun = ({ frames }: FrameClient): number =>
      frames.filter(({ type }) => type === (heads === 0 ? 0 : 1)).length;
    const hasStalled = (client: FrameClient): boolean => begun(client) >= Math.max(1, heads);
    // One first, which leaves: code that was compiled and pools that were made are no cost of stalling.
    const first = open();
    ask(first, 0);
    await until(() => String(hasStalled(first)), 'true');
    first.socket.destroy();
    const before = await memory();

    const clients: FrameClient[] = [];
    for (let count = 0; count < connections; count++) {
      const client = open();
      clients.push(client);
      ask(client, count);
      await until(() => String(hasStalled(client)), 'true');
      if (heads === 0) client.socket.pause();
    }
    let held = 0;
    for (let looks = 0; looks < 5; looks++) {
      await pause(100);
      held = Math.max(held, (await memory()) - before);
    }
    t.diagnostic(`${(held / mebibyte).toFixed(1)} MiB`);
    if (heads > 0) assert.deepEqual(new Set(clients.map(begun)), new Set([heads]));
    assert.ok(held < heldMax, `${(held / mebibyte).toFixed(1)} MiB`);
    assert.deepEqual(
      clients.map(({ ending }) => ending),
      clients.map(() => ''),
    );
    // And the next one is served.
    const last = open();
    last.send('hello', 'GET 1 /a.txt');
    await until(() => last.types(1), '1 0');
  });
