import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chunks, Output } from '../../src/h2/output.ts';

test('readers that stall hold a large chunk each up to a bound, and then small ones', () => {
  const chunks = new Chunks();
  const lent = Array.from({ length: 1000 }, () => chunks.borrow());
  const bytes = lent.reduce((sum, { length }) => sum + length, 0);
  assert.ok(bytes < 24 * 1024 * 1024, `${bytes} octets`);
  const { length } = lent[0] ?? Buffer.alloc(0);
  assert.ok((lent.at(-1)?.length ?? 0) < length);
  for (const chunk of lent) chunks.release(chunk.subarray(0, 10));
  for (let n = 0; n < 100; n++) {
    const chunk = chunks.borrow();
    assert.equal(chunk.length, length, 'a large one is there again');
    chunks.release(chunk);
  }
});

test('a chunk that was given back is filled again', () => {
  const chunks = new Chunks();
  const first = chunks.borrow();
  chunks.release(first.subarray(0, 1));
  assert.equal(chunks.borrow().buffer, first.buffer);
});

test('frames beyond a chunk are not lost', () => {
  const output = new Output(new Chunks());
  const payloads = Array.from({ length: 20 }, (_, n) => Buffer.alloc(10_000, n));
  for (const payload of payloads) output.frame(0, 0, 1, payload);
  const octets = output.take() ?? Buffer.alloc(0);
  assert.equal(octets.length, 20 * 10_009);
  for (const [n, payload] of payloads.entries())
    assert.ok(octets.subarray(n * 10_009 + 9, (n + 1) * 10_009).equals(payload));
  assert.equal(output.take(), undefined);
  assert.equal(output.length, 0);
});
