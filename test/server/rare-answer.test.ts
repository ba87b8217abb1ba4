// Answers whose content is read anew each time: what is asked for now and then, among more files than memory holds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { HeadForms } from '../../src/h1/compact-head.ts';
import { ResponseHead } from '../../src/h1/serialize.ts';
import { type Exchange, noContent } from '../../src/http/message.ts';
import type { ServerOptions } from '../../src/index.ts';
import { Departures } from '../../src/server/departures.ts';
import { RareAnswer } from '../../src/server/rare-answer.ts';
import { diskStore } from '../../src/store/disk.ts';
import type { Rereadable } from '../../src/store/store.ts';
import { RawConnection, text } from '../wire/client.ts';
import { type Running, startRaw } from '../wire/transports.ts';

interface Served extends Running {
  readonly base: string;
  readonly root: string;
}

/** A server of `base/site` whose looks alone would hold for an hour: only reading shows what has become of a file. */
async function serve(t: TestContext, options: ServerOptions = {}): Promise<Served> {
  const base = mkdtempSync(join(tmpdir(), 'plinth-rare-'));
  const root = join(base, 'site');
  mkdirSync(join(root, 'folder'), { recursive: true });
  writeFileSync(join(root, 'folder', 'a.bin'), 'first');
  const server = await startRaw({ root, revalidateMs: 3_600_000, ...options });
  t.after(async () => {
    await server.stop();
    rmSync(base, { recursive: true, force: true });
  });
  await pause(1100);
  return { ...server, base, root };
}

/** The same file as a store finds it. */
async function found(
  t: TestContext,
): Promise<{ readonly file: Rereadable; readonly base: string; readonly root: string }> {
  const base = mkdtempSync(join(tmpdir(), 'plinth-rare-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, 'site');
  mkdirSync(join(root, 'folder'), { recursive: true });
  writeFileSync(join(root, 'folder', 'a.bin'), 'first');
  const rules = { dotfiles: false, followSymlinks: false, openFilesMax: 2, openWaitTimeoutMs: 1000 };
  // What stops the time between two readings does not belong to the disk.
  const stopwatch = { elapsed: () => 0, heldUp: () => 0 };
  const entry = await diskStore({ root, ...rules, stopwatch }).find(['folder', 'a.bin']);
  assert.ok(entry.kind === 'file' && entry.rereadable !== undefined);
  return { file: entry.rereadable, base, root };
}

const ask = (target: string) => ({ method: 'GET', target, fields: [] }) as const;

const changes: readonly {
  readonly name: string;
  readonly change: (place: { readonly base: string; readonly root: string }) => void;
  readonly status: number;
  readonly content?: string;
}[] = [
  {
    name: 'an edit of the same size and time of modification',
    change: ({ root }) => {
      const path = join(root, 'folder', 'a.bin');
      const { atime, mtime } = statSync(path);
      writeFileSync(path, 'later');
      utimesSync(path, atime, mtime);
    },
    status: 200,
    content: 'later',
  },
  {
    name: 'a longer content',
    change: ({ root }) => writeFileSync(join(root, 'folder', 'a.bin'), 'a longer one'),
    status: 200,
    content: 'a longer one',
  },
  {
    name: 'no content',
    change: ({ root }) => writeFileSync(join(root, 'folder', 'a.bin'), ''),
    status: 200,
    content: '',
  },
  {
    name: 'another file in its place',
    change: ({ root }) => {
      writeFileSync(join(root, 'new'), 'other');
      renameSync(join(root, 'new'), join(root, 'folder', 'a.bin'));
    },
    status: 200,
    content: 'other',
  },
  {
    name: 'another folder in the place of its own',
    change: ({ root }) => {
      mkdirSync(join(root, 'next'));
      writeFileSync(join(root, 'next', 'a.bin'), 'next');
      renameSync(join(root, 'folder'), join(root, 'old'));
      renameSync(join(root, 'next'), join(root, 'folder'));
    },
    status: 200,
    content: 'next',
  },
  {
    name: 'its removal',
    change: ({ root }) => rmSync(join(root, 'folder', 'a.bin')),
    status: 404,
  },
  {
    name: 'a FIFO in its place',
    change: ({ root }) => {
      rmSync(join(root, 'folder', 'a.bin'));
      execFileSync('mkfifo', [join(root, 'folder', 'a.bin')]);
    },
    status: 404,
  },
  {
    name: 'a link out of the root in its place',
    change: ({ base, root }) => {
      renameSync(join(root, 'folder', 'a.bin'), join(base, 'a.bin'));
      symlinkSync(join(base, 'a.bin'), join(root, 'folder', 'a.bin'));
    },
    status: 404,
  },
];

for (const { name, change, status, content } of changes) {
  test(`what is read anew shows ${name} at once`, async t => {
    const server = await serve(t);
    for (let n = 0; n < 3; n++) {
      assert.equal(text(await server.exchange(ask('/folder/a.bin'))), 'first');
    }
    change(server);
    const after = await server.exchange(ask('/folder/a.bin'));
    assert.equal(after.status, status);
    if (content !== undefined) assert.equal(text(after), content);
  });
}

const moves: readonly {
  readonly name: string;
  readonly change: (place: { readonly base: string; readonly root: string }) => void;
}[] = [
  {
    name: 'its folder moved out of the root, with a link left behind',
    change: ({ base, root }) => {
      renameSync(join(root, 'folder'), join(base, 'moved'));
      symlinkSync(join(base, 'moved'), join(root, 'folder'));
    },
  },
  {
    name: 'its folder moved to a hidden name, with a link left behind',
    change: ({ root }) => {
      renameSync(join(root, 'folder'), join(root, '.hidden'));
      symlinkSync('.hidden', join(root, 'folder'));
    },
  },
];

for (const { name, change } of moves) {
  test(`what is read anew is denied within a second after ${name}`, async t => {
    const server = await serve(t, { revalidateMs: 500 });
    for (let n = 0; n < 3; n++) {
      assert.equal(text(await server.exchange(ask('/folder/a.bin'))), 'first');
    }
    change(server);
    await pause(1100);
    assert.equal((await server.exchange(ask('/folder/a.bin'))).status, 404);
  });
}

test('a root that is a link is followed when it is flipped', async t => {
  const base = mkdtempSync(join(tmpdir(), 'plinth-rare-'));
  for (const release of ['one', 'two']) {
    mkdirSync(join(base, release));
    writeFileSync(join(base, release, 'a.bin'), release);
  }
  symlinkSync('one', join(base, 'current'));
  const server = await startRaw({ root: join(base, 'current'), revalidateMs: 500 });
  t.after(async () => {
    await server.stop();
    rmSync(base, { recursive: true });
  });
  await pause(1100);
  for (let n = 0; n < 3; n++) assert.equal(text(await server.exchange(ask('/a.bin'))), 'one');
  symlinkSync('two', join(base, 'next'));
  renameSync(join(base, 'next'), join(base, 'current'));
  await pause(1100);
  assert.equal(text(await server.exchange(ask('/a.bin'))), 'two');
});

test('it is logged as any other answer, and has the same head', async t => {
  const seen: Exchange[] = [];
  const server = await serve(t, { observers: [exchange => seen.push(exchange)] });
  const answers = [];
  for (let n = 0; n < 3; n++) answers.push(await server.exchange(ask('/folder/a.bin')));
  const heads = answers.map(({ lines }) => lines.filter(([name]) => name !== 'Date'));
  assert.deepEqual(heads[1], heads[0]);
  assert.deepEqual(heads[2], heads[0]);
  const told = seen.map(({ status, responseFields, contentBytes, outcome, note }) => ({
    ...{ status, responseFields, contentBytes, outcome, note },
  }));
  assert.equal(told.length, 3);
  assert.deepEqual(told[1], told[0]);
  assert.deepEqual(told[2], told[0]);
});

test('what is asked for again and again in one second is no longer read, but made anew to be kept', async t => {
  const { file } = await found(t);
  const head = new HeadForms().compact(
    200,
    new ResponseHead({ status: 200, fields: [], content: noContent }).lines,
  );
  assert.ok(RareAnswer.isFit(head, file));
  let isFresh = true;
  const answer = new RareAnswer(head, file, [{ isFresh: () => isFresh, expire: () => {} }], 0);
  const departures = new Departures();
  const given = (atMs: number): boolean => answer.repeat(atMs, departures) !== undefined;
  assert.deepEqual([0, 1, 2, 999, 999, 999].map(given), [true, true, true, true, false, false]);
  assert.equal(answer.isHot, true);
  assert.deepEqual([1000, 1001].map(given), [true, true]);
  assert.equal(answer.isHot, false);
  isFresh = false;
  assert.equal(given(2000), false);
});

for (const { name, change } of [...changes, ...moves]) {
  test(`a file that was found is not read anew after ${name}`, async t => {
    const { file, base, root } = await found(t);
    const buffer = Buffer.alloc(20, '.');
    assert.equal(file.reread(buffer, 3), true);
    assert.equal(buffer.toString(), '...first............');
    change({ base, root });
    await pause(1100);
    assert.equal(file.reread(buffer, 3), false);
  });
}

test('readers that do not keep up get each content whole, in the order in which they asked', async t => {
  const server = await serve(t);
  const count = 120;
  const octets = 60_000;
  for (let n = 0; n < count; n++) {
    writeFileSync(join(server.root, `${n}.bin`), Buffer.alloc(octets, `${n} `));
  }
  await pause(1100);
  for (let n = 0; n < count; n++) await server.exchange(ask(`/${n}.bin`));
  const client = await RawConnection.open(server.place);
  client.pause();
  const heads = Array.from({ length: count }, (_, n) => `GET /${n}.bin HTTP/1.1\r\nHost: h\r\n\r\n`);
  client.write(heads.join(''));
  await pause(300);
  client.resume();
  for (let n = 0; n < count; n++) {
    assert.ok((await client.response()).content.equals(Buffer.alloc(octets, `${n} `)), `content ${n}`);
  }
  client.destroy();
});

test('what leaves at the end of a turn keeps its place among answers that leave otherwise', async t => {
  const server = await serve(t);
  for (const name of ['b', 'c']) writeFileSync(join(server.root, `${name}.bin`), name);
  await pause(1100);
  const rare = ['/folder/a.bin', '/b.bin', '/c.bin'];
  for (const target of rare) await server.exchange(ask(target));
  // Neither the first sight of a file nor what is not there is read anew, and a HEAD has no content to read.
  writeFileSync(join(server.root, 'new.bin'), 'new');
  const asked = [
    ...rare.map(target => `GET ${target}`),
    ...['GET /none', 'GET /b.bin', 'HEAD /b.bin', 'GET /new.bin', 'GET /c.bin'],
  ];
  const client = await RawConnection.open(server.place);
  client.write(asked.map(line => `${line} HTTP/1.1\r\nHost: h\r\n\r\n`).join(''));
  const given: string[] = [];
  for (const line of asked) {
    const { status, content } = await client.response(line.startsWith('HEAD') ? 'HEAD' : 'GET');
    given.push(status === 200 ? content.toString() : String(status));
  }
  assert.deepEqual(given, ['first', 'b', 'c', '404', 'b', '', 'new', 'c']);
  client.destroy();
});

test('many who ask in one turn each get their own content, also when they leave in the middle', async t => {
  const server = await serve(t);
  const count = 60;
  for (let n = 0; n < count; n++)
    writeFileSync(join(server.root, `${n}.bin`), Buffer.alloc(5000 + n, `${n} `));
  await pause(1100);
  for (let n = 0; n < count; n++) await server.exchange(ask(`/${n}.bin`));
  const clients = await Promise.all(Array.from({ length: count }, () => RawConnection.open(server.place)));
  for (let round = 0; round < 3; round++) {
    for (const [n, client] of clients.entries()) client.write(`GET /${n}.bin HTTP/1.1\r\nHost: h\r\n\r\n`);
    const leaving = clients.splice(-10);
    for (const client of leaving) client.destroy();
    for (const [n, client] of clients.entries()) {
      assert.ok((await client.response()).content.equals(Buffer.alloc(5000 + n, `${n} `)), `content ${n}`);
    }
  }
  for (const client of clients) client.destroy();
});
