import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { code, codecVersion, knownCodings, undo } from '../../src/server/zlib-codings.ts';

/** A text such as sites have: an even one would make the efforts alike. */
const bytes = readFileSync(new URL('../../docs/how-a-request-travels.md', import.meta.url));

test('br and gzip are always there, zstd where the running Node has it', () => {
  const wanted = 'zstdCompress' in zlib ? ['br', 'zstd', 'gzip'] : ['br', 'gzip'];
  assert.deepEqual(knownCodings, wanted);
});

for (const coding of knownCodings) {
  test(`what ${coding} makes, however hard it tries, comes back as it was`, async () => {
    const fast = await code(bytes, coding, 'fast');
    const best = await code(bytes, coding, 'best');
    assert.ok(best.length < fast.length, `${best.length} after ${fast.length}`);
    assert.ok(fast.length < bytes.length);
    for (const made of [fast, best]) assert.deepEqual(await undo(made, coding, 1e6), bytes);
    const empty = await code(Buffer.alloc(0), coding, 'best');
    assert.deepEqual(await undo(empty, coding, 1), Buffer.alloc(0));
  });

  test(`${coding} that holds too much, or is none, is told`, async () => {
    const made = await code(bytes, coding, 'fast');
    assert.equal(await undo(made, coding, bytes.length - 1), 'too large');
    assert.equal(await undo(made.subarray(0, 100), coding, 1e6), 'corrupt');
    assert.equal(await undo(bytes, coding, 1e6), 'corrupt');
  });

  test(`the version of what makes ${coding} can stand in a file name`, () => {
    assert.match(codecVersion(coding), /^\d[\w.-]{3,63}$/);
  });
}
