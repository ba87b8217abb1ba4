import { Parser } from 'htmlparser2';

/** One address that a document names. */
interface Reference {
  /** Absolute, without its fragment. */
  readonly url: string;
  /** What follows the `#`, percent-decoded; empty when there is none. */
  readonly fragment: string;
  /** 'link': people go there. 'part': the document is not whole without it. */
  readonly role: 'link' | 'part';
}

/** What a page or a stylesheet says that can be checked from outside. */
export interface Document {
  /** Each reference once. */
  readonly references: readonly Reference[];
  /** What a fragment may lead to. */
  readonly anchors: ReadonlySet<string>;
  /** Whether a `meta` element within the first 1,024 characters names the encoding. */
  readonly namesCharset: boolean;
  /** Whether a `meta` element says what may run in it. */
  readonly hasPolicy: boolean;
}

/** Reads an HTML page, however broken it is. At most `referencesMax` references are kept. */
export function readPage(html: string, url: string, referencesMax: number): Document {
  const references = new References(url, referencesMax);
  const anchors = new Set<string>();
  let namesCharset = false;
  let hasPolicy = false;
  let styles = '';
  let inStyle = false;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      const { id, name: anchor, href, style } = attributes;
      if (id) anchors.add(id);
      if (name === 'a' && anchor) anchors.add(anchor);
      // The first base element counts, for what stands behind it: HTML §4.2.3.
      if (name === 'base' && href) references.rebase(href);
      else for (const [text, role] of addressesIn(name, attributes)) references.add(text, role);
      if (name === 'meta' && parser.startIndex < prescanChars && isCharset(attributes)) namesCharset = true;
      if (name === 'meta' && isPolicy(attributes)) hasPolicy = true;
      if (style?.includes('url(')) addStyle(style, references);
      inStyle = name === 'style';
    },
    ontext: text => {
      if (inStyle) styles += text;
    },
    onclosetag: () => {
      inStyle = false;
    },
  });
  parser.end(html);
  addStyle(styles, references);
  return { references: references.all(), anchors, namesCharset, hasPolicy };
}

/** Reads a stylesheet: what it imports and what its `url()` name. */
export function readStylesheet(css: string, url: string, referencesMax: number): Document {
  const references = new References(url, referencesMax);
  addStyle(css, references);
  return { references: references.all(), anchors: new Set(), namesCharset: false, hasPolicy: false };
}

class References {
  #base: string;
  readonly #max: number;
  readonly #found = new Map<string, Reference>();
  #isRebased = false;

  constructor(base: string, max: number) {
    this.#base = base;
    this.#max = max;
  }

  rebase(href: string): void {
    if (!this.#isRebased) this.#base = parsed(href, this.#base)?.href ?? this.#base;
    this.#isRebased = true;
  }

  add(text: string, role: Reference['role']): void {
    if (this.#found.size >= this.#max || text.length > urlCharsMax) return;
    const url = parsed(text, this.#base);
    if (url === undefined || !/^https?:$/.test(url.protocol)) return;
    const fragment = decodedFragment(url.hash.slice(1));
    url.hash = '';
    const key = `${role} ${url.href}#${fragment}`;
    if (!this.#found.has(key)) this.#found.set(key, { url: url.href, fragment, role });
  }

  all(): readonly Reference[] {
    return [...this.#found.values()];
  }
}

function parsed(text: string, base: string): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}

function decodedFragment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Attributes = Readonly<Record<string, string | undefined>>;

/** The addresses that an element names, and what they are to it. */
function* addressesIn(name: string, attributes: Attributes): Generator<readonly [string, Reference['role']]> {
  const rel = (attributes.rel ?? '').toLowerCase();
  // These name an origin to get ready for, not something to fetch.
  if (name === 'link' && /\b(?:preconnect|dns-prefetch)\b/.test(rel)) return;
  const isPart = name !== 'link' || /\b(?:stylesheet|icon|preload|modulepreload|manifest)\b/.test(rel);
  for (const attribute of linkAttributes.get(name) ?? []) {
    const value = attributes[attribute];
    if (value !== undefined) yield [value, 'link'];
  }
  for (const attribute of partAttributes.get(name) ?? []) {
    const value = attributes[attribute];
    if (value !== undefined) yield [value, isPart ? 'part' : 'link'];
  }
  for (const set of [attributes.srcset, attributes.imagesrcset]) {
    if (set !== undefined) for (const address of addressesInSet(set)) yield [address, 'part'];
  }
  if (name === 'meta' && /^refresh$/i.test(attributes['http-equiv'] ?? '')) {
    const content = (attributes.content ?? '').slice(0, refreshCharsMax);
    const address = /^\s*\d*(?:\.\d*)?\s*[;,]\s*url\s*=\s*['"]?([^'"]*)/i.exec(content)?.[1];
    if (address !== undefined) yield [address, 'link'];
  }
}

const linkAttributes: ReadonlyMap<string, readonly string[]> = new Map([
  ['a', ['href']],
  ['area', ['href']],
]);

const partAttributes: ReadonlyMap<string, readonly string[]> = new Map([
  ['link', ['href']],
  ['script', ['src']],
  ['img', ['src']],
  ['source', ['src']],
  ['video', ['src', 'poster']],
  ['audio', ['src']],
  ['track', ['src']],
  ['iframe', ['src']],
  ['embed', ['src']],
  ['object', ['data']],
  ['input', ['src']],
  ['image', ['href', 'xlink:href']],
  ['use', ['href', 'xlink:href']],
]);

/** The addresses of `a.png 1x, b.png 2x`; a comma inside an address (`data:`) does not end it. HTML §4.8.4.2.1. */
function addressesInSet(set: string): readonly string[] {
  return [...set.slice(0, srcsetCharsMax).matchAll(/(?:^|,)\s*([^\s,]\S*?)(?=,?\s|,?$)/g)].map(
    ([, address = '']) => address,
  );
}

function addStyle(css: string, references: References): void {
  for (const { groups = {} } of css.matchAll(styleText)) {
    const address = groups.url ?? groups.imported;
    if (address !== undefined) references.add(address.trim(), 'part');
  }
}

/** A comment, an address, an import. Nothing is asked of what follows them, so that no input is read twice. */
const styleText =
  /\/\*[\s\S]*?(?:\*\/|$)|\burl\(\s?["']?(?<url>[^"'()\\]{1,4096})|@import\s+["'](?<imported>[^"'\\]{1,4096})/gi;

function isCharset(attributes: Attributes): boolean {
  if (attributes.charset !== undefined) return true;
  return /^content-type$/i.test(attributes['http-equiv'] ?? '') && /charset=/i.test(attributes.content ?? '');
}

function isPolicy(attributes: Attributes): boolean {
  return /^content-security-policy$/i.test(attributes['http-equiv'] ?? '');
}

/** Browsers look for the encoding in the first octets only: HTML §4.2.5.4. */
const prescanChars = 1024;
const urlCharsMax = 8192;
const srcsetCharsMax = 32_768;
const refreshCharsMax = 4096;
