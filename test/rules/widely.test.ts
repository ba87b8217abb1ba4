import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePattern } from '../../src/rules/pattern.ts';
import { placesOfPattern } from '../../src/rules/widely.ts';

/** A pattern, places that a guard with it holds, and places that it does not. */
const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    '/intern/**',
    [
      '/intern',
      '/intern/a',
      '/intern/a/b',
      '/INTERN/a',
      '/intern.html',
      '/intern.zh.html',
      '/intern.html.br',
    ],
    ['/', '/internal', '/a/intern', '/inter'],
  ],
  ['/intern', ['/intern', '/intern/a/b', '/İntern'.replace('İ', 'ı')], ['/internal']],
  ['/', ['/', '/a', '/a/b.c'], []],
  ['/**', ['/', '/a/b'], []],
  [
    '/docs/*.pdf',
    ['/docs/a.pdf', '/docs/A.PDF', '/docs/a.pdf.gz', '/docs/.pdf', '/docs/a.pdf/b', '/docs/a／b.pdf'],
    ['/docs/a.txt', '/docs', '/docs/b/a.pdf', '/a.pdf'],
  ],
  [
    '/docs/one.html',
    ['/docs/one', '/docs/one.html', '/docs/one.zh.html', '/docs/one.html.br', '/docs/ONE.txt', '/docs/one/x'],
    ['/docs/ones', '/docs', '/docs/two.html'],
  ],
  ['/img/{a,b}.jpg', ['/img/a.avif', '/img/b.jpg', '/img/a.jpg.gz'], ['/img/c.jpg']],
  ['/caf\u00e9/**', ['/cafe\u0301/a', '/CAF\u00c9', '/caf\u00e9.html'], ['/cafe']],
  ['/cafe*', ['/cafe\u0301', '/cafe', '/cafes/x'], ['/caf']],
  ['/\uff41dmin', ['/admin', '/ad\u00admin', '/\u200badmin/x'], ['/adm']],
  ['/.well-known/:x', ['/.well-known/a', '/.well-known/a/b'], ['/.well-known', '/well-known/a']],
];

test('a guard holds its places and all below them, in every form that a name can have, and no others', () => {
  for (const [text, held, others] of rows) {
    const pattern = parsePattern(text);
    assert.ok(pattern.kind === 'pattern', text);
    const holds = placesOfPattern(pattern);
    const isHeld = (path: string): boolean => holds(path.split('/').filter(name => name !== ''));
    for (const path of held) assert.ok(isHeld(path), `${text} holds ${path}`);
    for (const path of others) assert.ok(!isHeld(path), `${text} does not hold ${path}`);
  }
});
