import assert from 'node:assert/strict';
import { evaluatePreconditions, ifRangeHolds, type Validators } from '../../src/http/conditional.ts';
import { formatDate } from '../../src/http/date.ts';
import { parseEntityTags } from '../../src/http/entity-tag.ts';
import { Fields } from '../../src/http/fields.ts';
import type { FieldLine } from '../../src/http/message.ts';
import type { FuzzTarget } from '../target.ts';

const nowMs = Date.UTC(2026, 10, 22);
const modifiedMs = nowMs - 86_400_000;
const validators: readonly Validators[] = [
  { etag: '"a"', lastModifiedMs: modifiedMs },
  { etag: 'W/"a"', lastModifiedMs: nowMs },
  { etag: undefined, lastModifiedMs: modifiedMs },
  { etag: '"a"', lastModifiedMs: undefined },
  { etag: undefined, lastModifiedMs: undefined },
];

/** Preconditions: each line of the input is a field. */
export const conditional: FuzzTarget = {
  name: 'conditional',
  words: [
    ...[
      'If-Match: ',
      'If-None-Match: ',
      'If-Modified-Since: ',
      'If-Unmodified-Since: ',
      'If-Range: ',
      '\n',
      '*',
      ',',
    ],
    ...[
      '"a"',
      'W/"a"',
      '"b"',
      'w/"a"',
      '"',
      '"a", "b"',
      '"a,b"',
      '""',
      formatDate(modifiedMs),
      formatDate(nowMs),
      '0',
    ],
  ],
  check: input => {
    const lines = input.toString('latin1').split('\n').map(fieldLine);
    const fields = new Fields(lines);
    return validators.map(known => checkOne(fields, known)).join(' ');
  },
};

function checkOne(fields: Fields, known: Validators): string {
  const outcomes = ['GET', 'HEAD', 'POST', 'OPTIONS'].map(method =>
    evaluatePreconditions(method, fields, known, nowMs),
  );
  const [get = 'failed', head, post, options] = outcomes;
  assert.equal(get, head, 'HEAD is not as GET');
  assert.notEqual(post, 'not-modified', 'a POST that was not modified');
  assert.equal(options, 'proceed');
  // Whatever is said of dates, entity tags decide: RFC 9110 §13.2.2.
  const match = parseEntityTags(fields.get('if-match') ?? '*');
  const noneMatch = fields.get('if-none-match');
  const isMatched =
    match === '*' || (match?.includes(known.etag ?? '') === true && !known.etag?.startsWith('W/'));
  if (!isMatched) assert.equal(get, 'failed');
  if (fields.get('if-match') !== undefined && isMatched) assert.notEqual(get, 'failed');
  if (noneMatch === '*' && fields.get('if-unmodified-since') === undefined && isMatched) {
    assert.equal(get, 'not-modified');
  }
  if (get === 'not-modified') {
    assert.ok(noneMatch !== undefined || fields.get('if-modified-since') !== undefined, '304 unasked');
  }
  const holds = ifRangeHolds(fields, known, nowMs);
  const asked = fields.get('if-range');
  if (asked === undefined) assert.ok(holds);
  else if (asked.startsWith('W/')) assert.ok(!holds, 'a weak tag holds');
  return `${get} ${post} ${holds}`;
}

function fieldLine(line: string): FieldLine {
  const [name = '', ...value] = line.split(':');
  return [name, value.join(':').trim()];
}
