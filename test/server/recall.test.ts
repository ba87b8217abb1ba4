// Answers from memory, over the wire: who may get them, when they end, and what they may hold.
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { Fields } from '../../src/http/fields.ts';
import type { Exchange, RequestHead, Response } from '../../src/http/message.ts';
import type { Finisher, Gate, ServerOptions } from '../../src/index.ts';
import { Recall } from '../../src/server/recall.ts';
import { RawConnection, requestBytes, text } from '../wire/client.ts';
import { exchange, openSession, startH2 } from '../wire/h2.ts';
import { type Running, startRaw } from '../wire/transports.ts';

const large = 'l'.repeat(100_000);
/** Beyond what is kept in memory: opened for each answer. */
const huge = 'h'.repeat(300_000);

/** A server of a folder whose files have had time to settle, as far as a test can wait. */
async function serve(
  t: TestContext,
  options: ServerOptions = {},
): Promise<Running & { readonly root: string }> {
  const root = mkdtempSync(join(tmpdir(), 'plinth-recall-'));
  for (const [name, content] of Object.entries({ 'a.txt': 'a', 'large.txt': large, 'huge.txt': huge })) {
    writeFileSync(join(root, name), content);
  }
  const server = await startRaw({ root, ...options });
  t.after(async () => {
    await server.stop();
    rmSync(root, { recursive: true });
  });
  await pause(1100);
  return { ...server, root };
}

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`;
const ask = (target: string, fields: readonly (readonly [string, string])[] = []) =>
  ({ method: 'GET', target, fields }) as const;

test('a large file that is replaced or removed is answered as it is now, not with 503', async t => {
  const server = await serve(t);
  assert.equal(text(await server.exchange(ask('/huge.txt'))), huge);
  writeFileSync(join(server.root, 'new'), huge.replaceAll('h', 'n'));
  renameSync(join(server.root, 'new'), join(server.root, 'huge.txt'));
  assert.equal(text(await server.exchange(ask('/huge.txt'))), huge.replaceAll('h', 'n'));
  rmSync(join(server.root, 'huge.txt'));
  assert.equal((await server.exchange(ask('/huge.txt'))).status, 404);
});

test('a slow reader of remembered answers is waited for as for any other, and told of when it has them', async t => {
  const seen: Exchange[] = [];
  const limits = { idleTimeoutMs: 100, lingerTimeoutMs: 50 };
  const observers = [(exchange: Exchange): void => void seen.push(exchange)];
  const server = await serve(t, { limits, observers });
  await server.exchange(ask('/large.txt'));
  const client = await RawConnection.open(server.place);
  client.pause();
  const asked = 120;
  client.write(get('/large.txt').repeat(asked));
  await pause(600);
  assert.ok(seen.length < asked, 'told of before it had left');
  client.resume();
  for (let n = 0; n < asked; n++) assert.equal((await client.response()).content.length, large.length);
  client.destroy();
  assert.equal(seen.filter(({ outcome }) => outcome === 'completed').length, asked + 1);
});

test('answers to a reader that asks one by one and does not read wait for it, whole and in order', async t => {
  const seen: Exchange[] = [];
  const server = await serve(t, { observers: [exchange => seen.push(exchange)] });
  writeFileSync(join(server.root, 'small.txt'), 's'.repeat(12_000));
  await pause(1100);
  await server.exchange(ask('/small.txt'));
  await server.exchange(ask('/small.txt'));
  const client = await RawConnection.open(server.place);
  client.pause();
  const asked = 700;
  for (let n = 0; n < asked; n++) {
    client.write(get('/small.txt'));
    // Each in a read of its own, so that nothing is corked.
    await new Promise(setImmediate);
  }
  await pause(300);
  assert.ok(seen.length < asked + 2, 'all of it fitted into the buffers of the system');
  client.resume();
  for (let n = 0; n < asked; n++) assert.equal((await client.response()).content.length, 12_000);
  client.write(get('/a.txt'));
  assert.equal(text(await client.response()), 'a');
  client.destroy();
  assert.equal(seen.filter(({ outcome }) => outcome === 'completed').length, asked + 3);
});

test('readers that stall share a large content, whatever each of them asked with', async t => {
  const octets = 8 * 1024 * 1024;
  const server = await serve(t);
  writeFileSync(join(server.root, 'zeros.txt.gz'), gzipSync(Buffer.alloc(octets)));
  await pause(1100);
  const clients: RawConnection[] = [];
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  const before = heldOctets();
  for (let n = 0; n < 10; n++) {
    const asked = ask('/zeros.txt', [['Accept-Encoding', `identity;q=0.${100 + n}`]]);
    for (let sight = 0; sight < 2; sight++)
      assert.equal((await server.exchange(asked)).content.length, octets);
    const client = await RawConnection.open(server.place);
    clients.push(client);
    client.write(requestBytes(asked));
    await client.atLeast(1);
    client.pause();
  }
  await pause(100);
  const held = heldOctets() - before;
  // What the clients of this process have read themselves is held, too; a copy for each reader would be ten and more.
  assert.ok(held < 8 * octets, `${held} octets are held for ten readers of ${octets}`);
});

test('a reader that leaves is told of as such', async t => {
  const seen: Exchange[] = [];
  const server = await serve(t, { observers: [exchange => seen.push(exchange)] });
  await server.exchange(ask('/large.txt'));
  const client = await RawConnection.open(server.place);
  client.pause();
  client.write(get('/large.txt').repeat(200));
  await pause(200);
  client.reset();
  while (!seen.some(({ outcome }) => outcome === 'aborted')) await pause(10);
});

test('a feature that declares what it reads, in any case, gets an answer for each value', async t => {
  const gate: Gate = Object.assign(
    ({ fields, target }: Parameters<Gate>[0]): Response | undefined => {
      if (target.kind !== 'path' || target.segments[0] !== 'who') return undefined;
      const bytes = Buffer.from(fields.get('accept-language') ?? 'none');
      return { status: 200, fields: [], content: { kind: 'bytes', bytes } };
    },
    { reads: ['Accept-Language'] },
  );
  const server = await serve(t, { gates: [gate] });
  for (const language of ['de', 'fr', 'de', 'fr']) {
    const response = await server.exchange(ask('/who', [['Accept-Language', language]]));
    assert.equal(text(response), language);
  }
  assert.equal(text(await server.exchange(ask('/who'))), 'none');
});

test('a broken field of a feature that declares itself is 500 each time, and the connection lives on', async t => {
  const breaking = Object.assign(
    (_request: unknown, response: Response): Response => ({
      ...response,
      fields: [...response.fields, ['X', 'a\nb']],
    }),
    { reads: [] },
  );
  const server = await serve(t, { finishers: [breaking] });
  const client = await RawConnection.open(server.place);
  for (let round = 0; round < 3; round++) {
    client.write(get('/a.txt'));
    assert.equal((await client.response()).status, 500);
  }
  client.destroy();
});

test('a file that bears a date of the future is asked for each time', async t => {
  const server = await serve(t);
  const future = new Date(Date.now() + 3_600_000);
  utimesSync(join(server.root, 'a.txt'), future, future);
  await pause(1100);
  const dates = new Set<string | undefined>();
  for (let round = 0; round < 2; round++) {
    const { lines } = await server.exchange(ask('/a.txt'));
    const value = (name: string): string | undefined => lines.find(line => line[0] === name)?.[1];
    assert.equal(value('Last-Modified'), value('Date'));
    dates.add(value('Date'));
    await pause(1000);
  }
  assert.equal(dates.size, 2);
});

/** Octets of buffers that are still in use. */
function heldOctets(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().arrayBuffers;
}

const response: Response = { status: 200, fields: [], content: { kind: 'none' } };
const client = { address: '127.0.0.1', port: 1 };
const look = { isFresh: () => true, expire: () => {} };

function headOf(target: string, ...lines: readonly (readonly [string, string])[]): RequestHead {
  return { method: 'GET', target, version: '1.1', authority: 'h', fields: new Fields(lines) };
}

test('an absent field, an empty one, one line and two are four requests', () => {
  const heads = [
    headOf('/'),
    headOf('/', ['A', '']),
    headOf('/', ['A', 'x, y']),
    headOf('/', ['A', 'x'], ['A', 'y']),
    headOf('/', ['B', 'x']),
  ];
  const recall = new Recall(['a'], 1024 * 1024);
  const body = { kind: 'bytes', bytes: new Uint8Array(0) } as const;
  for (const [index, head] of heads.slice(0, 4).entries()) {
    for (let sight = 0; sight < 2; sight++) {
      assert.equal(recall.find(head, client, 0), undefined, `${index}`);
      recall.remember(head, client, { response, body, looks: [look] }, 0);
    }
    assert.equal(recall.find(head, client, 0)?.response, response);
  }
  assert.equal(
    recall.find(heads[4] as RequestHead, client, 0)?.response,
    response,
    'what is not read does not matter',
  );
});

test('what will never be given again takes no room from what will', () => {
  const recall = new Recall(['a'], 100_000);
  const body = { kind: 'bytes', bytes: new Uint8Array(20_000) } as const;
  const useful = headOf('/useful');
  const neverFresh = { isFresh: () => false, expire: () => {} };
  for (let sight = 0; sight < 2; sight++)
    recall.remember(useful, client, { response, body, looks: [look] }, 0);
  for (let n = 0; n < 40; n++) {
    recall.remember(headOf(`/${n >> 1}`), client, { response, body, looks: [look, neverFresh] }, 0);
  }
  assert.equal(recall.find(useful, client, 0)?.response, response);
});

const bytes = new Uint8Array(10);
const file = { location: '/a', size: 10, modifiedNs: 0n, changedNs: 0n, identity: '1' };
const rereadable = { size: 10, isOf: () => true, reread: () => true };
const rare: Response = { status: 200, fields: [], content: { kind: 'stored', file, pieces: [] } };

test('of rare answers those make room that were asked for least lately', () => {
  const recall = new Recall(['a'], 20_000);
  const looks = [look, { ...look, rereadable }];
  const prepared = { response: rare, body: { kind: 'bytes', bytes }, looks } as const;
  for (let n = 0; n < 200; n++) {
    const nowMs = 10_000 * n;
    recall.remember(headOf(`/${n}`), client, prepared, nowMs);
    assert.equal(recall.find(headOf('/0'), client, nowMs)?.response.status, 200);
  }
  assert.equal(recall.find(headOf('/1'), client, 2_000_000), undefined);
});

test('what is kept in memory is read anew when it has grown old, and not made again while its file stands', () => {
  const recall = new Recall(['a'], 100_000);
  const head = headOf('/');
  let readings = 0;
  let stands = true;
  let freshUntilMs = 0;
  const own = {
    isFresh: (elapsedMs: number) => elapsedMs < freshUntilMs,
    expire: () => {},
    confirm: (elapsedMs: number) => {
      freshUntilMs = elapsedMs + 1000;
    },
    rereadable: {
      ...rereadable,
      reread: () => {
        readings += 1;
        return stands;
      },
    },
  };
  /** How it is given: from memory, by reading, or not at all; then it is made and remembered. */
  const ask = (elapsedMs: number): string => {
    const before = readings;
    if (recall.find(head, client, elapsedMs) !== undefined) return readings > before ? 'read' : 'memory';
    own.confirm(elapsedMs);
    const looks = [look, own];
    recall.remember(head, client, { response: rare, body: { kind: 'bytes', bytes }, looks }, elapsedMs);
    return 'made';
  };
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(ask), ['made', 'read', 'read', 'read', 'read', 'made']);
  assert.deepEqual([6, 7, 1004].map(ask), ['memory', 'memory', 'memory']);
  assert.deepEqual([1005, 1006, 2004, 2005, 9000].map(ask), ['read', 'memory', 'memory', 'read', 'read']);
  stands = false;
  assert.deepEqual([9001, 10_000].map(ask), ['memory', 'made']);
});

test('the looks of a rare answer are counted where it does not share them', () => {
  const others = () => Array.from({ length: 20 }, () => ({ ...look }));
  const shared = others();
  const rows = [
    ['shared', () => shared, 100],
    ['of its own', others, 24],
  ] as const;
  for (const [name, looksOf, most] of rows) {
    const recall = new Recall(['a'], 100_000);
    for (let n = 0; n < 100; n++) {
      const looks = [...looksOf(), { ...look, rereadable }];
      recall.remember(headOf(`/${n}`), client, { response: rare, body: { kind: 'bytes', bytes }, looks }, 0);
    }
    const kept = Array.from({ length: 100 }, (_, n) => recall.find(headOf(`/${n}`), client, 0));
    const count = kept.filter(answer => answer !== undefined).length;
    assert.ok(count > most / 2 && count <= most, `${name}: ${count}`);
  }
});

test('what is remembered is bounded, and a few octets do not hold many', () => {
  const recall = new Recall(['a'], 100_000);
  const content = new Uint8Array(50_000);
  const bytes = content.subarray(0, 10);
  for (let n = 0; n < 200; n++) {
    recall.remember(
      headOf(`/${n >> 1}`),
      client,
      { response, body: { kind: 'bytes', bytes }, looks: [look] },
      0,
    );
  }
  const kept = Array.from({ length: 100 }, (_, n) => recall.find(headOf(`/${n}`), client, 0)).filter(
    answer => answer !== undefined,
  );
  assert.ok(kept.length > 10 && kept.length < 50, `${kept.length}`);
  for (const answer of kept) {
    assert.ok('content' in answer && answer.content instanceof Uint8Array);
    assert.equal(answer.content.buffer.byteLength, 10);
  }
  const long = headOf(`/${'x'.repeat(5000)}`);
  for (let sight = 0; sight < 2; sight++) {
    recall.remember(long, client, { response, body: { kind: 'bytes', bytes }, looks: [look] }, 0);
  }
  assert.equal(recall.find(long, client, 0), undefined);
});

test('one head of two clients is two requests where clients matter, and one where they do not', () => {
  const body = { kind: 'bytes', bytes: new Uint8Array(0) } as const;
  const shared = headOf('/');
  const other = { address: '127.0.0.2', port: 1 };
  for (const [reads, isOne] of [
    [['a'], true],
    [['a', ':client'], false],
  ] as const) {
    const recall = new Recall(reads, 1024 * 1024);
    for (let sight = 0; sight < 2; sight++) {
      recall.remember(shared, client, { response, body, looks: [look] }, 0);
    }
    for (let round = 0; round < 2; round++) {
      assert.equal(recall.find(shared, client, round)?.response, response);
      assert.equal(recall.find(shared, { ...client, port: 2 }, round)?.response, response);
      assert.equal(recall.find(shared, other, round)?.response, isOne ? response : undefined);
    }
  }
});

test('an authority matters where a feature reads it', () => {
  const body = { kind: 'bytes', bytes: new Uint8Array(0) } as const;
  const recall = new Recall([':authority'], 1024 * 1024);
  for (let sight = 0; sight < 2; sight++) {
    recall.remember(headOf('/'), client, { response, body, looks: [look] }, 0);
  }
  assert.equal(recall.find(headOf('/'), client, 0)?.response, response);
  assert.equal(recall.find({ ...headOf('/'), authority: 'other' }, client, 0), undefined);
  assert.equal(recall.find({ ...headOf('/'), authority: undefined }, client, 0), undefined);
});

test('an answer that says later is not given again', () => {
  const body = { kind: 'bytes', bytes: new Uint8Array(0) } as const;
  const recall = new Recall([], 1024 * 1024);
  for (let sight = 0; sight < 3; sight++) {
    recall.remember(headOf('/'), client, { response: { ...response, status: 503 }, body, looks: [look] }, 0);
  }
  assert.equal(recall.find(headOf('/'), client, 0), undefined);
});

const memories: readonly (readonly [string, ServerOptions])[] = [
  ['everything remembered', {}],
  ['nothing remembered', { revalidateMs: 0 }],
  ['hardly anything remembered', { limits: { cacheBytesMax: 4000 } }],
];

for (const [name, options] of memories) {
  test(`${name}: a gate that answers late, and by who asks for whom, is right each time`, async t => {
    const gate: Gate = Object.assign(
      async ({ client, authority, target }: Parameters<Gate>[0]): Promise<Response | undefined> => {
        await pause(1);
        if (target.kind !== 'path' || target.segments[0] === 'a.txt') return undefined;
        const bytes = Buffer.from(`${client.address} at ${authority}`);
        return { status: 200, fields: [], content: { kind: 'bytes', bytes } };
      },
      { reads: [':client', ':authority'] },
    );
    const server = await serve(t, { ...options, gates: [gate], trustProxy: '127.0.0.1' });
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2', '192.0.2.1']) {
      for (const host of ['one', 'two', 'one']) {
        const lines = [
          ['Host', host],
          ['X-Forwarded-For', address],
        ] as const;
        assert.equal(text(await server.exchange(ask('/who', lines))), `${address} at ${host}`);
        assert.equal(text(await server.exchange(ask('/a.txt', lines))), 'a');
      }
    }
  });

  test(`${name}: a feature that reads what has changed is asked again`, async t => {
    let revision = 0;
    const gate: Gate = Object.assign(
      ({ target }: Parameters<Gate>[0]): Response | undefined =>
        target.kind === 'path' && revision === 1
          ? { status: 403, fields: [], content: { kind: 'none' } }
          : undefined,
      { reads: [], revision: () => revision },
    );
    const server = await serve(t, { ...options, gates: [gate] });
    for (const [now, status] of [
      [0, 200],
      [1, 403],
      [2, 200],
    ]) {
      revision = now ?? 0;
      for (let round = 0; round < 3; round++) {
        assert.equal((await server.exchange(ask('/a.txt'))).status, status);
      }
    }
  });
}

test('of equal requests that were made at once, the first that is kept in memory stays', async t => {
  // HTTP/2 asks for many at a time: each later one must not put the file back to where it is read anew.
  const root = mkdtempSync(join(tmpdir(), 'plinth-recall-'));
  writeFileSync(join(root, 'a.txt'), 'a');
  let made = 0;
  const counting: Finisher = (_, response) => {
    made += 1;
    return response;
  };
  const server = await startH2({ root, finishers: [Object.assign(counting, { reads: [] })] });
  const session = openSession(server.port);
  t.after(async () => {
    session.destroy();
    await server.stop();
    rmSync(root, { recursive: true });
  });
  await pause(1100);
  const request = { method: 'GET', target: '/a.txt', fields: [] };
  for (let round = 0; round < 20; round++)
    await Promise.all(Array.from({ length: 20 }, () => exchange(session, request)));
  const before = made;
  for (let round = 0; round < 5; round++)
    await Promise.all(Array.from({ length: 20 }, () => exchange(session, request)));
  // Once a second is looked whether the file is still the same.
  assert.ok(made - before <= 40, `${made - before} of 100 were made anew`);
});
