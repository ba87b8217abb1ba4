import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryStore } from '../../src/store/memory.ts';
import { storeContract } from './contract.ts';
import { fileAt, namesIn, textOf } from './reading.ts';

storeContract('memory', async (_t, files, options) => {
  const versioned = Object.entries(files).map(([path, content]) => [
    path,
    options?.modifiedMs === undefined ? content : { content, modifiedMs: options.modifiedMs },
  ]);
  const store = memoryStore(Object.fromEntries(versioned), options);
  return {
    store,
    write: async (path, content) => store.set(path, content),
    remove: async path => store.remove(path),
  };
});

describe('memory store', () => {
  const noPaths = ['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/../b', './a', 'a\0b'];
  test('a key that is no path is refused with the key in the message', () => {
    for (const path of noPaths) {
      assert.throws(
        () => memoryStore({ [path]: 'x' }),
        error => error instanceof Error && error.message.includes(`"${path}" is no path`),
      );
    }
  });

  test('keys that contradict each other are refused', () => {
    assert.throws(() => memoryStore({ a: 'file', 'a/b': 'below it' }), /passes through "a", which is a file/);
    assert.throws(() => memoryStore({ 'a/b': 'below it', a: 'file' }), /"a" is a folder/);
  });

  test('a version written with the same time is still told from the one before', async () => {
    const store = memoryStore({ 'a.txt': { content: 'one', modifiedMs: 5 } });
    const before = await fileAt(store, 'a.txt');
    store.set('a.txt', { content: 'two', modifiedMs: 5 });
    const after = await fileAt(store, 'a.txt');
    assert.notEqual(after.modifiedNs, before.modifiedNs);
    assert.equal(await textOf(store, after), 'two');
  });

  test('bytes are served as they are, and fractions of a millisecond are kept', async () => {
    const store = memoryStore({ 'a.bin': { content: Uint8Array.of(0, 255, 128), modifiedMs: -0.5 } });
    const file = await fileAt(store, 'a.bin');
    assert.deepEqual([file.size, file.modifiedNs], [3, -500_000n]);
    const open = await store.open(file);
    assert.ok(typeof open !== 'string');
    const buffer = new Uint8Array(3);
    await open.read(buffer, 3, 0);
    assert.deepEqual([...buffer], [0, 255, 128]);
  });

  test('folders that a removal leaves empty go with it, up to but not with the root', async () => {
    const store = memoryStore({ 'a/b/c.txt': 'x', 'a/d.txt': 'y' });
    store.remove('a/b/c.txt');
    assert.deepEqual(await namesIn(store, 'a'), ['d.txt']);
    store.remove('a/d.txt');
    store.remove('never/was');
    assert.deepEqual(await namesIn(store, ''), []);
  });
});
