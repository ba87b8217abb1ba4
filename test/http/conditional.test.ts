import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluatePreconditions, ifRangeHolds, type Validators } from '../../src/http/conditional.ts';
import { formatDate } from '../../src/http/date.ts';
import { Fields } from '../../src/http/fields.ts';
import type { FieldLine } from '../../src/http/message.ts';

const nowMs = Date.UTC(2026, 10, 22);
const lastModifiedMs = Date.UTC(2026, 0, 1);
const validators: Validators = { etag: '"v1"', lastModifiedMs };
const weakValidators: Validators = { etag: 'W/"v1"', lastModifiedMs };
const same = formatDate(lastModifiedMs);
const before = formatDate(lastModifiedMs - 1000);
const after = formatDate(lastModifiedMs + 1000);
const neither: Validators = { etag: undefined, lastModifiedMs: undefined };

type Row = readonly [lines: readonly FieldLine[], forGet: string, forPut: string];

/** One test: what these fields mean to a GET, to a HEAD (the same), and to a method that changes something. */
function evaluates(title: string, rows: readonly Row[], against: Validators = validators): void {
  test(title, () => {
    for (const [lines, forGet, forPut] of rows) {
      const row = JSON.stringify(lines);
      assert.equal(evaluatePreconditions('GET', new Fields(lines), against, nowMs), forGet, `GET ${row}`);
      assert.equal(evaluatePreconditions('HEAD', new Fields(lines), against, nowMs), forGet, `HEAD ${row}`);
      assert.equal(evaluatePreconditions('PUT', new Fields(lines), against, nowMs), forPut, `PUT ${row}`);
    }
  });
}

evaluates('a request without preconditions proceeds', [
  [[], 'proceed', 'proceed'],
  [[['If-Range', '"other"']], 'proceed', 'proceed'],
]);

evaluates('If-Match compares strongly and fails when nothing matches', [
  [[['If-Match', '"v1"']], 'proceed', 'proceed'],
  [[['If-Match', '*']], 'proceed', 'proceed'],
  [[['If-Match', '"v0", "v1"']], 'proceed', 'proceed'],
  [
    [
      ['If-Match', '"v0"'],
      ['if-match', '"v1"'],
    ],
    'proceed',
    'proceed',
  ],
  [[['If-Match', '"v0"']], 'failed', 'failed'],
  [[['If-Match', 'W/"v1"']], 'failed', 'failed'],
  [[['If-Match', '']], 'failed', 'failed'],
]);

evaluates('a malformed If-Match lists nothing, so that nothing is changed by mistake', [
  [[['If-Match', 'v1']], 'failed', 'failed'],
  [[['If-Match', '"v1", x']], 'failed', 'failed'],
  [[['If-Match', '*, "v1"']], 'failed', 'failed'],
]);

evaluates('If-Unmodified-Since fails when the file is newer, and a bad date is ignored', [
  [[['If-Unmodified-Since', same]], 'proceed', 'proceed'],
  [[['If-Unmodified-Since', after]], 'proceed', 'proceed'],
  [[['If-Unmodified-Since', before]], 'failed', 'failed'],
  [[['If-Unmodified-Since', 'yesterday']], 'proceed', 'proceed'],
  [
    [
      ['If-Unmodified-Since', before],
      ['If-Unmodified-Since', before],
    ],
    'proceed',
    'proceed',
  ],
]);

evaluates('If-Unmodified-Since is ignored beside If-Match', [
  [
    [
      ['If-Match', '"v1"'],
      ['If-Unmodified-Since', before],
    ],
    'proceed',
    'proceed',
  ],
  [
    [
      ['If-Match', '"v0"'],
      ['If-Unmodified-Since', after],
    ],
    'failed',
    'failed',
  ],
]);

evaluates('If-None-Match compares weakly: 304 for a read, 412 else', [
  [[['If-None-Match', '"v1"']], 'not-modified', 'failed'],
  [[['If-None-Match', 'W/"v1"']], 'not-modified', 'failed'],
  [[['If-None-Match', '*']], 'not-modified', 'failed'],
  [[['If-None-Match', '"v0", W/"v1"']], 'not-modified', 'failed'],
  [
    [
      ['If-None-Match', '"v0"'],
      ['If-None-Match', '"v1"'],
    ],
    'not-modified',
    'failed',
  ],
  [[['If-None-Match', '"v0"']], 'proceed', 'proceed'],
  [[['If-None-Match', '"V1"']], 'proceed', 'proceed'],
]);

evaluates('a malformed If-None-Match lists nothing, so that the whole is sent', [
  [[['If-None-Match', 'v1']], 'proceed', 'proceed'],
  [[['If-None-Match', '"v1" "v0"']], 'proceed', 'proceed'],
  [
    [
      ['If-None-Match', 'v1'],
      ['If-Modified-Since', same],
    ],
    'proceed',
    'proceed',
  ],
]);

evaluates('If-Modified-Since is for reads, and a bad date is ignored', [
  [[['If-Modified-Since', same]], 'not-modified', 'proceed'],
  [[['If-Modified-Since', after]], 'not-modified', 'proceed'],
  [[['If-Modified-Since', before]], 'proceed', 'proceed'],
  [[['If-Modified-Since', 'Thursday, 01-Jan-26 00:00:00 GMT']], 'not-modified', 'proceed'],
  [[['If-Modified-Since', 'Thu Jan  1 00:00:00 2026']], 'not-modified', 'proceed'],
  [[['If-Modified-Since', '0']], 'proceed', 'proceed'],
  [[['If-Modified-Since', `${same}; length=1`]], 'proceed', 'proceed'],
  // More than one member, be they the same: RFC 9110 §13.1.3.
  [
    [
      ['If-Modified-Since', same],
      ['If-Modified-Since', same],
    ],
    'proceed',
    'proceed',
  ],
]);

evaluates('If-Modified-Since is ignored beside If-None-Match', [
  [
    [
      ['If-None-Match', '"v0"'],
      ['If-Modified-Since', same],
    ],
    'proceed',
    'proceed',
  ],
  [
    [
      ['If-None-Match', '"v1"'],
      ['If-Modified-Since', before],
    ],
    'not-modified',
    'failed',
  ],
]);

evaluates('the order is that of RFC 9110 §13.2.2', [
  [
    [
      ['If-None-Match', '"v1"'],
      ['If-Match', '"v0"'],
    ],
    'failed',
    'failed',
  ],
  [
    [
      ['If-None-Match', '"v1"'],
      ['If-Match', '"v1"'],
    ],
    'not-modified',
    'failed',
  ],
  [
    [
      ['If-None-Match', '"v1"'],
      ['If-Unmodified-Since', before],
    ],
    'failed',
    'failed',
  ],
  [
    [
      ['If-Modified-Since', same],
      ['If-Unmodified-Since', same],
    ],
    'not-modified',
    'proceed',
  ],
  [
    [
      ['If-Modified-Since', same],
      ['If-Match', '"v1"'],
    ],
    'not-modified',
    'proceed',
  ],
]);

evaluates(
  'a weak entity tag satisfies If-None-Match and never If-Match',
  [
    [[['If-Match', 'W/"v1"']], 'failed', 'failed'],
    [[['If-Match', '"v1"']], 'failed', 'failed'],
    [[['If-Match', '*']], 'proceed', 'proceed'],
    [[['If-None-Match', '"v1"']], 'not-modified', 'failed'],
  ],
  weakValidators,
);

evaluates(
  'without validators only * can match, and dates are ignored',
  [
    [[['If-Match', '"v1"']], 'failed', 'failed'],
    [[['If-Match', '*']], 'proceed', 'proceed'],
    [[['If-None-Match', '"v1"']], 'proceed', 'proceed'],
    [[['If-None-Match', '*']], 'not-modified', 'failed'],
    [[['If-Unmodified-Since', before]], 'proceed', 'proceed'],
    [[['If-Modified-Since', after]], 'proceed', 'proceed'],
  ],
  neither,
);

test('methods that neither select nor change a representation know no preconditions', () => {
  for (const method of ['OPTIONS', 'TRACE', 'CONNECT']) {
    for (const line of [
      ['If-Match', '"v0"'],
      ['If-None-Match', '*'],
      ['If-Unmodified-Since', before],
    ] as const) {
      assert.equal(evaluatePreconditions(method, new Fields([line]), validators, nowMs), 'proceed');
    }
  }
});

test('If-Range holds for exactly this version, by a strong validator', () => {
  const rows: readonly (readonly [readonly FieldLine[], Validators, boolean])[] = [
    [[], validators, true],
    [[], neither, true],
    [[['If-Range', '"v1"']], validators, true],
    [[['If-Range', '"v0"']], validators, false],
    [[['If-Range', 'W/"v1"']], validators, false],
    [[['If-Range', 'W/"v1"']], weakValidators, false],
    [[['If-Range', '"v1"']], weakValidators, false],
    [[['If-Range', '"v1", "v2"']], validators, false],
    [[['If-Range', '*']], validators, false],
    [[['If-Range', 'v1']], validators, false],
    [[['If-Range', '']], validators, false],
    [[['If-Range', same]], validators, true],
    [[['If-Range', 'Thursday, 01-Jan-26 00:00:00 GMT']], validators, true],
    [[['If-Range', before]], validators, false],
    [[['If-Range', after]], validators, false],
    [
      [
        ['If-Range', same],
        ['If-Range', same],
      ],
      validators,
      false,
    ],
    [[['If-Range', '"v1"']], neither, false],
    [[['If-Range', same]], neither, false],
    [[['If-Range', 'nonsense']], neither, false],
  ];
  for (const [lines, against, expected] of rows) {
    assert.equal(ifRangeHolds(new Fields(lines), against, nowMs), expected, JSON.stringify(lines));
  }
});

test('a date in If-Range is strong only once its second is over', () => {
  const fields = new Fields([['If-Range', same]]);
  const rows: readonly (readonly [number, boolean])[] = [
    [lastModifiedMs - 1000, false],
    [lastModifiedMs, false],
    [lastModifiedMs + 999, false],
    [lastModifiedMs + 1000, true],
  ];
  for (const [now, expected] of rows) assert.equal(ifRangeHolds(fields, validators, now), expected);
});

test('no fields make the evaluation throw, and a read never fails by If-None-Match', () => {
  const value = fc.oneof(fc.string(), fc.constantFrom('*', '"v1"', 'W/"v1"', '"v0"', same, before, after));
  const fieldName = fc.constantFrom(
    'If-Match',
    'If-None-Match',
    'If-Modified-Since',
    'If-Unmodified-Since',
    'If-Range',
  );
  const lines = fc.array(fc.tuple(fieldName, value), { maxLength: 6 });
  fc.assert(
    fc.property(
      lines,
      fc.constantFrom('GET', 'HEAD', 'PUT'),
      fc.constantFrom(validators, weakValidators, neither),
      (rows, method, against) => {
        const fields = new Fields(rows);
        const answer = evaluatePreconditions(method, fields, against, nowMs);
        assert.equal(typeof ifRangeHolds(fields, against, nowMs), 'boolean');
        if (method === 'PUT') assert.notEqual(answer, 'not-modified');
        else if (fields.get('if-match') === undefined && fields.get('if-unmodified-since') === undefined) {
          assert.notEqual(answer, 'failed');
        }
      },
    ),
  );
});
