import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPage, readStylesheet } from '../../src/probe/document.ts';

const at = 'http://x.test/a/b.html';

test('what a page refers to is found, once each, with its role', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['<a href="c.html">', ['link /a/c.html']],
    ["<A HREF='/c?d=1&amp;e=2#f%20g'>", ['link /c?d=1&e=2#f g']],
    ['<a href="c"><a href="c"><img src="c">', ['link /a/c', 'part /a/c']],
    ['<a href="#here">', ['link /a/b.html#here']],
    ['<base href="/z/"><base href="/y/"><a href="c">', ['link /z/c']],
    ['<link rel="stylesheet" href="s.css"><link rel="canonical" href="/b">', ['part /a/s.css', 'link /b']],
    ['<link rel="preconnect" href="/p"><link rel="dns-prefetch" href="/p">', []],
    ['<script src="/s.js"></script><script>"<a href=/no>"</script>', ['part /s.js']],
    ['<img srcset="1.png 1x, /2,3.png 2x,4.png 100w">', ['part /a/1.png', 'part /2,3.png', 'part /a/4.png']],
    [
      '<video src="v" poster="p"><source src="w"><track src="t">',
      ['part /a/v', 'part /a/p', 'part /a/w', 'part /a/t'],
    ],
    ['<meta http-equiv=refresh content="0; url=\'/r\'">', ['link /r']],
    ['<style>@import "i.css"; a{background:url(/g.png)}</style>', ['part /a/i.css', 'part /g.png']],
    ['<p style="background:url(\'h.png\')">', ['part /a/h.png']],
    ['<svg><use xlink:href="/i.svg#x"/></svg>', ['part /i.svg#x']],
    ['<!-- <a href="/no"> --><textarea><a href="/no"></textarea>', []],
    ['<a href="mailto:a@b"><a href="javascript:1"><a href="http://["><a href="data:,x">', []],
    ['<a href="//y.test/z">', ['link http://y.test/z']],
    ['<a href="%zz#%zz">', ['link /a/%zz#%zz']],
  ];
  for (const [html, expected] of rows) {
    const found = readPage(html, at, 100).references.map(
      ({ url, fragment, role }) => `${role} ${url.replace('http://x.test', '')}${fragment && `#${fragment}`}`,
    );
    assert.deepEqual(found, expected, html);
  }
});

test('what a stylesheet refers to is found, and nothing in its comments', () => {
  const css =
    '/* url(no) */ @import url("a.css"); b{src:url(c.woff2) format("woff2"),URL( \'d.png\' )} e{f:curl(no)}';
  assert.deepEqual(
    readStylesheet(css, at, 100).references.map(({ url }) => url),
    ['http://x.test/a/a.css', 'http://x.test/a/c.woff2', 'http://x.test/a/d.png'],
  );
});

test('anchors are ids, and the names of a elements', () => {
  const { anchors } = readPage('<h1 id="é">x</h1><a name=n>x</a><input name=no>', at, 100);
  assert.deepEqual([...anchors], ['é', 'n']);
});

test('an encoding counts where browsers look for it', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['<meta charset=utf-8>', true],
    ['<meta http-equiv="Content-Type" content="text/html; charset=utf-8">', true],
    ['<meta name="charset" content="utf-8">', false],
    [`<!--${'x'.repeat(1100)}--><meta charset=utf-8>`, false],
  ];
  for (const [html, expected] of rows) assert.equal(readPage(html, at, 1).namesCharset, expected, html);
});

test('references have a bound', () => {
  const html = Array.from({ length: 50 }, (_, index) => `<a href="${index}">`).join('');
  assert.equal(readPage(html, at, 7).references.length, 7);
  assert.equal(readPage(`<a href="${'x'.repeat(9000)}">`, at, 7).references.length, 0);
});

test('input that was made to take long does not', () => {
  const rows = [
    'url(',
    'url( ',
    '@import ',
    '/*',
    '<a ',
    '<a href="',
    '<style>',
    '</',
    '&amp',
    ' ',
    '<meta ',
    ', ',
  ];
  for (const piece of rows) {
    const text = piece.repeat(Math.floor(1_000_000 / piece.length));
    readPage(text, at, 100);
    readPage(`<img srcset="${text.replaceAll('"', '')}">`, at, 100);
    readPage(`<meta http-equiv=refresh content="${text.replaceAll('"', '')}">`, at, 100);
    readStylesheet(text, at, 100);
  }
});
