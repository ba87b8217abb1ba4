import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeText, pageBottom, pageTop, revealControls } from '../../src/page/shell.ts';

test('a document says its language, charset, width and schemes, and escapes its title', () => {
  const document = pageTop({ title: '</title><script>', lang: '"', classes: '"x', head: '' }) + pageBottom();
  assert.ok(document.startsWith('<!doctype html>\n<html lang="&#34;">\n<head>\n<meta charset="utf-8">'));
  assert.ok(document.includes('<title>&#60;/title&#62;&#60;script&#62;</title>'));
  assert.ok(document.includes('<meta name="viewport" content="width=device-width, initial-scale=1">'));
  assert.ok(document.includes('<meta name="color-scheme" content="light dark">'));
  assert.ok(document.includes('<body class="&#34;x">'));
  assert.ok(!document.includes('<script'));
  assert.ok(document.endsWith('</body>\n</html>\n'));
});

const escapes: readonly (readonly [text: string, escaped: string])[] = [
  ['', ''],
  ['plain 读我 🎏', 'plain 读我 🎏'],
  ['<b>', '&#60;b&#62;'],
  ['&amp;', '&#38;amp;'],
  [`"'`, '&#34;&#39;'],
  ['<<>>', '&#60;&#60;&#62;&#62;'],
];

test('escaped text is safe between tags and in quotes', () => {
  for (const [text, escaped] of escapes) assert.equal(escapeText(text), escaped);
});

const reveals: readonly (readonly [text: string, revealed: string])[] = [
  ['plain name.txt', 'plain name.txt'],
  ['two\nlines', 'two[U+000A]lines'],
  ['\u0000\u001b\u007f\u0085', '[U+0000][U+001B][U+007F][U+0085]'],
  ['gpj.\u202exe', 'gpj.[U+202E]xe'],
  ['a\u200bb\ufeffc', 'a[U+200B]b[U+FEFF]c'],
  ['a\u2028b\u2066c', 'a[U+2028]b[U+2066]c'],
  ['\ud800 alone', '[U+D800] alone'],
  ['👩\u200d💻 and फ़ाइल', '👩\u200d💻 and फ़ाइल'],
];

test('what cannot be seen, or turns the text around, shows as its code', () => {
  for (const [text, revealed] of reveals) assert.equal(revealControls(text), revealed);
});
