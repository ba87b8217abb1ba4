import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldValue } from '../../src/http/fields.ts';
import { contentLength, type FieldLine } from '../../src/http/message.ts';
import { answer } from '../../src/site/respond.ts';
import type { Entry, Listing, Store } from '../../src/store/store.ts';
import { nowMs, request, siteOf, textOf } from './fixture.ts';

const site = siteOf({
  'a.txt': '0123456789',
  empty: '',
  'list/b': 'b',
  'docs/index.html': 'docs',
  '.env': 's',
  'app.js': 'plain',
  'app.js.br': 'coded',
  'alone.js.br': 'coded',
});

/** Target, fields, method; status, octets of content, and fields that the answer has or has not. */
const rows: readonly (readonly [
  ask: string,
  lines: readonly FieldLine[],
  status: number,
  octets: number | undefined,
  fields: Readonly<Record<string, string | undefined>>,
])[] = [
  [
    'GET /a.txt',
    [],
    200,
    10,
    {
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'no-cache',
      'Last-Modified': 'Sat, 03 Feb 2024 04:05:06 GMT',
    },
  ],
  ['HEAD /a.txt', [], 200, 10, { 'Content-Type': 'text/plain; charset=utf-8' }],
  ['GET /empty', [], 200, 0, { 'Content-Type': 'application/octet-stream' }],
  [
    'GET /a.txt',
    [['If-None-Match', '*']],
    304,
    0,
    { 'Content-Type': undefined, 'Cache-Control': 'no-cache' },
  ],
  ['GET /a.txt', [['If-Match', '"x"']], 412, undefined, { 'Content-Range': undefined }],
  ['GET /a.txt', [['Range', 'bytes=2-4']], 206, 3, { 'Content-Range': 'bytes 2-4/10' }],
  ['HEAD /a.txt', [['Range', 'bytes=2-4']], 200, 10, { 'Content-Range': undefined }],
  [
    'GET /a.txt',
    [['Range', 'bytes=10-']],
    416,
    undefined,
    { 'Content-Range': 'bytes */10', 'Accept-Ranges': 'bytes' },
  ],
  [
    'GET /a.txt',
    [
      ['Range', 'bytes=0-1'],
      ['If-Range', '"x"'],
    ],
    200,
    10,
    { 'Content-Range': undefined },
  ],
  ['GET /a.txt', [['Range', 'x']], 200, 10, {}],
  ['GET /docs', [], 308, 0, { Location: '/docs/', 'Cache-Control': 'no-cache' }],
  [
    'GET /list/',
    [],
    200,
    undefined,
    { 'Content-Type': 'text/html; charset=utf-8', Vary: 'Accept, Accept-Language, Accept-Encoding' },
  ],
  [
    'GET /list/',
    [['Accept', 'application/json']],
    200,
    undefined,
    { 'Content-Type': 'application/json', Vary: 'Accept, Accept-Language' },
  ],
  ['GET /list/', [['Accept', 'image/png']], 200, undefined, { 'Content-Type': 'text/html; charset=utf-8' }],
  [
    'GET /app.js',
    [['Accept-Encoding', 'br']],
    200,
    5,
    { 'Content-Encoding': 'br', 'Content-Type': 'text/javascript; charset=utf-8', Vary: 'Accept-Encoding' },
  ],
  [
    'GET /app.js',
    [['Accept-Encoding', 'gzip']],
    200,
    5,
    { 'Content-Encoding': undefined, Vary: 'Accept-Encoding' },
  ],
  [
    'HEAD /app.js',
    [
      ['Accept-Encoding', 'br'],
      ['If-None-Match', '*'],
    ],
    304,
    0,
    { 'Content-Encoding': undefined, Vary: 'Accept-Encoding' },
  ],
  ['GET /app.js', [['Accept-Encoding', '*;q=0']], 406, undefined, { Vary: 'Accept-Encoding, Accept' }],
  [
    'GET /alone.js',
    [['If-None-Match', '*']],
    304,
    0,
    { 'Accept-Ranges': undefined, Vary: 'Accept-Encoding' },
  ],
  ['GET /none', [], 404, undefined, { 'Content-Type': 'text/plain; charset=utf-8', Vary: 'Accept' }],
];

for (const [ask, lines, status, octets, fields] of rows) {
  test(`${ask} ${JSON.stringify(lines)} is ${status}`, async () => {
    const [method = '', target = ''] = ask.split(' ');
    const response = await answer(request(target, lines, method), site, nowMs);
    assert.equal(response.status, status);
    if (octets !== undefined) assert.equal(contentLength(response.content), octets);
    for (const [name, value] of Object.entries(fields))
      assert.equal(fieldValue(response.fields, name), value, name);
  });
}

test('several ranges are described piece by piece, between dividers that end with CRLF', async () => {
  const { fields, content } = await answer(request('/a.txt', [['Range', 'bytes=0-1,8-']]), site, nowMs);
  const boundary = /^multipart\/byteranges; boundary=([\w-]{1,70})$/.exec(
    fieldValue(fields, 'content-type') ?? '',
  )?.[1];
  assert.ok(content.kind === 'stored');
  const pieces = content.pieces.map(piece =>
    piece instanceof Uint8Array ? Buffer.from(piece).toString() : piece,
  );
  const part = (range: string) =>
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${range}/10\r\n\r\n`;
  assert.deepEqual(pieces, [
    part('0-1'),
    { first: 0, last: 1 },
    `\r\n${part('8-9')}`,
    { first: 8, last: 9 },
    `\r\n--${boundary}--\r\n`,
  ]);
});

test('a target that is no path is 400', async () => {
  const star = { ...request('/'), target: { kind: 'asterisk' } as const };
  assert.equal((await answer(star, site, nowMs)).status, 400);
});

test('what was denied is 404 with a note for the log that the client does not see', async () => {
  const response = await answer(request('/.env'), site, nowMs);
  assert.equal(response.status, 404);
  assert.equal(response.note, 'hidden');
  assert.ok(!textOf(response).includes('hidden'));
});

const lists: readonly (readonly [listing: Listing, status: number])[] = [
  [{ kind: 'absent' }, 404],
  [{ kind: 'denied', why: 'x' }, 404],
  [{ kind: 'busy' }, 503],
];

for (const [listing, status] of lists) {
  test(`a folder that turns ${listing.kind} before it is listed is ${status}`, async () => {
    const find = async (segments: readonly string[]): Promise<Entry> =>
      segments.length === 0 ? { kind: 'folder' } : { kind: 'absent' };
    const store: Store = { ...site.store, find, list: async () => listing };
    const response = await answer(request('/'), { ...site, store }, nowMs);
    assert.equal(response.status, status);
    assert.equal(fieldValue(response.fields, 'retry-after'), status === 503 ? '1' : undefined);
  });
}

test('what is stored in a coding only is described as what is to be decoded, whatever range is asked for', async () => {
  const { status, fields, content } = await answer(
    request('/alone.js', [['Range', 'bytes=0-1']]),
    site,
    nowMs,
  );
  assert.equal(status, 200);
  assert.ok(content.kind === 'coded');
  assert.deepEqual([content.file.location, content.from, content.to], ['alone.js.br', 'br', 'identity']);
  assert.equal(fieldValue(fields, 'accept-ranges'), undefined);
  assert.equal(fieldValue(fields, 'content-encoding'), undefined);
});

test('a store that turns busy while forms are looked for is 503', async () => {
  const find = (segments: readonly string[]): Promise<Entry> =>
    segments.join().endsWith('.br') ? Promise.resolve({ kind: 'busy' }) : site.store.find(segments);
  const busy = { ...site, store: { ...site.store, find } };
  const response = await answer(request('/app.js', [['Accept-Encoding', 'br']]), busy, nowMs);
  assert.equal(response.status, 503);
});
