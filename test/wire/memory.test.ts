// What slow readers cost: a buffer each, whatever the size of the file.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Place, RawConnection } from './client.ts';

const mebibyte = 2 ** 20;

test('http-server#138 100 stalled readers of a 256 MiB file hold under 32 MiB in all', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-memory-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), '');
  truncateSync(join(folder, 'file'), 256 * mebibyte);
  const child = fork(new URL('./memory-child.ts', import.meta.url), [folder], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
  });
  t.after(() => child.kill());
  const [place] = (await once(child, 'message')) as [Place];
  const memory = async (): Promise<number> => {
    child.send('measure');
    const [bytes] = (await once(child, 'message')) as [number];
    return bytes;
  };
  // One reader first, who takes a piece and leaves: code that was compiled and pools that were made are no cost of stalling.
  const first = await RawConnection.open(place);
  first.write('GET /file HTTP/1.1\r\nHost: h\r\n\r\n');
  await first.atLeast(mebibyte);
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
  assert.ok(held < 32 * mebibyte, `${(held / mebibyte).toFixed(1)} MiB`);
  assert.ok(readers.every(reader => reader.ending === undefined));
});
