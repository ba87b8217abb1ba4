import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { defaultLimits, type Limits } from '../../src/http/limits.ts';
import type { StoredFile } from '../../src/http/message.ts';
import { ContentHashes } from '../../src/server/content-hashes.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { Look, Store } from '../../src/store/store.ts';
import { nowMs } from '../site/fixture.ts';
import { startBackground } from './background-fixture.ts';

const { background, reports } = startBackground();

/** Hashes over one file whose time tells nothing. */
function hashing(
  content: string | Uint8Array,
  { ageMs = 10_000, limits = {} }: { ageMs?: number; limits?: Partial<Limits> } = {},
) {
  const inner = memoryStore({ f: { content, modifiedMs: nowMs - ageMs } });
  const opened: string[] = [];
  const store: Store = {
    find: segments => inner.find(segments),
    list: segments => inner.list(segments),
    open: file => {
      opened.push(file.location);
      return inner.open(file);
    },
  };
  const over = (store: Store) =>
    new ContentHashes({ store, background, limits: { ...defaultLimits, ...limits }, now: () => nowMs });
  const find = async (): Promise<StoredFile> => {
    const entry = await inner.find(['f']);
    assert.ok(entry.kind === 'file');
    return entry.file;
  };
  return { hashes: over(store), over, inner, store, find, opened };
}

/** What is said of a file once nothing more is under way, and what the answer before rested on. */
async function settled(hashes: ContentHashes, file: StoredFile) {
  const looks: Look[] = [];
  const first = hashes.of(file, looks);
  for (let waits = 0; looks.some(look => look.isFresh(0)); waits++) {
    assert.ok(waits < 1000, 'nothing comes of it');
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return { first, looks, last: hashes.of(file) };
}

function expected(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest().subarray(0, 16).toString('base64url');
}

const contents: readonly (readonly [name: string, content: string | Uint8Array])[] = [
  ['no octets', ''],
  ['a few', 'abc'],
  ['one piece', Buffer.alloc(512 * 1024, 'p')],
  ['one octet more', Buffer.alloc(512 * 1024 + 1, 'p')],
  ['many pieces', Buffer.alloc(5_000_000, 'piece')],
];

for (const [name, content] of contents) {
  test(`the hash of ${name} is unknown at first, and what rests on that ends when it is known`, async () => {
    const { hashes, find, opened } = hashing(content);
    const { first, looks, last } = await settled(hashes, await find());
    assert.deepEqual([first, looks.length, last], [undefined, 1, expected(content)]);
    const before = opened.length;
    const more: Look[] = [];
    assert.equal(hashes.of(await find(), more), last);
    assert.deepEqual([more.length, opened.length], [0, before]);
  });
}

test('those who ask while it is made rest on the same', async () => {
  const { hashes, find } = hashing('shared');
  const file = await find();
  const looks: Look[] = [];
  for (let count = 0; count < 3; count++) hashes.of(file, looks);
  assert.equal(new Set(looks).size, 1);
});

test('equal contents have equal hashes wherever they are, another version has its own', async () => {
  const { hashes, find, inner } = hashing('one');
  const one = await settled(hashes, await find());
  const other = hashing('one', { ageMs: 77_000 });
  assert.equal((await settled(other.hashes, await other.find())).last, one.last);
  inner.set('f', { content: 'two', modifiedMs: nowMs - 10_000 });
  assert.equal((await settled(hashes, await find())).last, expected('two'));
});

test('a file that is too large has none for good, and one that has just changed none for now', async () => {
  const large = hashing('1234', { limits: { hashedBytesMax: 3 } });
  const looks: Look[] = [];
  assert.equal(large.hashes.of(await large.find(), looks), undefined);
  assert.deepEqual([looks.length, large.opened.length], [0, 0]);
  const young = hashing('1234', { ageMs: 500 });
  const { looks: over, last } = await settled(young.hashes, await young.find());
  assert.deepEqual([over.length, last, young.opened.length], [1, undefined, 0]);
});

test('a file that changes while it is hashed, or is gone, has no hash', async () => {
  const changing = hashing(Buffer.alloc(2_000_000, 'a'));
  const file = await changing.find();
  const store: Store = {
    ...changing.store,
    open: async wanted => {
      const open = await changing.inner.open(wanted);
      if (typeof open === 'string') return open;
      return {
        isUnchanged: () => open.isUnchanged(),
        close: () => open.close(),
        read: async (buffer, length, position) => {
          const read = await open.read(buffer, length, position);
          if (position > 0) changing.inner.set('f', { content: Buffer.alloc(2_000_000, 'b'), modifiedMs: 1 });
          return read;
        },
      };
    },
  };
  assert.equal((await settled(changing.over(store), file)).last, undefined);
  const gone = hashing('gone');
  const found = await gone.find();
  gone.inner.remove('f');
  assert.equal((await settled(gone.hashes, found)).last, undefined);
});

test('a disk that fails is told once and not tried again', async () => {
  const { over, store, find } = hashing('on a bad disk');
  const bad: Store = { ...store, open: () => Promise.reject(new Error('EIO')) };
  const hashes = over(bad);
  const file = await find();
  reports.length = 0;
  await settled(hashes, file);
  const looks: Look[] = [];
  assert.equal(hashes.of(file, looks), undefined);
  assert.deepEqual([looks.length, reports.length], [0, 1]);
});
