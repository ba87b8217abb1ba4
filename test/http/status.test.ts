import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reasonPhrase } from '../../src/http/status.ts';

test('a status has the phrase that RFC 9110 gives it', () => {
  const rows: readonly (readonly [number, string])[] = [
    [200, 'OK'],
    [206, 'Partial Content'],
    [304, 'Not Modified'],
    [308, 'Permanent Redirect'],
    [404, 'Not Found'],
    [413, 'Content Too Large'],
    [416, 'Range Not Satisfiable'],
    [422, 'Unprocessable Content'],
    [505, 'HTTP Version Not Supported'],
  ];
  for (const [status, expected] of rows) assert.equal(reasonPhrase(status), expected);
});

test('every registered status has a phrase', () => {
  const registered = `
    100 101 102 103 200 201 202 203 204 205 206 207 208 226 300 301 302 303 304 305 307 308
    400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 421 422 423 424 425 426 428 429 431 451
    500 501 502 503 504 505 506 507 508 511`;
  for (const code of registered.trim().split(/\s+/)) {
    assert.match(reasonPhrase(Number(code)), /^[A-Z][A-Za-z -]+$/, code);
  }
});

test('a status without a name has an empty phrase', () => {
  for (const status of [0, 99, 299, 306, 499, 599, 600, -1, Number.NaN])
    assert.equal(reasonPhrase(status), '');
});
