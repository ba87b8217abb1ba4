import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCors, readGuarded, readHostNames, readRanges } from '../../src/config/access-values.ts';
import type { Reading } from '../../src/config/values.ts';

type Row = readonly [given: unknown, read: unknown];

function assertRead(reader: (value: unknown) => Reading<unknown>, rows: readonly Row[]): void {
  for (const [given, wanted] of rows) {
    const reading = reader(given);
    assert.deepEqual(reading, { kind: 'read', value: wanted }, JSON.stringify(given));
    // A configuration is read again by whoever it is handed on to.
    assert.deepEqual(reader(wanted), reading, JSON.stringify(wanted));
  }
}

function assertFaults(reader: (value: unknown) => Reading<unknown>, rows: readonly Row[]): void {
  for (const [given, why] of rows) {
    const reading = reader(given);
    assert.equal(reading.kind === 'fault' && reading.why, why, JSON.stringify(given));
  }
}

test('hosts are names, wildcards and addresses, without ports', () => {
  assertRead(readHostNames, [
    ['example.com', ['example.com']],
    ['a.example, *.b.example', ['a.example', '*.b.example']],
    [
      ['192.0.2.1', '::1,[2001:db8::1]'],
      ['192.0.2.1', '::1', '[2001:db8::1]'],
    ],
    [['a', 'a'], ['a']],
  ]);
  const wanted = 'wanted a host such as example.com, *.example.com or 192.0.2.1, without a port';
  assertFaults(readHostNames, [
    ['', `found "", ${wanted}`],
    [[], `found an array, ${wanted}`],
    [5, `found 5, ${wanted}`],
    ['example.com:80', `found "example.com:80", ${wanted}`],
    ['*', `found "*", ${wanted}`],
    ['a.*.example', `found "a.*.example", ${wanted}`],
    ['http://a', `found "http://a", ${wanted}`],
    ['a,,b', `found "", ${wanted}`],
    ['::g', `found "::g", ${wanted}`],
  ]);
});

test('ranges are addresses with or without a length, and unix', () => {
  assertRead(readRanges, [
    ['192.0.2.1', ['192.0.2.1']],
    ['10.0.0.0/8, ::1,unix', ['10.0.0.0/8', '::1', 'unix']],
    [
      ['2001:db8::/32', '0.0.0.0/0'],
      ['2001:db8::/32', '0.0.0.0/0'],
    ],
  ]);
  const wanted = 'wanted an address, a range such as 10.0.0.0/8 or 2001:db8::/32, or unix';
  assertFaults(readRanges, [
    ['', `found "", ${wanted}`],
    ['10.0.0.0/33', `found "10.0.0.0/33", ${wanted}`],
    ['::/129', `found "::/129", ${wanted}`],
    ['10.0.0', `found "10.0.0", ${wanted}`],
    ['10.0.0.0/', `found "10.0.0.0/", ${wanted}`],
    ['10.0.0.0/8/8', `found "10.0.0.0/8/8", ${wanted}`],
    ['010.0.0.1', `found "010.0.0.1", ${wanted}`],
    ['localhost', `found "localhost", ${wanted}`],
    ['[::1]', `found "[::1]", ${wanted}`],
  ]);
});

test('guarded places are files, with or without a path', () => {
  assertRead(readGuarded, [
    [[], []],
    ['users', [{ path: '/', file: 'users' }]],
    ['/etc/users', [{ path: '/', file: '/etc/users' }]],
    ['/admin=/etc/users', [{ path: '/admin', file: '/etc/users' }]],
    ['/admin/=a=b', [{ path: '/admin', file: 'a=b' }]],
    ['/=users', [{ path: '/', file: 'users' }]],
    ['users=old', [{ path: '/', file: 'users=old' }]],
    [
      ['users', { path: '/a b', file: 'other' }],
      [
        { path: '/', file: 'users' },
        { path: '/a b', file: 'other' },
      ],
    ],
    [{ file: 'users' }, [{ path: '/', file: 'users' }]],
  ]);
  const wanted = 'wanted a file, or /path=file';
  assertFaults(readGuarded, [
    ['', `found "", ${wanted}`],
    [true, `found true, ${wanted}`],
    [{ path: 'admin', file: 'users' }, `found an object, ${wanted}`],
    [{ path: '/admin', flie: 'users' }, 'flie: no key is called so here; did you mean file?'],
    ['/admin=', `found "/admin=", ${wanted}`],
    ['/a/../b=users', `found "/a/../b=users", ${wanted}`],
    ['/a/*=users', `found "/a/*=users", ${wanted}`],
    ['/a//b=users', `found "/a//b=users", ${wanted}`],
    ['/a/..=users', `found "/a/..=users", ${wanted}`],
    ['/docs/index.html=users', 'found "/docs/index.html", wanted the folder in place of its index page'],
    [['/a=one', '/a/=two'], 'found "/a", wanted one file for each path'],
  ]);
});

test('origins are read as browsers write them, and credentials want names', () => {
  const open = { credentials: false, requestFields: [] };
  assertRead(readCors, [
    ['*', { origins: '*', ...open }],
    [['*'], { origins: '*', ...open }],
    ['https://a.example', { origins: ['https://a.example'], ...open }],
    ['HTTPS://A.example:443/, http://b:80', { origins: ['https://a.example', 'http://b'], ...open }],
    [['null', 'http://[::1]:3000'], { origins: ['null', 'http://[::1]:3000'], ...open }],
    ['tauri://localhost', { origins: ['tauri://localhost'], ...open }],
    [
      { origins: 'http://a', credentials: true, requestFields: ['X-A', 'X-B, X-C'] },
      { origins: ['http://a'], credentials: true, requestFields: ['X-A', 'X-B', 'X-C'] },
    ],
  ]);
  const wanted = 'wanted * or an origin such as https://app.example:8443';
  assertFaults(readCors, [
    ['', `found "", ${wanted}`],
    ['a.example', `found "a.example", ${wanted}`],
    ['https://a.example/path', `found "https://a.example/path", ${wanted}`],
    ['https://u@a.example', `found "https://u@a.example", ${wanted}`],
    ['https://', `found "https://", ${wanted}`],
    [true, `found true, ${wanted}`],
    [{}, `found undefined, ${wanted}`],
    ['*,https://a.example', 'found "*", wanted either this alone or origins'],
    [
      { origins: '*', credentials: true },
      'found "*", wanted named origins, as credentials are not for every page',
    ],
    [
      { origins: ['https://a.example', 'null'], credentials: true },
      'found "null", wanted named origins, as credentials are not for every page',
    ],
    [{ origins: '*', credentials: 1 }, 'credentials: found 1, wanted true or false'],
    [{ origins: '*', requestFields: ['a b'] }, 'requestFields: found "a b", wanted a field name'],
    [{ origin: '*' }, 'origin: no key is called so here; did you mean origins?'],
    [
      { origins: ['*'], credentials: true },
      'found "*", wanted named origins, as credentials are not for every page',
    ],
  ]);
});
