// The tags that we find are those that a whole parser finds, which is the judge here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Token, Tokenizer, TokenizerMode } from 'parse5';
import { type Tag, tagsOf } from '../../src/html/tags.ts';

test('tags are found with their attributes and texts, and nothing is found where a browser finds none', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['<p>a<br/></p>', ['p', 'br', '/p']],
    ['a < b <3 </ p> <', []],
    ['<!DOCTYPE html><HTML>', ['doctype', 'html']],
    ['<!-- <p> --><b><!--><i><!---><u><!-- --!><s>', ['b', 'i', 'u', 's']],
    ['<!-- <p>', []],
    ['<? <p> ><b>', ['b']],
    ['<a title="<p>" b=\'<p>\' c=<p>', ['a title=<p> b=<p> c=<p']],
    ['<a A=1 a=2 b c = 3 =d>', ['a a=1 b= c=3 =d=']],
    ['<a b="', []],
    ['<a b="c"d>', ['a b=c d=']],
    ['<a/b/>', ['a b=']],
    ['<script>"<p></p>"</scripty></SCRIPT ><b>', ['script "<p></p>"</scripty>', '/script', 'b']],
    ['<script><!--<script></script><p>--></script>', ['script <!--<script></script><p>-->', '/script']],
    ['<script><!--></script><b>', ['script <!-->', '/script', 'b']],
    ['<style>a>b{}<p></style>', ['style a>b{}<p>', '/style']],
    ['<title><b></title><textarea><p>', ['title <b>', '/title', 'textarea <p>']],
    ['<script src=a><p>', ['script src=a <p>']],
    ['<p\0x>é<É>', ['p\0x']],
  ];
  for (const [html, expected] of rows) assert.deepEqual(inWords(html, tagsOf(html)), expected, html);
});

const words = [
  ...[
    '<',
    '>',
    '/',
    '!',
    '?',
    '-',
    '--',
    '=',
    '"',
    "'",
    ' ',
    '\n',
    'a',
    'B',
    '</',
    '<!',
    '<!--',
    '-->',
    '--!>',
  ],
  ...['<!doctype html>', '<html', '<head>', '<p ', '<a b=', "c='", 'd="', '/>', '</p>', '&amp;', 'é', '\f'],
  ...[
    '<script',
    '<script>',
    '</script',
    '</script>',
    '<style>',
    '</style>',
    '<title>',
    '</title',
    '<template>',
  ],
  ...['<textarea>', '</textarea>', '<plaintext>', '<noscript>', '</noscript >', '<meta name=', 'content='],
];

test('whatever the text, the tags are those of a whole parser', () => {
  const texts = fc.array(fc.constantFrom(...words), { maxLength: 30 }).map(list => list.join(''));
  fc.assert(
    fc.property(texts, html => {
      assert.deepEqual(inWords(html, tagsOf(html)), inWords(html, tagsOfParse5(html)), html);
    }),
    { numRuns: 10_000 },
  );
});

test('a text that is made to be slow is read as fast as any', () => {
  const count = 200_000;
  for (const part of [
    '<',
    '</',
    '<a ',
    '<!--',
    '<!-- -->',
    '<a b="',
    '<script>',
    '<script><!--<script>',
    '</script',
    '<a =',
    '<a / ',
    '<!',
    '<template>',
    '<a b= ',
  ]) {
    const html = part.repeat(count);
    let tags = 0;
    for (const _tag of tagsOf(html)) tags += 1;
    assert.ok(tags <= count, part);
  }
});

function inWords(html: string, tags: Iterable<Tag>): string[] {
  return [...tags].map(({ kind, name, span, attributes, text }) => {
    if (kind === 'doctype') return kind;
    assert.equal(html[span.end - 1], '>');
    const values = attributes.map(attribute => `${attribute.name}=${attribute.value}`);
    const parts = [kind === 'end' ? `/${name}` : name, ...values];
    if (text !== undefined && text.end > text.start) parts.push(html.slice(text.start, text.end));
    return parts.join(' ');
  });
}

/** The tokenizer of parse5, told as its tree builder does which elements hold nothing but text. */
function tagsOfParse5(html: string): Tag[] {
  const tags: Tag[] = [];
  const within = (token: { location: Token.Location | null }): { start: number; end: number } => ({
    start: token.location?.startOffset ?? 0,
    end: token.location?.endOffset ?? 0,
  });
  let isInText = false;
  const extend = (token: { location: Token.Location | null }): void => {
    const tag = tags.pop();
    if (tag === undefined) return;
    const { start } = tag.text ?? { start: tag.span.end };
    tags.push(isInText ? { ...tag, text: { start, end: within(token).end } } : tag);
  };
  const add = (kind: 'start' | 'end', token: Token.TagToken): void => {
    isInText = false;
    const attributes = token.attrs.map(({ name }) => {
      const at = token.location?.attrs?.[name];
      const written = html.slice(at?.startOffset, at?.endOffset);
      return { name, value: writtenValue(written, name), span: { start: 0, end: 0 } };
    });
    tags.push({ kind, name: token.tagName, span: within(token), attributes, text: undefined });
    const mode = kind === 'start' ? modes.get(token.tagName) : undefined;
    if (mode === undefined) return;
    tokenizer.state = mode;
    isInText = true;
  };
  const pass = (): void => {};
  const tokenizer = new Tokenizer(
    { sourceCodeLocationInfo: true },
    {
      onComment: pass,
      onDoctype: token => {
        const span = within(token);
        if (html[span.end - 1] === '>')
          tags.push({ kind: 'doctype', name: '', span, attributes: [], text: undefined });
      },
      onStartTag: token => add('start', token),
      onEndTag: token => add('end', token),
      onEof: pass,
      onCharacter: extend,
      onNullCharacter: extend,
      onWhitespaceCharacter: extend,
    },
  );
  tokenizer.write(html, true);
  return tags;
}

/** As it is written: parse5 gives values with their references resolved. */
function writtenValue(written: string, name: string): string {
  const value = written.slice(name.length).replace(/^[\t\n\f\r ]*=[\t\n\f\r ]*/, '');
  return /^["']/.test(value) ? value.slice(1, -1) : value;
}

const modes: ReadonlyMap<string, (typeof TokenizerMode)[keyof typeof TokenizerMode]> = new Map([
  ['script', TokenizerMode.SCRIPT_DATA],
  ['plaintext', TokenizerMode.PLAINTEXT],
  ['title', TokenizerMode.RCDATA],
  ['textarea', TokenizerMode.RCDATA],
  ...['style', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript'].map(
    name => [name, TokenizerMode.RAWTEXT] as const,
  ),
]);
