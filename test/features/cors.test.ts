import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cors } from '../../src/features/cors.ts';
import { type FieldLine, noContent } from '../../src/http/message.ts';
import { request } from '../site/fixture.ts';

test('where a rule has said who may read, nothing is added: no credentials, no second line', () => {
  const { finisher } = cors({ origins: ['https://a.example'], credentials: true, requestFields: [] });
  const asker = request('/', [['Origin', 'https://a.example']]);
  const fieldsFrom = (fields: readonly FieldLine[]) =>
    finisher(asker, { status: 200, fields, content: noContent }).fields;
  const said: FieldLine = ['access-control-allow-origin', '*'];
  assert.deepEqual(fieldsFrom([said]), [said, ['Vary', 'Origin']]);
  assert.deepEqual(fieldsFrom([]), [
    ['Access-Control-Allow-Origin', 'https://a.example'],
    ['Access-Control-Allow-Credentials', 'true'],
    ['Access-Control-Expose-Headers', 'Accept-Ranges, Content-Range, ETag'],
    ['Vary', 'Origin'],
  ]);
});
