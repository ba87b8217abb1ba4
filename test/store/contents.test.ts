import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StoredFile } from '../../src/http/message.ts';
import { Contents } from '../../src/store/contents.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { OpenFailure, OpenFile } from '../../src/store/store.ts';

const kib = 1024;
const bounds = { cacheBytesMax: 4 * kib * kib, cachedContentBytesMax: kib * kib };

/** Contents, and files of these sizes in KiB by name. */
async function contentsOf(sizes: Readonly<Record<string, number>>) {
  const store = memoryStore(
    Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, Buffer.alloc(size * kib, name)])),
  );
  const contents = new Contents(bounds);
  const load = async (name: string, isSettled = true): Promise<OpenFile> => {
    const file = await fileAt(name);
    const open = contents.find(file) ?? (await contents.load(file, isSettled, () => store.open(file)));
    assert.ok(typeof open !== 'string');
    return open;
  };
  const fileAt = async (name: string): Promise<StoredFile> => {
    const entry = await store.find([name]);
    assert.ok(entry.kind === 'file');
    return entry.file;
  };
  /** Asked for until it would be read into memory, which from the second time on it should be. */
  const isAdmitted = async (name: string): Promise<boolean> => {
    const file = await fileAt(name);
    contents.admits(file);
    return contents.admits(file);
  };
  return { store, contents, load, fileAt, isAdmitted };
}

describe('contents in memory', () => {
  test('a small one is read when it is asked for, a larger one when it is asked for again, a huge one never', async () => {
    const { contents, fileAt } = await contentsOf({ small: 128, large: 129, limit: 1024, huge: 1025 });
    const rows: readonly (readonly [name: string, admitted: readonly boolean[]])[] = [
      ['small', [true, true, true]],
      ['large', [false, true, true]],
      ['limit', [false, true, true]],
      ['huge', [false, false, false]],
    ];
    for (const [name, admitted] of rows) {
      const file = await fileAt(name);
      assert.deepEqual(
        admitted.map(() => contents.admits(file)),
        admitted,
        name,
      );
    }
  });

  test('another version is asked for a first time', async () => {
    const { contents, fileAt, isAdmitted } = await contentsOf({ large: 200 });
    assert.equal(await isAdmitted('large'), true);
    const file = await fileAt('large');
    assert.equal(contents.admits({ ...file, changedNs: file.changedNs + 1n }), false);
  });

  test('a content is found under its version only', async () => {
    const { contents, fileAt, load } = await contentsOf({ a: 1 });
    const file = await fileAt('a');
    assert.equal(contents.find(file), undefined);
    await load('a');
    assert.equal(contents.find({ ...file })?.content?.length, kib);
    const others: readonly Partial<StoredFile>[] = [
      { location: 'b' },
      { identity: 'other' },
      { size: 1 },
      { modifiedNs: 1n },
      { changedNs: 1n },
    ];
    for (const other of others) assert.equal(contents.find({ ...file, ...other }), undefined);
  });

  test('one that is not settled is read and not kept', async () => {
    const { contents, fileAt, load } = await contentsOf({ a: 1 });
    assert.equal((await load('a', false)).content?.length, kib);
    assert.equal(contents.find(await fileAt('a')), undefined);
  });

  test('what stalled readers hold beyond the cache is bounded, and counted until they are done', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `large-${index}`);
    const { load, isAdmitted } = await contentsOf(Object.fromEntries(names.map(name => [name, 1000])));
    const readers: OpenFile[] = [];
    let held = 0;
    for (const name of names) {
      if (!(await isAdmitted(name))) break;
      readers.push(await load(name), await load(name));
      held += 1;
    }
    // Four in the cache, and one beyond it in the quarter that may be there: a fifth is held when the next one asks.
    assert.equal(held, 5);
    for (const reader of readers) {
      reader.close();
      reader.close();
    }
    assert.equal(await isAdmitted('large-11'), true);
  });

  test('one that fails to be read leaves nothing behind', async () => {
    const { contents, store, fileAt, isAdmitted } = await contentsOf({ large: 1000 });
    const file = await fileAt('large');
    const failures: readonly (readonly [() => Promise<OpenFile | OpenFailure>, OpenFailure | RegExp])[] = [
      [async () => 'busy', 'busy'],
      [async () => ({ ...(await opened()), read: async () => 5 }), 'changed'],
      [async () => ({ ...(await opened()), isUnchanged: async () => false }), 'changed'],
      [async () => ({ ...(await opened()), read: () => Promise.reject(new Error('EIO')) }), /EIO/],
    ];
    for (let round = 0; round < 5; round += 1) {
      for (const [open, outcome] of failures) {
        const loading = contents.load(file, true, open);
        if (typeof outcome === 'string') assert.equal(await loading, outcome);
        else await assert.rejects(loading, outcome);
      }
    }
    assert.equal(contents.find(file), undefined);
    assert.equal(await isAdmitted('large'), true, 'nothing is counted as held');

    async function opened(): Promise<OpenFile> {
      const open = await store.open(file);
      assert.ok(typeof open !== 'string');
      return { read: open.read.bind(open), isUnchanged: async () => true, close: () => open.close() };
    }
  });

  test('a crowd reads a file once, and who asks for another version of it does not join', async () => {
    const { contents, store, fileAt } = await contentsOf({ a: 1 });
    const file = await fileAt('a');
    let openings = 0;
    const open = (): Promise<OpenFile | OpenFailure> => {
      openings += 1;
      return store.open(file);
    };
    const crowd = await Promise.all(Array.from({ length: 20 }, () => contents.load(file, true, open)));
    assert.ok(crowd.every(each => typeof each !== 'string' && each.content?.length === kib));
    assert.equal(openings, 1);
    const [, later] = await Promise.all([
      contents.load(file, true, open),
      contents.load({ ...file, changedNs: 7n }, true, async () => 'changed'),
    ]);
    assert.equal(later, 'changed');
  });
});
