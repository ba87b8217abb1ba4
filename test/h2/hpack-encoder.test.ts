import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HeadBlock, Vocabulary } from '../../src/h2/head-block.ts';
import { HpackDecoder } from '../../src/h2/hpack-decoder.ts';
import { HpackEncoder } from '../../src/h2/hpack-encoder.ts';
import type { FieldLine, Response } from '../../src/http/message.ts';
import { unknownLength } from './transcript.ts';

const limits = { bytesMax: 1024 * 1024, linesMax: 1000 };
const date = 'Mon, 23 Nov 2026 02:00:00 GMT';
const later = 'Mon, 23 Nov 2026 02:00:01 GMT';

/** An encoder and the decoder at the other end. */
class Pair {
  readonly vocabulary: Vocabulary;
  readonly encoder: HpackEncoder;
  readonly decoder: HpackDecoder;

  constructor(bytesLimit = 4096, vocabulary = new Vocabulary()) {
    this.vocabulary = vocabulary;
    this.encoder = new HpackEncoder(vocabulary, bytesLimit);
    this.decoder = new HpackDecoder(65_536, limits);
  }

  /** Sends a head: what arrives, and in how many octets. */
  send(response: Response, at = date): { readonly lines: readonly FieldLine[]; readonly bytes: number } {
    const head = new HeadBlock(response, this.vocabulary);
    const buffer = Buffer.alloc(this.encoder.bytesMaxOf(head) + 1, 0xaa);
    const end = this.encoder.write(head, at, buffer, 0);
    assert.ok(end < buffer.length, 'more octets than it takes at most');
    const block = this.decoder.decode(buffer.subarray(0, end));
    assert.ok(block.kind === 'block', JSON.stringify(block));
    return { lines: block.lines, bytes: end };
  }
}

function response(fields: readonly FieldLine[], status = 200, length = 5): Response {
  return { status, fields, content: { kind: 'bytes', bytes: new Uint8Array(length) } };
}

function asset(n: number): Response {
  return response(
    [
      ['Content-Type', n % 2 === 0 ? 'text/javascript; charset=utf-8' : 'image/svg+xml'],
      ['Cache-Control', 'public, max-age=31536000, immutable'],
      ['ETag', `"1a-${n}-16f8b2"`],
      ['Last-Modified', 'Sun, 22 Nov 2026 12:00:00 GMT'],
      ['Vary', 'Accept-Encoding'],
      ['Server', 'plinth'],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    200,
    1000 + n,
  );
}

describe('a head', () => {
  const rows: readonly (readonly [string, Response, readonly FieldLine[]])[] = [
    [
      'a common status',
      response([]),
      [
        [':status', '200'],
        ['date', date],
        ['content-length', '5'],
      ],
    ],
    [
      'any status',
      response([], 416),
      [
        [':status', '416'],
        ['date', date],
        ['content-length', '5'],
      ],
    ],
    [
      '204 has no length',
      { ...response([], 204) },
      [
        [':status', '204'],
        ['date', date],
      ],
    ],
    [
      '304 has no length',
      { ...response([], 304) },
      [
        [':status', '304'],
        ['date', date],
      ],
    ],
    [
      'names are in lower case',
      response(
        [
          ['X-Thing', 'A'],
          ['ETag', '"b"'],
        ],
        204,
      ),
      [
        [':status', '204'],
        ['date', date],
        ['x-thing', 'A'],
        ['etag', '"b"'],
      ],
    ],
    [
      'an unknown length is not told',
      {
        status: 200,
        fields: [],
        content: unknownLength,
      },
      [
        [':status', '200'],
        ['date', date],
      ],
    ],
  ];
  for (const [name, sent, lines] of rows)
    test(name, () => assert.deepEqual(new Pair().send(sent).lines, lines));

  const bugs: readonly (readonly [string, Response])[] = [
    ['a status that is not final', response([], 103)],
    ['a name that is no token', response([['a b', 'c']])],
    ['a pseudo-field', response([[':status', '200']])],
    ['an LF in a value', response([['a', 'b\nc']])],
    ['a NUL in a value', response([['a', 'b\0c']])],
    ['a character that is no octet', response([['a', '\u010a']])],
    ['a line about the connection: RFC 9113 §8.2.2', response([['Upgrade', 'h2c']])],
    ['a length of its own', response([['Content-Length', '9']])],
    ['a date of its own', response([['Date', date]])],
  ];
  for (const [name, sent] of bugs)
    test(`a bug of ours: ${name}`, () => assert.throws(() => new HeadBlock(sent, new Vocabulary())));
});

describe('what goes into the table', () => {
  test('the answers of a page cost few octets', () => {
    const pair = new Pair();
    const sizes = Array.from({ length: 100 }, (_, n) => pair.send(asset(n)).bytes);
    const most = Math.max(...sizes.slice(2));
    // Of these are the entity tag some 14, the time of change 24, the length 5.
    assert.ok(most <= 56, `${most} octets`);
  });

  test('nothing that differs from file to file, and nothing secret', () => {
    const pair = new Pair();
    const fields: readonly FieldLine[] = [
      ['ETag', '"a"'],
      ['Last-Modified', later],
      ['Content-Range', 'bytes 0-1/2'],
      ['Location', '/b'],
      ['Set-Cookie', 'a=b'],
      ['X-Of-The-Site', 'c'],
    ];
    pair.send(response(fields));
    const { generation } = pair.decoder;
    pair.send(response(fields), later);
    assert.equal(pair.decoder.generation, generation);
  });

  test('a secret is written so that nobody on the way puts it into a table', () => {
    const head = new HeadBlock(response([['Set-Cookie', 'a=b']], 204), new Vocabulary());
    assert.equal((head.literals[0] ?? 0) & 0xf0, 0x10);
  });

  test('a date when a second answer has it', () => {
    const pair = new Pair();
    const first = pair.send(response([], 204)).bytes;
    const second = pair.send(response([], 204)).bytes;
    const third = pair.send(response([], 204)).bytes;
    assert.deepEqual([first > 20, second > 20, third], [true, true, 2]);
    const { generation } = pair.decoder;
    pair.send(response([], 204), later);
    assert.equal(pair.decoder.generation, generation);
  });

  test('a connection has its own table over the words of all', () => {
    const vocabulary = new Vocabulary();
    const one = new Pair(4096, vocabulary);
    const other = new Pair(4096, vocabulary);
    one.send(asset(1));
    one.send(asset(2));
    assert.deepEqual(other.send(asset(2)).lines, new Pair().send(asset(2)).lines);
    assert.deepEqual(one.send(asset(1)).lines, other.send(asset(1)).lines);
  });

  test('lines of one name keep their order, whether they go in or not', () => {
    const long = `default-src ${'https://a.example '.repeat(80)}'self'`;
    const policies: readonly FieldLine[] = [
      ['content-security-policy', "frame-ancestors 'none'"],
      ['content-security-policy', long],
      ['content-security-policy', "base-uri 'none'"],
    ];
    const fields: readonly FieldLine[] = [['etag', '"a"'], ...policies];
    const pair = new Pair();
    for (let n = 0; n < 2; n++) {
      const { lines } = pair.send(response(fields, 204));
      assert.deepEqual(
        lines.filter(([name]) => name === 'content-security-policy'),
        policies,
      );
    }
  });

  test('a vocabulary takes so many words and no more', () => {
    const pair = new Pair();
    for (let n = 0; n < 2000; n++) {
      const fields: readonly FieldLine[] = [['Content-Type', `text/x-${n}`]];
      assert.deepEqual(pair.send(response(fields, 204)).lines.slice(2), [['content-type', `text/x-${n}`]]);
    }
    const last = new HeadBlock(response([['Content-Type', 'text/x-1999']]), pair.vocabulary);
    assert.deepEqual(last.words, []);
  });
});

describe('the size of the table', () => {
  for (const [name, sizes] of [
    ['nothing at all', [0]],
    ['room for one line', [64]],
    ['less, then more', [100, 4096]],
    ['more than we use', [1_000_000]],
    ['the same', [4096]],
  ] as const) {
    test(name, () => {
      const pair = new Pair();
      pair.send(asset(1));
      pair.send(asset(2));
      for (const size of sizes) pair.encoder.resize(size);
      const fresh = new Pair();
      for (let n = 0; n < 20; n++) assert.deepEqual(pair.send(asset(n)).lines, fresh.send(asset(n)).lines);
    });
  }

  test('one that we want smaller is told', () => {
    const pair = new Pair(200);
    for (let n = 0; n < 20; n++) assert.deepEqual(pair.send(asset(n)).lines, new Pair().send(asset(n)).lines);
  });
});

test('whatever is sent arrives, whatever the table does', () => {
  const name = fc.oneof(
    fc.constantFrom('content-type', 'cache-control', 'vary', 'etag', 'server', 'set-cookie', 'x-a'),
    fc.stringMatching(/^[a-z!#$%&'*+.^_`|~0-9-]{1,40}$/),
  );
  const value = fc
    .uint8Array({ maxLength: 60 })
    .map(octets =>
      Buffer.from(octets)
        .toString('latin1')
        .replace(/[^\x20-\x7e\x80-\xff]/g, '')
        .trim(),
    )
    .filter(text => !/^[\t ]|[\t ]$/.test(text));
  const short = fc.integer({ min: 0, max: 9 }).map(String);
  const line = fc.tuple(name, fc.oneof(value, short));
  const own = [
    'content-length',
    'date',
    'connection',
    'keep-alive',
    'upgrade',
    'transfer-encoding',
    'proxy-connection',
  ];
  const lines = fc.array(
    line.filter(([text]) => !own.includes(text)),
    { maxLength: 12 },
  );
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ lines, date: fc.constantFrom(date, later) }) },
    { weight: 1, arbitrary: fc.nat(6000).map(size => ({ size })) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), steps => {
      const pair = new Pair();
      for (const made of steps) {
        if ('size' in made) pair.encoder.resize(made.size);
        else {
          const arrived = pair.send(response(made.lines, 204), made.date).lines;
          const bySort = (sorted: readonly FieldLine[]): readonly string[] => sorted.map(String).sort();
          assert.deepEqual(bySort(arrived), bySort([[':status', '204'], ['date', made.date], ...made.lines]));
          assert.equal(arrived[0]?.[0], ':status');
        }
      }
    }),
    { numRuns: 300 },
  );
});
