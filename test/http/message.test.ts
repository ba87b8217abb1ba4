import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Content, contentLength, noContent, pieceLength, violation } from '../../src/http/message.ts';

const file = { location: 'a', identity: '1', size: 10, modifiedNs: 0n, changedNs: 0n };

test('a content knows its length without being opened', () => {
  const rows: readonly (readonly [Content, number])[] = [
    [noContent, 0],
    [{ kind: 'bytes', bytes: Buffer.from('abc') }, 3],
    [{ kind: 'stored', file, pieces: [] }, 0],
    [{ kind: 'stored', file, pieces: [{ first: 0, last: 9 }] }, 10],
    [{ kind: 'stored', file, pieces: [Buffer.from('--'), { first: 5, last: 5 }, Buffer.from('--')] }, 5],
    [{ kind: 'stored', file, pieces: [{ first: 2 ** 32, last: 2 ** 33 - 1 }] }, 2 ** 32],
  ];
  for (const [content, expected] of rows) assert.equal(contentLength(content), expected);
});

test('to ask for the length of what is still to be coded is a bug', () => {
  assert.throws(
    () => contentLength({ kind: 'coded', file, from: 'identity', to: 'br' }),
    /before it is coded/,
  );
});

test('a piece counts both of its ends', () => {
  assert.equal(pieceLength({ first: 0, last: 0 }), 1);
  assert.equal(pieceLength(new Uint8Array(7)), 7);
});

test('a violation is a plain value', () => {
  assert.deepEqual(violation(400, 'why'), { kind: 'violation', status: 400, why: 'why' });
});
