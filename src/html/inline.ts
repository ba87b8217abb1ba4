import { unquoted } from './edit.ts';
import { attributeOf, outlineOf } from './outline.ts';
import type { Span, Tag } from './tags.ts';

/** What a page runs and wears from within itself, each text once, as a browser hashes it for a policy. */
export interface InlineTexts {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
  /** Of attributes such as `onclick`. */
  readonly handlers: readonly string[];
}

/**
 * The inline scripts, styles and handlers of a page in UTF-8. What only holds data is no script. CSP Level 3 §6.7.3.
 * Undefined for a page in UTF-16.
 */
export function inlineTextsOf(page: Uint8Array): InlineTexts | undefined {
  const isUtf16 = (page[0] === 0xff && page[1] === 0xfe) || (page[0] === 0xfe && page[1] === 0xff);
  if (isUtf16) return undefined;
  // Lines end in one way for a browser, and NUL is no character to it.
  const html = Buffer.from(page.buffer, page.byteOffset, page.length)
    .toString()
    .replace(/\r\n?/g, '\n')
    .replaceAll('\0', '\ufffd');
  const { scripts, styles, handlers } = outlineOf(html);
  const texts = (tags: readonly Tag[]): string[] => tags.map(({ text }) => textAt(html, text));
  return {
    scripts: unique(texts(scripts.filter(isInlineScript))),
    styles: unique(texts(styles)),
    handlers: unique(handlers.map(({ value }) => unquoted(value))),
  };
}

function isInlineScript(tag: Tag): boolean {
  return attributeOf(tag, 'src') === undefined && scriptTypes.test((attributeOf(tag, 'type') ?? '').trim());
}

const scriptTypes =
  /^(?:(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script(?:1\.[0-5])?|module|importmap|speculationrules)?$/i;

function textAt(html: string, span: Span | undefined): string {
  return span === undefined ? '' : html.slice(span.start, span.end);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
