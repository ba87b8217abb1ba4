/**
 * html/: pages that others wrote, read as far as a server has to. Pure; imports nothing and makes no page: that is
 * `page/`. This file cuts a text into tags the way browsers do, in one pass and in linear time on any input, and builds
 * no tree. Read `outline.ts` next for what is looked for, then `edit.ts` for what is changed.
 */

/** From the first character to before the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One attribute of a start tag; of those of one name only the first counts. */
export interface Attribute {
  /** In lower case. */
  readonly name: string;
  /** As it is written, with its character references; empty when there is none. */
  readonly value: string;
  /** From behind the name to behind the value, `="it"`; empty when there is none. */
  readonly span: Span;
}

/** A start tag, an end tag or a document type; comments and text are passed over. */
export interface Tag {
  readonly kind: 'start' | 'end' | 'doctype';
  /** In lower case; empty for a document type. */
  readonly name: string;
  readonly span: Span;
  readonly attributes: readonly Attribute[];
  /** The text of an element that holds nothing but text, such as a script. */
  readonly text: Span | undefined;
}

/**
 * The tags of a text in their order, by the tokenizer of the HTML standard (§13.2.5) with scripting enabled. Nothing is
 * known of SVG and MathML: a style in them is read as one of HTML.
 */
export function* tagsOf(html: string): Generator<Tag, void> {
  for (let position = 0; ; ) {
    const start = html.indexOf('<', position);
    if (start === -1) return;
    const next = html[start + 1] ?? '';
    const isEnd = next === '/';
    if (isLetter(isEnd ? (html[start + 2] ?? '') : next)) {
      const tag = readTag(html, start, isEnd);
      if (tag === undefined) return;
      yield tag;
      position = (tag.text ?? tag.span).end;
    } else if (next === '!' || next === '?' || isEnd) {
      position = endOfDeclaration(html, start);
      if (position > html.length) return;
      if (doctype.test(html.slice(start, start + doctypeLength)))
        yield { kind: 'doctype', name: '', span: { start, end: position }, attributes: [], text: undefined };
    } else {
      position = start + 1;
    }
  }
}

const doctype = /^<!doctype/i;
const doctypeLength = '<!doctype'.length;

function isLetter(character: string): boolean {
  return /^[a-z]$/i.test(character);
}

/** Where a comment, a document type, or what is taken for a comment, is over; beyond the text when it never is. */
function endOfDeclaration(html: string, start: number): number {
  if (!html.startsWith('<!--', start)) return endAfter(html, />/g, start);
  // Both `<!-->` and `<!--->` are whole comments.
  const isShort = html.startsWith('>', start + 4) || html.startsWith('->', start + 4);
  return isShort ? html.indexOf('>', start + 4) + 1 : endAfter(html, /--!?>/g, start + 4);
}

function endAfter(html: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(html) ? pattern.lastIndex : html.length + 1;
}

/** The tag that begins at `start`; undefined when the text ends within it, which makes it none. */
function readTag(html: string, start: number, isEnd: boolean): Tag | undefined {
  tagName.lastIndex = start + (isEnd ? 2 : 1);
  const name = lowered(tagName.exec(html)?.[0] ?? '');
  const attributes: Attribute[] = [];
  const seen = new Set<string>();
  for (let position = tagName.lastIndex; ; ) {
    space.lastIndex = position;
    space.test(html);
    position = space.lastIndex;
    if (position >= html.length) return undefined;
    if (html[position] === '>') {
      const span = { start, end: position + 1 };
      const text = isEnd ? undefined : textAfter(html, name, span.end);
      return { kind: isEnd ? 'end' : 'start', name, span, attributes, text };
    }
    const attribute = readAttribute(html, position);
    if (attribute === undefined) return undefined;
    if (!seen.has(attribute.name)) attributes.push(attribute);
    seen.add(attribute.name);
    position = attribute.span.end;
  }
}

/** All patterns are sticky or global, and none goes back: each character is looked at a few times at most. */
const tagName = /[^\t\n\f\r />]*/y;
const space = /[\t\n\f\r /]*/y;
const attributeName = /[^\t\n\f\r />][^\t\n\f\r />=]*/y;
const equals = /[\t\n\f\r ]*=[\t\n\f\r ]*/y;
const bareValue = /[^\t\n\f\r >]*/y;

function readAttribute(html: string, start: number): Attribute | undefined {
  attributeName.lastIndex = start;
  const name = lowered(attributeName.exec(html)?.[0] ?? '');
  const behind = start + name.length;
  equals.lastIndex = behind;
  if (!equals.test(html)) return { name, value: '', span: { start: behind, end: behind } };
  const from = equals.lastIndex;
  const quote = html[from];
  if (quote === '"' || quote === "'") {
    const to = html.indexOf(quote, from + 1);
    if (to === -1) return undefined;
    return { name, value: html.slice(from + 1, to), span: { start: behind, end: to + 1 } };
  }
  bareValue.lastIndex = from;
  const value = bareValue.exec(html)?.[0] ?? '';
  return { name, value, span: { start: behind, end: from + value.length } };
}

/** Only ASCII letters have a lower case here, so that no length changes. */
function lowered(name: string): string {
  return name.replace(/[A-Z]+/g, letters => letters.toLowerCase());
}

/** Where the text of an element ends that holds nothing but text; undefined for any other element. */
function textAfter(html: string, name: string, start: number): Span | undefined {
  if (name === 'script') return { start, end: endOfScript(html, start) };
  if (name === 'plaintext') return { start, end: html.length };
  const end = rawTextEnds.get(name);
  if (end === undefined) return undefined;
  end.lastIndex = start;
  return { start, end: end.exec(html)?.index ?? html.length };
}

const rawTextEnds: ReadonlyMap<string, RegExp> = new Map(
  ['style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript'].map(name => [
    name,
    new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, 'gi'),
  ]),
);

/** A script within a comment within a script hides its end tag: §13.2.5.15 to §13.2.5.31. */
function endOfScript(html: string, start: number): number {
  const pattern = /<!--|-->|<(\/?)script(?=[\t\n\f\r />])/gi;
  pattern.lastIndex = start;
  let state: 'plain' | 'comment' | 'nested' = 'plain';
  for (let match = pattern.exec(html); match !== null; match = pattern.exec(html)) {
    const [found, slash] = match;
    if (found === '-->') state = 'plain';
    else if (found === '<!--') {
      if (state === 'plain') state = 'comment';
      // Its dashes may be those of its end.
      pattern.lastIndex = match.index + 2;
    } else if (slash === '/') {
      if (state !== 'nested') return match.index;
      state = 'comment';
    } else if (state === 'comment') state = 'nested';
  }
  return html.length;
}
