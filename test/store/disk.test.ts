import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdir, open as openFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { storeContract } from './contract.ts';
import { allClosed, date, folderFor, put, storeAt } from './disk-fixture.ts';
import { fileAt, namesIn, openAt, textOf } from './reading.ts';
import { ways } from './stopwatches.ts';

for (const [way, stopwatch] of ways) {
  storeContract(`disk, its calls made ${way}`, async (t, files, options) => {
    const root = await folderFor(t, files);
    let clockMs = Date.UTC(2030, 0, 1);
    for (const path of Object.keys(files)) {
      if (options?.modifiedMs !== undefined) await date(join(root, path), options.modifiedMs);
    }
    return {
      store: storeAt(root, { ...options, stopwatch: stopwatch() }),
      async write(path, content) {
        await put(root, Object.fromEntries([[path, content]]));
        // Not every file system dates two writes in a row differently.
        clockMs += 1000;
        await date(join(root, path), clockMs);
      },
      remove: path => rm(join(root, path), { recursive: true }),
    };
  });
}

describe('disk store', () => {
  test('a root that cannot be served is refused with its path and what is wanted', async t => {
    const folder = await folderFor(t, { 'a.txt': 'x' });
    await symlink('nowhere', join(folder, 'broken'));
    const rows: readonly (readonly [path: string, why: RegExp])[] = [
      ['missing', /nothing is there/],
      ['broken', /nothing is there/],
      ['a.txt', /not a folder/],
      ['a.txt/below', /nothing is there/],
    ];
    for (const [path, why] of rows) {
      const root = join(folder, path);
      assert.throws(
        () => storeAt(root),
        error =>
          error instanceof Error &&
          error.message.includes(root) &&
          why.test(error.message) &&
          /wanted a folder that this user may read/.test(error.message),
      );
    }
    assert.throws(() => storeAt(folder, { openFilesMax: 0 }), /openFilesMax is 0; wanted 1 or more/);
  });

  test('a root is served however it is written', async t => {
    const folder = await folderFor(t, { 'site/a.txt': 'x' });
    for (const root of [`${folder}/site/`, `${folder}/./site/../site`, `${folder}//site`]) {
      assert.equal(await textOf(storeAt(root), await fileAt(storeAt(root), 'a.txt')), 'x');
    }
  });

  test('the root of the file system can be a root', async t => {
    const folder = await folderFor(t, { 'a.txt': 'x' });
    assert.equal((await fileAt(storeAt('/'), `${folder.slice(1)}/a.txt`)).size, 1);
  });

  test('names that are not UTF-8 are left out of the list and do no harm', async t => {
    const root = await folderFor(t, { 'good.txt': 'x' });
    await writeFile(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.of(0xe9)]), 'latin-1');
    await mkdir(Buffer.concat([Buffer.from(`${root}/dir`), Buffer.of(0xff, 0xfe)]));
    await symlink(Buffer.concat([Buffer.from('caf'), Buffer.of(0xe9)]), join(root, 'link.txt'));
    const store = storeAt(root);
    assert.deepEqual(await namesIn(store, ''), ['good.txt']);
    assert.equal((await store.find(['caf\ufffd'])).kind, 'absent');
    assert.equal((await store.find(['link.txt'])).kind, 'absent');
  });

  test('paths beyond what the system takes are absent', async t => {
    const root = await folderFor(t, { 'a.txt': 'x' });
    const store = storeAt(root);
    for (const segments of [
      Array(5000).fill('d'),
      Array(100).fill('x'.repeat(200)),
      ['x'.repeat(256)],
      ['x'.repeat(100_000)],
    ]) {
      assert.deepEqual(await store.find(segments), { kind: 'absent' });
      assert.deepEqual(await store.list(segments), { kind: 'absent' });
    }
  });

  test('a folder deeper than a path can name is walked as far as paths go', async t => {
    const root = await folderFor(t);
    // The path of the root counts as well: 15 names of 250 octets stay just under the 4096 of Linux.
    const segments: string[] = [];
    while (segments.length < 15) segments.push('n'.repeat(250));
    await put(root, { [`${segments.join('/')}/leaf.txt`]: 'leaf' });
    const store = storeAt(root);
    assert.equal(await textOf(store, await fileAt(store, `${segments.join('/')}/leaf.txt`)), 'leaf');
    assert.deepEqual(await namesIn(store, segments.join('/')), ['leaf.txt']);
    assert.equal((await store.find([...segments, 'n'.repeat(250), 'n'.repeat(250)])).kind, 'absent');
  });

  test('CVE-2020-25691 no time of modification is too odd to tell', async t => {
    const root = await folderFor(t, { 'a.txt': 'x' });
    const store = storeAt(root);
    const path = join(root, 'a.txt');
    // 0 and 1, before 1970, fractions, 2^31 s, 2^62 ns, the year 10000 and the ends of what a Date holds, where the
    // file system keeps them.
    const datesMs = [
      0,
      1,
      -1,
      -1500,
      -1e12,
      2 ** 31 * 1000,
      2 ** 62 / 1e6,
      253_402_300_800_000,
      8.64e15,
      -8.64e15,
    ];
    for (const modifiedMs of datesMs) {
      await date(path, modifiedMs);
      const file = await fileAt(store, 'a.txt');
      assert.equal(typeof file.modifiedNs, 'bigint');
      assert.equal(await textOf(store, file), 'x', String(modifiedMs));
      const listing = await store.list([]);
      assert.ok(
        listing.kind === 'members' && Number.isFinite(listing.members[0]?.modifiedMs),
        String(modifiedMs),
      );
      if (modifiedMs < 2e12 && modifiedMs >= -1e12)
        assert.equal(Number(file.modifiedNs) / 1e6, modifiedMs, String(modifiedMs));
    }
  });

  test('offsets beyond 2^32 are read in a sparse file', async t => {
    const root = await folderFor(t);
    const size = 2 ** 32 + 4096;
    const handle = await openFile(join(root, 'big.bin'), 'w');
    await handle.truncate(size);
    await handle.write(Buffer.from('beyond'), 0, 6, 2 ** 32 + 7);
    await handle.close();
    const store = storeAt(root);
    assert.equal((await fileAt(store, 'big.bin')).size, size);
    const open = await openAt(store, 'big.bin');
    const buffer = Buffer.alloc(8);
    assert.equal(await open.read(buffer, 8, 2 ** 32 + 6), 8);
    assert.equal(buffer.toString(), '\0beyond\0');
    assert.equal(await open.read(buffer, 8, size - 3), 3);
    assert.equal(await open.read(buffer, 8, size), 0);
    open.close();
  });

  test('a folder of 10,000 files is listed whole', async t => {
    const root = await folderFor(t);
    const names = Array.from({ length: 10_000 }, (_, index) => `file-${index}.txt`);
    for (const name of names) writeFileSync(join(root, name), '');
    const store = storeAt(root);
    assert.deepEqual(await namesIn(store, ''), names.sort());
    await allClosed(store);
  });
});
