import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choiceByHost,
  holdsHosts,
  hostNames,
  hostOf,
  isHostName,
  mayBeChosen,
} from '../../src/http/host-names.ts';

test('hosts are named without scheme, port and path', () => {
  for (const text of [
    'example.com',
    'a_b.example',
    '*.example.com',
    'localhost',
    '192.0.2.1',
    '::1',
    '[::1]',
    'a.',
  ])
    assert.equal(isHostName(text), true, text);
  for (const text of [
    '',
    '*',
    '*.',
    'a.*.b',
    'a:80',
    '[::1]:80',
    'https://a',
    'a/b',
    'a b',
    ':name.a',
    '..',
    '*.*.a',
  ])
    assert.equal(isHostName(text), false, text);
});

test('each host has one spelling', () => {
  const rows: readonly (readonly [string | undefined, string])[] = [
    ['Example.COM.', 'example.com'],
    ['example.com:8080', 'example.com'],
    ['[0:0:0::1]:80', '::1'],
    ['', ''],
    [undefined, ''],
    ['a b', ''],
    ['a,b', ''],
  ];
  for (const [authority, host] of rows) assert.equal(hostOf(authority), host, authority);
});

test('some hosts are among others when every one of them is', () => {
  const rows: readonly (readonly [all: readonly string[], some: readonly string[], isAmong: boolean])[] = [
    [['a.example', 'b.example'], ['B.example'], true],
    [['a.example'], ['a.example', 'b.example'], false],
    [['*.example'], ['a.example', 'b.a.example'], true],
    [['*.example'], ['example'], false],
    [['*.example'], ['*.a.example'], true],
    [['*.a.example'], ['*.example'], false],
    [['a.example'], ['*.a.example'], false],
  ];
  for (const [all, some, isAmong] of rows)
    assert.equal(holdsHosts(hostNames(all), hostNames(some)), isAmong, `${all} ${some}`);
});

test('of several names that fit, the exact one is chosen, then the longest', () => {
  const choose = choiceByHost([
    [['*.example'], 'all'],
    [['*.a.example', 'a.example'], 'a'],
    [['x.a.example'], 'x'],
    [['::1'], 'six'],
  ]);
  const rows: readonly (readonly [string | undefined, string | undefined])[] = [
    ['x.a.example:80', 'x'],
    ['y.a.example', 'a'],
    ['A.example.', 'a'],
    ['b.example', 'all'],
    ['example', undefined],
    ['xa.example', 'all'],
    ['[0::1]:8080', 'six'],
    ['', undefined],
    [undefined, undefined],
    ['a b', undefined],
    ['__proto__', undefined],
  ];
  for (const [authority, value] of rows) assert.equal(choose(authority), value, authority);
});

test('a host that has a site of its own never comes to another', () => {
  const may = mayBeChosen([
    [['*.example'], 'all'],
    [['*.a.example', 'a.example'], 'a'],
    [['x.a.example'], 'x'],
    [['::1'], 'six'],
  ]);
  const rows: readonly (readonly [name: string, value: string | undefined, may: boolean])[] = [
    ['b.example', 'all', true],
    ['b.example', undefined, false],
    ['B.test', undefined, true],
    ['A.example', 'a', true],
    ['a.example', 'all', false],
    ['*.example', 'all', true],
    ['*.example', 'x', true],
    ['*.example', undefined, false],
    ['*.a.example', 'all', false],
    ['*.a.example', 'a', true],
    ['*.test', undefined, true],
    ['*.test', 'all', false],
    ['[0::1]', 'six', true],
    ['::1', undefined, false],
  ];
  for (const [name, value, expected] of rows) assert.equal(may(name, value), expected, `${name} ${value}`);
});
