import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader } from '../../src/probe/answer-reader.ts';

interface Read {
  readonly outcome: string;
  readonly status?: number | undefined;
  readonly framing?: string;
  readonly content?: string;
  readonly interim?: number;
}

function read(text: string, step: number): Read {
  const chunks: Buffer[] = [];
  const reader = new AnswerReader(content => chunks.push(Buffer.from(content)));
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += step) reader.receive(bytes.subarray(at, at + step));
  reader.finish();
  const { outcome, head, framing, interim } = reader;
  if (typeof outcome !== 'string') return { outcome: outcome.why };
  const content = Buffer.concat(chunks).toString('latin1');
  return { outcome, status: head?.status, framing, content, interim: interim.length };
}

const ok = 'HTTP/1.1 200 OK\r\n';

test('an answer is read whole, octet by octet and in pieces alike', () => {
  const rows: readonly (readonly [string, Read])[] = [
    [
      `${ok}Content-Length: 3\r\n\r\nabc`,
      { outcome: 'done', status: 200, framing: 'length', content: 'abc', interim: 0 },
    ],
    [
      `${ok}content-length: 3\r\n\r\nabcdef`,
      { outcome: 'done', status: 200, framing: 'length', content: 'abc', interim: 0 },
    ],
    [
      `${ok}Content-Length: 0\r\n\r\n`,
      { outcome: 'done', status: 200, framing: 'length', content: '', interim: 0 },
    ],
    [`${ok}\r\nabc`, { outcome: 'done', status: 200, framing: 'close', content: 'abc', interim: 0 }],
    [
      `${ok}Transfer-Encoding: gzip, chunked\r\nContent-Length: 1\r\n\r\n2\r\nab\r\nA;x=y\r\n0123456789\r\n0\r\nT: 1\r\n\r\n`,
      { outcome: 'done', status: 200, framing: 'chunked', content: 'ab0123456789', interim: 0 },
    ],
    [
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok}Content-Length: 1\r\n\r\na`,
      { outcome: 'done', status: 200, framing: 'length', content: 'a', interim: 2 },
    ],
    [
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
      { outcome: 'done', status: 304, framing: 'none', content: '', interim: 0 },
    ],
    [
      'HTTP/1.0 200\nContent-Length: 1\n\na',
      { outcome: 'done', status: 200, framing: 'length', content: 'a', interim: 0 },
    ],
    ['', { outcome: 'the server ended the connection without a word' }],
    [ok, { outcome: 'the connection ended within the head' }],
    [`${ok}Content-Length: 3\r\n\r\nab`, { outcome: 'the connection ended within the content' }],
    [`${ok}Content-Length: 3x\r\n\r\nabc`, { outcome: 'the Content-Length is no number' }],
    [`${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, { outcome: 'a chunk has no size that can be read' }],
    [`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`, { outcome: 'a chunk is longer than it says' }],
    [
      `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`,
      { outcome: 'the connection ended within the content' },
    ],
    [
      `${ok}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(9000)}`,
      { outcome: 'a line between the chunks is too long' },
    ],
    ['HTTP/1.1 OK\r\n\r\n', { outcome: 'the status line cannot be read' }],
    [`${ok}X: ${'x'.repeat(70_000)}\r\n\r\n`, { outcome: 'the head has more than 65536 octets' }],
  ];
  for (const [text, expected] of rows) {
    for (const step of [text.length + 1, 7, 1]) {
      // Octet by octet, a head that is too long would take its time.
      if (text.length < 10_000 || step > 1)
        assert.deepEqual(read(text, step), expected, JSON.stringify(text.slice(0, 60)));
    }
  }
});

test('what is not HTTP is known before it ends', () => {
  const reader = new AnswerReader(() => {});
  reader.receive(Buffer.from('SSH-2.0-OpenSSH_9\r\n'));
  assert.deepEqual(reader.outcome, { why: 'what came back is not HTTP/1: "SSH-2.0-OpenSSH_9"' });
});
