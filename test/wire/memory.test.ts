// What slow readers cost: a buffer each, whatever the size of the file.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTlsFolder } from '../server/tls-fixture.ts';
import { type Place, RawConnection } from './client.ts';

const mebibyte = 2 ** 20;

/** Sizes above and below what a server keeps in memory; what is kept is encrypted for each reader anew. */
const rows: readonly (readonly [name: string, bytes: number, heldMax: number, isSecured: boolean])[] = [
  [
    'http-server#138 100 stalled readers of a 256 MiB file hold under 32 MiB in all',
    256 * mebibyte,
    32,
    false,
  ],
  ['100 stalled readers of a 256 MiB file over TLS hold under 48 MiB in all', 256 * mebibyte, 48, true],
  ['100 stalled readers of a file of 1 MB over TLS hold under 48 MiB in all', 1_000_000, 48, true],
];

for (const [name, bytes, heldMax, isSecured] of rows)
  test(name, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'plinth-memory-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const tls = await makeTlsFolder();
    t.after(() => tls.remove());
    await tls.issue('server', ['127.0.0.1']);
    const files = isSecured ? [tls.path('server.crt'), tls.path('server.key')] : [];
    writeFileSync(join(folder, 'file'), '');
    truncateSync(join(folder, 'file'), bytes);
    const child = fork(new URL('./memory-child.ts', import.meta.url), [folder, ...files], {
      execArgv: ['--import', 'tsx', '--expose-gc'],
    });
    t.after(() => child.kill());
    const [address] = (await once(child, 'message')) as [Place];
    const place: Place = isSecured ? { ...address, authority: tls.authority.cert } : address;
    const memory = async (): Promise<number> => {
      child.send('measure');
      const [bytes] = (await once(child, 'message')) as [number];
      return bytes;
    };
    // One reader first, who takes a piece and leaves: code that was compiled and pools that were made are no cost of stalling.
    const first = await RawConnection.open(place);
    first.write('GET /file HTTP/1.1\r\nHost: h\r\n\r\n');
    await first.atLeast(Math.min(mebibyte, bytes));
    first.destroy();
    const before = await memory();

    const readers: RawConnection[] = [];
    t.after(() => {
      for (const reader of readers) reader.destroy();
    });
    for (let count = 0; count < 100; count++) {
      const reader = await RawConnection.open(place);
      readers.push(reader);
      reader.write('GET /file HTTP/1.1\r\nHost: h\r\n\r\n');
      await reader.atLeast(1);
      reader.pause();
    }
    let held = 0;
    for (let looks = 0; looks < 10; looks++) {
      await new Promise(resolve => setTimeout(resolve, 100));
      held = Math.max(held, (await memory()) - before);
    }
    t.diagnostic(`${(held / mebibyte).toFixed(1)} MiB`);
    assert.ok(held < heldMax * mebibyte, `${(held / mebibyte).toFixed(1)} MiB`);
    assert.ok(readers.every(reader => reader.ending === undefined));
  });
