import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferredLanguage } from '../../src/http/language.ts';

const rows: readonly (readonly [field: string | undefined, tag: string])[] = [
  [undefined, 'en'],
  ['', 'en'],
  ['zh', 'zh'],
  ['ZH-hans-CN', 'zh'],
  ['zh-TW', 'zh'],
  ['zho', 'en'],
  ['fr', 'en'],
  ['fr, zh;q=0.1', 'zh'],
  ['en, zh', 'en'],
  ['zh, en', 'en'],
  ['en;q=0.8, zh;q=0.9', 'zh'],
  ['en;q=0.8, zh;q=0.9, en-GB', 'en'],
  ['*', 'en'],
  ['en;q=0, *', 'zh'],
  ['en;q=0.1, *;q=0.5', 'zh'],
  ['zh;q=0', 'en'],
  ['zh;q=2', 'en'],
  ['zh;level=1', 'en'],
  ['zh ; q=1', 'zh'],
  [',,zh,,', 'zh'],
  ['中文', 'en'],
];

test('the language is the one that the client weighs most, and the first for whoever likes none', () => {
  for (const [field, tag] of rows)
    assert.equal(preferredLanguage(field, ['en', 'zh']), tag, JSON.stringify(field));
});

test('an offer that is more narrow than what is asked for will do', () => {
  assert.equal(preferredLanguage('pt', ['en', 'pt-BR']), 'pt-BR');
});
