// HTTP/1.1 on the wire (RFC 9112): persistence, pipelining, content of requests, limits and the end of a connection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exchangeRaw, field, RawConnection, text } from './client.ts';
import { makeSite, type SiteFolder } from './site.ts';
import { type Running, startRaw } from './transports.ts';

let site: SiteFolder;
let server: Running;

before(async () => {
  site = makeSite();
  server = await startRaw({ root: site.root });
});
after(async () => {
  await server.stop();
  site.remove();
  assert.deepEqual(server.reports, []);
});

const get = 'GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n';

const persistence: readonly (readonly [
  version: string,
  lines: string,
  connection: string | undefined,
  persists: boolean,
])[] = [
  ['1.1', '', undefined, true],
  ['1.1', 'Connection: keep-alive\r\n', undefined, true],
  ['1.1', 'Connection: close\r\n', 'close', false],
  ['1.1', 'Connection: foo, CLOSE\r\n', 'close', false],
  ['1.1', 'Connection: keep-alive\r\nConnection: close\r\n', 'close', false],
  ['1.0', '', 'close', false],
  ['1.0', 'Connection: keep-alive\r\n', 'keep-alive', true],
  ['1.0', 'Connection: Keep-Alive, close\r\n', 'close', false],
  ['1.2', '', undefined, true],
];

for (const [version, lines, connection, persists] of persistence) {
  test(`HTTP/${version} with ${JSON.stringify(lines)} ${persists ? 'goes on' : 'ends'}`, async () => {
    const client = await RawConnection.open(server.place);
    client.write(`GET /a.txt HTTP/${version}\r\nHost: h\r\n${lines}\r\n`);
    const first = await client.response();
    assert.equal(first.status, 200);
    assert.equal(field(first, 'connection'), connection);
    if (persists) {
      client.write(get);
      assert.equal((await client.response()).status, 200);
      client.end();
    }
    await client.expectEnd();
  });
}

test('HTTP/1.0 needs no Host', async () => {
  const { bytes, ending } = await exchangeRaw(server.place, 'GET /a.txt HTTP/1.0\r\n\r\n');
  assert.match(bytes.toString('latin1'), /^HTTP\/1\.1 200 OK\r\n/);
  assert.equal(ending, 'end');
});

test('a thousand requests in one write are answered in order', async () => {
  const client = await RawConnection.open(server.place);
  const targets = Array.from({ length: 1000 }, (_, index) => `/a.txt?${index}`);
  client.write(
    targets
      .map((target, index) => {
        const method = index % 3 === 1 ? 'HEAD' : 'GET';
        return `${method} ${target} HTTP/1.1\r\nHost: h\r\nRange: bytes=${index % 36}-${index % 36}\r\n\r\n`;
      })
      .join(''),
  );
  for (const index of targets.keys()) {
    if (index % 3 === 1) {
      assert.equal((await client.response('HEAD')).status, 200);
    } else {
      const response = await client.response();
      assert.equal(field(response, 'content-range'), `bytes ${index % 36}-${index % 36}/36`);
      assert.equal(text(response), '0123456789abcdefghijklmnopqrstuvwxyz'[index % 36]);
    }
  }
  client.end();
  await client.expectEnd();
});

test('pipelined answers of every kind keep their order', async () => {
  const client = await RawConnection.open(server.place);
  const asked = [
    ['GET /a.txt', 200],
    ['GET /none', 404],
    ['OPTIONS /', 204],
    ['GET /docs', 308],
    ['POST /a.txt', 405],
    ['GET /list/', 200],
    ['GET /%00', 400],
    ['GET /a.txt', 200],
  ] as const;
  client.write(asked.map(([ask]) => `${ask} HTTP/1.1\r\nHost: h\r\n\r\n`).join(''));
  client.end();
  for (const [ask, status] of asked) assert.equal((await client.response()).status, status, ask);
  await client.expectEnd();
});

test('a half-close after a request still gets its answer', async () => {
  const { bytes, ending } = await exchangeRaw(server.place, get + get);
  assert.equal(bytes.toString('latin1').split('HTTP/1.1 200 OK').length, 3);
  assert.equal(ending, 'end');
});

test('a half-close in the middle of a request is told so', async () => {
  for (const bytes of ['GET /a.txt HT', 'GET /a.txt HTTP/1.1\r\nHost: h\r\n']) {
    const answer = await exchangeRaw(server.place, bytes);
    assert.match(answer.bytes.toString('latin1'), /^HTTP\/1\.1 400 [\s\S]*\r\nConnection: close\r\n/);
  }
  const content = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc';
  assert.match((await exchangeRaw(server.place, content)).bytes.toString('latin1'), /^HTTP\/1\.1 400 /);
});

test('a client that leaves without a word, or with a reset, harms nobody', async () => {
  const empty = await exchangeRaw(server.place, '');
  assert.deepEqual([empty.bytes.length, empty.ending], [0, 'end']);
  for (const bytes of ['', 'GET /a', get, get.repeat(100), 'GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n']) {
    const client = await RawConnection.open(server.place);
    client.write(bytes);
    client.reset();
  }
  assert.equal((await server.exchange({ method: 'GET', target: '/a.txt', fields: [] })).status, 200);
});

test('up to four empty lines before a request are skipped', async () => {
  const client = await RawConnection.open(server.place);
  client.write(`\r\n\r\n\r\n\r\n${get}\r\n${get}`);
  assert.equal((await client.response()).status, 200);
  assert.equal((await client.response()).status, 200);
  client.write('\r\n'.repeat(5));
  assert.equal((await client.response()).status, 400);
  await client.expectEnd();
});

const contents: readonly (readonly [name: string, request: string])[] = [
  ['counted', `POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: ${get.length}\r\n\r\n${get}`],
  ['counted, of a GET', `GET /none HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde`],
  [
    'counted, exactly 64 KiB',
    `PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 65536\r\n\r\n${'x'.repeat(65536)}`,
  ],
  ['chunked', 'POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'],
  [
    'chunked with extensions and trailers',
    'POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n' +
      '00a;x=1;y="\\"q"\r\n0123456789\r\n0;last\r\nT: 1\r\nU: 2\r\n\r\n',
  ],
];

for (const [name, request] of contents) {
  test(`content is dropped and the next request read: ${name}`, async () => {
    for (const pieceBytes of [request.length + get.length, 4099]) {
      const client = await RawConnection.open(server.place);
      const all = request + get;
      for (let at = 0; at < all.length; at += pieceBytes) {
        client.write(all.slice(at, at + pieceBytes));
        await new Promise(setImmediate);
      }
      assert.ok((await client.response()).status >= 400);
      assert.equal((await client.response()).status, 200);
      client.end();
      await client.expectEnd();
    }
  });
}

const hundred = 'POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n';

test('a client that waits for leave to send gets it', async () => {
  const client = await RawConnection.open(server.place);
  client.write(hundred);
  assert.equal((await client.response()).status, 100);
  client.write(`abc${get}`);
  assert.equal((await client.response()).status, 405);
  assert.equal((await client.response()).status, 200);
  client.end();
  await client.expectEnd();
});

test('a client that does not wait gets no leave', async () => {
  const client = await RawConnection.open(server.place);
  client.write(`${hundred}abc`);
  assert.equal((await client.response()).status, 405);
  client.end();
  await client.expectEnd();
});

/** Input that ends the connection, and the status that says why. */
const refused: readonly (readonly [name: string, bytes: string, status: number])[] = [
  ['an unknown expectation', 'GET / HTTP/1.1\r\nHost: h\r\nExpect: bogus\r\n\r\n', 417],
  ['64 KiB + 1 of content', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n', 413],
  ['64 KiB + 1 in chunks', `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n`, 413],
  ['content without end', `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\n`, 413],
  [
    'no leave for too much',
    'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n',
    413,
  ],
  ['a request line over 8 KiB', `GET /${'a'.repeat(8192)} HTTP/1.1\r\nHost: h\r\n\r\n`, 414],
  ['a request line that never ends', 'a'.repeat(20_000), 414],
  ['a field section over 16 KiB', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(16_384)}\r\n\r\n`, 431],
  ['a field line that never ends', `GET / HTTP/1.1\r\nHost: h\r\nX: ${'a'.repeat(70_000)}`, 431],
  ['101 field lines', `GET / HTTP/1.1\r\nHost: h\r\n${'X: y\r\n'.repeat(100)}\r\n`, 431],
  ['HTTP/0.9', 'GET /\r\n\r\n', 400],
  ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: h\r\n\r\n', 505],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['a TLS greeting', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03', 400],
];

for (const [name, bytes, status] of refused) {
  test(`${status} and the end for ${name}`, async () => {
    const client = await RawConnection.open(server.place);
    client.write(`${get}${bytes}${get}`);
    assert.equal((await client.response()).status, 200);
    const response = await client.response();
    assert.equal(response.status, status);
    assert.equal(field(response, 'connection'), 'close');
    await client.expectEnd();
  });
}

test('a request line of 8 KiB and a section of 16 KiB and 100 lines are served', async () => {
  const line = `GET /a.txt?${'q'.repeat(8192 - 'GET /a.txt? HTTP/1.1'.length)} HTTP/1.1\r\n`;
  const lines = `Host: h\r\n${'X: yy\r\n'.repeat(98)}`;
  const last = `Z: ${'z'.repeat(16_384 - lines.length - 5)}\r\n`;
  assert.equal(lines.length + last.length, 16_384);
  const { bytes } = await exchangeRaw(server.place, `${line}${lines}${last}\r\n`);
  assert.match(bytes.toString('latin1'), /^HTTP\/1\.1 200 /);
});

test('an error answer is read whole though the client goes on sending', async () => {
  const client = await RawConnection.open(server.place);
  client.write(`GET / HTTP/1.1\r\n\r\n${'x'.repeat(2 ** 20)}`);
  const response = await client.response();
  assert.equal(response.status, 400);
  assert.match(text(response), /^400 Bad Request: .*Host.*\n$/);
  client.destroy();
});

test('the end of a connection is orderly though the client goes on sending for a while', async () => {
  const client = await RawConnection.open(server.place);
  client.write('GET / HTTP/1.1\r\n\r\n');
  assert.equal((await client.response()).status, 400);
  for (let count = 0; count < 8; count++) client.write('x'.repeat(16 * 1024));
  await client.expectEnd();
});
