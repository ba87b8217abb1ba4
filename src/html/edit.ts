import { attributeOf, outlineOf } from './outline.ts';
import type { Attribute, Span, Tag } from './tags.ts';

/** What is to be changed in pages. All that is put into one is ASCII, so that it means the same in any encoding. */
export interface PageEdits {
  /** Paths of scripts that every page runs before its own, classic ones without a module. */
  readonly scripts: readonly string[];
  /** The same for pages that have a script of their own. */
  readonly scriptsForScripts: readonly string[];
  /** A nonce by which the policy of a page may know these scripts. */
  readonly nonce?: string | undefined;
  /** Contents for `<meta name="…" content="…">`, by the whole name. */
  readonly metas: ReadonlyMap<string, string>;
  /** Turns the policy of a `<meta http-equiv="Content-Security-Policy">` into one that allows these scripts. */
  readonly policy?: ((policy: string) => string) | undefined;
}

/**
 * The octets of a page, changed. The same octets when there is nothing to change, or when the page is in UTF-16, which
 * its first two octets tell: its tags are other octets.
 */
export function editPage(page: Uint8Array, edits: PageEdits): Uint8Array {
  if (isUtf16(page)) return page;
  const html = Buffer.from(page.buffer, page.byteOffset, page.length).toString('latin1');
  const { start, metas, scripts } = outlineOf(html);
  const paths = [...edits.scripts, ...(scripts.length > 0 ? edits.scriptsForScripts : [])];
  const changes: Change[] = paths.map(path => ({
    span: { start, end: start },
    text: scriptTag(path, edits.nonce),
  }));
  for (const meta of metas) {
    const change = changeOfMeta(meta, edits);
    if (change !== undefined) changes.push(change);
  }
  return changes.length === 0 ? page : Buffer.from(changed(html, changes), 'latin1');
}

/**
 * Text as the value of an attribute in double quotes, in ASCII.
 * @internal
 */
export function quoted(text: string): string {
  return `"${text.replace(/[^ !#-%'-;=?-~]/gu, character => `&#${character.codePointAt(0)};`)}"`;
}

/**
 * The text that an attribute's value stands for, as far as its character references are numbers or those that every
 * template engine writes.
 */
export function unquoted(value: string): string {
  return value.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi,
    (whole, ten, sixteen, name) => {
      if (name !== undefined) return namedCharacters.get(String(name).toLowerCase()) ?? whole;
      const code = ten === undefined ? Number.parseInt(sixteen, 16) : Number(ten);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const namedCharacters: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

interface Change {
  readonly span: Span;
  readonly text: string;
}

/** The changes come in the order of their places. */
function changed(html: string, changes: readonly Change[]): string {
  let text = '';
  let position = 0;
  for (const { span, text: inserted } of changes) {
    text += html.slice(position, span.start) + inserted;
    position = span.end;
  }
  return text + html.slice(position);
}

function scriptTag(path: string, nonce: string | undefined): string {
  const nonceAttribute = nonce === undefined ? '' : ` nonce=${quoted(nonce)}`;
  return `<script src=${quoted(path)}${nonceAttribute}></script>`;
}

function changeOfMeta(meta: Tag, { metas, policy }: PageEdits): Change | undefined {
  const content = meta.attributes.find(({ name }) => name === 'content');
  const value = metas.get(attributeOf(meta, 'name') ?? '');
  if (value !== undefined) return { span: contentSpan(meta, content), text: contentText(content, value) };
  if (policy === undefined || content === undefined) return undefined;
  const isPolicy = attributeOf(meta, 'http-equiv')?.toLowerCase() === 'content-security-policy';
  return isPolicy ? { span: content.span, text: `=${quoted(policy(unquoted(content.value)))}` } : undefined;
}

/** A `meta` without a content gets one behind its tag's name. */
function contentSpan({ span, name }: Tag, content: Attribute | undefined): Span {
  const behindName = span.start + 1 + name.length;
  return content?.span ?? { start: behindName, end: behindName };
}

function contentText(content: Attribute | undefined, value: string): string {
  return `${content === undefined ? ' content' : ''}=${quoted(value)}`;
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
