// A cache must never change what is true for longer than it says, and never mix versions.
import assert from 'node:assert/strict';
import { rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cachedStore } from '../../src/store/cache.ts';
import type { Look, Store } from '../../src/store/store.ts';
import { storeContract } from './contract.ts';
import { date, folderFor, put, storeAt } from './disk-fixture.ts';
import { fileAt, textOf } from './reading.ts';

const revalidateMs = 1000;

/** A cache over a folder, and the hand on its clock; what is on the disk has had time to settle. */
function cacheOver(root: string, bounds: { cacheBytesMax?: number; cachedContentBytesMax?: number } = {}) {
  let nowMs = Date.now() + 60_000;
  const disk = storeAt(root);
  const calls = { find: 0, open: 0 };
  const counting: Store = {
    find: segments => {
      calls.find++;
      return disk.find(segments);
    },
    list: segments => disk.list(segments),
    open: file => {
      calls.open++;
      return disk.open(file);
    },
  };
  const store = cachedStore(counting, {
    revalidateMs,
    cacheBytesMax: 1024 * 1024,
    cachedContentBytesMax: 128 * 1024,
    ...bounds,
    now: () => nowMs,
    elapsed: () => nowMs,
  });
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  return { store, calls, advance, now: () => nowMs };
}

for (const [name, bounds] of [
  ['cached disk', {}],
  ['hardly cached disk', { cacheBytesMax: 0 }],
] as const) {
  storeContract(name, async (t, files, options) => {
    const root = await folderFor(t, files);
    let nowMs = Date.now() + 60_000;
    let clockMs = Date.UTC(2030, 0, 1);
    for (const path of Object.keys(files)) {
      if (options?.modifiedMs !== undefined) await date(join(root, path), options.modifiedMs);
    }
    const now = (): number => {
      nowMs += revalidateMs;
      return nowMs;
    };
    return {
      store: cachedStore(storeAt(root, options), {
        revalidateMs,
        cacheBytesMax: 1024 * 1024,
        // The contract's rows on open files are about the disk: nothing is read ahead here.
        cachedContentBytesMax: -1,
        ...bounds,
        now,
        elapsed: now,
      }),
      async write(path, content) {
        await put(root, Object.fromEntries([[path, content]]));
        clockMs += 1000;
        await date(join(root, path), clockMs);
      },
      remove: path => rm(join(root, path), { recursive: true }),
    };
  });
}

test('a path is looked at once in a while and its content is read once', async t => {
  const root = await folderFor(t, { 'a.txt': 'one' });
  const { store, calls, advance } = cacheOver(root);
  for (let round = 0; round < 10; round++)
    assert.equal(await textOf(store, await fileAt(store, 'a.txt')), 'one');
  assert.deepEqual(calls, { find: 1, open: 1 });
  advance(revalidateMs);
  for (let round = 0; round < 10; round++)
    assert.equal(await textOf(store, await fileAt(store, 'a.txt')), 'one');
  assert.deepEqual(calls, { find: 2, open: 1 });
});

test('a crowd that asks at once is one look and one reading', async t => {
  const root = await folderFor(t, { 'a.txt': 'one' });
  const { store, calls, advance } = cacheOver(root);
  await fileAt(store, 'a.txt');
  advance(revalidateMs);
  const texts = await Promise.all(
    Array.from({ length: 50 }, async () => textOf(store, await fileAt(store, 'a.txt'))),
  );
  assert.deepEqual(new Set(texts), new Set(['one']));
  assert.deepEqual(calls, { find: 2, open: 1 });
});

type Change = (root: string) => Promise<void>;
const fixed = new Date('2026-01-01T00:00:00Z');

const changes: readonly (readonly [name: string, change: Change])[] = [
  ['an edit in place', root => writeFile(join(root, 'a.txt'), 'two')],
  [
    'an edit that keeps size and time of modification',
    async root => {
      await writeFile(join(root, 'a.txt'), 'two');
      await utimes(join(root, 'a.txt'), fixed, fixed);
    },
  ],
  [
    'another file put in its place by a rename, with the same size and time',
    async root => {
      await writeFile(join(root, 'b.txt'), 'two');
      await utimes(join(root, 'b.txt'), fixed, fixed);
      await rename(join(root, 'b.txt'), join(root, 'a.txt'));
    },
  ],
  [
    'a link that leads elsewhere',
    async root => {
      await writeFile(join(root, 'b.txt'), 'two');
      await utimes(join(root, 'b.txt'), fixed, fixed);
      await rm(join(root, 'a.txt'));
      await symlink('b.txt', join(root, 'a.txt'));
    },
  ],
];

for (const [name, change] of changes) {
  test(`${name} shows when the time is over, and nothing old comes back`, async t => {
    const root = await folderFor(t, { 'a.txt': 'one' });
    await utimes(join(root, 'a.txt'), fixed, fixed);
    const { store, advance } = cacheOver(root);
    const looks: Look[] = [];
    const noting = store.noting?.(looks);
    assert.ok(noting !== undefined);
    assert.equal(await textOf(store, await fileAt(noting, 'a.txt')), 'one');
    await change(root);
    advance(revalidateMs);
    assert.equal(looks[0]?.isFresh(Number.MAX_SAFE_INTEGER), false);
    for (let round = 0; round < 5; round++) {
      assert.equal(await textOf(store, await fileAt(store, 'a.txt')), 'two');
      advance(revalidateMs / 3);
    }
    assert.equal(looks[0]?.isFresh(0), false);
  });
}

test('a file that has just changed is looked at each time: it may change again and keep its stamps', async t => {
  const root = await folderFor(t, { 'a.txt': 'one' });
  const calls = { find: 0 };
  const disk = storeAt(root);
  const store = cachedStore(
    {
      ...disk,
      list: segments => disk.list(segments),
      open: file => disk.open(file),
      find: segments => {
        calls.find++;
        return disk.find(segments);
      },
    },
    {
      revalidateMs,
      cacheBytesMax: 1024,
      cachedContentBytesMax: 1024,
      now: Date.now,
      elapsed: () => performance.now(),
    },
  );
  for (let round = 1; round <= 5; round++) {
    await writeFile(join(root, 'a.txt'), `v${round}!`);
    assert.equal(await textOf(store, await fileAt(store, 'a.txt')), `v${round}!`);
    assert.equal(calls.find, round);
  }
});

test('what appears and what vanishes shows when the time is over', async t => {
  const root = await folderFor(t, {});
  const { store, advance } = cacheOver(root);
  assert.equal((await store.find(['a.txt'])).kind, 'absent');
  await writeFile(join(root, 'a.txt'), 'one');
  advance(revalidateMs);
  assert.equal((await store.find(['a.txt'])).kind, 'file');
  await rm(join(root, 'a.txt'));
  advance(revalidateMs);
  assert.equal((await store.find(['a.txt'])).kind, 'absent');
});

test('contents beyond the bounds are read from the file', async t => {
  const root = await folderFor(t, { 'small.txt': 's', 'large.txt': 'l'.repeat(1000) });
  const { store, calls } = cacheOver(root, { cachedContentBytesMax: 10 });
  for (let round = 0; round < 3; round++) {
    await textOf(store, await fileAt(store, 'small.txt'));
    await textOf(store, await fileAt(store, 'large.txt'));
  }
  assert.equal(calls.open, 1 + 3);
  const tiny = cacheOver(root, { cacheBytesMax: 1 });
  for (let round = 0; round < 3; round++) await textOf(tiny.store, await fileAt(tiny.store, 'small.txt'));
  assert.equal(tiny.calls.open, 3);
});

test('an answer that lists a folder rests on nothing that lasts', async t => {
  const root = await folderFor(t, { 'a.txt': 'one' });
  const { store } = cacheOver(root);
  const looks: Look[] = [];
  await store.noting?.(looks).list([]);
  assert.deepEqual(
    looks.map(look => look.isFresh(0)),
    [false],
  );
});

test('a look that has grown old is fresh again when its file was seen to stand, unless more is known against it', async t => {
  const root = await folderFor(t, { 'a.txt': 'here', 'b.txt': 'here', 'c.txt': 'here' });
  const { store, calls, advance, now } = cacheOver(root);
  const lookAt = async (path: string): Promise<Look> => {
    const looks: Look[] = [];
    await store.noting?.(looks).find([path]);
    const [look] = looks;
    assert.ok(look !== undefined);
    assert.ok(look.isFresh(now()));
    return look;
  };
  const old = await lookAt('a.txt');
  const expired = await lookAt('b.txt');
  const ended = await lookAt('c.txt');
  expired.expire();
  await rm(join(root, 'c.txt'));
  advance(revalidateMs);
  assert.equal((await store.find(['c.txt'])).kind, 'absent');
  const finds = calls.find;
  for (const [look, isFresh] of [
    [old, true],
    [expired, false],
    [ended, false],
  ] as const) {
    assert.equal(look.isFresh(now()), false);
    look.confirm?.(now());
    assert.equal(look.isFresh(now()), isFresh);
  }
  assert.equal((await store.find(['a.txt'])).kind, 'file');
  assert.equal(calls.find, finds, 'the store was asked');
  advance(revalidateMs);
  assert.equal(old.isFresh(now()), false);
});
