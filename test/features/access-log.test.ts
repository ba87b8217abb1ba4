import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessLogFormat, accessLog } from '../../src/features/access-log.ts';
import { Fields } from '../../src/http/fields.ts';
import type { Exchange, FieldLine, RequestHead } from '../../src/http/message.ts';

const startedAtMs = Date.UTC(2000, 9, 10, 20, 55, 36, 789);
const west = (): number => -420;
const utc = (): number => 0;

function head(target: string, lines: readonly FieldLine[] = [], method = 'GET'): RequestHead {
  return { method, target, version: '1.1', authority: 'localhost', fields: new Fields(lines) };
}

function exchange(changes: Partial<Exchange> = {}): Exchange {
  return {
    client: { address: '127.0.0.1', port: 50_000 },
    head: head('/apache_pb.gif'),
    status: 200,
    responseFields: [],
    contentBytes: 2326,
    startedAtMs,
    durationMs: 1.26,
    outcome: 'completed',
    note: undefined,
    ...changes,
  };
}

/** Gives the one line that is written for an exchange. */
function formatOf(
  format: AccessLogFormat,
  utcOffsetMinutes: (atMs: number) => number,
  isColoured = false,
): (exchange: Exchange) => string {
  let lines: string[] = [];
  const observe = accessLog(format, { utcOffsetMinutes, isColoured }, line => lines.push(line));
  return exchange => {
    lines = [];
    observe(exchange);
    const [line, ...others] = lines;
    assert.ok(line !== undefined && others.length === 0, `${lines.length} lines`);
    return line;
  };
}

const formatJson = formatOf('json', west);
const formatsOfAll = (['human', 'combined', 'json'] as const).map(format => formatOf(format, west));

const browser: readonly FieldLine[] = [
  ['Referer', 'http://www.example.com/start.html'],
  ['User-Agent', 'Mozilla/4.08 [en] (Win98; I ;Nav)'],
];

test('combined is NCSA combined to the letter', () => {
  const rows: readonly (readonly [Partial<Exchange>, string])[] = [
    [
      { head: head('/apache_pb.gif', browser) },
      '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.1" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
    ],
    [
      { contentBytes: 0, status: 304 },
      '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.1" 304 - "-" "-"',
    ],
    [
      { head: undefined, status: 400, client: { address: '::1', port: 1 } },
      '::1 - - [10/Oct/2000:13:55:36 -0700] "-" 400 2326 "-" "-"',
    ],
    [
      { head: head('/?q=a%20b&c', [['User-Agent', '']]), client: { address: '', port: 0 } },
      '- - - [10/Oct/2000:13:55:36 -0700] "GET /?q=a%20b&c HTTP/1.1" 200 2326 "-" "-"',
    ],
    [
      { head: { ...head('/'), version: '1.0' }, client: { address: '::ffff:10.0.0.1', port: 1 } },
      '10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "-"',
    ],
  ];
  const format = formatOf('combined', west);
  for (const [changes, line] of rows) assert.equal(format(exchange(changes)), line);
});

test('combined lines of one head tell each second, status, client and number of octets', () => {
  const one = head('/a', browser);
  const format = formatOf('combined', utc);
  const rows: readonly (readonly [Partial<Exchange>, RegExp])[] = [
    [{}, /^127\.0\.0\.1 .*:20:55:36 \+0000\] "GET \/a HTTP\/1\.1" 200 2326 "http/],
    [{ startedAtMs: startedAtMs + 210 }, /:20:55:36 \+0000\]/],
    [{ startedAtMs: startedAtMs + 211 }, /:20:55:37 \+0000\]/],
    [{ startedAtMs }, /:20:55:36 \+0000\]/],
    [{ status: 304, contentBytes: 0 }, / 304 - "http/],
    [{ client: { address: '::1', port: 1 } }, /^::1 - - /],
  ];
  for (const [changes, line] of rows) assert.match(format(exchange({ head: one, ...changes })), line);
});

test('combined dates carry the offset of the place, and the day moves with it', () => {
  const rows: readonly (readonly [number, number, string])[] = [
    [startedAtMs, 0, '10/Oct/2000:20:55:36 +0000'],
    [startedAtMs, 330, '11/Oct/2000:02:25:36 +0530'],
    [startedAtMs, -210, '10/Oct/2000:17:25:36 -0330'],
    [startedAtMs, 845, '11/Oct/2000:11:00:36 +1405'],
    [Date.UTC(2025, 0, 1, 0, 0, 1), -1, '31/Dec/2024:23:59:01 -0001'],
    [Date.UTC(2024, 1, 29), 0, '29/Feb/2024:00:00:00 +0000'],
  ];
  for (const [atMs, offset, date] of rows) {
    const format = formatOf('combined', () => offset);
    assert.ok(format(exchange({ startedAtMs: atMs })).includes(`[${date}]`), date);
  }
});

test('human lines say what a person wants to know', () => {
  const rows: readonly (readonly [Partial<Exchange>, string])[] = [
    [{}, '13:55:36 GET /apache_pb.gif 200 2326 B 1.3 ms'],
    [{ head: head('/a?b=c', [], 'HEAD'), contentBytes: 0 }, '13:55:36 HEAD /a?b=c 200 0 B 1.3 ms'],
    [
      { responseFields: [['Content-Encoding', 'gzip']] },
      '13:55:36 GET /apache_pb.gif 200 2326 B 1.3 ms gzip',
    ],
    [{ outcome: 'aborted', durationMs: 12_345 }, '13:55:36 GET /apache_pb.gif 200 2326 B 12345.0 ms aborted'],
    [
      { status: 404, note: 'leads out of the root' },
      '13:55:36 GET /apache_pb.gif 404 2326 B 1.3 ms (leads out of the root)',
    ],
    [{ head: undefined, status: 400, note: 'bare LF' }, '13:55:36 - - 400 2326 B 1.3 ms (bare LF)'],
  ];
  const format = formatOf('human', west);
  for (const [changes, line] of rows) assert.equal(format(exchange(changes)), line);
});

test('human lines are coloured by the class of the status when that is asked for', () => {
  const rows: readonly (readonly [number, string])[] = [
    [206, '32'],
    [304, '36'],
    [404, '33'],
    [500, '31'],
  ];
  for (const [status, colour] of rows) {
    const line = formatOf('human', utc, true)(exchange({ status }));
    assert.ok(line.includes(`\x1b[${colour}m${status}\x1b[0m`), JSON.stringify(line));
    assert.equal(line.replace(/\x1b\[\d+m/g, ''), `20:55:36 GET /apache_pb.gif ${status} 2326 B 1.3 ms`);
  }
});

test('a JSON line is one object with the same keys every time', () => {
  const full = exchange({
    head: head('/a', browser),
    responseFields: [['content-encoding', 'br']],
    note: 'a remark',
    durationMs: 1.234567,
  });
  assert.deepEqual(JSON.parse(formatJson(full)), {
    time: '2000-10-10T20:55:36.789Z',
    client: '127.0.0.1',
    method: 'GET',
    target: '/a',
    version: '1.1',
    authority: 'localhost',
    status: 200,
    bytes: 2326,
    ms: 1.235,
    outcome: 'completed',
    coding: 'br',
    referer: 'http://www.example.com/start.html',
    userAgent: 'Mozilla/4.08 [en] (Win98; I ;Nav)',
    note: 'a remark',
  });
  assert.deepEqual(JSON.parse(formatJson(exchange({ head: undefined, status: 408, contentBytes: 0 }))), {
    time: '2000-10-10T20:55:36.789Z',
    client: '127.0.0.1',
    method: null,
    target: null,
    version: null,
    authority: null,
    status: 408,
    bytes: 0,
    ms: 1.26,
    outcome: 'completed',
    coding: null,
    referer: null,
    userAgent: null,
    note: null,
  });
});

test('whatever a client or a file name brings, a line is one line of printable ASCII (dufs#691)', () => {
  const hostile = [
    '\x1b]0;x\x07',
    '\x9b31m',
    '\x7f\x00\x08',
    'a\r\nGET /forged HTTP/1.1',
    '\u2028\u2029\u202e',
    '\xe9',
    'tab\there',
  ];
  for (const text of hostile) {
    const one = exchange({
      head: head(`/${text}`, [
        ['User-Agent', text],
        ['Referer', text],
      ]),
      note: text,
    });
    for (const format of formatsOfAll) assert.match(format(one), /^[\x20-\x7e]+$/);
    assert.equal(JSON.parse(formatJson(one)).userAgent, text);
  }
});

test('combined escapes what could end a quoted string, as octets', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['a"b', 'a\\x22b'],
    ['a\\b', 'a\\x5Cb'],
    ['" 200 1 "-" "-"\n', '\\x22 200 1 \\x22-\\x22 \\x22-\\x22\\x0A'],
    ['\xe9\xff', '\\xE9\\xFF'],
    ['\x1b[2J', '\\x1B[2J'],
    ['\u20ac', '\\u20AC'],
    ["it's <fine> & {so} ~", "it's <fine> & {so} ~"],
  ];
  for (const [agent, shown] of rows) {
    const line = formatOf('combined', utc)(exchange({ head: head('/', [['User-Agent', agent]]) }));
    assert.ok(line.endsWith(` "-" "${shown}"`), line);
    assert.equal(line.split('"').length, 7);
  }
});

test('Cookie and Authorization never appear', () => {
  const one = exchange({
    head: head('/', [
      ['Cookie', 'sid=s3cret'],
      ['Authorization', 'Basic s3cret'],
      ['Proxy-Authorization', 's3cret'],
    ]),
    responseFields: [['Set-Cookie', 's3cret']],
  });
  for (const format of formatsOfAll) assert.doesNotMatch(format(one), /s3cret/);
});

test('no line is written when the log is off', () => {
  accessLog('off', { utcOffsetMinutes: utc, isColoured: false }, line => assert.fail(line))(exchange());
});
