import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlain, plainForm } from '../../src/embed/plain-form.ts';

test('a path that is written in a roundabout way is led to its plain form', () => {
  const rows: readonly (readonly [target: string, plain: string])[] = [
    ['/%61dmin', '/admin'],
    ['/x/../admin', '/admin'],
    ['/x/./admin', '/x/admin'],
    ['/x/%2e%2E/admin', '/admin'],
    ['/x/.', '/x/'],
    ['/x/..', '/'],
    ['/a%2Dz', '/a-z'],
    ['/a%5Fz', '/a_z'],
    ['/%30%5a%7A', '/0Zz'],
    ['/%4A.txt?a=%61', '/J.txt?a=%61'],
    ['/%61%20b', '/a%20b'],
  ];
  for (const [target, plain] of rows) {
    assert.equal(isPlain(target), false, target);
    assert.equal(plainForm('GET', target), plain, target);
    assert.equal(isPlain(plain), true, plain);
  }
});

test('every other path is as it is', () => {
  const rows = [
    '/',
    '/a.txt',
    '/a/',
    '/a%20b',
    '/%C3%A9',
    '/%2B%40',
    '/~',
    '/%7Ea',
    '/.well-known/x',
    '/..a',
    '/a?b=/../%61',
  ];
  for (const target of rows) {
    assert.equal(isPlain(target), true, target);
    assert.equal(plainForm('GET', target), undefined, target);
  }
});

test('CVE-2021-28861 runs of slashes are left to the site, and what is no path to its refusal', () => {
  for (const target of ['//evil.example/%2e%2e', '/a//%62', '/%2e%2e/a', '/%61%00', '/%61%2fb', '/../..'])
    assert.equal(plainForm('GET', target), undefined, target);
});
