import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '../../src/config/load.ts';
import { OptionError, readOptions, type Settings } from '../../src/config/options.ts';

function read(argv: readonly string[]): Partial<Settings> {
  const command = loadSettings(argv, {}, true);
  assert.ok(command.kind === 'run', command.kind === 'fault' ? command.message : command.kind);
  const { root, spa, cache, dialect } = command.settings;
  return { root, spa, cache, dialect };
}

test('flags about rules are read', () => {
  const rows: readonly (readonly [argv: readonly string[], expected: Partial<Settings>])[] = [
    [[], { root: '.', spa: undefined, cache: [], dialect: 'netlify' }],
    [['-s'], { root: '.', spa: 'index.html', cache: [], dialect: 'netlify' }],
    [['-s', 'dist'], { root: 'dist', spa: 'index.html', cache: [], dialect: 'netlify' }],
    [['--spa', 'app.html', 'dist'], { root: 'dist', spa: 'app.html', cache: [], dialect: 'netlify' }],
    [['--spa=app/shell'], { root: '.', spa: 'app/shell', cache: [], dialect: 'netlify' }],
    [
      ['--cache', 'max-age=60', '--cache', '/a/**=no-store, x="y"', '--dialect', 'cloudflare'],
      { root: '.', spa: undefined, cache: ['max-age=60', '/a/**=no-store, x="y"'], dialect: 'cloudflare' },
    ],
  ];
  for (const [argv, expected] of rows) assert.deepEqual(read(argv), expected, argv.join(' '));
});

test('options of the library about rules are read', () => {
  assert.equal(readOptions({ spa: true }).spa, 'index.html');
  assert.equal(readOptions({ spa: false }).spa, undefined);
  assert.equal(readOptions({ spa: '/a/b.html' }).spa, 'a/b.html');
  assert.deepEqual(readOptions({ cache: 'no-store' }).cache, ['no-store']);
  assert.deepEqual(readOptions({ languages: 'en,zh-CN' }).languages, ['en', 'zh-CN']);
  assert.equal(readOptions({ variants: true }).variants, true);
  assert.equal(readOptions({ dialect: 'cloudflare' }).dialect, 'cloudflare');
});

test('what cannot be used is refused with what is wanted', () => {
  const rows: readonly (readonly [options: Record<string, unknown>, why: RegExp])[] = [
    [{ spa: '' }, /option spa: found "", wanted a page/],
    [{ spa: '../x.html' }, /wanted a page/],
    [{ spa: 'a//b' }, /wanted a page/],
    [{ spa: 'a/./b' }, /wanted a page/],
    [{ spa: 'a?b' }, /wanted a page/],
    [{ spa: 'a\\b' }, /wanted a page/],
    [{ spa: 7 }, /wanted a page/],
    [{ cache: '' }, /wanted directives/],
    [{ cache: 'max-age=60\r\nX: y' }, /wanted directives/],
    [{ cache: ['no-store', '/a//b=no-store'] }, /two slashes/],
    [{ cache: 'a b' }, /wanted directives/],
    [{ cache: 7 }, /wanted a text/],
    [{ languages: 'en,,zh' }, /wanted at most 32 languages/],
    [{ languages: ['en', '../x'] }, /found "\.\.\/x", wanted at most 32 languages/],
    [{ languages: Array(33).fill('en') }, /found 33 of them, wanted at most 32 languages/],
    [{ dialect: 'vercel' }, /wanted netlify or cloudflare/],
  ];
  for (const [options, why] of rows) {
    assert.throws(
      () => readOptions(options),
      error => error instanceof OptionError && why.test(error.message),
      JSON.stringify(options),
    );
  }
});
