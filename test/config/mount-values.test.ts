import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '../../src/config/load.ts';
import { placedFolders, readBase, readMounts } from '../../src/config/mount-values.ts';

test('mounts are read from an object, a text and texts', () => {
  const rows: readonly (readonly [unknown, Readonly<Record<string, string>>])[] = [
    [{}, {}],
    [[], {}],
    ['/docs=../docs', { '/docs': '../docs' }],
    [['/docs=a', '/docs/v1=b=c'], { '/docs': 'a', '/docs/v1': 'b=c' }],
    [
      { '/docs/': 'a', '/ü/文': 'b' },
      { '/docs': 'a', '/ü/文': 'b' },
    ],
    [{ '/.well-known': 'a' }, { '/.well-known': 'a' }],
    ['/a=C:\\site', { '/a': 'C:\\site' }],
  ];
  for (const [value, mounts] of rows) {
    assert.deepEqual(readMounts(value), { kind: 'read', value: mounts }, JSON.stringify(value));
    assert.deepEqual(readMounts(mounts), { kind: 'read', value: mounts }, 'what was read can be read again');
  }
});

test('a mount that is none says what is wanted', () => {
  const rows: readonly (readonly [unknown, RegExp])[] = [
    ['docs=x', /^found "docs", wanted a path and a folder, such as \/docs=\.\.\/docs$/],
    ['/docs', /^found "\/docs", wanted|^\/docs: found "", wanted a folder$/],
    ['/docs=', /^\/docs: found "", wanted a folder$/],
    ['/=x', /wanted a path and a folder/],
    [{ '': 'x' }, /wanted a path and a folder/],
    [{ '/docs': 7 }, /^\/docs: found 7, wanted a folder$/],
    [{ '/docs': 'a\0b' }, /wanted a folder/],
    [['/docs=a', '/docs/=b'], /^found "\/docs\/", wanted another path, since \/docs has its folder already$/],
    [{ '/a/../b': 'x' }, /wanted a path and a folder/],
    [{ '/a//b': 'x' }, /wanted a path and a folder/],
    [{ '/a%2fb': 'x' }, /wanted a path and a folder/],
    [{ '/a\\b': 'x' }, /wanted a path and a folder/],
    [{ '/a?b': 'x' }, /wanted a path and a folder/],
    [{ '/.git': 'x' }, /wanted a path and a folder/],
    [{ '/a/.well-known': 'x' }, /wanted a path and a folder/],
    [7, /^found 7, wanted a path and a folder/],
    [null, /wanted a path and a folder/],
    [[{ '/a': 'b' }], /wanted a path and a folder/],
  ];
  for (const [value, why] of rows) {
    const reading = readMounts(value);
    assert.ok(reading.kind === 'fault', JSON.stringify(value));
    assert.match(reading.why, why);
  }
});

test('a base is a path', () => {
  for (const [value, base] of [
    ['', ''],
    ['/', ''],
    ['/app', '/app'],
    ['/a/b/', '/a/b'],
    ['/my app', '/my app'],
  ] as const)
    assert.deepEqual(readBase(value), { kind: 'read', value: base });
  for (const value of ['app', './', '//h', '/a/..', '/a/./b', '/%61', 'https://h/app', '/.x', 7, null, true])
    assert.equal(readBase(value).kind, 'fault', String(value));
});

test('every folder has its place below the base', () => {
  const settings = { root: 'site', base: '/a/b', mounts: { '/c': 'one', '/d/e': 'two' } };
  assert.deepEqual(placedFolders(settings), [
    { at: ['a', 'b'], folder: 'site' },
    { at: ['a', 'b', 'c'], folder: 'one' },
    { at: ['a', 'b', 'd', 'e'], folder: 'two' },
  ]);
});

test('the flags are read', () => {
  const argv = ['dist', '--mount', '/docs=../docs', '--mount=/a=b', '--base', '/app/'];
  const command = loadSettings(argv, {}, true);
  assert.ok(command.kind === 'run');
  assert.deepEqual(command.settings.mounts, { '/docs': '../docs', '/a': 'b' });
  assert.equal(command.settings.base, '/app');
  const wrong = loadSettings(['--mount', 'docs'], {}, true);
  assert.deepEqual(wrong, {
    kind: 'fault',
    message: '--mount: found "docs", wanted a path and a folder, such as /docs=../docs',
  });
});
