import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HpackDecoder } from '../../src/h2/hpack-decoder.ts';
import type { FieldLine } from '../../src/http/message.ts';

const limits = { bytesMax: 16 * 1024, linesMax: 100 };

function octets(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function linesOf(decoder: HpackDecoder, hex: string): readonly FieldLine[] {
  const block = decoder.decode(octets(hex));
  assert.ok(block.kind === 'block', JSON.stringify(block));
  return block.lines;
}

const get: readonly FieldLine[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'www.example.com'],
];
const noCache: readonly FieldLine[] = [...get, ['cache-control', 'no-cache']];
const custom: readonly FieldLine[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/index.html'],
  [':authority', 'www.example.com'],
  ['custom-key', 'custom-value'],
];
const found: readonly FieldLine[] = [
  [':status', '302'],
  ['cache-control', 'private'],
  ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ['location', 'https://www.example.com'],
];
const temporary: readonly FieldLine[] = [[':status', '307'], ...found.slice(1)];
const ok: readonly FieldLine[] = [
  [':status', '200'],
  ['cache-control', 'private'],
  ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
  ['location', 'https://www.example.com'],
  ['content-encoding', 'gzip'],
  ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
];

/** RFC 7541 Appendix C: the blocks of one connection after the other. */
const examples: readonly (readonly [string, number, readonly (readonly [string, readonly FieldLine[]])[]])[] =
  [
    [
      'C.2.1, a line that goes in',
      4096,
      [
        [
          '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
          [['custom-key', 'custom-header']],
        ],
      ],
    ],
    [
      'C.2.2, a line that does not',
      4096,
      [['040c 2f73 616d 706c 652f 7061 7468', [[':path', '/sample/path']]]],
    ],
    [
      'C.2.3, a line that never does',
      4096,
      [['1008 7061 7373 776f 7264 0673 6563 7265 74', [['password', 'secret']]]],
    ],
    ['C.2.4, an index', 4096, [['82', [[':method', 'GET']]]]],
    [
      'C.3, requests',
      4096,
      [
        ['8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d', get],
        ['8286 84be 5808 6e6f 2d63 6163 6865', noCache],
        ['8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65', custom],
      ],
    ],
    [
      'C.4, requests in the Huffman code',
      4096,
      [
        ['8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff', get],
        ['8286 84be 5886 a8eb 1064 9cbf', noCache],
        ['8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf', custom],
      ],
    ],
    [
      'C.5, responses that evict',
      256,
      [
        [
          '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
          found,
        ],
        ['4803 3330 37c1 c0bf', temporary],
        [
          '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31',
          ok,
        ],
      ],
    ],
    [
      'C.6, responses that evict, in the Huffman code',
      256,
      [
        [
          '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
          found,
        ],
        ['4883 640e ffc1 c0bf', temporary],
        [
          '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
          ok,
        ],
      ],
    ],
  ];

describe('RFC 7541 Appendix C', () => {
  for (const [name, tableBytes, blocks] of examples) {
    test(name, () => {
      const decoder = new HpackDecoder(tableBytes, limits);
      for (const [hex, lines] of blocks) assert.deepEqual(linesOf(decoder, hex), lines);
    });
  }
});

/** Blocks that lose the state of the table, with the section that they break. */
const faults: readonly (readonly [string, string, string])[] = [
  ['index 0', '80', '2.3.3'],
  ['an index behind the static table, while the dynamic one is empty', 'be', '2.3.3'],
  ['a name at an index that no line has', '7f 00 01 61', '2.3.3'],
  ['a name of a line that does not go in, at an index that no line has', '0f 7f 01 61', '2.3.3'],
  ['an index that is cut short', 'ff', '5.1'],
  ['the index of a name that is cut short', '7f', '5.1'],
  ['an index of too many octets', 'ff 80 80 80 80 01', '5.1'],
  ['an index of too many octets, all without a value', 'ff 80 80 80 80 80 00', '5.1'],
  ['a line that ends behind its first octet', '40', '5.1'],
  ['a name without a value', '40 01 61', '5.1'],
  ['a name that is longer than the block', '40 05 61', '5.2'],
  ['a value that is longer than the block', '40 01 61 02 62', '5.2'],
  ['a length that is cut short', '40 7f', '5.1'],
  ['a length that is beyond all blocks', '40 7f ff ff ff 7f', '5.2'],
  ['a Huffman code with the end-of-string symbol', '40 84 ff ff ff ff 01 61', '5.2'],
  ['a Huffman code with too much padding', '40 01 61 81 ff', '5.2'],
  ['a Huffman code padded with zeros', '40 01 61 81 18', '5.2'],
  ['a size update behind a line', '82 20', '4.2'],
  ['a size beyond the setting', '3f e2 1f', '6.3'],
  ['a size update that is cut short', '3f', '5.1'],
];

describe('faults', () => {
  for (const [name, hex, section] of faults) {
    test(name, () => {
      const block = new HpackDecoder(4096, limits).decode(octets(hex));
      assert.ok(block.kind === 'hpack-fault', JSON.stringify(block));
      assert.equal(block.section, section);
    });
  }
});

/** What goes in and what is there then; 62 is the newest line. */
const tables: readonly (readonly [string, readonly string[], string, readonly FieldLine[]])[] = [
  [
    'the newest line comes first',
    ['40 01 61 01 31', '40 01 62 01 32'],
    'be bf',
    [
      ['b', '2'],
      ['a', '1'],
    ],
  ],
  ['the greatest size that is allowed', ['3f e1 1f'], '82', [[':method', 'GET']]],
  ['size 0 and back empties the table', ['40 01 61 01 31', '20 3f e1 1f 40 01 62 01 32'], 'be', [['b', '2']]],
  ['a smaller size drives out the oldest', ['40 01 61 01 31', '40 01 62 01 32', '3f 05'], 'be', [['b', '2']]],
  [
    'a name from the table',
    ['40 01 61 01 31', '7e 01 32'],
    'be bf',
    [
      ['a', '2'],
      ['a', '1'],
    ],
  ],
  ['a line that does not go in', ['40 01 61 01 31', '00 01 62 01 32', '10 01 63 01 33'], 'be', [['a', '1']]],
  [
    'a name of a line that is driven out by the new one',
    ['3f 05 40 01 61 01 31', '7e 01 32'],
    'be',
    [['a', '2']],
  ],
];

describe('the table', () => {
  for (const [name, before, last, lines] of tables) {
    test(name, () => {
      const decoder = new HpackDecoder(4096, limits);
      for (const hex of before) linesOf(decoder, hex);
      assert.deepEqual(linesOf(decoder, last), lines);
    });
  }

  test('a line larger than the table empties it and is no fault', () => {
    const decoder = new HpackDecoder(64, limits);
    linesOf(decoder, '40 01 61 01 31');
    const [line] = linesOf(decoder, `40 01 62 40 ${'63'.repeat(64)}`);
    assert.deepEqual(line, ['b', 'c'.repeat(64)]);
    assert.equal(decoder.decode(octets('be')).kind, 'hpack-fault');
  });

  test('the generation stays while equal blocks mean the same', () => {
    const decoder = new HpackDecoder(4096, limits);
    linesOf(decoder, '40 01 61 01 31');
    const { generation } = decoder;
    linesOf(decoder, '82 be 00 01 62 01 32');
    assert.equal(decoder.generation, generation);
    linesOf(decoder, '40 01 61 01 31');
    assert.notEqual(decoder.generation, generation);
  });
});

describe('limits', () => {
  test('a block that stands for very much is counted and not kept', () => {
    const decoder = new HpackDecoder(4096, limits);
    linesOf(decoder, `40 01 61 7f a1 1e ${'62'.repeat(4000)}`);
    const block = decoder.decode(Buffer.alloc(16_000, 0xbe));
    assert.ok(block.kind === 'block');
    assert.equal(block.count, 16_000);
    assert.equal(block.bytes, 16_000 * 4005);
    assert.equal(block.lines.length, 4);
  });

  test('lines beyond the limit still go into the table', () => {
    const decoder = new HpackDecoder(4096, { bytesMax: 1000, linesMax: 1 });
    assert.deepEqual(linesOf(decoder, '82 40 01 61 01 31'), [[':method', 'GET']]);
    assert.deepEqual(linesOf(decoder, 'be'), [['a', '1']]);
  });
});
