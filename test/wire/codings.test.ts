// Codings that are made while files change: each answer is one version, in one coding, under one tag.
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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
