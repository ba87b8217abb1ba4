import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cachedStore } from '../../src/store/cache.ts';
import type { DiskOptions, DiskStore } from '../../src/store/disk.ts';
import { editedStore } from '../../src/store/edited.ts';
import { type Mount, mountedStore, openingStore } from '../../src/store/mounted.ts';
import type { Look, Store } from '../../src/store/store.ts';
import { storeContract } from './contract.ts';
import { date, folderFor, put, storeAt } from './disk-fixture.ts';
import { fileAt, namesIn, segmentsOf, textOf } from './reading.ts';

let clockMs = 1_600_000_000_000;
for (const at of ['', 'deep/down']) {
  storeContract(`mounted (at /${at})`, async (t, files, options) => {
    const folder = await folderFor(t, files);
    if (options?.modifiedMs !== undefined)
      for (const path of Object.keys(files)) await date(join(folder, path), options.modifiedMs);
    const others =
      at === '' ? [] : [mountAt('', storeAt(await folderFor(t, { 'deep/down/a.txt': 'hidden' })))];
    const own = mountAt(at, storeAt(folder, { dotfiles: options?.dotfiles === true }));
    const [home, ...rest] = [...others, own];
    assert.ok(home !== undefined);
    return {
      store: below(mountedStore(home, rest), segmentsOf(at)),
      write: async (path, content) => {
        await put(folder, Object.fromEntries([[path, content]]));
        // Not every file system dates two writes in a row differently.
        clockMs += 1000;
        await date(join(folder, path), clockMs);
      },
      remove: path => rm(join(folder, path), { recursive: true }),
    };
  });
}

/** Folders by the paths at which they are mounted. */
async function mounted(
  t: TestContext,
  folders: Readonly<Record<string, Readonly<Record<string, string>>>>,
  options: Partial<DiskOptions> = {},
): Promise<{
  readonly store: Store;
  readonly paths: readonly string[];
  readonly disks: readonly DiskStore[];
}> {
  const paths: string[] = [];
  const disks: DiskStore[] = [];
  for (const files of Object.values(folders)) {
    const path = await folderFor(t, files);
    paths.push(path);
    disks.push(storeAt(path, { ...options, beside: disks[0], tellsFolders: true }));
  }
  const [home, ...others] = Object.keys(folders).map((at, index) => mountAt(at, disks[index] as DiskStore));
  assert.ok(home !== undefined);
  return { store: mountedStore(home, others), paths, disks };
}

function mountAt(at: string, disk: DiskStore): Mount {
  return { at: segmentsOf(at), store: disk, holds: file => disk.holds(file) };
}

function below(store: Store, at: readonly string[]): Store {
  return {
    find: segments => store.find([...at, ...segments]),
    list: segments => store.list([...at, ...segments]),
    open: file => store.open(file),
  };
}

const tree = {
  '': {
    'a.txt': 'root',
    'docs/hidden.txt': 'hidden by the mount',
    'x/y.txt': 'y',
    'far/own.txt': 'own',
    file: 'a file above a mount',
  },
  docs: { 'a.txt': 'docs', 'v1/old.txt': 'hidden too' },
  'docs/v1': { 'a.txt': 'v1', '.env': 'secret' },
  'far/away': { 'a.txt': 'away' },
  'no/where/near': { 'a.txt': 'near' },
  'file/below': { 'a.txt': 'below a file' },
};

test('nginx alias slip: a path belongs to the folder with the longest place that it begins with', async t => {
  const { store } = await mounted(t, tree);
  const rows: readonly (readonly [path: string, outcome: string])[] = [
    ['', 'folder'],
    ['a.txt', 'root'],
    ['x/y.txt', 'y'],
    ['docs', 'folder'],
    ['docs/a.txt', 'docs'],
    ['docs/hidden.txt', 'absent'],
    ['docs/v1', 'folder'],
    ['docs/v1/a.txt', 'v1'],
    ['docs/v1/old.txt', 'absent'],
    ['docs/v1/.env', 'denied'],
    ['docs../a.txt', 'absent'],
    ['docsa.txt', 'absent'],
    ['doc', 'absent'],
    ['Docs/a.txt', 'absent'],
    ['far', 'folder'],
    ['far/own.txt', 'own'],
    ['far/away', 'folder'],
    ['far/away/a.txt', 'away'],
    ['far/a.txt', 'absent'],
    ['no', 'folder'],
    ['no/where', 'folder'],
    ['no/where/near/a.txt', 'near'],
    ['no/other', 'absent'],
    ['file', 'folder'],
    ['file/below/a.txt', 'below a file'],
  ];
  for (const [path, outcome] of rows) {
    const entry = await store.find(segmentsOf(path));
    assert.equal(entry.kind === 'file' ? await textOf(store, entry.file) : entry.kind, outcome, path);
  }
});

test('a folder shows what is mounted in it, once, beside what it has, at once and in two steps', async t => {
  const { store } = await mounted(t, tree);
  const rows: readonly (readonly [path: string, names: readonly string[]])[] = [
    ['', ['a.txt', 'docs', 'far', 'file', 'no', 'x']],
    ['docs', ['a.txt', 'v1']],
    ['docs/v1', ['a.txt']],
    ['far', ['away', 'own.txt']],
    ['no', ['where']],
    ['no/where', ['near']],
    ['file', ['below']],
  ];
  for (const [path, names] of rows) {
    assert.deepEqual(await namesIn(store, path), names, path);
    const scan = await store.scan?.(segmentsOf(path));
    assert.ok(scan?.kind === 'names' && scan.isWhole, path);
    assert.deepEqual(scan.names.map(({ name }) => name).sort(), names, path);
    const listing = await scan.look(scan.names.map(({ name }) => name));
    assert.ok(listing.kind === 'members');
    assert.deepEqual(listing.members.map(({ name }) => name).sort(), names, path);
  }
  for (const path of ['nowhere', 'no/other', 'a.txt', 'docs../x']) {
    assert.equal((await store.list(segmentsOf(path))).kind, 'absent', path);
    assert.equal((await store.scan?.(segmentsOf(path)))?.kind, 'absent', path);
  }
});

test('a site whose top is below a base has nothing beside it', async t => {
  const { store } = await mounted(t, { 'a/b': { 'x.txt': 'x' }, 'a/b/m/n': { 'y.txt': 'y' } });
  for (const path of ['', 'a', 'x.txt', 'a/x.txt', 'm/n/y.txt', 'a/c'])
    assert.equal((await store.find(segmentsOf(path))).kind, 'absent', path);
  assert.equal((await store.list([])).kind, 'absent');
  assert.deepEqual(await namesIn(store, 'a/b'), ['m', 'x.txt']);
  assert.equal(await textOf(store, await fileAt(store, 'a/b/m/n/y.txt')), 'y');
});

test('a link leads nowhere out of the folder that it is in, not into another one either', async t => {
  const { store, paths } = await mounted(t, { '': { 'a.txt': 'a' }, docs: { 'd.txt': 'd' } });
  const [root = '', docs = ''] = paths;
  await symlink(join(root, 'a.txt'), join(docs, 'to-root.txt'));
  await symlink(join(docs, 'd.txt'), join(root, 'to-docs.txt'));
  await symlink(docs, join(root, 'folder'));
  await symlink('d.txt', join(docs, 'inside.txt'));
  const outside = { kind: 'denied', why: 'outside the root' };
  assert.deepEqual(await store.find(['docs', 'to-root.txt']), outside);
  assert.deepEqual(await store.find(['to-docs.txt']), outside);
  assert.deepEqual(await store.find(['folder', 'd.txt']), outside);
  assert.equal(await textOf(store, await fileAt(store, 'docs/inside.txt')), 'd');
});

test('folders within each other, and one folder twice, are each served by their own rules', async t => {
  const root = await folderFor(t, { 'a.txt': 'a', '.built/docs/d.txt': 'd', 'pub/p.txt': 'p' });
  const home = storeAt(root);
  const inside = (folder: string): DiskStore => storeAt(join(root, folder), { beside: home });
  const store = mountedStore(mountAt('', home), [
    mountAt('docs', inside('.built/docs')),
    mountAt('again', inside('.built/docs')),
    mountAt('up', storeAt(root, { beside: home })),
  ]);
  for (const [path, text] of [
    ['docs/d.txt', 'd'],
    ['again/d.txt', 'd'],
    ['up/a.txt', 'a'],
    ['up/pub/p.txt', 'p'],
  ] as const)
    assert.equal(await textOf(store, await fileAt(store, path)), text, path);
  assert.equal((await store.find(['.built', 'docs', 'd.txt'])).kind, 'denied');
  assert.equal((await store.find(['up', '.built', 'docs', 'd.txt'])).kind, 'denied');
});

test('a folder that goes away and comes back is absent in between, and nothing else takes its place', async t => {
  const { store, paths } = await mounted(t, { '': { 'docs/d.txt': 'of the root' }, docs: { 'd.txt': 'd' } });
  const [, docs = ''] = paths;
  await rm(docs, { recursive: true });
  assert.equal((await store.find(['docs', 'd.txt'])).kind, 'absent');
  assert.equal((await store.find(['docs'])).kind, 'absent');
  await mkdir(dirname(join(docs, 'd.txt')), { recursive: true });
  await writeFile(join(docs, 'd.txt'), 'back');
  assert.equal(await textOf(store, await fileAt(store, 'docs/d.txt')), 'back');
});

test('descriptors are counted together', async t => {
  const files = { 'a.txt': 'a' };
  const { store, disks } = await mounted(
    t,
    { '': files, m: files, n: files },
    { openFilesMax: 2, openWaitTimeoutMs: 0 },
  );
  const open = await Promise.all([
    store.open(await fileAt(store, 'a.txt')),
    store.open(await fileAt(store, 'm/a.txt')),
  ]);
  assert.deepEqual(
    disks.map(({ openFiles }) => openFiles),
    [2, 2, 2],
  );
  assert.equal(await store.open(await fileAt(store, 'n/a.txt')), 'busy');
  for (const one of open) if (typeof one !== 'string') one.close();
});

test('what was made of a file is not opened as the file by another store, even of the same size', async t => {
  const folder = await folderFor(t, { 'x.html': 'abc' });
  const disk = storeAt(folder);
  const kept = { revalidateMs: 60_000, cacheBytesMax: 1e6, cachedContentBytesMax: 1e6 };
  const clocks = { now: Date.now, elapsed: () => performance.now() };
  const edit = (content: Uint8Array): Uint8Array => Buffer.from(content).fill('B', 1, 2);
  const editor = { tag: 'capital', edits: () => true, edit };
  const made = editedStore(disk, { editor, cacheBytesMax: 1e6, now: Date.now, report: assert.fail });
  const file = await fileAt(made, 'x.html');
  for (const plain of [storeAt(folder), cachedStore(storeAt(folder), { ...kept, ...clocks })]) {
    const store = openingStore([plain, made].map(one => ({ store: one, holds: () => true })));
    assert.equal(await textOf(store, file), 'aBc');
    assert.equal(await textOf(store, await fileAt(plain, 'x.html')), 'abc');
  }
});

test('what an answer rests on is noted by the store that was asked, and by no other', async t => {
  const { disks } = await mounted(t, { '': { 'a.txt': 'a' }, docs: { 'd.txt': 'd' } });
  const kept = { revalidateMs: 60_000, cacheBytesMax: 1e6, cachedContentBytesMax: 1e6 };
  const cached = disks.map(disk => ({
    disk,
    store: cachedStore(disk, { ...kept, now: () => Date.now() + 5000, elapsed: () => performance.now() }),
  }));
  const [home, docs] = cached.map(({ disk, store }, index) => ({
    ...mountAt(index === 0 ? '' : 'docs', disk),
    store,
  }));
  assert.ok(home !== undefined && docs !== undefined);
  const store = mountedStore(home, [docs]);
  const looks: Look[] = [];
  const noted = store.noting?.(looks);
  assert.ok(noted !== undefined);
  const file = await fileAt(noted, 'docs/d.txt');
  assert.equal(looks.length, 1);
  assert.equal(looks[0]?.rereadable?.isOf(file), true, 'a small file can be read again without a look');
  await noted.find(['a.txt']);
  assert.equal(looks.length, 2);
  assert.ok(looks.every(look => look.isFresh(performance.now())));
  await noted.list([]);
  assert.equal(looks.at(-1)?.isFresh(performance.now()), false, 'a listing is made anew each time');
  assert.equal((await mounted(t, { '': {} })).store.noting, undefined);
});
