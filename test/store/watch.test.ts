// A watcher within its bounds. What it tells of the files is in test/truth/.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Store } from '../../src/store/store.ts';
import { FolderWatch } from '../../src/store/watch.ts';
import { cachedFolder, neverMs, until, watchOf } from '../truth/servers.ts';
import { folderFor } from './disk-fixture.ts';

/** Files that have just changed are looked at each time; a path where nothing is is remembered at once. */
const kindAt = async (store: Store, path: string): Promise<string> =>
  (await store.find(path.split('/'))).kind;

function watched(root: string, foldersMax?: number) {
  const { watch, reports } = watchOf(root, foldersMax);
  let looks = 0;
  const count = (path: string): void => {
    if (!path.startsWith('read ')) looks++;
  };
  const store = cachedFolder(root, neverMs, count, watch);
  return { store, watch, reports, looks: () => looks };
}

test('nothing is watched before something is looked at, and nothing after the end', async t => {
  const root = await folderFor(t, { 'a/b/c.txt': 'one' });
  const { store, watch, reports } = watched(root);
  assert.equal(watch.watchedFolders, 0);
  assert.equal(await kindAt(store, 'a/b/none.txt'), 'absent');
  // The folders of the site, and those above it, any of which may be put in place of another.
  assert.equal(watch.watchedFolders, root.split('/').length + 2);
  watch.close();
  assert.equal(watch.watchedFolders, 0);
  assert.equal(await kindAt(store, 'a/none.txt'), 'absent');
  assert.ok(watch.watchedFolders > 0);
  const under = kindAt(store, 'a/b/other.txt');
  watch.close();
  assert.equal(await under, 'absent');
  assert.equal(watch.watchedFolders, 0);
  assert.deepEqual(reports, []);
});

test('a path is looked at once, and again when something happens to it and to nothing else', async t => {
  const root = await folderFor(t, { 'a/x.txt': '', 'b/x.txt': '' });
  const { store, watch, looks } = watched(root);
  t.after(() => watch.close());
  const paths = ['a/none.txt', 'a/deep/none.txt', 'b/none.txt'];
  for (let round = 0; round < 3; round++) {
    for (const path of paths) assert.equal(await kindAt(store, path), 'absent');
  }
  assert.equal(looks(), paths.length);
  writeFileSync(join(root, 'a', 'other.txt'), '');
  writeFileSync(join(root, 'a', 'none.txt'), '');
  await until(async () => (await kindAt(store, 'a/none.txt')) === 'file', 'the file is seen');
  const before = looks();
  for (const path of paths.slice(1)) assert.equal(await kindAt(store, path), 'absent');
  assert.equal(looks(), before);
});

test('no more than so many folders are watched, and those given up are as true as before', async t => {
  const names = Array.from({ length: 40 }, (_, index) => `folder${index}`);
  const root = await folderFor(t, Object.fromEntries(names.map(name => [`${name}/x.txt`, ''])));
  const most = root.split('/').length + 10;
  const { store, watch } = watched(root, most);
  t.after(() => watch.close());
  for (const name of names) {
    assert.equal(await kindAt(store, `${name}/none.txt`), 'absent');
    assert.ok(watch.watchedFolders <= most, `${watch.watchedFolders} are watched`);
  }
  const last = names.at(-1) ?? '';
  writeFileSync(join(root, last, 'none.txt'), '');
  await until(async () => (await kindAt(store, `${last}/none.txt`)) === 'file', 'the last folder is watched');
});

for (const code of ['ENOSPC', 'EMFILE', 'EACCES']) {
  test(`a system that does not watch (${code}) is asked no more than it must and told of once at most`, async t => {
    const root = await folderFor(t, { 'a/x.txt': '', 'b/x.txt': '' });
    const { watch: original } = fs;
    let calls = 0;
    fs.watch = (() => {
      calls++;
      throw Object.assign(new Error(code), { code });
    }) as unknown as typeof fs.watch;
    t.after(() => {
      fs.watch = original;
    });
    const { watch, reports } = watchOf(root);
    t.after(() => watch.close());
    const store = cachedFolder(root, 50, () => {}, watch);
    assert.equal(await kindAt(store, 'a/none.txt'), 'absent');
    assert.equal(await kindAt(store, 'b/none.txt'), 'absent');
    if (code === 'EACCES') assert.deepEqual(reports, []);
    else {
      assert.equal(reports.length, 1);
      assert.match(reports[0] ?? '', new RegExp(code));
      assert.equal(calls, 1);
    }
    writeFileSync(join(root, 'a', 'none.txt'), '');
    await until(async () => (await kindAt(store, 'a/none.txt')) === 'file', 'it shows when the time is over');
  });
}

test('a folder that is written to without a pause is left alone for a while, and the others are not', async t => {
  const root = await folderFor(t, { 'busy/x.txt': '', 'busy/y.txt': '', 'calm/x.txt': '' });
  const { store, watch } = watched(root);
  t.after(() => watch.close());
  for (const name of ['busy', 'calm']) assert.equal(await kindAt(store, `${name}/none.txt`), 'absent');
  const all = watch.watchedFolders;
  let least = all;
  for (let round = 0; round < 40; round++) {
    for (let at = 0; at < 50; at++) {
      // In turn, since equal events that follow each other come as one.
      for (const name of ['x.txt', 'y.txt']) utimesSync(join(root, 'busy', name), at, at);
    }
    await new Promise(setImmediate);
    least = Math.min(least, watch.watchedFolders);
  }
  assert.equal(least, all - 1);
  for (const name of ['calm', 'busy']) {
    writeFileSync(join(root, name, 'none.txt'), '');
    await until(
      async () => (await kindAt(store, `${name}/none.txt`)) === 'file',
      `${name} tells of a change`,
    );
  }
  assert.equal(watch.watchedFolders, all);
});

test('a link that flips while its folder is left alone is followed after that', async t => {
  const root = await folderFor(t, { 'one/x.txt': '', 'two/x.txt': '', 'y.txt': '', 'z.txt': '' });
  symlinkSync('one', join(root, 'current'));
  const { store, watch } = watched(root);
  t.after(() => watch.close());
  assert.equal(await kindAt(store, 'current/none.txt'), 'absent');
  const all = watch.watchedFolders;
  let least = all;
  while (least === all) {
    for (let at = 0; at < 50; at++) {
      for (const name of ['y.txt', 'z.txt']) utimesSync(join(root, name), at, at);
    }
    await new Promise(setImmediate);
    least = watch.watchedFolders;
  }
  symlinkSync('two', join(root, 'next'));
  renameSync(join(root, 'next'), join(root, 'current'));
  writeFileSync(join(root, 'two', 'none.txt'), '');
  await until(async () => (await kindAt(store, 'current/none.txt')) === 'file', 'the flip is seen');
});

test('what was found does not outlast the end of watching', async t => {
  const root = await folderFor(t, { 'a/x.txt': '' });
  const { store, watch } = watched(root);
  t.after(() => watch.close());
  assert.equal(await kindAt(store, 'a/none.txt'), 'absent');
  watch.close();
  writeFileSync(join(root, 'a', 'none.txt'), '');
  assert.equal(await kindAt(store, 'a/none.txt'), 'file');
});

test('folders that come and go are watched as they come', async t => {
  const root = await folderFor(t, { 'x.txt': '' });
  const { store, watch } = watched(root);
  t.after(() => watch.close());
  const before = watch.watchedFolders;
  for (let round = 0; round < 5; round++) {
    assert.equal(await kindAt(store, 'a/b/c.txt'), 'absent');
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    writeFileSync(join(root, 'a', 'b', 'c.txt'), '');
    await until(async () => (await kindAt(store, 'a/b/c.txt')) === 'file', 'the file is seen');
    rmSync(join(root, 'a'), { recursive: true });
    await until(async () => (await kindAt(store, 'a/b/c.txt')) === 'absent', 'it is seen to be gone');
  }
  watch.close();
  assert.equal(watch.watchedFolders, before);
});

test('a watcher keeps no process alive', async t => {
  const root = await folderFor(t, { 'a/x.txt': '' });
  const servers = new URL('../truth/servers.ts', import.meta.url).href;
  const code = `
    const { cachedFolder, watchOf } = await import(${JSON.stringify(servers)});
    const { watch } = watchOf(${JSON.stringify(root)});
    await cachedFolder(${JSON.stringify(root)}, 1000, () => {}, watch).find(['a', 'x.txt']);
    console.log(watch.watchedFolders > 0 ? 'watching' : 'not watching');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // It imports what knows of tests, and is none.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    said += text;
  });
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.match(said, /^watching$/m);
});

test('what changes is told of, by its path in the site', async t => {
  const root = await folderFor(t, { 'a/x.txt': '', 'b/c/x.txt': '', 'far/x.txt': '' });
  symlinkSync(join(root, 'far', 'x.txt'), join(root, 'link.txt'));
  const told = new Set<string>();
  const watch = new FolderWatch({ root, report: () => {}, changed: path => told.add(path) });
  t.after(() => watch.close());
  const store = cachedFolder(root, neverMs, () => {}, watch);
  const heard = (path: string): Promise<void> => until(async () => told.has(path), `${path} is told of`);
  await kindAt(store, 'a/none.txt');
  writeFileSync(join(root, 'a', 'none.txt'), '');
  await heard('/a/none.txt');
  writeFileSync(join(root, 'new.txt'), '');
  await heard('/new.txt');
  writeFileSync(join(root, 'b', 'c', 'x.txt'), 'unseen');
  await kindAt(store, 'b/c/none.txt');
  rmSync(join(root, 'b'), { recursive: true });
  await heard('/b/c/');
  await heard('/b/');
  assert.equal(told.has('/b/c/x.txt') && told.has('/b/c/none.txt'), false);
  utimesSync(join(root, 'far', 'x.txt'), 1_700_000_000, 1_700_000_000);
  await until(async () => {
    await kindAt(store, 'link.txt');
    utimesSync(join(root, 'far', 'x.txt'), 1_700_000_000, 1_700_000_000);
    return told.has('/link.txt');
  }, 'the file behind the link is told of');
});
