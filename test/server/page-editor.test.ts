import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { pageEditor } from '../../src/server/page-editor.ts';

const source = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

test('what a page runs from within itself is known by its hashes, as it is sent', () => {
  const { editor } = pageEditor({ isHashed: true, live: { path: '/live.js', nonce: 'n' } });
  const page = Buffer.from('<script>a\r\nb</script><style>p{}</style><p onclick="c()">');
  assert.deepEqual(editor.inline?.(editor.edit(page)), {
    scripts: [source('a\nb'), "'unsafe-hashes'", source('c()')],
    styles: [source('p{}')],
  });
  assert.deepEqual(editor.inline?.(Buffer.from('<p>')), { scripts: [], styles: [] });
});

test('of a page that runs too much of its own, and of one in UTF-16, nothing is known', () => {
  const { editor } = pageEditor({ isHashed: true });
  const page = Array.from({ length: 101 }, (_, index) => `<script>${index}</script>`).join('');
  assert.equal(editor.inline?.(Buffer.from(page)), undefined);
  assert.equal(editor.inline?.(Buffer.from('\ufeff<p>', 'utf16le')), undefined);
  assert.equal(pageEditor({}).editor.inline, undefined);
});

test('other values, another script and another nonce make another edit', () => {
  const tags = [
    pageEditor({}),
    pageEditor({ environment: new Map([['A', '1']]) }),
    pageEditor({ environment: new Map([['A', '2']]) }),
    pageEditor({ live: { path: '/a.js', nonce: 'n' } }),
    pageEditor({ live: { path: '/a.js', nonce: 'm' } }),
  ].map(({ editor }) => editor.tag);
  assert.equal(new Set(tags).size, tags.length);
  for (const tag of tags) assert.match(tag, /^[\w-]{16}$/);
});
