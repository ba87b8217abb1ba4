// What is asked for again and again: how often that reaches the disk.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RawConnection, requestBytes, type WireRequest } from '../wire/client.ts';
import { startRaw } from '../wire/transports.ts';
import { cachedFolder, settledMs, watchOf } from './servers.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-truth-')));
mkdirSync(join(root, 'docs'));
for (const [path, length] of Object.entries({
  'a.txt': 100,
  'app.js': 5000,
  'docs/index.html': 2000,
  'big.txt': 100_000,
}))
  writeFileSync(join(root, path), 'x'.repeat(length));

before(() => new Promise(resolve => setTimeout(resolve, settledMs)));
after(() => rmSync(root, { recursive: true, force: true }));

const requests: readonly WireRequest[] = [
  { method: 'GET', target: '/a.txt', fields: [] },
  { method: 'HEAD', target: '/a.txt', fields: [] },
  { method: 'GET', target: '/a.txt', fields: [['Range', 'bytes=0-9']] },
  { method: 'GET', target: '/a.txt', fields: [['If-None-Match', '*']] },
  { method: 'GET', target: '/app.js', fields: [['Accept-Encoding', 'br, gzip']] },
  { method: 'GET', target: '/big.txt', fields: [] },
  { method: 'GET', target: '/docs/', fields: [] },
  { method: 'GET', target: '/docs', fields: [] },
  { method: 'GET', target: '/none', fields: [] },
];
/** The default of `--revalidate`. */
const revalidateMs = 1000;
const rounds = 300;

for (const isWatched of [true, false]) {
  test(`a file is looked at once a second and read once, ${isWatched ? 'watched' : 'not watched'}`, async t => {
    const looks = new Map<string, number>();
    const note = (path: string): void => void looks.set(path, (looks.get(path) ?? 0) + 1);
    const watch = isWatched ? watchOf(root).watch : undefined;
    t.after(() => watch?.close());
    const server = await startRaw({ store: cachedFolder(root, revalidateMs, note, watch) });
    t.after(() => server.stop());
    const startedMs = performance.now();
    const connection = await RawConnection.open(server.place);
    t.after(() => connection.destroy());
    for (let round = 0; round < rounds; round++) {
      connection.write(Buffer.concat(requests.map(requestBytes)));
      for (const { method } of requests) await connection.response(method);
      // Longer than a second in all, so that time is over more than once.
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    const seconds = Math.floor((performance.now() - startedMs) / revalidateMs) + 1;
    assert.ok(looks.size >= 8, `${looks.size} paths are looked at`);
    for (const [path, count] of looks) {
      const atMost = path.startsWith('read ') ? 1 : seconds;
      assert.ok(count <= atMost, `${path}: ${count} times in ${seconds} s`);
    }
  });
}
