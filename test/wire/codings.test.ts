// Codings that are made while files change: each answer is one version, in one coding, under one tag.
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { FieldLine } from '../../src/http/message.ts';
import { field, text, type WireResponse } from './client.ts';
import { coded, makeSite } from './site.ts';
import { startRaw } from './transports.ts';

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-codings-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The content of an answer without its coding. */
function decoded(response: WireResponse): string {
  switch (field(response, 'content-encoding')) {
    case 'br':
      return brotliDecompressSync(response.content).toString();
    case 'gzip':
      return gunzipSync(response.content).toString();
    default:
      return text(response);
  }
}

function accepting(value: string, ...others: readonly FieldLine[]): readonly FieldLine[] {
  return [['Accept-Encoding', value], ...others];
}

function lines(count: number, word: string): string {
  return Array.from({ length: count }, (_, at) => `${word} ${at} and ${at % 11}\n`).join('');
}

/** Looks again and again until something holds; the guard is far beyond what that takes. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await holds()); looks++) {
    assert.ok(looks < 1000, 'it does not come to hold');
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

test('what is made is what was coded', async t => {
  const site = makeSite();
  t.after(() => site.remove());
  const server = await startRaw({ root: site.root });
  t.after(() => server.stop());
  for (const coding of ['br', 'gzip', 'zstd, gzip;q=0.5', 'identity']) {
    const ask = { method: 'GET', target: '/coded/made.js', fields: accepting(coding) };
    const response = await server.exchange(ask);
    if (field(response, 'content-encoding') !== 'zstd') assert.equal(decoded(response), coded.made);
    if (coding !== 'identity') assert.ok(response.content.length < coded.made.length / 5);
  }
});

test('a large file comes fast first and smaller later, and a copy of the first is still good', async t => {
  const path = join(folder, 'large.js');
  const content = lines(5000, 'line');
  writeFileSync(path, content);
  const old = new Date(Date.now() - 10_000);
  utimesSync(path, old, old);
  const server = await startRaw({ root: folder, revalidateMs: 200 });
  t.after(() => server.stop());
  const ask = (...others: readonly FieldLine[]) =>
    server.exchange({ method: 'GET', target: '/large.js', fields: accepting('br', ...others) });
  const first = await ask();
  const tag = field(first, 'etag') ?? '';
  assert.match(tag, /^W\/"/);
  assert.equal(decoded(first), content);
  let last = first;
  await until(async () => {
    last = await ask();
    return !field(last, 'etag')?.startsWith('W/');
  });
  assert.equal(`W/${field(last, 'etag')}`, tag);
  assert.ok(last.content.length < first.content.length);
  assert.equal(decoded(last), content);
  for (const known of [tag, tag.slice(2)]) {
    assert.equal((await ask(['If-None-Match', known])).status, 304);
  }
  const head = await server.exchange({ method: 'HEAD', target: '/large.js', fields: accepting('br') });
  assert.equal(field(head, 'content-length'), String(last.content.length));
});

test('a changed file shows in every coding, and a coded form that is now older is passed over', async t => {
  const path = join(folder, 'changing.js');
  const server = await startRaw({ root: folder, revalidateMs: 200 });
  t.after(() => server.stop());
  writeFileSync(path, lines(100, 'first'));
  writeFileSync(`${path}.gz`, 'stored');
  const ask = (coding: string) =>
    server.exchange({ method: 'GET', target: '/changing.js', fields: accepting(coding) });
  assert.equal(text(await ask('gzip')), 'stored');
  assert.equal(decoded(await ask('br')), lines(100, 'first'));
  writeFileSync(`${path}.new`, lines(100, 'second'));
  const later = new Date(statSync(`${path}.gz`).mtimeMs + 1000);
  utimesSync(`${path}.new`, later, later);
  renameSync(`${path}.new`, path);
  for (const coding of ['br', 'gzip', 'identity']) {
    await until(async () => decoded(await ask(coding)) === lines(100, 'second'));
  }
  writeFileSync(`${path}.gz`, 'stored again');
  utimesSync(`${path}.gz`, later, later);
  await until(async () => text(await ask('gzip')) === 'stored again');
  rmSync(`${path}.gz`);
  await until(async () => (await ask('gzip')).content.length !== 'stored again'.length);
  assert.equal(decoded(await ask('gzip')), lines(100, 'second'));
});

for (const revalidateMs of [0, 50]) {
  test(`a file that is replaced all the time is never mixed in any coding, revalidated in ${revalidateMs} ms`, async t => {
    const path = join(folder, `busy-${revalidateMs}.js`);
    const versions = ['a', 'b', 'c'].map((word, index) => lines(200 * (index + 1), word));
    writeFileSync(path, versions[0] ?? '');
    const server = await startRaw({ root: folder, revalidateMs });
    let isRunning = true;
    const changing = (async () => {
      for (let turn = 0; isRunning; turn++) {
        await writeFile(`${path}.new`, versions[turn % 3] ?? '');
        await rename(`${path}.new`, path);
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    })();
    t.after(async () => {
      isRunning = false;
      await changing;
      await server.stop();
    });
    const contents = new Map<string, string>();
    for (let count = 0; count < 200; count++) {
      const coding = ['br', 'gzip', 'identity'][count % 3] ?? '';
      const response = await server.exchange({
        method: 'GET',
        target: `/busy-${revalidateMs}.js`,
        fields: accepting(coding),
      });
      assert.equal(response.status, 200);
      const content = decoded(response);
      assert.ok(versions.includes(content), 'a content that never was');
      const tag = field(response, 'etag') ?? '';
      assert.equal(contents.get(tag) ?? content, content, 'one tag for two contents');
      contents.set(tag, content);
    }
    assert.ok(new Set(contents.values()).size > 1);
    assert.deepEqual(server.reports, []);
  });
}

test('the best coding is found again by another server on the same folder, at its first answer', async t => {
  const [site, cacheDir] = [join(folder, 'again'), join(folder, 'again-cache')];
  mkdirSync(site);
  const content = lines(5000, 'again');
  const copyOf = (name: string): void => {
    writeFileSync(join(site, name), content);
    const old = new Date(Date.now() - 10_000);
    utimesSync(join(site, name), old, old);
  };
  copyOf('one.js');
  const starting = async () => {
    const server = await startRaw({ root: site, cacheDir, revalidateMs: 100 });
    t.after(() => server.stop());
    const ask = (name: string) =>
      server.exchange({ method: 'GET', target: `/${name}`, fields: accepting('br') });
    return { server, ask };
  };
  const first = await starting();
  let best = await first.ask('one.js');
  await until(async () => {
    best = await first.ask('one.js');
    return !field(best, 'etag')?.startsWith('W/');
  });
  await first.server.stop();
  const [kept = '', ...others] = readdirSync(cacheDir);
  assert.match(kept, /^[0-9a-f]{64}\.br\.[\w.-]+\.coded$/);
  assert.deepEqual(others, []);
  // Deployed anew under another name.
  await new Promise(resolve => setTimeout(resolve, 1100));
  copyOf('two.js');
  await new Promise(resolve => setTimeout(resolve, 1100));
  const second = await starting();
  for (const name of ['one.js', 'two.js']) {
    const response = await second.ask(name);
    assert.match(field(response, 'etag') ?? '', /^"/);
    assert.deepEqual(response.content, best.content);
  }
  for (const { reports } of [first.server, second.server]) assert.deepEqual(reports, []);
});

test('a server on a cache folder that breaks answers as without it', async t => {
  const [site, cacheDir] = [join(folder, 'broken'), join(folder, 'broken-cache')];
  mkdirSync(site);
  for (const name of ['a.js', 'b.js']) writeFileSync(join(site, name), lines(3000, name));
  await new Promise(resolve => setTimeout(resolve, 1100));
  const server = await startRaw({ root: site, cacheDir, revalidateMs: 100 });
  t.after(() => server.stop());
  rmSync(cacheDir, { recursive: true });
  for (const name of ['a.js', 'b.js']) {
    await until(async () => {
      const ask = { method: 'GET', target: `/${name}`, fields: accepting('gzip') };
      const response = await server.exchange(ask);
      assert.equal(decoded(response), lines(3000, name));
      return !field(response, 'etag')?.startsWith('W/');
    });
  }
  assert.equal(server.reports.length, 1);
  assert.match(server.reports[0] ?? '', /^nothing can be kept in the cache folder/);
});

test('a cache folder in the site is refused before anything listens', async () => {
  await assert.rejects(startRaw({ root: folder, cacheDir: join(folder, 'inside') }), {
    name: 'OptionError',
    message: /^cache folder ".*inside" lies in the folder that is served$/,
  });
});

test('replicas of a reproducible build agree on tags that tell its contents apart', async t => {
  const replicas = await Promise.all(
    [0, 1].map(async second => {
      const root = join(folder, `replica-${second}`);
      mkdirSync(root);
      for (const [name, content] of [
        ['page.js', lines(100, 'page')],
        ['other.js', lines(100, 'other')],
        ['large.bin', Buffer.alloc(3_000_000, 'large')],
      ] as const) {
        writeFileSync(join(root, name), content);
        utimesSync(join(root, name), second, second);
      }
      return root;
    }),
  );
  await new Promise(resolve => setTimeout(resolve, 1100));
  const tags = await Promise.all(
    replicas.map(async root => {
      const server = await startRaw({ root, revalidateMs: 60_000 });
      t.after(() => server.stop());
      const found: string[] = [];
      for (const target of ['/page.js', '/other.js', '/large.bin']) {
        for (const coding of target === '/large.bin' ? ['identity'] : ['identity', 'br', 'gzip']) {
          const ask = (...others: readonly FieldLine[]) =>
            server.exchange({ method: 'GET', target, fields: accepting(coding, ...others) });
          let tag: string | undefined;
          await until(async () => {
            const response = await ask();
            assert.equal(field(response, 'last-modified'), undefined);
            tag = field(response, 'etag');
            return tag !== undefined && !tag.startsWith('W/');
          });
          assert.equal((await ask(['If-None-Match', tag ?? ''])).status, 304);
          assert.equal((await ask(['If-Match', '"another"'])).status, 412);
          found.push(tag ?? '');
        }
      }
      assert.deepEqual(server.reports, []);
      return found;
    }),
  );
  assert.deepEqual(tags[0], tags[1]);
  assert.equal(new Set(tags[0]).size, 7);
});

test('a file that is rewritten under the same time has another tag within the time to revalidate', async t => {
  const path = join(folder, 'stamped.js');
  const server = await startRaw({ root: folder, revalidateMs: 100 });
  t.after(() => server.stop());
  const tags = new Set<string>();
  for (const word of ['one', 'two']) {
    writeFileSync(path, lines(100, word));
    utimesSync(path, 1, 1);
    await until(async () => {
      const response = await server.exchange({ method: 'GET', target: '/stamped.js', fields: [] });
      const tag = field(response, 'etag');
      if (tag === undefined || tags.has(tag)) return false;
      assert.equal(text(response), lines(100, word));
      tags.add(tag);
      return true;
    });
  }
});
