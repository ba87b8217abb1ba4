import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Response, StreamFailure } from '../../src/http/message.ts';
import type { JsonListing } from '../../src/site/listing.ts';
import { answer } from '../../src/site/respond.ts';
import type { Listing, Member, Scan, Store } from '../../src/store/store.ts';
import { nowMs, request, siteOf } from './fixture.ts';

/** A store whose one folder has these members, and tells their names first. */
function scanned(members: readonly Member[], look?: (names: readonly string[]) => Listing): Store {
  const { store } = siteOf({ 'list/a': '' });
  const byName = new Map(members.map(member => [member.name, member]));
  const told = async (names: readonly string[]): Promise<Listing> =>
    look?.(names) ?? { kind: 'members', members: names.flatMap(name => byName.get(name) ?? []).reverse() };
  const scan = async (_segments: readonly string[], namesMax = Number.POSITIVE_INFINITY): Promise<Scan> => ({
    kind: 'names',
    names: members.slice(0, namesMax),
    isWhole: members.length <= namesMax,
    look: told,
  });
  return { find: store.find.bind(store), list: store.list.bind(store), open: store.open.bind(store), scan };
}

function file(name: string, size = 1): Member {
  return { name, kind: 'file', size, modifiedMs: 0 };
}

function numbered(count: number): readonly Member[] {
  return Array.from({ length: count }, (_, at) => file(String(at), (at * 7919) % count));
}

async function list(store: Store, query = '', accept = 'application/json'): Promise<Response> {
  return answer(request(`/list/${query}`, [['Accept', accept]]), siteOf({}, { store }), nowMs);
}

async function textOf({ content }: Response): Promise<string> {
  if (content.kind === 'bytes') return Buffer.from(content.bytes).toString();
  assert.ok(content.kind === 'stream');
  assert.equal(content.length, undefined);
  const pieces: Uint8Array[] = [];
  for await (const piece of content.chunks()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

async function namesOf(response: Response): Promise<readonly string[]> {
  return (JSON.parse(await textOf(response)) as JsonListing).entries.map(entry => entry.name);
}

test('up to a thousand members a listing is whole, beyond it is made while it is sent', async () => {
  for (const [count, kind] of [
    [0, 'bytes'],
    [1000, 'bytes'],
    [1001, 'stream'],
    [2503, 'stream'],
  ] as const) {
    const response = await list(scanned(numbered(count)));
    assert.equal(response.content.kind, kind);
    assert.deepEqual(
      await namesOf(response),
      Array.from({ length: count }, (_, at) => String(at)),
    );
  }
});

test('members that are gone when it is their turn are left out', async () => {
  const members = numbered(1500);
  const store = scanned(members, names => ({
    kind: 'members',
    members: names.filter(name => Number(name) % 2 === 0).map(name => file(name)),
  }));
  assert.equal((await namesOf(await list(store))).length, 750);
});

test('a folder that is gone under way is a stream that fails, and before it is the answer', async () => {
  for (const failure of [{ kind: 'absent' }, { kind: 'busy' }] as const) {
    const few = await list(scanned(numbered(3), () => failure));
    assert.equal(few.status, failure.kind === 'busy' ? 503 : 404);
    for (const query of ['', '?sort=size']) {
      const many = await list(
        scanned(numbered(1200), () => failure),
        query,
      );
      assert.equal(many.status, 200);
      await assert.rejects(textOf(many), StreamFailure);
    }
    const unscanned = scanned([]);
    assert.equal((await list({ ...unscanned, scan: async () => failure })).status, few.status);
    let scans = 0;
    const vanishing = scanned(numbered(1200));
    const scan: Store['scan'] = async (segments, namesMax) => {
      scans += 1;
      return scans === 1 ? (vanishing.scan?.(segments, namesMax) ?? failure) : failure;
    };
    await assert.rejects(textOf(await list({ ...vanishing, scan })), StreamFailure);
  }
});

test('too many to be sorted by size are in the order of names, and the page says so', async () => {
  const members = numbered(200_001);
  const page = await textOf(await list(scanned(members), '?sort=size', 'text/html'));
  assert.match(page, /<p class="note">There are too many entries/);
  assert.ok(page.indexOf('href="./9"') < page.indexOf('href="./10"'));
  const fewer = await textOf(await list(scanned(members.slice(0, 1500)), '?sort=size', 'text/html'));
  assert.doesNotMatch(fewer, /class="note"/);
});

test('other work has its turn while many names are sorted', async () => {
  let turns = 0;
  const turn = async (): Promise<void> => {
    turns += 1;
  };
  const site = siteOf({}, { store: scanned(numbered(3000)), turn });
  await textOf(await answer(request('/list/'), site, nowMs));
  assert.equal(turns, 3);
});
