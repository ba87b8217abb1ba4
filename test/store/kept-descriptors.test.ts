// What is kept open may save an opening; it may never be what is served once it is no longer there.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { DiskOptions, DiskStore } from '../../src/store/disk.ts';
import { allClosed, descriptorsBelow, folderFor, storeAt } from './disk-fixture.ts';
import { fileAt, openAt, textOf } from './reading.ts';
import { ways } from './stopwatches.ts';

const guard = { timeout: 60_000 };
const largeBytes = 256 * 1024;
const [old, other] = ['o'.repeat(largeBytes), 'n'.repeat(largeBytes)];

async function siteFor(
  t: TestContext,
  options: Partial<DiskOptions> = {},
): Promise<{ readonly store: DiskStore; readonly folder: string; readonly site: string }> {
  const folder = await folderFor(t, {
    'site/sub/large.bin': old,
    'site/sub/other.bin': other,
    'site/small.txt': 'small',
    'outside/large.bin': 's'.repeat(largeBytes),
  });
  const site = join(folder, 'site');
  const store = storeAt(site, { keptDescriptorsMax: 4, ...options });
  t.after(() => store.rest());
  return { store, folder, site };
}

describe('descriptors of large files', guard, () => {
  for (const [way, stopwatch] of ways) {
    test(`one is kept for the next reader, none of a small file, and all are given back: ${way}`, async t => {
      const { store, folder } = await siteFor(t, { stopwatch: stopwatch() });
      const large = await fileAt(store, 'sub/large.bin');
      for (let round = 0; round < 3; round += 1) {
        const both = [await openAt(store, 'sub/large.bin'), await openAt(store, 'sub/large.bin')];
        assert.equal(store.openFiles, 2);
        for (const file of both) file.close();
        for (const file of both) file.close();
        assert.equal(await textOf(store, await fileAt(store, 'small.txt')), 'small');
      }
      await until(() => store.openFiles === 1);
      assert.equal(await textOf(store, large), old);
      store.rest();
      await allClosed(store);
      if (process.platform === 'linux') assert.deepEqual(descriptorsBelow(folder), []);
      assert.equal(await textOf(store, large), old, 'a store that rests can be used again');
    });
  }

  test('one that nobody asks for is closed after a while, so that a removed file leaves the disk', async t => {
    const { store, site } = await siteFor(t);
    (await openAt(store, 'sub/large.bin')).close();
    await rm(join(site, 'sub/large.bin'));
    assert.equal(store.openFiles, 1);
    await allClosed(store);
  });

  test('no more are kept than allowed, and the last used ones are', async t => {
    const { store } = await siteFor(t, { keptDescriptorsMax: 1 });
    (await openAt(store, 'sub/large.bin')).close();
    (await openAt(store, 'sub/other.bin')).close();
    assert.equal(store.openFiles, 1);
    const none = await siteFor(t, { keptDescriptorsMax: 0 });
    (await openAt(none.store, 'sub/large.bin')).close();
    assert.equal(none.store.openFiles, 0);
  });

  test('one is given up for whoever needs a descriptor, and not kept while somebody waits', async t => {
    const { store } = await siteFor(t, { openFilesMax: 1, openWaitTimeoutMs: 30_000 });
    (await openAt(store, 'sub/large.bin')).close();
    assert.equal((await store.list([])).kind, 'members');
    const held = await openAt(store, 'sub/large.bin');
    const waiting = textOf(store, await fileAt(store, 'small.txt'));
    held.close();
    assert.equal(await waiting, 'small');
  });

  test('a read under way when its file is closed ends on its own file', async t => {
    const { store } = await siteFor(t);
    const file = await openAt(store, 'sub/large.bin');
    const buffer = Buffer.alloc(largeBytes);
    const reading = file.read(buffer, largeBytes, 0);
    file.close();
    (await openAt(store, 'sub/other.bin')).close();
    assert.equal(await reading, largeBytes);
    assert.equal(buffer.toString(), old);
  });
});

type Change = (site: string, folder: string) => Promise<unknown>;

const changes: readonly (readonly [title: string, change: Change, then: string, later: string])[] = [
  ['edited in place', site => writeFile(join(site, 'sub/large.bin'), other), 'changed', other],
  ['shortened', site => truncate(join(site, 'sub/large.bin'), 10), 'changed', 'o'.repeat(10)],
  ['extended', async site => appendFileSync(join(site, 'sub/large.bin'), '+'), 'changed', `${old}+`],
  [
    'replaced by a rename',
    site => rename(join(site, 'sub/other.bin'), join(site, 'sub/large.bin')),
    'changed',
    other,
  ],
  ['removed', site => rm(join(site, 'sub/large.bin')), 'absent', 'absent'],
  [
    'replaced by a link that leads out',
    async (site, folder) => {
      await rm(join(site, 'sub/large.bin'));
      await symlink(join(folder, 'outside/large.bin'), join(site, 'sub/large.bin'));
    },
    'changed',
    'denied',
  ],
  [
    'moved away with its folder, for which a link that leads out has come',
    async (site, folder) => {
      await rename(join(site, 'sub'), join(folder, 'away'));
      await symlink(join(folder, 'outside'), join(site, 'sub'));
    },
    'changed',
    'denied',
  ],
  [
    'moved away with its folder, for which another one has come',
    async (site, folder) => {
      await rename(join(site, 'sub'), join(folder, 'away'));
      await mkdir(join(site, 'sub'));
      await writeFile(join(site, 'sub/large.bin'), other);
    },
    'changed',
    other,
  ],
];

describe('a file whose descriptor is kept', guard, () => {
  for (const [title, change, then, later] of changes) {
    test(`SWS#639 lighttpd#2724 when it is ${title}, it is ${then} at once`, async t => {
      const { store, site, folder } = await siteFor(t);
      const file = await fileAt(store, 'sub/large.bin');
      assert.equal(await textOf(store, file), old);
      assert.equal(store.openFiles, 1);
      await change(site, folder);
      assert.equal(await store.open(file), then);
      const entry = await store.find(['sub', 'large.bin']);
      assert.equal(entry.kind === 'file' ? await textOf(store, entry.file) : entry.kind, later);
    });
  }
});

async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns += 1) {
    assert.ok(turns < 10_000, 'it did not come');
    await new Promise(setImmediate);
  }
}
