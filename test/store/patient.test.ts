import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemoryStore } from '../../src/store/memory.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { patientStore } from '../../src/store/patient.ts';
import type { Entry, Store } from '../../src/store/store.ts';
import { storeContract } from './contract.ts';

storeContract('patient', async (_t, files, options) => {
  const { modifiedMs, ...rest } = options ?? {};
  const contents = Object.entries(files).map(([path, content]) => [
    path,
    modifiedMs === undefined ? content : { content, modifiedMs },
  ]);
  const inner = memoryStore(Object.fromEntries(contents), rest);
  return {
    store: patientStore(inner, { now: Date.now, isRestless: () => false }),
    write: async (path, content) => inner.set(path, content),
    remove: async path => inner.remove(path),
  };
});

/** A clock that goes on by ten milliseconds with each look. */
function slow(inner: MemoryStore, isRestless: () => boolean = () => false) {
  let looks = 0;
  let nowMs = Date.now();
  const counting: Store = {
    find: async segments => {
      looks += 1;
      nowMs += 10;
      return inner.find(segments);
    },
    list: segments => inner.list(segments),
    open: file => inner.open(file),
  };
  const store = patientStore(counting, { now: () => nowMs, isRestless });
  const find = async (path: string): Promise<{ readonly entry: Entry; readonly looks: number }> => {
    const before = looks;
    return { entry: await store.find(path.split('/')), looks: looks - before };
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { find, pass };
}

test('a file is found when it has been left alone for a moment', async () => {
  const { find, pass } = slow(memoryStore({ a: '1' }));
  const first = await find('a');
  assert.equal(first.entry.kind, 'file');
  assert.ok(first.looks > 1, `${first.looks} looks`);
  pass(1000);
  assert.equal((await find('a')).looks, 1);
  assert.equal((await find('b')).looks, 1);
});

test('what was there is waited for, and once it did not come back no more', async () => {
  const inner = memoryStore({ a: '1', b: '2' });
  const { find, pass } = slow(inner);
  pass(1000);
  await find('a');
  inner.remove('a');
  const back = find('a');
  setTimeout(() => inner.set('a', 'again'), 100);
  assert.equal((await back).entry.kind, 'file');
  await find('b');
  inner.remove('b');
  const gone = await find('b');
  assert.equal(gone.entry.kind, 'absent');
  assert.ok(gone.looks > 1);
  assert.equal((await find('b')).looks, 1);
});

test('while files are being written, what is not there is waited for', async () => {
  let isRestless = true;
  const inner = memoryStore({});
  const { find } = slow(inner, () => isRestless);
  const coming = find('new');
  setTimeout(() => {
    inner.set('new', '1');
    isRestless = false;
  }, 50);
  assert.equal((await coming).entry.kind, 'file');
  assert.equal((await find('other')).looks, 1);
});
