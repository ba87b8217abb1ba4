import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { loadOwnFiles } from '../../src/assets/own-files.ts';

test('the sheet and the script are there under names with hashes, the same in every coding', async () => {
  const own = await loadOwnFiles();
  assert.match(own.style, /^listing-[\w-]{8,}\.css$/);
  assert.match(own.script, /^listing-[\w-]{8,}\.js$/);
  for (const [name, mediaType] of [
    [own.style, 'text/css; charset=utf-8'],
    [own.script, 'text/javascript; charset=utf-8'],
  ] as const) {
    const plain = await own.find(name, 'identity');
    assert.ok(plain !== undefined && plain.bytes.length > 1000);
    assert.equal(plain.mediaType, mediaType);
    const [br, gzip] = [await own.find(name, 'br'), await own.find(name, 'gzip')];
    assert.deepEqual(brotliDecompressSync(br?.bytes ?? ''), Buffer.from(plain.bytes));
    assert.deepEqual(gunzipSync(gzip?.bytes ?? ''), Buffer.from(plain.bytes));
  }
  assert.equal(await own.find('other.js', 'br'), undefined);
  assert.equal((await loadOwnFiles()).script, own.script, 'a name is that of a content');
});
