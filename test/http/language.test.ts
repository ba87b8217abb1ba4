import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { preferredLanguages } from '../../src/http/language.ts';

const rows: readonly (readonly [
  value: string | undefined,
  offers: readonly string[],
  preferred: readonly string[],
])[] = [
  [undefined, ['en', 'zh'], []],
  ['', ['en', 'zh'], []],
  ['zh', ['en', 'zh'], ['zh']],
  ['ZH', ['en', 'zh'], ['zh']],
  ['zh-CN,zh;q=0.9,en;q=0.8', ['en', 'zh'], ['zh', 'en']],
  ['en;q=0.1, zh;q=0.2', ['en', 'zh'], ['zh', 'en']],
  ['zh-CN', ['en', 'zh'], ['zh']],
  ['zh', ['en', 'zh-CN'], ['zh-CN']],
  ['zh-CN', ['zh', 'zh-CN'], ['zh', 'zh-CN']],
  ['zh-TW, zh;q=0', ['zh', 'zh-TW'], ['zh-TW']],
  ['zhx', ['zh'], []],
  ['*', ['en', 'zh'], ['en', 'zh']],
  ['fr, *;q=0.5', ['en', 'fr'], ['fr', 'en']],
  ['*, en;q=0', ['en', 'zh'], ['zh']],
  ['en;q=0', ['en'], []],
  ['en;q=2, zh', ['en', 'zh'], ['zh']],
  ['en q=1, ;, zh ; q=0.5', ['en', 'zh'], ['zh']],
];

for (const [value, offers, preferred] of rows) {
  test(`${value ?? 'no field'} prefers ${preferred.join(', ') || 'nothing'} of ${offers.join(', ')}`, () => {
    assert.deepEqual(preferredLanguages(value, offers), preferred);
  });
}

test('whatever the field, what is preferred is among the offers, once', () => {
  const words = fc.constantFrom('en', 'zh-CN', '*', ';q=', '0.5', ',', ' ', '-', 'x'.repeat(9));
  fc.assert(
    fc.property(fc.array(words), list => {
      const offers = ['en', 'zh', 'zh-CN'];
      const preferred = preferredLanguages(list.join(''), offers);
      assert.equal(new Set(preferred).size, preferred.length);
      for (const language of preferred) assert.ok(offers.includes(language));
    }),
  );
});
