import assert from 'node:assert/strict';
import { test } from 'node:test';
import { methods } from '../../src/features/methods.ts';
import { request } from '../site/fixture.ts';

const allow = [['Allow', 'GET, HEAD, OPTIONS']];

const rows: readonly (readonly [method: string, status: number | undefined])[] = [
  ['GET', undefined],
  ['HEAD', undefined],
  ['OPTIONS', 204],
  ['POST', 405],
  ['PUT', 405],
  ['DELETE', 405],
  ['CONNECT', 405],
  ['TRACE', 405],
  ['PATCH', 405],
  ['PROPFIND', 405],
  ['get', 501],
  ['Get', 501],
  ['BREW', 501],
  ['constructor', 501],
];

for (const [method, status] of rows) {
  test(`${method} is ${status ?? 'let pass'}`, () => {
    const response = methods(request('/', [], method));
    assert.equal(response?.status, status);
    if (response === undefined) return;
    assert.deepEqual(response.fields, status === 501 ? [] : allow);
    assert.equal(response.content.kind, 'none');
  });
}
