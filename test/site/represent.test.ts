import assert from 'node:assert/strict';
import { test } from 'node:test';
import { represent } from '../../src/site/represent.ts';
import { nowMs } from './fixture.ts';

const second = 1_000_000_000n;
const now = BigInt(nowMs) * 1_000_000n;

/** The time of modification in nanoseconds, the tag, and Last-Modified in milliseconds. */
const rows: readonly (readonly [
  name: string,
  modifiedNs: bigint,
  hasTag: boolean,
  lastMs: number | undefined,
])[] = [
  ['an ordinary time', 1_700_000_000n * second + 5n, true, 1_700_000_000_000],
  ['a time that tells nothing: 0', 0n, false, undefined],
  ['a time that tells nothing: 1', second, false, undefined],
  ['a time that tells nothing: nearly 2', 2n * second - 1n, false, undefined],
  ['second 2', 2n * second, true, 2000],
  ['a time before 1970', -86_400n * second, true, undefined],
  ['the future counts as now', now + 3600n * second, true, nowMs],
  ['beyond every calendar', 2n ** 80n, true, nowMs],
  ['far before every calendar', -(2n ** 80n), true, undefined],
];

for (const [name, modifiedNs, hasTag, lastModifiedMs] of rows) {
  test(`validators: ${name}`, () => {
    const file = { location: 'x', identity: '1', size: 10, modifiedNs, changedNs: 0n };
    const { validators, mediaType } = represent(
      'a.txt',
      { file, from: 'identity', to: 'identity' },
      { nowMs },
    );
    assert.equal(mediaType, 'text/plain; charset=utf-8');
    assert.equal(validators.lastModifiedMs, lastModifiedMs);
    if (hasTag) assert.match(validators.etag ?? '', /^"[\x21\x23-\x7e]+"$/);
    else assert.equal(validators.etag, undefined);
  });
}

test('another size or another nanosecond is another tag, another place is not', () => {
  const file = { location: 'x', identity: '1', size: 10, modifiedNs: 1_700_000_000n * second, changedNs: 0n };
  const tag = (changes: Partial<typeof file>) =>
    represent('a', { file: { ...file, ...changes }, from: 'identity', to: 'identity' }, { nowMs }).validators
      .etag;
  assert.notEqual(tag({ size: 11 }), tag({}));
  assert.notEqual(tag({ modifiedNs: file.modifiedNs + 1n }), tag({}));
  assert.equal(tag({ location: 'y', identity: '2' }), tag({}));
});

test('every form of a file has another tag, even where size and time of what is stored agree', () => {
  const file = { location: 'x', identity: '1', size: 10, modifiedNs: 1_700_000_000n * second, changedNs: 0n };
  const codings = ['identity', 'br', 'zstd', 'gzip'] as const;
  const tags = codings.flatMap(from =>
    codings.map(to => represent('a.js', { file, from, to }, { nowMs }).validators.etag ?? ''),
  );
  // Four that are stored in their own coding, and twelve that are made of another.
  assert.equal(new Set(tags).size, 16);
  for (const tag of tags) assert.match(tag, /^"[\x21\x23-\x7e]+"$/);
});
