/** Short ways to look into a store; each fails the test when it finds something else. */
import assert from 'node:assert/strict';
import type { StoredFile } from '../../src/http/message.ts';
import type { OpenFile, Store } from '../../src/store/store.ts';

/** The segments of a path written with slashes; an empty one is the root. */
export function segmentsOf(path: string): string[] {
  return path === '' ? [] : path.split('/');
}

/** The file at a path; fails the test when there is none. */
export async function fileAt(store: Store, path: string): Promise<StoredFile> {
  const entry = await store.find(segmentsOf(path));
  assert.ok(entry.kind === 'file', `${JSON.stringify(path)} is ${entry.kind}`);
  return entry.file;
}

/** Opens the file at a path; fails the test when it does not open. */
export async function openAt(store: Store, path: string): Promise<OpenFile> {
  const open = await store.open(await fileAt(store, path));
  assert.ok(typeof open !== 'string', `${path} does not open: ${open}`);
  return open;
}

/** All of a file as text, opened, read and closed. */
export async function textOf(store: Store, file: StoredFile): Promise<string> {
  const open = await store.open(file);
  assert.ok(typeof open !== 'string', `${file.location} does not open: ${open}`);
  try {
    const buffer = Buffer.alloc(file.size);
    return buffer.toString('utf8', 0, await open.read(buffer, file.size, 0));
  } finally {
    open.close();
  }
}

/** The sorted names of a folder's members; fails the test when it has none to tell. */
export async function namesIn(store: Store, path: string): Promise<string[]> {
  const listing = await store.list(segmentsOf(path));
  assert.ok(listing.kind === 'members', `${JSON.stringify(path)} is ${listing.kind}`);
  return listing.members.map(member => member.name).sort();
}
