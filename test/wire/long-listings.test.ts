// Folders of very many members: the listing leaves while it is made.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, constants, gunzipSync } from 'node:zlib';
import type { Exchange, FieldLine } from '../../src/http/message.ts';
import type { JsonListing } from '../../src/site/listing.ts';
import { until } from '../faults/until.ts';
import { field, RawConnection, requestBytes, text } from './client.ts';
import { startRaw } from './transports.ts';

const filesMade = 2600;
const foldersMade = 40;
let root: string;
let server: Awaited<ReturnType<typeof startRaw>>;
const exchanges: Exchange[] = [];

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'plinth-long-'));
  const many = join(root, 'many');
  mkdirSync(many);
  for (let at = 0; at < filesMade; at += 1)
    writeFileSync(join(many, `file ${(at * 733) % filesMade}.txt`), '12345'.slice(at % 5));
  for (let at = 0; at < foldersMade; at += 1) mkdirSync(join(many, `folder ${at}`));
  writeFileSync(join(many, '.hidden'), '');
  symlinkSync('folder 1', join(many, 'linked'));
  symlinkSync('/etc/passwd', join(many, 'outside'));
  symlinkSync('nowhere', join(many, 'broken'));
  server = await startRaw({ root, observers: [exchange => void exchanges.push(exchange)] });
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

async function entries(query: string): Promise<JsonListing['entries']> {
  const fields: readonly FieldLine[] = [['Accept', 'application/json']];
  const answer = await server.exchange({ method: 'GET', target: `/many/${query}`, fields });
  assert.equal(answer.status, 200);
  assert.equal(field(answer, 'transfer-encoding'), 'chunked');
  return (JSON.parse(text(answer)) as JsonListing).entries;
}

test('every member is told of once, in order, and what must not be seen is not', async () => {
  const listed = await entries('');
  const folders = Array.from({ length: foldersMade }, (_, at) => `folder ${at}`);
  const files = Array.from({ length: filesMade }, (_, at) => `file ${at}.txt`);
  assert.deepEqual(
    listed.map(entry => entry.name),
    [...folders, 'linked', ...files],
  );
  assert.ok(listed.every(entry => (entry.size === null) === (entry.kind === 'folder')));
  const turned = await entries('?order=desc');
  assert.deepEqual(
    turned.map(entry => entry.name),
    ['linked', ...folders.toReversed(), ...files.toReversed()],
  );
});

test('also where pages are edited, looked into or waited for', async t => {
  for (const options of [{ dev: true }, { env: ['PLINTH_TEST_'] }, { secure: true }]) {
    const other = await startRaw({ root, ...options });
    t.after(() => other.stop());
    const fields: readonly FieldLine[] = [['Host', 'localhost']];
    const answer = await other.exchange({ method: 'GET', target: '/many/', fields });
    assert.equal(field(answer, 'transfer-encoding'), 'chunked', JSON.stringify(options));
  }
});

test('in the order of sizes as well, for which all are looked at', async () => {
  const listed = await entries('?sort=size');
  assert.equal(listed.length, filesMade + foldersMade + 1);
  const sizes = listed.filter(entry => entry.kind === 'file').map(entry => Number(entry.size));
  assert.deepEqual(
    sizes,
    [...sizes].sort((one, other) => other - one),
  );
});

test('the page comes in parts, with its totals at the end, and the connection goes on', async () => {
  const connection = await RawConnection.open(server.place);
  for (let time = 0; time < 2; time += 1) {
    connection.write(requestBytes({ method: 'GET', target: '/many/', fields: [['Accept', 'text/html']] }));
    const page = text(await connection.response());
    assert.equal(page.match(/<tr role="row">/g)?.length, 1 + filesMade + foldersMade + 1);
    assert.ok((page.match(/<tbody/g)?.length ?? 0) > 10);
    assert.match(page, /<\/form>\s*<p class="counts">41 folders, 2,600 files, 7.6 KiB<\/p>/);
    assert.ok(page.endsWith('</html>\n'));
  }
  connection.destroy();
});

test('who accepts a coding gets it, from the first part on', async () => {
  const plain = await server.exchange({ method: 'GET', target: '/many/', fields: [] });
  assert.equal(field(plain, 'vary'), 'Accept, Accept-Language, Accept-Encoding');
  for (const coding of ['br', 'gzip'] as const) {
    const fields: readonly FieldLine[] = [['Accept-Encoding', coding]];
    const answer = await server.exchange({ method: 'GET', target: '/many/', fields });
    assert.equal(field(answer, 'content-encoding'), coding);
    assert.equal(field(answer, 'vary'), 'Accept, Accept-Language, Accept-Encoding');
    assert.equal(field(answer, 'transfer-encoding'), 'chunked');
    assert.ok(answer.content.length * 8 < plain.content.length, `${answer.content.length} octets`);
    const decoded = coding === 'br' ? brotliDecompressSync(answer.content) : gunzipSync(answer.content);
    assert.equal(decoded.toString(), text(plain));
  }
  const connection = await RawConnection.open(server.place);
  connection.write('GET /many/ HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n');
  const { bytes } = await connection.rest();
  const begin = bytes.indexOf('\r\n\r\n') + 4;
  const line = bytes.indexOf('\r\n', begin);
  const length = Number.parseInt(bytes.toString('latin1', begin, line), 16);
  const first = gunzipSync(bytes.subarray(line + 2, line + 2 + length), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  assert.match(first.toString(), /^<!doctype html>.*<table/is);
  assert.ok(!first.includes('</html>'));
});

test('a short listing is coded whole where that is worth it, and HEAD tells the same of it', async () => {
  const fields: readonly FieldLine[] = [['Accept-Encoding', 'gzip, identity;q=0']];
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['/many/folder%201/', 'text/html', 'gzip'],
    ['/many/folder%201/', 'text/plain', undefined],
  ];
  for (const [target, accept, coding] of rows) {
    const asked = { target, fields: [...fields, ['Accept', accept]] } as const;
    const answer = await server.exchange({ method: 'GET', ...asked });
    const head = await server.exchange({ method: 'HEAD', ...asked });
    assert.equal(field(answer, 'content-encoding'), coding, accept);
    assert.equal(field(answer, 'vary'), `Accept, Accept-Language${coding ? ', Accept-Encoding' : ''}`);
    const plain = await server.exchange({ method: 'GET', target, fields: [['Accept', accept]] });
    const decoded = coding === 'gzip' ? gunzipSync(answer.content) : answer.content;
    assert.equal(decoded.toString(), text(plain));
    assert.equal(field(head, 'content-length'), String(answer.content.length));
    assert.equal(field(head, 'content-encoding'), coding);
  }
});

test('HEAD tells the same and makes nothing; HTTP/1.0 gets it up to the end of the connection', async () => {
  const head = await server.exchange({ method: 'HEAD', target: '/many/', fields: [] });
  assert.equal(field(head, 'transfer-encoding'), 'chunked');
  assert.equal(head.content.length, 0);
  const connection = await RawConnection.open(server.place);
  connection.write('GET /many/ HTTP/1.0\r\nAccept: application/x-ndjson\r\nConnection: keep-alive\r\n\r\n');
  const { bytes, ending } = await connection.rest();
  assert.equal(ending, 'end');
  const [top = '', content = ''] = bytes.toString().split('\r\n\r\n');
  assert.match(top, /\r\nConnection: close(?:\r\n|$)/);
  assert.doesNotMatch(top, /Transfer-Encoding|Content-Length/);
  assert.equal(content.trimEnd().split('\n').length, filesMade + foldersMade + 1);
});

test('a client that leaves in the midst is an aborted exchange, and nothing is reported', async () => {
  exchanges.length = 0;
  const connection = await RawConnection.open(server.place);
  connection.write(requestBytes({ method: 'GET', target: '/many/', fields: [] }));
  connection.destroy();
  await until(() => exchanges.map(({ outcome }) => outcome).join(), 'aborted');
  assert.deepEqual(server.reports, []);
});
