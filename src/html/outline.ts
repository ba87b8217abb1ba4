import { type Attribute, type Span, type Tag, tagsOf } from './tags.ts';

/** What is to be known of a page before it is changed, or a policy is made for it. */
export interface Outline {
  /**
   * Where a script comes before everything else: behind `<head>`, else where a browser would open one, behind
   * `<html>`, the document type or nothing.
   */
  readonly start: number;
  /** The `meta` tags that count: those in a template do not. */
  readonly metas: readonly Tag[];
  /** The script tags, with the text of those that have no `src`. */
  readonly scripts: readonly Tag[];
  /** The style tags with their text. */
  readonly styles: readonly Tag[];
  /** Attributes that hold scripts, such as `onclick`. */
  readonly handlers: readonly Attribute[];
}

/** Reads a page once, in linear time. */
export function outlineOf(html: string): Outline {
  const metas: Tag[] = [];
  const scripts: Tag[] = [];
  const styles: Tag[] = [];
  const handlers: Attribute[] = [];
  const beginning = new Beginning(html);
  let templates = 0;
  for (const tag of tagsOf(html)) {
    beginning.pass(tag);
    if (tag.name === 'template') templates = Math.max(0, templates + (tag.kind === 'end' ? -1 : 1));
    if (tag.kind !== 'start') continue;
    if (tag.name === 'meta' && templates === 0) metas.push(tag);
    if (tag.name === 'script') scripts.push(tag);
    if (tag.name === 'style') styles.push(tag);
    for (const attribute of tag.attributes) if (attribute.name.startsWith('on')) handlers.push(attribute);
  }
  return { start: beginning.end, metas, scripts, styles, handlers };
}

/** The value of an attribute, its character references as they are written; undefined when it is not there. */
export function attributeOf(tag: Tag, name: string): string | undefined {
  return tag.attributes.find(attribute => attribute.name === name)?.value;
}

/** Follows the tags as long as none of them opens anything but the document itself. */
class Beginning {
  readonly #html: string;
  /** Where what has been passed over ends. */
  #passed: Span;
  #stage = 0;
  #isOver = false;

  constructor(html: string) {
    this.#html = html;
    const end = byteOrderMarks.exec(html)?.[0].length ?? 0;
    this.#passed = { start: end, end };
  }

  get end(): number {
    return this.#passed.end;
  }

  pass({ kind, name, span }: Tag): void {
    if (this.#isOver) return;
    const stage = stages.indexOf(kind === 'start' ? name : kind);
    this.#isOver = stage < this.#stage || !isBlank(this.#html.slice(this.#passed.end, span.start));
    if (this.#isOver) return;
    this.#passed = span;
    this.#stage = stage + 1;
    this.#isOver = name === 'head';
  }
}

const stages: readonly string[] = ['doctype', 'html', 'head'];

/** One in UTF-8, read as UTF-16 or octet by octet. */
const byteOrderMarks = /^(?:\ufeff|\xef\xbb\xbf)/;

/** Whether nothing but white space and comments stands in a text that lies between two tags. */
function isBlank(text: string): boolean {
  const pattern = /[\t\n\f\r ]+|<!--(?:-?>|[\s\S]*?--!?>)|<[!?/][^>]*>/y;
  while (pattern.lastIndex < text.length) if (!pattern.test(text)) return false;
  return true;
}
