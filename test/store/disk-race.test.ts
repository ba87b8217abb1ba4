import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, truncateSync } from 'node:fs';
import { rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { DiskStore } from '../../src/store/disk.ts';
import { allClosed, descriptorsBelow, folderFor, storeAt, whileSwapping } from './disk-fixture.ts';
import { fileAt, openAt, segmentsOf, textOf } from './reading.ts';

const guard = { timeout: 60_000 };
const isLinux = process.platform === 'linux';
/** Where only Linux tells, the race between three calls cannot be closed (descriptor.ts says so). */
const linuxOnly = { ...guard, skip: !isLinux && 'needs the paths of descriptors' };

describe('swaps between check and open', () => {
  const rows: readonly (readonly [
    title: string,
    kind: 'file' | 'folder',
    path: string,
    target: string,
    dotfiles: boolean,
  ])[] = [
    ['a file and a link to a secret outside', 'file', 'sub/page.txt', '../../site-secret/page.txt', true],
    ['a file and a link to a hidden one', 'file', 'sub/page.txt', '../.hidden/page.txt', false],
    ['its folder and a link to one outside', 'folder', 'sub', '../site-secret', true],
    ['its folder and a link to a hidden one', 'folder', 'sub', '.hidden', false],
    ['a folder further up and a link to one outside', 'folder', 'top', '../site-secret', true],
  ];
  for (const [title, kind, path, target, dotfiles] of rows) {
    test(
      `SWS#639 dufs#670 TOCTOU: no octet of a secret gets out while ${title} are swapped`,
      linuxOnly,
      async t => {
        const folder = await folderFor(t, {
          'site/sub/page.txt': 'public',
          'site/top/sub/page.txt': 'public',
          'site/.hidden/page.txt': 'secret',
          'site/.hidden/secret.txt': 'secret',
          'site-secret/page.txt': 'secret',
          'site-secret/secret.txt': 'secret',
          'site-secret/sub/page.txt': 'secret',
          'site-secret/sub/secret.txt': 'secret',
        });
        const site = join(folder, 'site');
        const store = storeAt(site, { dotfiles });
        const asked = path === 'top' ? 'top/sub/page.txt' : 'sub/page.txt';
        const seen = new Map<string, number>();
        const areMet = (): boolean => seen.has('public') && seen.size > 1;
        const endMs = performance.now() + 20_000;
        const ask = async (): Promise<void> => {
          // On a busy machine the one who swaps may sleep for a thousand rounds.
          for (let round = 0; round < 1000 || (!areMet() && performance.now() < endMs); round += 1) {
            const got = await whatIsGot(store, asked);
            seen.set(got, (seen.get(got) ?? 0) + 1);
          }
        };
        await whileSwapping(kind, join(site, path), target, async () => {
          await Promise.all([ask(), ask(), ask()]);
        });
        const outcomes = [...seen.keys()];
        assert.ok(!outcomes.some(outcome => outcome.includes('secret')), JSON.stringify([...seen]));
        assert.ok(areMet(), `the swaps were met: ${JSON.stringify([...seen])}`);
        await allClosed(store);
      },
    );
  }
});

describe('what a look during a swap may have noted', () => {
  const rows: readonly (readonly [title: string, root: string, asked: string, target: string])[] = [
    ['a folder outside', 'site-secret', 'sub/page.txt', '../site-secret'],
    ['a hidden folder', 'site/.hidden', 'sub/page.txt', '.hidden'],
    ['a folder outside, further up', 'site-secret', 'top/sub/page.txt', '../site-secret'],
  ];
  for (const [title, secretRoot, asked, target] of rows) {
    // The path was followed before the swap and the file behind the link looked at after it: every fact is the secret's.
    test(
      `TOCTOU: the facts of a secret at a path that was judged before do not open it: ${title}`,
      guard,
      async t => {
        const folder = await folderFor(t, {
          'site/.hidden/page.txt': 'secret',
          'site-secret/page.txt': 'secret',
          'site-secret/sub/page.txt': 'secret',
        });
        const segments = asked.split('/');
        await symlink(target, join(folder, 'site', segments[0] ?? ''));
        const secret = await fileAt(storeAt(join(folder, secretRoot)), segments.slice(1).join('/'));
        const noted = { ...secret, location: join(folder, 'site', asked) };
        const store = storeAt(join(folder, 'site'));
        assert.equal(await store.open(noted), 'changed');
        assert.equal(
          typeof (await storeAt(join(folder, 'site'), { dotfiles: true, followSymlinks: true }).open(noted)),
          'object',
        );
        await allClosed(store);
      },
    );
  }

  test('serve#598 the facts of a FIFO or a folder do not open it', {
    ...guard,
    skip: process.platform === 'win32' && 'Windows has no FIFOs',
  }, async t => {
    const root = await folderFor(t, { 'folder/a.txt': 'x' });
    assert.equal(spawnSync('mkfifo', [join(root, 'pipe')]).status, 0);
    const store = storeAt(root);
    for (const name of ['pipe', 'folder']) {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(join(root, name), { bigint: true });
      const noted = {
        location: join(root, name),
        identity: `${dev}:${ino}`,
        size: Number(size),
        modifiedNs: mtimeNs,
        changedNs: ctimeNs,
      };
      assert.equal(await store.open(noted), 'changed');
    }
    await allClosed(store);
  });
});

describe('files that change', () => {
  test(
    'a file replaced while open is read to its end as it was, and is another version to open',
    guard,
    async t => {
      const root = await folderFor(t, { 'a.txt': 'old content' });
      const store = storeAt(root);
      const file = await fileAt(store, 'a.txt');
      const open = await openAt(store, 'a.txt');
      await writeFile(join(root, 'new.txt'), 'new content');
      await rename(join(root, 'new.txt'), join(root, 'a.txt'));
      const buffer = Buffer.alloc(11);
      assert.equal(await open.read(buffer, 11, 0), 11);
      assert.equal(buffer.toString(), 'old content');
      open.close();
      assert.equal(await store.open(file), 'changed');
    },
  );

  test(
    'a file that grows while open is read only as far as asked, and is no longer unchanged',
    guard,
    async t => {
      const root = await folderFor(t, { 'a.log': '12345' });
      const store = storeAt(root);
      const open = await openAt(store, 'a.log');
      appendFileSync(join(root, 'a.log'), '67890');
      const buffer = Buffer.alloc(10, '#');
      assert.equal(await open.read(buffer, 5, 0), 5);
      assert.equal(buffer.toString(), '12345#####');
      assert.equal(await open.isUnchanged(), false);
      open.close();
    },
  );

  test('dufs#690 a file that shrinks under a large read gives what is left', guard, async t => {
    const root = await folderFor(t, { 'a.bin': 'x'.repeat(8 << 20) });
    const store = storeAt(root);
    const open = await openAt(store, 'a.bin');
    const buffer = Buffer.alloc(8 << 20);
    const reading = open.read(buffer, buffer.length, 0);
    truncateSync(join(root, 'a.bin'), 1000);
    const read = await reading;
    assert.ok(read >= 1000 && read <= buffer.length);
    assert.equal(await open.read(buffer, 2000, 500), 500);
    assert.equal(await open.isUnchanged(), false);
    open.close();
    await allClosed(store);
  });
});

describe('descriptors', () => {
  test('closing while reads are under way lets them finish on their own file', guard, async t => {
    const root = await folderFor(t, { 'a.bin': 'a'.repeat(1 << 20), 'b.bin': 'b'.repeat(1 << 20) });
    const store = storeAt(root);
    const [a, b] = [await fileAt(store, 'a.bin'), await fileAt(store, 'b.bin')];
    for (let round = 0; round < 50; round += 1) {
      const open = await store.open(a);
      assert.ok(typeof open !== 'string');
      const buffers = Array.from({ length: 4 }, () => Buffer.alloc(1 << 20));
      const reads = buffers.map(buffer => open.read(buffer, buffer.length, 0));
      open.close();
      // Were the descriptor closed now, its number would go to the other file.
      const other = await textOf(store, b);
      assert.deepEqual(
        await Promise.all(reads),
        buffers.map(() => 1 << 20),
      );
      assert.ok(
        buffers.every(buffer => buffer.equals(Buffer.alloc(1 << 20, 'a'))),
        'every octet is of the file that was open',
      );
      assert.equal(other[0], 'b');
    }
    await allClosed(store);
  });

  test(
    'no more files are open at once than allowed; the others wait their turn and all are served',
    guard,
    async t => {
      const root = await folderFor(t, { 'a.txt': 'content' });
      const store = storeAt(root, { openFilesMax: 4 });
      const file = await fileAt(store, 'a.txt');
      let most = 0;
      const texts = await Promise.all(
        Array.from({ length: 400 }, async () => {
          const text = await textOf(store, file);
          most = Math.max(most, store.openFiles, isLinux ? descriptorsBelow(join(root, 'a.txt')).length : 0);
          return text;
        }),
      );
      assert.deepEqual([...new Set(texts)], ['content']);
      assert.ok(most <= 4, `${most} were open`);
      await allClosed(store);
    },
  );

  test('who waits too long for a descriptor is told busy, and the next one is served', guard, async t => {
    const root = await folderFor(t, { 'a.txt': 'content' });
    const store = storeAt(root, { openFilesMax: 1, openWaitTimeoutMs: 20 });
    const file = await fileAt(store, 'a.txt');
    const held = await openAt(store, 'a.txt');
    assert.deepEqual(await Promise.all([store.open(file), store.open(file)]), ['busy', 'busy']);
    assert.equal((await store.list([])).kind, 'busy');
    held.close();
    await allClosed(store);
    assert.equal(await textOf(store, file), 'content');
  });

  test('a failed opening holds nothing', guard, async t => {
    const root = await folderFor(t, { 'a.txt': 'content' });
    const store = storeAt(root, { openFilesMax: 1, openWaitTimeoutMs: 5000 });
    const file = await fileAt(store, 'a.txt');
    for (let round = 0; round < 50; round += 1) {
      assert.equal(await store.open({ ...file, size: 1 }), 'changed');
      assert.equal(await store.open({ ...file, location: join(root, 'missing') }), 'absent');
      assert.equal(await store.open({ ...file, location: root }), 'changed');
    }
    assert.equal(await textOf(store, file), 'content');
    await allClosed(store);
  });

  test('a close that fails gives its place back once', linuxOnly, async t => {
    const root = await folderFor(t, { 'a.txt': 'content' });
    const store = storeAt(root, { openFilesMax: 2 });
    const open = await openAt(store, 'a.txt');
    const other = await openAt(store, 'a.txt');
    const [stolen] = descriptorsBelow(join(root, 'a.txt'));
    assert.ok(stolen !== undefined);
    // Taken away beneath the store: its own close then fails with EBADF.
    closeSync(stolen);
    for (const file of [open, other, open, other]) file.close();
    await allClosed(store);
    assert.equal(store.openFiles, 0);
    assert.deepEqual(descriptorsBelow(join(root, 'a.txt')), []);
  });
});

/** The text that a request would get, or how it fails; the names of the folder come with it. */
async function whatIsGot(store: DiskStore, path: string): Promise<string> {
  const segments = segmentsOf(path);
  const listing = await store.list(segments.slice(0, -1));
  if (listing.kind === 'members' && listing.members.some(member => member.name === 'secret.txt'))
    return 'secret name';
  const entry = await store.find(segments);
  if (entry.kind !== 'file') return entry.kind;
  const open = await store.open(entry.file);
  if (typeof open === 'string') return `open ${open}`;
  const buffer = Buffer.alloc(6);
  const text = buffer.toString('utf8', 0, await open.read(buffer, 6, 0));
  open.close();
  return text;
}
