import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseHead } from '../../src/h1/serialize.ts';
import type { Content, FieldLine, Response } from '../../src/http/message.ts';

const date = 'Sun, 22 Nov 2026 15:00:00 GMT';
const hello: Content = { kind: 'bytes', bytes: Buffer.from('hello') };
const none: Content = { kind: 'none' };

function head(response: Response, connection?: 'close' | 'keep-alive'): string {
  return new ResponseHead(response).bytes({ date, connection }).toString('latin1');
}

test('a head is a status line, Date, the fields in order, Content-Length and an empty line', () => {
  const fields: readonly FieldLine[] = [
    ['Server', 'plinth'],
    ['Content-Type', 'text/plain'],
  ];
  assert.equal(
    head({ status: 200, fields, content: hello }),
    `HTTP/1.1 200 OK\r\nDate: ${date}\r\nServer: plinth\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n`,
  );
});

const lengths: readonly [status: number, content: Content, line: string][] = [
  [200, none, 'Content-Length: 0\r\n'],
  [206, hello, 'Content-Length: 5\r\n'],
  [404, hello, 'Content-Length: 5\r\n'],
  [204, none, ''],
  [304, hello, ''],
];

for (const [status, content, line] of lengths) {
  test(`a ${status} with content ${content.kind} has ${line === '' ? 'no Content-Length' : line.trim()}`, () => {
    const lines = head({ status, fields: [], content }).split(/(?<=\r\n)/);
    assert.deepEqual(
      lines.filter(text => text.startsWith('Content-Length')),
      line === '' ? [] : [line],
    );
  });
}

test('the Connection option is written when there is one', () => {
  for (const option of ['close', 'keep-alive'] as const) {
    assert.ok(
      head({ status: 200, fields: [], content: none }, option).endsWith(`\r\nConnection: ${option}\r\n\r\n`),
    );
  }
  assert.doesNotMatch(head({ status: 200, fields: [], content: none }), /Connection/);
});

test('a status without a registered phrase has an empty one', () => {
  assert.ok(head({ status: 299, fields: [], content: none }).startsWith('HTTP/1.1 299 \r\n'));
});

test('values are written octet by octet as Latin-1', () => {
  const response = { status: 200, fields: [['A', 'b\t\x80\xe9\xff']], content: none } as const;
  const bytes = new ResponseHead(response).bytes({ date, connection: undefined });
  assert.ok(bytes.includes(Buffer.from([0x3a, 0x20, 0x62, 0x09, 0x80, 0xe9, 0xff, 0x0d, 0x0a])));
});
