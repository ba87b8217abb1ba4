import assert from 'node:assert/strict';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { guardedStore, type Reach } from '../../src/site/guarded-store.ts';
import type { Store } from '../../src/store/store.ts';
import { folderFor, put, storeAt } from '../store/disk-fixture.ts';

const files = { 'open/a': 'a', 'open/b': 'b', 'secret/c': 'c', 'alone/d': 'd' };

type Segments = readonly string[];
const isOpen = (segments: Segments): boolean => segments[0] !== 'secret';
const showsAll = undefined;
const showsNoB = (segments: Segments): boolean => isOpen(segments) && segments.at(-1) !== 'b';

interface Guarded {
  readonly root: string;
  readonly store: Store;
}

/** A folder with links into and around what is out of reach, and its guarded store. */
async function guarded(t: Parameters<typeof folderFor>[0], shows: Reach['shows']): Promise<Guarded> {
  const root = await folderFor(t, files);
  await symlink('../secret/c', join(root, 'open/to-secret'));
  await symlink('../open', join(root, 'alone/to-open'));
  const store = storeAt(root, { tellsFolders: true });
  const placesOf: Reach['placesOf'] = ({ location }) => [location.slice(root.length + 1).split('/')];
  return { root, store: guardedStore(store, { holds: isOpen, shows, placesOf }) };
}

async function listed(store: Store, path: string): Promise<string> {
  const listing = await store.list(path.split('/'));
  if (listing.kind !== 'members') return listing.kind;
  return listing.members
    .map(({ name }) => name)
    .sort()
    .join(' ');
}

/** The names of a scan and, behind a bar, what a look at all of them shows. */
async function scanned({ scan }: Store, path: string): Promise<string> {
  assert.ok(scan !== undefined, 'a guard keeps the scan of its store');
  const found = await scan(path.split('/'));
  if (found.kind !== 'names') return found.kind;
  const names = found.names.map(({ name }) => name);
  const looked = await found.look(names);
  const seen = looked.kind === 'members' ? looked.members.map(({ name }) => name) : [looked.kind];
  return `${names.sort().join(' ')} | ${seen.sort().join(' ')}`;
}

const rows: readonly (readonly [path: string, shows: Reach['shows'], listed: string, scanned: string])[] = [
  ['open', showsAll, 'a b to-secret', 'a b to-secret | a b to-secret'],
  // A link shows what it leads to, which only a look tells.
  ['open', showsNoB, 'a', 'a to-secret | a'],
  ['alone/to-open', showsNoB, 'a', 'a to-secret | a'],
  ['secret', showsAll, 'denied', 'denied'],
  ['secret', showsNoB, 'denied', 'denied'],
  ['gone', showsAll, 'absent', 'absent'],
  ['gone', showsNoB, 'absent', 'absent'],
  ['open/a', showsNoB, 'absent', 'absent'],
];

for (const [path, shows, list, scan] of rows) {
  test(`${path} is listed as ${list}${shows === undefined ? '' : ' where names are hidden'}`, async t => {
    const { store } = await guarded(t, shows);
    assert.equal(await listed(store, path), list);
    assert.equal(await scanned(store, path), scan);
  });
}

test('a folder that is gone between its scan and the look shows nothing', async t => {
  const { root, store } = await guarded(t, showsNoB);
  assert.ok(store.scan !== undefined);
  const found = await store.scan(['open']);
  assert.ok(found.kind === 'names');
  await rm(join(root, 'open'), { recursive: true });
  assert.equal((await found.look(['a'])).kind, 'absent');
});

test('what a link leads to is found where both its places are in reach', async t => {
  const { root, store } = await guarded(t, showsAll);
  const kindAt = async (path: string): Promise<string> => (await store.find(path.split('/'))).kind;
  assert.equal(await kindAt('open/to-secret'), 'denied');
  assert.equal(await kindAt('alone/to-open/a'), 'file');
  await put(root, { 'open/later': 'x' });
  assert.equal(await kindAt('alone/to-open/later'), 'file');
});
