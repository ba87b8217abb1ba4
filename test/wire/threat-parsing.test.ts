// THREATS.md §2 (listings), §4 (crashes and memory) and §5 (parsing and smuggling).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { exchangeRaw, field, RawConnection, text } from './client.ts';
import { makeSite, type SiteFolder, secret } from './site.ts';
import { type Running, startRaw } from './transports.ts';

let site: SiteFolder;
let server: Running;
let socket: Server;

const evilNames = [
  '<img src=x onerror=alert(1)>.txt',
  '"onmouseover="alert(1)',
  "'onfocus='alert(1)",
  '<script>alert(1)<',
  'javascript:alert(1)',
  'data:text,x',
  'new\nline<b>',
  '&lt;svg onload=alert(1)&gt;',
  '?simple',
  '`alert(1)`',
  '{{7*7}}',
  '\u202egnp.exe',
  '--><script>',
  ']]>',
  '\u001b[31m',
];

const dates: readonly (readonly [name: string, seconds: number])[] = [
  ['zero', 0],
  ['one', 1],
  ['before-1970', -86_400],
  ['year-1901', -2_147_483_648],
  ['year-2106', 4_294_967_296],
  ['year-2446', 15_032_385_535],
  ['year-10000', 253_402_300_800],
  ['far', 2 ** 36],
];

before(async () => {
  site = makeSite();
  const { root, above } = site;
  mkdirSync(join(root, 'evil'));
  for (const name of evilNames) writeFileSync(join(root, 'evil', name), 'x');
  mkdirSync(join(root, 'evil', '"><script>alert(1)<'));
  mkdirSync(join(root, 'dates'));
  for (const [name, seconds] of dates) {
    writeFileSync(join(root, 'dates', name), name);
    // Node takes a negative number for now, but not a negative date.
    utimesSync(join(root, 'dates', name), new Date(seconds * 1000), new Date(seconds * 1000));
  }
  mkdirSync(join(root, 'kinds'));
  execFileSync('mkfifo', [join(root, 'kinds', 'fifo')]);
  execFileSync('mkfifo', [join(root, 'kinds', '404.html')]);
  symlinkSync('/dev/zero', join(root, 'kinds', 'device'));
  symlinkSync('../docs', join(root, 'kinds', 'folder'));
  symlinkSync(above, join(root, 'kinds', 'index.html'));
  socket = createServer().listen(join(root, 'kinds', 'socket'));
  server = await startRaw({ root });
});
after(async () => {
  await server.stop();
  socket.close();
  site.remove();
  assert.deepEqual(server.reports, []);
});

async function assertAlive(): Promise<void> {
  const response = await server.exchange({ method: 'GET', target: '/a.txt', fields: [] });
  assert.equal(response.status, 200);
}

test('CVE-2018-3716 CVE-2025-11966 dufs#21 dufs#65 dufs#669 NSWG-ECO-459 no name becomes markup in a listing', async () => {
  const page = await server.exchange({ method: 'GET', target: '/evil/', fields: [['Accept', 'text/html']] });
  const markup = text(page);
  const body = markup.slice(markup.indexOf('<body'));
  for (const [, tag = '', attributes = ''] of body.matchAll(/<\/?([^\s>]+)([^>]*)>/g)) {
    assert.match(
      tag,
      /^(?:body|svg|symbol|path|use|header|nav|ol|li|a|bdi|h1|p|main|div|table|caption|thead|tbody|tr|th|td|span|data|time|footer|html|caption|circle|form|input|label|button)$/,
    );
    assert.doesNotMatch(attributes.replace(/"[^"]*"/g, '""'), /\son\w+\s*=/i, tag);
  }
  for (const [, href = ''] of body.matchAll(/href="([^"]*)"/g)) assert.match(href, /^(?:\.{1,2}\/|#)/);
  assert.match(field(page, 'content-security-policy') ?? '', /default-src 'none'/);
  assert.match(field(page, 'content-security-policy') ?? '', /script-src 'self';/);
  assert.doesNotMatch(field(page, 'content-security-policy') ?? '', /unsafe|data:|https?:|\*/);
  const json = await server.exchange({
    method: 'GET',
    target: '/evil/',
    fields: [['Accept', 'application/json']],
  });
  assert.equal(field(json, 'content-type'), 'application/json');
  assert.equal(JSON.parse(text(json)).entries.length, evilNames.length + 1);
  // Whatever is asked for, nobody gets names as HTML in a form that does not escape them.
  for (const target of ['/evil/?simple', '/evil/?json', '/evil/?noscript']) {
    const other = await server.exchange({ method: 'GET', target, fields: [] });
    assert.equal(text(other), markup);
  }
});

/** Ids, Range and what it gives of a file of 36 bytes. */
const ranges: readonly (readonly [ids: string, range: string, status: number, length: number])[] = [
  ['sirv#175', 'bytes=5-2', 200, 36],
  ['sirv#175', 'bytes=0-99999999999999999999', 206, 36],
  ['sirv#175', 'bytes=99999999999999999999-', 416, -1],
  ['CVE-2017-7529', 'bytes=-9223372036854775808', 206, 36],
  ['CVE-2017-7529', 'bytes=-36,-9223372036854775772', 206, 36],
  ['CVE-2017-7529', 'bytes=18446744073709551615-18446744073709551616', 416, -1],
  ['ecstatic#124 static-server#23 dufs#690 lighttpd#2899', 'bytes=-0', 416, -1],
  ['ecstatic#124 static-server#23 dufs#690 lighttpd#2899', 'bytes=36-36', 416, -1],
  ['ecstatic#124 static-server#23 dufs#690 lighttpd#2899', 'bytes=35-36', 206, 1],
  ['ecstatic#124 static-server#23 dufs#690 lighttpd#2899', 'bytes=--1', 200, 36],
  ['ecstatic#124 static-server#23 dufs#690 lighttpd#2899', 'bytes=1e3-', 200, 36],
  ['CVE-2011-3192', `bytes=${Array.from({ length: 1000 }, () => '0-').join()}`, 200, 36],
  ['CVE-2011-3192', `bytes=${Array.from({ length: 1000 }, (_, at) => `${at}-${at}`).join()}`, 200, 36],
  ['CVE-2011-3192', `bytes=${','.repeat(5000)}0-0`, 206, 1],
];

for (const [ids, range, status, length] of ranges) {
  test(`${ids}: ${range.slice(0, 50)} is ${status}`, async () => {
    const response = await server.exchange({ method: 'GET', target: '/a.txt', fields: [['Range', range]] });
    assert.equal(response.status, status);
    if (length >= 0) assert.equal(response.content.length, length);
    const empty = await server.exchange({ method: 'GET', target: '/empty.txt', fields: [['Range', range]] });
    assert.ok([200, 416].includes(empty.status));
    await assertAlive();
  });
}

test('CVE-2020-25691 files of any date are served and listed', async () => {
  for (const [name] of dates) {
    const response = await server.exchange({ method: 'GET', target: `/dates/${name}`, fields: [] });
    assert.equal(text(response), name);
    const modified = field(response, 'last-modified');
    assert.equal(modified === undefined, /^(zero|one|before|year-1901)/.test(name), name);
    // A modification time in the future counts as now: RFC 9110 §8.8.2.1.
    if (modified !== undefined) assert.ok(Date.parse(modified) <= Date.now());
    const tag = field(response, 'etag');
    assert.equal(tag === undefined, name === 'zero' || name === 'one', name);
    const again = await server.exchange({
      method: 'GET',
      target: `/dates/${name}`,
      fields: [['If-None-Match', tag ?? '"none"']],
    });
    assert.equal(again.status, tag === undefined ? 200 : 304);
  }
  for (const accept of ['text/html', 'application/json']) {
    const listing = await server.exchange({ method: 'GET', target: '/dates/', fields: [['Accept', accept]] });
    for (const [name] of dates) assert.ok(text(listing).includes(name));
  }
});

test('serve#598: links to folders, FIFOs, sockets and devices neither hang nor kill', async () => {
  const rows = [
    ['/kinds/fifo', 404],
    ['/kinds/socket', 404],
    ['/kinds/device', 404],
    ['/kinds/folder', 308],
    ['/kinds/folder/', 200],
    ['/kinds/404.html', 404],
    ['/kinds/', 404],
    ['/kinds/none', 404],
  ] as const;
  for (const [target, status] of rows) {
    const response = await server.exchange({ method: 'GET', target, fields: [['Accept', 'text/html']] });
    assert.equal(response.status, status, target);
    assert.ok(!text(response).includes(secret));
  }
  // The thread pool stays free: a FIFO that is opened would hold one of four threads each.
  const many = Array.from({ length: 100 }, () =>
    server.exchange({ method: 'GET', target: '/kinds/fifo', fields: [] }),
  );
  for (const response of await Promise.all(many)) assert.equal(response.status, 404);
  await assertAlive();
});

const head = 'Host: h\r\n';
const chunked = `POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`;

/** Bytes of §5 and the one answer to them; what follows them is never read as a request. */
const malformed: readonly (readonly [name: string, bytes: string, status: number])[] = [
  [
    'CL + TE',
    `POST / HTTP/1.1\r\n${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'TE + CL',
    `POST / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['two different CL', `GET / HTTP/1.1\r\n${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, 400],
  ['two equal CL', `GET / HTTP/1.1\r\n${head}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`, 400],
  ...['5, 5', '+5', '-1', '0x5', '5 5', '', '5.0', '1e1', '٥', '5;'].map(
    length => [`CL ${length}`, `GET / HTTP/1.1\r\n${head}Content-Length: ${length}\r\n\r\n`, 400] as const,
  ),
  ...[
    ['xchunked', 501],
    ['gzip', 501],
    ['gzip, chunked', 501],
    ['identity', 501],
    ['chunked, identity', 400],
    ['chunked, chunked', 400],
    ['"chunked"', 400],
    ['\x0bchunked', 400],
    ['', 400],
  ].map(
    ([coding, status]) =>
      [
        `TE ${JSON.stringify(coding)}`,
        `POST / HTTP/1.1\r\n${head}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
        Number(status),
      ] as const,
  ),
  ['TE in 1.0', `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['TE : with space', `POST / HTTP/1.1\r\n${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
  ['obs-fold', `GET / HTTP/1.1\r\n${head}X: a\r\n b\r\n\r\n`, 400],
  ['obs-fold with a tab', `GET / HTTP/1.1\r\n${head}X: a\r\n\tb\r\n\r\n`, 400],
  ['space before the first line', `GET / HTTP/1.1\r\n ${head}\r\n`, 400],
  ['bare LF line ends', 'GET / HTTP/1.1\nHost: h\n\n', 400],
  ['one bare LF', `GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n`, 400],
  ['a bare LF for the empty line', `GET / HTTP/1.1\r\n${head}\n`, 400],
  ['bare CR', `GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n`, 400],
  ['CR CR LF', `GET / HTTP/1.1\r\nHost: h\r\r\n\r\n`, 400],
  ['NUL in a value', `GET / HTTP/1.1\r\n${head}X: a\0b\r\n\r\n`, 400],
  ['NUL in a name', `GET / HTTP/1.1\r\n${head}X\0: a\r\n\r\n`, 400],
  ['a control in a value', `GET / HTTP/1.1\r\n${head}X: \x07\r\n\r\n`, 400],
  ['DEL in a value', `GET / HTTP/1.1\r\n${head}X: \x7f\r\n\r\n`, 400],
  ['space in a name', `GET / HTTP/1.1\r\n${head}X Y: a\r\n\r\n`, 400],
  ['space before the colon', `GET / HTTP/1.1\r\nHost : h\r\n\r\n`, 400],
  ['no colon', `GET / HTTP/1.1\r\n${head}X\r\n\r\n`, 400],
  ['no name', `GET / HTTP/1.1\r\n${head}: x\r\n\r\n`, 400],
  ['chunk extension ended by LF', `${chunked}1;a\nb\r\nx\r\n0\r\n\r\n`, 400],
  ['chunk size ended by LF', `${chunked}1\nx\r\n0\r\n\r\n`, 400],
  ['chunk size with 0x', `${chunked}0x1\r\nx\r\n0\r\n\r\n`, 400],
  ['chunk size with a sign', `${chunked}+1\r\nx\r\n0\r\n\r\n`, 400],
  ['chunk size of 17 digits', `${chunked}00000000000000001\r\nx\r\n0\r\n\r\n`, 400],
  ['chunk longer than its size', `${chunked}1\r\nxy\r\n0\r\n\r\n`, 400],
  ['no chunk size', `${chunked}\r\n\r\n`, 400],
  ['a malformed trailer', `${chunked}0\r\nX Y: z\r\n\r\n`, 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET / HTTP/1.1\r\n${head}${head}\r\n`, 400],
  ['two Hosts in 1.0', `GET / HTTP/1.0\r\n${head}${head}\r\n`, 400],
  ...['a b', 'a/', 'a\\', 'user@h', 'h:port', 'h:99999', '[::1', 'a, b', 'h#', 'h?', '%zz'].map(
    host => [`Host: ${host}`, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400] as const,
  ),
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${head}\r\n`, 505],
  ['HTTP/3.0', `GET / HTTP/3.0\r\n${head}\r\n`, 505],
  ['HTTP/0.9 with a version', `GET / HTTP/0.9\r\n${head}\r\n`, 400],
  ['http in lower case', `GET / http/1.1\r\n${head}\r\n`, 400],
  ['HTTP/1.10', `GET / HTTP/1.10\r\n${head}\r\n`, 400],
  ['two spaces', `GET  / HTTP/1.1\r\n${head}\r\n`, 400],
  ['a tab', `GET\t/ HTTP/1.1\r\n${head}\r\n`, 400],
  ['a space after the version', `GET / HTTP/1.1 \r\n${head}\r\n`, 400],
  ['a method that is no token', `GE(T / HTTP/1.1\r\n${head}\r\n`, 400],
  ['URI of 64 KB', `GET /${'a'.repeat(65_536)} HTTP/1.1\r\n${head}\r\n`, 414],
  ['fields of 200 KB', `GET / HTTP/1.1\r\n${head}X: ${'a'.repeat(200_000)}\r\n\r\n`, 431],
  ['2000 fields', `GET / HTTP/1.1\r\n${head}${'X: y\r\n'.repeat(2000)}\r\n`, 431],
  ['Expect: bogus', `GET / HTTP/1.1\r\n${head}Expect: bogus\r\n\r\n`, 417],
];

const smuggled = `GET /docs/page HTTP/1.1\r\n${head}\r\n`;

for (const [name, bytes, status] of malformed) {
  test(`§5 ${name} is ${status} and the end`, async () => {
    const client = await RawConnection.open(server.place);
    client.write(bytes + smuggled);
    const response = await client.response();
    assert.equal(response.status, status);
    assert.equal(field(response, 'connection'), 'close');
    await client.expectEnd();
    await assertAlive();
  });
}

const wellFormed: readonly (readonly [name: string, bytes: string, statuses: readonly number[]])[] = [
  ['lower-case get', `get /a.txt HTTP/1.1\r\n${head}\r\n`, [501]],
  ['absolute-form target', `GET http://other/a.txt HTTP/1.1\r\n${head}\r\n`, [200]],
  ['leading CRLF', `\r\n\r\nGET /a.txt HTTP/1.1\r\n${head}\r\n`, [200]],
  [
    'GET with content, then pipelined',
    `GET /a.txt HTTP/1.1\r\n${head}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}GET /a.txt HTTP/1.1\r\n${head}\r\n`,
    [200, 200],
  ],
  ['chunk extensions', `${chunked}1;a="b"\r\nx\r\n0;y\r\n\r\n`, [405]],
  ['Host with a port and an IPv6 literal', 'GET /a.txt HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n', [200]],
  ['an empty Host', 'GET /a.txt HTTP/1.1\r\nHost:\r\n\r\n', [400]],
];

for (const [name, bytes, statuses] of wellFormed) {
  test(`§5 ${name} is ${statuses.join(', ')}`, async () => {
    const { bytes: answer, ending } = await exchangeRaw(server.place, bytes);
    const found = [...answer.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match =>
      Number(match[1]),
    );
    assert.deepEqual(found, statuses);
    assert.ok(!answer.includes('docs page'));
    assert.equal(ending, 'end');
  });
}
