import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { type Response, StreamFailure } from '../../src/http/message.ts';
import { answer } from '../../src/site/respond.ts';
import type { Archives } from '../../src/site/site.ts';
import { type MemoryStore, memoryStore } from '../../src/store/memory.ts';
import type { Entry, Listing, OpenFailure, OpenFile, Store } from '../../src/store/store.ts';
import { type Found, readTar, readZip } from '../archive/reading.ts';
import { nowMs, request, siteOf } from './fixture.ts';

const files = { 'top/a': 'first', 'top/in/b': 'second', 'top/in/deep/c': '' };

function storeOf(): MemoryStore {
  return memoryStore(files);
}

/** A store in which a call for one path is answered otherwise. */
function otherwise(
  path: string,
  answers: {
    readonly find?: Entry;
    readonly list?: Listing;
    readonly open?: (file: OpenFile) => OpenFile | OpenFailure;
  },
): Store {
  const store = storeOf();
  return {
    find: async segments =>
      segments.join('/') === path ? (answers.find ?? store.find(segments)) : store.find(segments),
    list: async segments =>
      segments.join('/') === path ? (answers.list ?? store.list(segments)) : store.list(segments),
    open: async stored => {
      const opened = await store.open(stored);
      return stored.location === path && typeof opened !== 'string'
        ? (answers.open?.(opened) ?? opened)
        : opened;
    },
  };
}

function ask(store: Store, query = '?download=zip', archives: Partial<Archives> = {}): Promise<Response> {
  const made = { crc32, entriesMax: 100, admits: async () => true, ...archives };
  return answer(request(`/top/${query}`), siteOf({}, { store, archives: made }), nowMs);
}

async function octetsOf({ content }: Response): Promise<Buffer> {
  assert.ok(content.kind === 'stream');
  const pieces: Uint8Array[] = [];
  for await (const piece of content.chunks()) pieces.push(Buffer.from(piece));
  const octets = Buffer.concat(pieces);
  assert.equal(octets.length, content.length);
  return octets;
}

function pathsOf(found: readonly Found[]): string {
  return found.map(({ path }) => path).join(' ');
}

test('a folder stands before what is in it, and its files after each other', async () => {
  const response = await ask(storeOf());
  assert.equal(pathsOf(readZip(await octetsOf(response))), 'top/in top/a top/in/deep top/in/b top/in/deep/c');
});

test('without what archives are made with, a download is a listing', async () => {
  const response = await answer(request('/top/?download=zip'), siteOf(files), nowMs);
  assert.equal(response.content.kind, 'bytes');
});

test('a name that is not there is 404, and what is not admitted is left out with all that is in it', async () => {
  assert.equal((await ask(storeOf(), '?download=tar&name=other')).status, 404);
  const admits: Archives['admits'] = async segments => !segments.includes('in');
  assert.equal(pathsOf(readTar(await octetsOf(await ask(storeOf(), '?download=tar', { admits })))), 'top/a');
});

const changes: readonly (readonly [what: string, store: Store, status: number, paths: string])[] = [
  [
    'a file is gone',
    otherwise('top/a', { find: { kind: 'absent' } }),
    200,
    'top/in top/in/deep top/in/b top/in/deep/c',
  ],
  ['a file cannot be looked at now', otherwise('top/a', { find: { kind: 'busy' } }), 503, ''],
  ['a folder within cannot be looked at now', otherwise('top/in', { find: { kind: 'busy' } }), 503, ''],
  ['a folder within is gone', otherwise('top/in', { list: { kind: 'absent' } }), 200, 'top/in top/a'],
  ['a folder within cannot be read now', otherwise('top/in', { list: { kind: 'busy' } }), 503, ''],
  ['the folder itself is gone', otherwise('top', { list: { kind: 'absent' } }), 404, ''],
];

for (const [what, store, status, paths] of changes) {
  test(`when ${what} while an archive is planned it is ${status}`, async () => {
    const response = await ask(store);
    assert.equal(response.status, status);
    if (status === 200) assert.equal(pathsOf(readZip(await octetsOf(response))), paths);
  });
}

const failures: readonly (readonly [what: string, open: (file: OpenFile) => OpenFile | OpenFailure])[] = [
  ['is another one', () => 'changed'],
  ['is gone', () => 'absent'],
  ['shrinks', file => ({ ...bound(file), read: async () => 0 })],
  ['changes while it is read', file => ({ ...bound(file), isUnchanged: async () => false })],
  ['cannot be read', file => ({ ...bound(file), read: () => Promise.reject(new Error('EIO')) })],
];

function bound(file: OpenFile): OpenFile {
  return {
    read: file.read.bind(file),
    isUnchanged: file.isUnchanged.bind(file),
    close: file.close.bind(file),
  };
}

for (const [what, open] of failures) {
  test(`a file that ${what} when it is its turn breaks the archive off, and is closed`, async () => {
    let closed = 0;
    const close = (): void => {
      closed += 1;
    };
    const response = await ask(
      otherwise('top/in/b', {
        open: file => {
          const opened = open(file);
          if (typeof opened === 'string') return opened;
          return { ...opened, close };
        },
      }),
    );
    await assert.rejects(octetsOf(response), StreamFailure);
    assert.equal(closed, what.startsWith('is ') ? 0 : 1);
  });
}

test('contents and headers cross the borders of chunks whole', async () => {
  for (const size of [261_532, 262_100, 262_144, 262_145, 600_000]) {
    const contents = Object.fromEntries([1, 2, 3].map(at => [`top/${at}`, Buffer.alloc(size, String(at))]));
    const found = readTar(await octetsOf(await ask(memoryStore(contents), '?download=tar')));
    for (const { path, content } of found) assert.deepEqual(content, Buffer.from(contents[path] ?? ''));
    assert.equal(readZip(await octetsOf(await ask(memoryStore(contents)))).length, 3);
  }
});
