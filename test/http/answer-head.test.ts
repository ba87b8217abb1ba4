// What the head of an answer may say is one question, whatever version of HTTP writes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseHead } from '../../src/h1/serialize.ts';
import { HeadBlock, Vocabulary } from '../../src/h2/head-block.ts';
import { mayHaveContent, writtenLength, writtenLines } from '../../src/http/answer-head.ts';
import type { Content, FieldLine, Response } from '../../src/http/message.ts';

const none: Content = { kind: 'none' };

const refused: readonly [title: string, line: FieldLine][] = [
  ['CR and LF in a value', ['Location', '/\r\nSet-Cookie: x']],
  ['LF in a value', ['Location', '/\nSet-Cookie: x']],
  ['CR in a value', ['Location', '/\rx']],
  ['LF at the end of a value', ['Location', '/\n']],
  ['NUL in a value', ['Location', '/\0']],
  ['ESC in a value', ['Location', '/\x1b']],
  ['DEL in a value', ['Location', '/\x7f']],
  ['a character that would become LF in Latin-1', ['Location', '/\u010aSet-Cookie: x']],
  ['a character that would become CR in Latin-1', ['Location', '/\u010d']],
  ['a character beyond the first plane', ['Location', '/\u{1f600}']],
  ['an empty name', ['', 'x']],
  ['LF in a name', ['A\nB', 'x']],
  ['a space in a name', ['A B', 'x']],
  ['a colon in a name', ['A:', 'x']],
  ['a pseudo-header', [':status', '200']],
  ['a second length', ['content-length', '99']],
  ['a transfer coding', ['Transfer-Encoding', 'chunked']],
  ['a second date', ['Date', 'Sun, 22 Nov 2026 15:00:00 GMT']],
  ['a connection option', ['Connection', 'close']],
  ['how long a connection is kept', ['Keep-Alive', 'timeout=5']],
  ['the same for proxies', ['Proxy-Connection', 'close']],
  ['another protocol', ['upgrade', 'h2c']],
];

const statuses = [0, 99, 100, 199, 600, 9999, Number.NaN];

const broken: readonly [title: string, response: Response, why: RegExp][] = [
  ...refused.map(([title, line]): [string, Response, RegExp] => [
    title,
    { status: 200, fields: [['A', 'b'], line], content: none },
    /not a field line/,
  ]),
  ...statuses.map((status): [string, Response, RegExp] => [
    `the status ${status}`,
    { status, fields: [], content: none },
    /not a final status/,
  ]),
];

for (const [title, response, why] of broken) {
  test(`response splitting: ${title} is a bug and throws, in every version`, () => {
    assert.throws(() => writtenLines(response), why);
    assert.throws(() => new ResponseHead(response), why);
    assert.throws(() => new HeadBlock(response, new Vocabulary()), why);
  });
}

const values: readonly [given: string, written: string][] = [
  ['b', 'b'],
  ['', ''],
  [' ', ''],
  ['before ', 'before'],
  ['\t \tb c\t ', 'b c'],
  // An octet of the value, though Unicode takes it for a blank.
  ['\xa0b\xa0', '\xa0b\xa0'],
  [' \x80\t\xff ', '\x80\t\xff'],
];

for (const [given, written] of values) {
  test(`the value ${JSON.stringify(given)} is written without blanks at its ends, in every version`, () => {
    const response: Response = { status: 200, fields: [['X-A', given]], content: none };
    assert.deepEqual(writtenLines(response), [['X-A', written]]);
    assert.equal(new ResponseHead(response).lines, `\r\nX-A: ${written}\r\nContent-Length: 0\r\n`);
    const vocabulary = new Vocabulary();
    const plain = new HeadBlock({ ...response, fields: [['X-A', written]] }, vocabulary);
    assert.deepEqual(new HeadBlock(response, vocabulary), plain);
  });
}

test('a length is told unless the status has none or nobody knows it', () => {
  const hello: Content = { kind: 'bytes', bytes: Buffer.from('hello') };
  const made: Content = { kind: 'stream', length: undefined, bytesHeld: 0, chunks: async function* () {} };
  const rows: readonly [status: number, content: Content, expected: number | undefined][] = [
    [200, none, 0],
    [200, hello, 5],
    [206, hello, 5],
    [404, hello, 5],
    [204, none, undefined],
    [304, hello, undefined],
    [200, made, undefined],
    [200, { ...made, length: 7 }, 7],
  ];
  for (const [status, content, expected] of rows)
    assert.equal(writtenLength({ status, fields: [], content }), expected, `${status} ${content.kind}`);
});

test('content follows unless the method or the status forbids it', () => {
  const rows: readonly [method: string | undefined, status: number, expected: boolean][] = [
    ['GET', 200, true],
    ['HEAD', 200, false],
    ['HEAD', 404, false],
    ['head', 501, true],
    ['GET', 204, false],
    ['GET', 304, false],
    ['GET', 100, false],
    ['GET', 206, true],
    [undefined, 400, true],
  ];
  for (const [method, status, expected] of rows) {
    assert.equal(mayHaveContent(method, status), expected, `${method} ${status}`);
  }
});
