import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Request } from '../../src/http/message.ts';
import { resolve } from '../../src/site/resolve.ts';
import { type Found, isStored, type Selected, selectForm } from '../../src/site/select.ts';
import type { Codings, Site } from '../../src/site/site.ts';
import { memoryStore } from '../../src/store/memory.ts';
import type { Entry } from '../../src/store/store.ts';
import { path, request, siteOf } from './fixture.ts';

const oldMs = Date.UTC(2024, 1, 3);

/** Each file with how many milliseconds it is younger than the oldest. */
const ages = {
  'all.js': 1,
  'all.js.br': 1,
  'all.js.zst': 2,
  'all.js.gz': 3,
  'stale.js': 1,
  'stale.js.br': 0,
  'stale.js.gz': 1,
  'lone.js': 0,
  'alone.js.br': 0,
  'alone.js.zst': 0,
  'zipped.js.zst': 0,
  'pic.png': 0,
  'pic.png.br': 0,
  'pic.svgz': 0,
};

/** The site, and the names that were looked up in it. */
function site(codings: Partial<Codings> = {}): Site & { readonly looked: string[] } {
  const looked: string[] = [];
  const store = memoryStore(
    Object.fromEntries(
      Object.entries(ages).map(([name, ms]) => [name, { content: name, modifiedMs: oldMs + ms }]),
    ),
  );
  const base = siteOf({});
  const find = (segments: readonly string[]): Promise<Entry> => {
    looked.push(segments.join('/'));
    return store.find(segments);
  };
  return {
    ...base,
    codings: { ...base.codings, made: [], ...codings },
    looked,
    store: { ...base.store, find },
  };
}

async function found(name: string, from: Site): Promise<Found> {
  const resolution = await resolve(path(`/${name}`), from);
  assert.ok(resolution.kind === 'file' || resolution.kind === 'coded', resolution.kind);
  return resolution;
}

function asking(acceptEncoding: string | undefined, range?: string, method = 'GET'): Request {
  const wish = acceptEncoding === undefined ? [] : [['Accept-Encoding', acceptEncoding] as const];
  return request('/', range === undefined ? wish : [...wish, ['Range', range]], method);
}

function inWords(selected: Selected): string {
  if (selected.kind !== 'form') return selected.kind;
  const { form, isNegotiated } = selected;
  const how = isStored(form) ? form.to : `${form.from} to ${form.to}`;
  return `${form.file.location} ${how}${isNegotiated ? '' : ', one form'}`;
}

/** Name, Accept-Encoding, what is chosen, and what is looked up to choose it. */
const rows: readonly (readonly [
  name: string,
  acceptEncoding: string | undefined,
  chosen: string,
  looks: string,
])[] = [
  ['all.js', undefined, 'all.js identity', ''],
  ['all.js', '', 'all.js identity', ''],
  ['all.js', 'gzip, br', 'all.js.br br', 'all.js.br'],
  ['all.js', 'gzip, br;q=0.9', 'all.js.gz gzip', 'all.js.gz'],
  ['all.js', 'zstd', 'all.js.zst zstd', 'all.js.zst'],
  ['all.js', 'identity, br;q=0.1', 'all.js identity', ''],
  ['all.js', 'identity;q=0', 'unacceptable', ''],
  ['stale.js', 'br', 'stale.js identity', 'stale.js.br'],
  ['stale.js', 'br, gzip', 'stale.js.gz gzip', 'stale.js.br stale.js.gz'],
  ['stale.js', 'br, identity;q=0', 'unacceptable', 'stale.js.br'],
  ['lone.js', 'br, gzip', 'lone.js identity', 'lone.js.br lone.js.gz'],
  ['pic.png', 'br', 'pic.png identity, one form', ''],
  ['pic.png', '*;q=0', 'unacceptable', ''],
  ['alone.js', 'zstd', 'alone.js.zst zstd', ''],
  ['alone.js', undefined, 'alone.js.br br to identity', ''],
  ['alone.js', 'gzip', 'alone.js.br br to identity', ''],
  ['alone.js', 'identity, br;q=0.5', 'alone.js.br br to identity', ''],
  ['alone.js', 'gzip, identity;q=0', 'unacceptable', ''],
  ['zipped.js', undefined, 'unacceptable', ''],
  ['pic.svgz', 'gzip', 'pic.svgz gzip', ''],
  ['pic.svgz', 'br', 'pic.svgz gzip to identity', ''],
];

for (const [name, acceptEncoding, chosen, looks] of rows) {
  test(`${name} for ${JSON.stringify(acceptEncoding)} is ${chosen}`, async () => {
    const from = site();
    const resolution = await found(name, from);
    from.looked.length = 0;
    assert.equal(inWords(await selectForm(resolution, asking(acceptEncoding), from)), chosen);
    assert.equal(from.looked.join(' '), looks);
  });
}

test('where nothing is stored in codings, nobody looks', async () => {
  const from = site({ stored: false });
  const resolution = await found('all.js', from);
  from.looked.length = 0;
  assert.equal(inWords(await selectForm(resolution, asking('br, gzip'), from)), 'all.js identity, one form');
  assert.deepEqual(from.looked, []);
});

test('a store that is busy is believed', async () => {
  const from = site();
  const resolution = await found('all.js', from);
  const busy: Site = { ...from, store: { ...from.store, find: async () => ({ kind: 'busy' }) } };
  assert.equal((await selectForm(resolution, asking('br'), busy)).kind, 'busy');
  const lone: Site = {
    ...from,
    store: {
      ...from.store,
      find: async segments => (segments.join().endsWith('.br') ? { kind: 'busy' } : { kind: 'absent' }),
    },
  };
  assert.equal((await resolve(path('/none.js'), lone)).kind, 'busy');
});

for (const outcome of [{ kind: 'denied', why: 'leads out' }, { kind: 'folder' }] as const) {
  test(`in the place of a coded form, what is ${outcome.kind} is as if it were not there`, async () => {
    const from = site();
    const resolution = await found('all.js', from);
    const other: Site = { ...from, store: { ...from.store, find: async () => outcome } };
    assert.equal(inWords(await selectForm(resolution, asking('br, gzip'), other)), 'all.js identity');
  });
}

/** Octets of the file, Accept-Encoding, Range and method; what is chosen. */
const makings: readonly (readonly [
  name: string,
  size: number,
  acceptEncoding: string,
  range: string | undefined,
  method: string,
  chosen: string,
])[] = [
  ['a.js', 1024, 'br', undefined, 'GET', 'a.js identity to br'],
  ['a.js', 1024, 'gzip, deflate, br, zstd', undefined, 'GET', 'a.js identity to br'],
  ['a.js', 1024, 'gzip, br;q=0.5', undefined, 'GET', 'a.js identity to gzip'],
  ['a.js', 1024, 'zstd', undefined, 'GET', 'a.js identity'],
  ['a.js', 1024, 'zstd, gzip;q=0.1', undefined, 'GET', 'a.js identity to gzip'],
  ['a.js', 1024, 'identity, br;q=0.9', undefined, 'GET', 'a.js identity'],
  ['a.js', 1023, 'br', undefined, 'GET', 'a.js identity'],
  ['a.js', 5000, 'br', undefined, 'GET', 'a.js identity to br'],
  ['a.js', 5001, 'br', undefined, 'GET', 'a.js identity'],
  ['a.js', 5001, 'br, identity;q=0', undefined, 'GET', 'unacceptable'],
  ['a.js', 1024, 'br', 'bytes=0-1', 'GET', 'a.js identity'],
  ['a.js', 1024, 'br', 'bytes=0-1', 'HEAD', 'a.js identity to br'],
  ['a.js', 1024, 'br, identity;q=0', 'bytes=0-1', 'GET', 'a.js identity to br'],
  ['a.png', 1024, 'br', undefined, 'GET', 'a.png identity, one form'],
  ['a.png', 1024, 'br, identity;q=0', undefined, 'GET', 'unacceptable'],
];

for (const [name, size, acceptEncoding, range, method, chosen] of makings) {
  test(`${method} of ${size} octets of ${name} for ${acceptEncoding}, ${range}, is ${chosen}`, async () => {
    const from = siteOf({ [name]: 'x'.repeat(size) });
    for (const stored of [true, false]) {
      const either: Site = { ...from, codings: { ...from.codings, stored } };
      const wish = asking(acceptEncoding, range, method);
      assert.equal(inWords(await selectForm(await found(name, either), wish, either)), chosen);
    }
  });
}

test('what is stored in a coding goes before what must be made in a better one', async () => {
  const from = siteOf({ 'a.js': 'x'.repeat(2000), 'a.js.gz': 'coded' });
  const selected = await selectForm(await found('a.js', from), asking('gzip, br'), from);
  assert.equal(inWords(selected), 'a.js.gz gzip');
});
