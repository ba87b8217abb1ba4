import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredFile } from '../../src/http/message.ts';
import { editedBytesMax, editedStore } from '../../src/store/edited.ts';
import { type MemoryStore, memoryStore } from '../../src/store/memory.ts';
import type { Look, Store } from '../../src/store/store.ts';
import { storeContract } from './contract.ts';
import { fileAt, textOf } from './reading.ts';

/** Writes every `b` thrice, in files whose names end in `.b`. */
function shouting(store: Store, reports: string[] = [], cacheBytesMax = 1_000_000): Store {
  const edit = (content: Uint8Array): Uint8Array => {
    const text = Buffer.from(content).toString();
    return text.includes('b') ? Buffer.from(text.replaceAll('b', 'bbb')) : content;
  };
  const editor = { tag: 'thrice', edits: (name: string) => name.endsWith('.b'), edit };
  return editedStore(store, { editor, cacheBytesMax, now: Date.now, report: line => reports.push(line) });
}

storeContract('edited', async (_t, files, options) => {
  const { modifiedMs, ...rest } = options ?? {};
  const contents = Object.entries(files).map(([path, content]) => [
    path,
    modifiedMs === undefined ? content : { content, modifiedMs },
  ]);
  const store = memoryStore(Object.fromEntries(contents), rest);
  return {
    store: shouting(store),
    write: async (path, content) => store.set(path, content),
    remove: async path => store.remove(path),
  };
});

test('an edited file has the size of what was made of it, and keeps what it was made of', async () => {
  const store = shouting(memoryStore({ 'x.b': 'abc', 'x.a': 'abc', 'y.b': 'ac' }));
  const edited = await fileAt(store, 'x.b');
  assert.deepEqual([edited.size, edited.edition?.tag, edited.edition?.of.size], [5, 'thrice', 3]);
  assert.equal(await textOf(store, edited), 'abbbc');
  for (const path of ['x.a', 'y.b']) assert.equal((await fileAt(store, path)).edition, undefined, path);
});

test('a file that has changed since it was found is not opened as what was found', async () => {
  const inner = memoryStore({ 'x.b': 'abc' });
  for (const bytes of [1, 1_000_000]) {
    const store = shouting(inner, [], bytes);
    const edited = await fileAt(store, 'x.b');
    inner.set('x.b', 'abcd');
    assert.equal(await store.open(edited), 'changed');
    inner.remove('x.b');
    assert.equal(await store.open(edited), 'absent');
    inner.set('x.b', 'abc');
  }
});

test('a file that changes whenever it is read is busy in the end', async () => {
  const inner = memoryStore({ 'x.b': 'abc' });
  const restless: Store = {
    ...plain(inner),
    find: async segments => {
      const entry = await inner.find(segments);
      inner.set('x.b', `abc${Math.random()}`);
      return entry;
    },
  };
  assert.equal((await shouting(restless).find(['x.b'])).kind, 'busy');
});

test('what a crowd asks for at once is read once, and not again while it stays', async () => {
  const inner = memoryStore({ 'x.b': { content: 'abc', modifiedMs: 1 } });
  let opened = 0;
  const settled = (file: StoredFile): StoredFile => ({ ...file, changedNs: 0n });
  const counting: Store = {
    ...plain(inner),
    find: async segments => {
      const entry = await inner.find(segments);
      return entry.kind === 'file' ? { kind: 'file', file: settled(entry.file) } : entry;
    },
    open: async () => {
      opened += 1;
      const entry = await inner.find(['x.b']);
      return entry.kind === 'file' ? inner.open(entry.file) : 'absent';
    },
  };
  const store = shouting(counting);
  await Promise.all([1, 2, 3].map(() => fileAt(store, 'x.b')));
  assert.equal(await textOf(store, await fileAt(store, 'x.b')), 'abbbc');
  assert.equal(opened, 1);
});

test('a file that is too large is seen as it is, and that is said once', async () => {
  const content = Buffer.alloc(editedBytesMax + 1, 'b');
  const reports: string[] = [];
  const store = shouting(memoryStore({ 'x.b': content, 'y.b': content }), reports);
  for (const path of ['x.b', 'y.b', 'x.b']) assert.equal((await fileAt(store, path)).size, content.length);
  assert.deepEqual(reports, ['"x.b" is sent as it is: only pages of up to 4 MiB are edited']);
});

test('look-ups are noted where the store behind can tell of them, and nowhere else', async () => {
  const inner = memoryStore({ 'x.b': 'abc' });
  assert.equal(shouting(plain(inner)).noting, undefined);
  const look: Look = { isFresh: () => true, expire: () => {} };
  const noted: Store = {
    ...plain(inner),
    noting: looks => ({
      ...plain(inner),
      find: segments => {
        looks.push(look);
        return inner.find(segments);
      },
    }),
  };
  const looks: Look[] = [];
  const store = shouting(noted).noting?.(looks);
  assert.ok(store);
  assert.equal((await fileAt(store, 'x.b')).size, 5);
  assert.deepEqual(looks, [look]);
});

function plain(store: MemoryStore): Store {
  return {
    find: segments => store.find(segments),
    list: segments => store.list(segments),
    open: file => store.open(file),
  };
}
