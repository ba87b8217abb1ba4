// Large files are coded while they are sent: the first answers have chunks, the next ones a length.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as zlib from 'node:zlib';
import type { Exchange, FieldLine } from '../../src/http/message.ts';
import { knownCodings, undo } from '../../src/server/zlib-codings.ts';
import { field, RawConnection, requestBytes } from './client.ts';
import { startRaw } from './transports.ts';

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-gradual-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function lines(octets: number): string {
  let text = '';
  for (let at = 0; text.length < octets; at++) text += `line ${at} and ${Math.sin(at)}\n`;
  return text.slice(0, octets);
}

const kib = 1024;
const sizes = [64 * kib - 1, 64 * kib, 64 * kib + 1, 576 * kib, 576 * kib + 1, 2_000_000];

for (const coding of knownCodings) {
  test(`files around the bounds come back from ${coding}, in chunks first and then with a length`, async t => {
    const root = join(folder, coding);
    mkdirSync(root);
    const old = new Date(Date.now() - 10_000);
    for (const size of sizes) {
      writeFileSync(join(root, `${size}.js`), lines(size));
      utimesSync(join(root, `${size}.js`), old, old);
    }
    await new Promise(resolve => setTimeout(resolve, 1100));
    const exchanges: Exchange[] = [];
    const server = await startRaw({ root, observers: [exchange => void exchanges.push(exchange)] });
    t.after(() => server.stop());
    for (const size of sizes) {
      const fields: readonly FieldLine[] = [['Accept-Encoding', coding]];
      const ask = (method: string) => server.exchange({ method, target: `/${size}.js`, fields });
      const [head, first, second] = [await ask('HEAD'), await ask('GET'), await ask('GET')];
      const isGradual = size >= 64 * kib;
      assert.equal(field(head, 'transfer-encoding'), isGradual ? 'chunked' : undefined);
      assert.equal(field(first, 'transfer-encoding'), isGradual ? 'chunked' : undefined);
      assert.equal(field(first, 'accept-ranges'), undefined);
      assert.match(field(first, 'etag') ?? '', /^W\//);
      assert.equal(field(head, 'etag'), field(first, 'etag'));
      assert.equal(field(second, 'transfer-encoding'), undefined);
      assert.equal(field(second, 'content-length'), String(second.content.length));
      for (const { content, lines: headed } of [first, second]) {
        assert.ok(headed.some(([name, value]) => name === 'Content-Encoding' && value === coding));
        assert.equal(String(await undo(content, coding, size)), lines(size));
      }
      const seen = exchanges.filter(({ head }) => head?.method === 'GET').at(-2);
      assert.equal(seen?.contentBytes, first.content.length);
    }
    assert.deepEqual(server.reports, []);
  });
}

test('clients that ask at once share one coding, HTTP/1.0 gets it whole, and the connection goes on', async t => {
  const root = join(folder, 'shared');
  mkdirSync(root);
  const content = lines(4_000_000);
  writeFileSync(join(root, 'a.js'), content);
  await new Promise(resolve => setTimeout(resolve, 1100));
  const server = await startRaw({ root });
  t.after(() => server.stop());
  const fields: readonly FieldLine[] = [['Accept-Encoding', 'gzip']];
  const ask = { method: 'GET', target: '/a.js', fields };
  const connections = await Promise.all(Array.from({ length: 6 }, () => RawConnection.open(server.place)));
  t.after(() => {
    for (const connection of connections) connection.destroy();
  });
  for (const connection of connections) connection.write(requestBytes(ask));
  const answers = await Promise.all(connections.map(connection => connection.response()));
  const [one] = answers;
  assert.ok(one !== undefined);
  assert.equal(zlib.gunzipSync(one.content).toString(), content);
  for (const answer of answers) assert.ok(answer.content.equals(one.content));
  assert.ok(answers.some(answer => field(answer, 'transfer-encoding') === 'chunked'));
  const [first] = connections;
  first?.write(requestBytes(ask));
  assert.equal((await first?.response())?.status, 200);
  writeFileSync(join(root, 'b.js'), content);
  const old = await RawConnection.open(server.place);
  t.after(() => old.destroy());
  old.write('GET /b.js HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n');
  const answer = await old.response();
  assert.equal(field(answer, 'content-length'), String(answer.content.length));
  assert.equal(zlib.gunzipSync(answer.content).toString(), content);
});

test('a client that leaves while a file is coded for it harms nobody', async t => {
  const root = join(folder, 'leaving');
  mkdirSync(root);
  const content = lines(6_000_000);
  writeFileSync(join(root, 'a.js'), content);
  await new Promise(resolve => setTimeout(resolve, 1100));
  const server = await startRaw({ root });
  t.after(() => server.stop());
  const ask = { method: 'GET', target: '/a.js', fields: [['Accept-Encoding', 'gzip']] as const };
  const [leaving, staying] = [await RawConnection.open(server.place), await RawConnection.open(server.place)];
  t.after(() => staying.destroy());
  leaving.write(requestBytes(ask));
  await leaving.atLeast(1);
  staying.write(requestBytes(ask));
  leaving.reset();
  assert.equal(zlib.gunzipSync((await staying.response()).content).toString(), content);
  assert.deepEqual(server.reports, []);
});
