import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';
import { bundle } from '../../bench/bundle.ts';

const script = bundle(1_000_000);

test('the bundle has the length asked for, in ASCII, and is the same on every machine', () => {
  assert.equal(script.length, 1_000_000);
  assert.ok(script.every(byte => byte < 128));
  assert.equal(createHash('sha256').update(script).digest('hex').slice(0, 16), 'b1765503715f4ec5');
});

test('it shrinks as minified scripts do, to between a fifth and two fifths', () => {
  const coded = brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
  const share = coded.length / script.length;
  assert.ok(share > 0.2 && share < 0.4, String(share));
});
