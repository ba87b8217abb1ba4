import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { DiskOptions, DiskStore } from '../../src/store/disk.ts';
import { folderFor, put, storeAt, whileSwapping } from './disk-fixture.ts';
import { fileAt, namesIn, segmentsOf, textOf } from './reading.ts';

/** A root `site` beside a secret whose path begins with the same letters. */
async function siteFor(
  t: TestContext,
  links: Readonly<Record<string, string>>,
  options: Partial<DiskOptions> = {},
): Promise<{ readonly store: DiskStore; readonly folder: string }> {
  const folder = await folderFor(t, {
    'site/index.html': 'home',
    'site/docs/guide.txt': 'guide',
    'site/docs/deep/page.txt': 'page',
    'site/.env': 'secret',
    'site/.git/config': 'secret',
    'site/.well-known/x.txt': 'known',
    'site-secret/s': 'secret',
    'site-secret/.env': 'secret',
    'other/o.txt': 'other',
  });
  for (const [name, target] of Object.entries(links)) {
    await mkdir(join(folder, 'site', name, '..'), { recursive: true });
    await symlink(target.replace('$', folder), join(folder, 'site', name));
  }
  return { store: storeAt(join(folder, 'site'), options), folder };
}

/** Links of every kind, and what a request through them gets: the text of a file, or a kind of entry. */
const links = {
  'file.txt': 'index.html',
  'absolute.txt': '$/site/docs/guide.txt',
  folder: 'docs',
  'docs/up': '..',
  'docs/self': '.',
  'chain-1': 'chain-2',
  'chain-2': 'chain-3',
  'chain-3': 'docs/guide.txt',
  'round.txt': '../site/index.html',
  root: '$/site',
  broken: 'nowhere',
  'broken-below': 'index.html/x',
  loop: 'loop',
  'loop-1': 'loop-2',
  'loop-2': 'loop-1',
  'out.txt': '../site-secret/s',
  'out-absolute': '$/site-secret/s',
  'out-folder': '../site-secret',
  'out-chain': 'out-folder/s',
  'docs/out': '../../site-secret',
  parent: '..',
  machine: '/',
  passwd: '/etc/passwd',
  detour: '/usr/../etc/passwd',
  'script.js.gz': '../other/o.txt',
};

describe('links', () => {
  const inside: readonly (readonly [path: string, found: string])[] = [
    ['file.txt', 'home'],
    ['absolute.txt', 'guide'],
    ['folder/guide.txt', 'guide'],
    ['folder/deep/page.txt', 'page'],
    ['docs/up/index.html', 'home'],
    ['docs/up/docs/up/docs/up/docs/guide.txt', 'guide'],
    ['docs/self/self/self/guide.txt', 'guide'],
    ['chain-1', 'guide'],
    ['round.txt', 'home'],
    ['root/root/folder/guide.txt', 'guide'],
    ['folder', 'folder'],
    ['root', 'folder'],
    ['broken', 'absent'],
    ['broken-below', 'absent'],
    ['file.txt/x', 'absent'],
    ['loop', 'denied'],
    ['loop-1', 'denied'],
    ['loop/x', 'denied'],
    ['root/.env', 'denied'],
    ['docs/up/.git/config', 'denied'],
    ['root/.well-known/x.txt', 'denied'],
  ];
  test('links inside the root are followed; broken ones are absent, circles denied', async t => {
    const { store } = await siteFor(t, links);
    for (const [path, found] of inside) assert.equal(await foundAt(store, path), found, path);
  });

  const outside = [
    'out.txt',
    'out-absolute',
    'out-folder',
    'out-folder/s',
    'out-chain',
    'docs/out',
    'docs/out/s',
    'folder/out/s',
    'parent',
    'parent/site-secret/s',
    'machine',
    'machine/etc/passwd',
    'passwd',
    'detour',
    'script.js.gz',
  ];
  test('CVE-2025-58751 SWS#639 dufs#670 links out of the root are denied: file, folder, nested, chain, sibling, precompressed', async t => {
    const { store } = await siteFor(t, links);
    for (const path of outside) {
      assert.deepEqual(await store.find(segmentsOf(path)), { kind: 'denied', why: 'outside the root' }, path);
      assert.deepEqual(await store.list(segmentsOf(path)), { kind: 'denied', why: 'outside the root' }, path);
    }
  });

  test('a path that leads out and back in is judged by where it ends', async t => {
    const { store } = await siteFor(t, links);
    assert.equal(await foundAt(store, 'parent/site'), 'folder');
    assert.equal(await foundAt(store, 'parent/site/index.html'), 'home');
    assert.equal(await foundAt(store, 'round.txt'), 'home');
  });

  test('followSymlinks lets links lead out, and still hides what is hidden', async t => {
    const { store, folder } = await siteFor(t, links, { followSymlinks: true });
    const rows: readonly (readonly [path: string, found: string])[] = [
      ['out.txt', 'secret'],
      ['out-folder', 'folder'],
      ['out-folder/s', 'secret'],
      ['out-folder/.env', 'denied'],
      ['docs/out/s', 'secret'],
      ['script.js.gz', 'other'],
      ['file.txt', 'home'],
      ['loop', 'denied'],
      ['broken', 'absent'],
    ];
    for (const [path, found] of rows) assert.equal(await foundAt(store, path), found, path);
    assert.deepEqual(await namesIn(store, 'out-folder'), ['s']);
    await symlink(join(folder, 'site-secret', '.env'), join(folder, 'site', 'env.txt'));
    assert.equal(await foundAt(store, 'env.txt'), 'denied', 'hidden behind a link that leads out');
  });

  test('a list shows links as what they lead to, and none that a request would be denied', async t => {
    const { store } = await siteFor(t, { ...links, 'env.txt': '.env', git: '.git' });
    const listing = await store.list([]);
    assert.ok(listing.kind === 'members');
    assert.deepEqual(listing.members.map(member => `${member.name} ${member.kind} ${member.size}`).sort(), [
      '.well-known folder 0',
      'absolute.txt file 5',
      'chain-1 file 5',
      'chain-2 file 5',
      'chain-3 file 5',
      'docs folder 0',
      'file.txt file 4',
      'folder folder 0',
      'index.html file 4',
      'root folder 0',
      'round.txt file 4',
    ]);
    assert.deepEqual(await namesIn(store, 'docs'), ['deep', 'guide.txt', 'self', 'up']);
  });
});

describe('hidden names behind links', () => {
  const rows: readonly (readonly [link: string, target: string, path: string, found: string])[] = [
    ['env.txt', '.env', 'env.txt', 'denied'],
    ['env.txt', '$/site/.env', 'env.txt', 'denied'],
    ['git', '.git', 'git', 'denied'],
    ['git', '.git', 'git/config', 'denied'],
    ['docs/git', '../.git/config', 'docs/git', 'denied'],
    ['.shown', 'index.html', '.shown', 'denied'],
    ['known', '.well-known', 'known/x.txt', 'known'],
    ['known.txt', '.well-known/x.txt', 'known.txt', 'known'],
  ];
  for (const dotfiles of [false, true]) {
    test(
      `SWS#639 links uncover no hidden name ${dotfiles ? 'unless dotfiles are shown' : ''}`.trim(),
      async t => {
        for (const [link, target, path, found] of rows) {
          const { store } = await siteFor(t, { [link]: target }, { dotfiles });
          const got = await foundAt(store, path);
          if (dotfiles) assert.notEqual(got, 'denied', `${link} -> ${target}`);
          else assert.equal(got, found, `${link} -> ${target}`);
        }
      },
    );
  }

  test('a Kubernetes ConfigMap is served, through its update as well, and its own folders stay hidden', async t => {
    const root = await folderFor(t, {
      '..2026_11_22_10_00_00.1/index.html': 'old',
      '..2026_11_22_10_00_00.1/sub.txt': 'sub',
      '..2026_11_22_10_00_00.1/.env': 'secret',
    });
    await symlink('..2026_11_22_10_00_00.1', join(root, '..data'));
    await symlink('..data/index.html', join(root, 'index.html'));
    await symlink('..data/sub.txt', join(root, 'sub.txt'));
    await symlink('..data/.env', join(root, 'env'));
    const store = storeAt(root);
    const old = await fileAt(store, 'index.html');
    assert.equal(await textOf(store, old), 'old');
    assert.deepEqual(await namesIn(store, ''), ['index.html', 'sub.txt']);
    const denied = ['..data', '..data/index.html', '..2026_11_22_10_00_00.1/index.html', 'env'];
    for (const path of denied) assert.equal(await foundAt(store, path), 'denied', path);

    await put(root, {
      '..2026_11_22_11_00_00.2/index.html': 'new!',
      '..2026_11_22_11_00_00.2/sub.txt': 'sub',
    });
    await symlink('..2026_11_22_11_00_00.2', join(root, '..data_tmp'));
    await rename(join(root, '..data_tmp'), join(root, '..data'));
    await rm(join(root, '..2026_11_22_10_00_00.1'), { recursive: true });
    assert.equal(await store.open(old), 'absent');
    assert.equal(await foundAt(store, 'index.html'), 'new!');
  });
});

describe('a root that is a link', () => {
  test('the new target of a flipped root is served at once, old files are gone, and links to the old one are out', async t => {
    const folder = await folderFor(t, {
      'releases/1/a.txt': 'one',
      'releases/1/only-1.txt': 'one',
      'releases/2/a.txt': 'two',
      'releases/2/only-2.txt': 'two',
    });
    await symlink('../1/only-1.txt', join(folder, 'releases/2/back.txt'));
    await symlink('releases/1', join(folder, 'current'));
    const store = storeAt(join(folder, 'current'));
    assert.equal(await foundAt(store, 'a.txt'), 'one');
    await flip(folder, 'releases/2');
    assert.equal(await foundAt(store, 'a.txt'), 'two');
    assert.equal(await foundAt(store, 'only-2.txt'), 'two');
    assert.equal(await foundAt(store, 'only-1.txt'), 'absent');
    assert.equal(await foundAt(store, 'back.txt'), 'denied');
    assert.deepEqual(await namesIn(store, ''), ['a.txt', 'only-2.txt']);
  });

  test('hidden names above the root do not hide the root', async t => {
    const folder = await folderFor(t, { '.cache/.site/a.txt': 'x', '.cache/.next/a.txt': 'y' });
    await symlink('.cache/.site', join(folder, 'current'));
    for (const followSymlinks of [false, true]) {
      const store = storeAt(join(folder, 'current'), { followSymlinks });
      assert.equal(await foundAt(store, 'a.txt'), 'x');
      await flip(folder, '.cache/.next');
      assert.equal(await foundAt(store, 'a.txt'), 'y');
      await flip(folder, '.cache/.site');
    }
  });

  test('while a root is flipped and old releases are removed, no file is missed', async t => {
    const folder = await folderFor(t, { 'r/0/sub/a.txt': 'public' });
    await symlink('r/0', join(folder, 'current'));
    const store = storeAt(join(folder, 'current'));
    const ask = async (): Promise<void> => {
      for (let round = 0; round < 1500; round += 1) {
        assert.equal((await store.find(['sub', 'a.txt'])).kind, 'file');
        assert.deepEqual(await namesIn(store, 'sub'), ['a.txt']);
      }
    };
    await whileSwapping('root', join(folder, 'current'), join(folder, 'r'), async () => {
      await Promise.all([ask(), ask()]);
    });
  });
});

/** Points `current` elsewhere in one step, as deployments do. */
async function flip(folder: string, target: string): Promise<void> {
  await symlink(target, join(folder, 'next'));
  await rename(join(folder, 'next'), join(folder, 'current'));
}

/** The text of the file at a path, or what else is there. */
async function foundAt(store: DiskStore, path: string): Promise<string> {
  const entry = await store.find(segmentsOf(path));
  return entry.kind === 'file' ? textOf(store, entry.file) : entry.kind;
}

test('a file that is withheld is nowhere to be seen: by its name, a link, a coding, nor in a list', async t => {
  const folder = await folderFor(t, {
    'site/docs/mine.json': 'secret',
    'site/docs/mine.json.br': 'secret',
    'site/docs/mine.json.gz.br': 'secret',
    'site/docs/other.json': 'seen',
    'site/docs/mine.jsonp': 'seen',
    'conf/real.json': 'secret',
  });
  const site = join(folder, 'site');
  await symlink('docs/mine.json', join(site, 'link.json'));
  await symlink('docs', join(site, 'way'));
  await symlink('../conf/real.json', join(site, 'named.json'));
  const withheld = new Set([join(site, 'docs', 'mine.json'), join(site, 'named.json')]);
  const store = storeAt(site, { withheld, followSymlinks: true });
  for (const path of [
    'docs/mine.json',
    'docs/mine.json.br',
    'docs/mine.json.gz.br',
    'link.json',
    'way/mine.json',
    'way/mine.json.br',
    'named.json',
  ])
    assert.equal((await store.find(segmentsOf(path))).kind, 'denied', path);
  assert.equal(await textOf(store, await fileAt(store, 'docs/other.json')), 'seen');
  assert.deepEqual(await namesIn(store, 'docs'), ['mine.jsonp', 'other.json']);
  assert.deepEqual(await namesIn(store, 'way'), ['mine.jsonp', 'other.json']);
  assert.deepEqual(await namesIn(store, ''), ['docs', 'way']);
  const scan = await store.scan?.(segmentsOf('docs'));
  assert.ok(scan?.kind === 'names');
  assert.deepEqual(scan.names.map(({ name }) => name).sort(), ['mine.jsonp', 'other.json']);
});
