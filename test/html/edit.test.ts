import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { editPage, type PageEdits, quoted, unquoted } from '../../src/html/edit.ts';

const edits: PageEdits = {
  scripts: ['/.plinth/a.js'],
  scriptsForScripts: ['/.plinth/b.js'],
  nonce: 'n"<',
  metas: new Map([['env:PUBLIC_A', '"é> 😀\n']]),
  policy: policy => `${policy}; script-src 'self'`,
};
const nothing: PageEdits = { scripts: [], scriptsForScripts: [], metas: new Map() };
const tag = '<script src="/.plinth/a.js" nonce="n&#34;&#60;"></script>';
const secondTag = tag.replace('a.js', 'b.js');
const filled = '"&#34;&#233;&#62; &#128512;&#10;"';

test('a page gets its scripts at its beginning, and its metas their contents', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['', tag],
    ['text', `${tag}text`],
    ['<!doctype html><head><p>', `<!doctype html><head>${tag}<p>`],
    ['<script>1</script>', `${tag}${secondTag}<script>1</script>`],
    ['<meta name="env:PUBLIC_A" content="b">', `${tag}<meta name="env:PUBLIC_A" content=${filled}>`],
    ["<meta content='b' name=env:PUBLIC_A>", `${tag}<meta content=${filled} name=env:PUBLIC_A>`],
    ['<meta content=b name=env:PUBLIC_A>', `${tag}<meta content=${filled} name=env:PUBLIC_A>`],
    ['<meta content name=env:PUBLIC_A>', `${tag}<meta content=${filled} name=env:PUBLIC_A>`],
    ['<meta name=env:PUBLIC_A content=>', `${tag}<meta name=env:PUBLIC_A content=${filled}>`],
    ['<META name=env:PUBLIC_A/>', `${tag}<META name=env:PUBLIC_A/>`],
    ['<META name="env:PUBLIC_A"/>', `${tag}<META content=${filled} name="env:PUBLIC_A"/>`],
    ['<meta name="env:PUBLIC_B" content="b">', `${tag}<meta name="env:PUBLIC_B" content="b">`],
    [
      '<meta http-equiv=content-security-policy content="default-src &#39;none&#39;">',
      `${tag}<meta http-equiv=content-security-policy content="default-src 'none'; script-src 'self'">`,
    ],
  ];
  for (const [html, expected] of rows) assert.equal(edited(html, edits), expected);
});

test('octets of no encoding of ours stay as they are, and so does a page in UTF-16', () => {
  const octets = Buffer.from([0x3c, 0x70, 0x3e, 0xff, 0x00, 0xe9, 0x80]);
  assert.deepEqual(Buffer.from(editPage(octets, edits)), Buffer.concat([Buffer.from(tag), octets]));
  for (const page of [Buffer.from('\ufeff<p>', 'utf16le'), Buffer.from('\ufeff<p>', 'utf16le').swap16()])
    assert.equal(editPage(page, edits), page);
});

test('a page with nothing to change is the same value', () => {
  const page = Buffer.from(
    '<!doctype html><meta name="env:X" content="1"><meta http-equiv=content-security-policy content=a>',
  );
  assert.equal(editPage(page, nothing), page);
});

test('whatever the text, it is read again as it was behind its quotes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      // A browser reads a few numbers as other characters: controls of old encodings, NUL, lone surrogates.
      fc.pre(!/[\0\r\x80-\x9f\p{Cs}]/u.test(text));
      const value = quoted(text);
      assert.match(value, /^"[ -~]*"$/);
      assert.equal(unquoted(value.slice(1, -1)), text);
      const [, child] = parse(`<!doctype html><p title=${value}>`).childNodes;
      assert.deepEqual(titlesOf(child), [text]);
    }),
  );
});

const parts = fc.constantFrom(
  ...[
    '<!doctype html>',
    '<html>',
    '<head>',
    '<body>',
    '<!-- ',
    '-->',
    '<p>',
    'text',
    ' ',
    '\n',
    '<title>',
    '</title>',
  ],
  ...[
    '<meta name="env:PUBLIC_A" content="0">',
    '<template>',
    '</template>',
    '<style>',
    '</style>',
    '<p a="',
    '">',
  ],
);

test('whatever the page, a browser finds one script more, as the first element of the head, and the rest as before', () => {
  const once: PageEdits = { ...nothing, scripts: ['/.plinth/a.js'] };
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), list => {
      const html = list.join('');
      const before = elementsOf(parse(html));
      const after = elementsOf(parse(edited(html, once)));
      assert.deepEqual(after.slice(0, 3), ['html', 'head', 'script'], html);
      assert.deepEqual([...after.slice(0, 2), ...after.slice(3)], before, html);
    }),
    { numRuns: 3000 },
  );
});

function edited(html: string, means: PageEdits): string {
  return Buffer.from(editPage(Buffer.from(html), means)).toString();
}

function elementsOf(node: DefaultTreeAdapterTypes.Node): string[] {
  const children = 'childNodes' in node ? node.childNodes : [];
  const inner = 'content' in node ? elementsOf(node.content) : [];
  const own = 'tagName' in node ? [node.tagName] : [];
  return [...own, ...inner, ...children.flatMap(elementsOf)];
}

function titlesOf(node: DefaultTreeAdapterTypes.Node | undefined): string[] {
  if (node === undefined) return [];
  const own =
    'attrs' in node ? node.attrs.filter(({ name }) => name === 'title').map(({ value }) => value) : [];
  return [...own, ...('childNodes' in node ? node.childNodes.flatMap(titlesOf) : [])];
}
