import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identity } from '../../src/features/identity.ts';
import { noContent, type Response } from '../../src/http/message.ts';
import { request } from '../site/fixture.ts';

test('every answer says who speaks, without a version, and that its type is meant', () => {
  const response: Response = { status: 200, fields: [['X', 'y']], content: noContent, note: 'n' };
  for (const asked of [request('/'), undefined]) {
    assert.deepEqual(identity(asked, response), {
      ...response,
      fields: [
        ['Server', 'plinth'],
        ['X-Content-Type-Options', 'nosniff'],
        ['X', 'y'],
      ],
    });
  }
  assert.deepEqual(response.fields, [['X', 'y']], 'the response itself was changed');
});
