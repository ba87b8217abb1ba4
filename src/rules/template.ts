import { parseAuthority } from '../http/authority.ts';
import { formatSegment, type PathTarget, parseTarget, pathTo } from '../http/target.ts';
import { type Capture, type Captures, splatName, type Unreadable, unreadable } from './pattern.ts';

/** Where a rule leads: a path of this site or an address elsewhere, with names to be filled in. */
export interface Template {
  readonly kind: 'template';
  /** As it was written. */
  readonly text: string;
  /** `https://example.org` or `//example.org`; undefined for a path of this site. */
  readonly origin: string | undefined;
  /** The path with its slashes; it begins with one. */
  readonly path: Text;
  /** The query with its `?`; undefined: the request's query is kept. */
  readonly query: Text | undefined;
  /** The fragment with its `#`, or nothing. */
  readonly fragment: Text;
}

/** Text with names to be filled in. */
export type Text = readonly Piece[];

/** A piece of such a text. */
type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string };

/**
 * Reads where a rule leads. `names` are what its pattern captures. A colon and a name that is not among them stand for
 * themselves within a segment (`/Help:Contents`), and are a mistake at its beginning.
 * Unreadable when it is neither a path nor an http or https address, or would fill in a host.
 */
export function parseTemplate(text: string, names: readonly string[]): Template | Unreadable {
  const { origin, path = '', query, fragment = '' } = parts.exec(text)?.groups ?? {};
  if (/[\0-\x1f\x7f]/.test(text)) return unreadable('the target has a control character');
  if (origin === undefined && !path.startsWith('/'))
    return unreadable(
      'a target is a path that begins with a slash, or an address that begins with http:// or https://',
    );
  if (origin !== undefined && (path.startsWith('\\') || !namesHost(origin)))
    return unreadable('the target names no host that can be read');
  const unknown = unknownName(path, names);
  if (unknown !== undefined)
    return unreadable(`the pattern has nothing called ${unknown} (a colon is written %3A)`);
  const template: Template = {
    kind: 'template',
    text,
    origin,
    path: parseText(escaped(path === '' ? '/' : path), names),
    query: query === undefined ? undefined : parseText(escaped(query), names),
    fragment: parseText(escaped(fragment), names),
  };
  return origin === undefined && !canLead(template, names)
    ? unreadable('the target is a path that cannot be asked for')
    : template;
}

/** Cuts a text at the names that are known; every other colon stands for itself. */
export function parseText(text: string, names: readonly string[]): Text {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(nameInText)) {
    const name = match[0].slice(1);
    if (!names.includes(name)) continue;
    if (match.index > from) pieces.push({ kind: 'literal', text: text.slice(from, match.index) });
    pieces.push({ kind: 'name', name });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ kind: 'literal', text: text.slice(from) });
  return pieces;
}

/**
 * The value of a Location field: visible ASCII, with the request's query where the template has none of its own. It
 * leads to this site, unless the template itself names another: what is filled in never becomes a host or climbs.
 * Undefined when what is to be filled in would be a dot segment.
 */
export function fillLocation(template: Template, captures: Captures, target: PathTarget): string | undefined {
  const path = fillPath(template, captures, target);
  if (path === undefined) return undefined;
  const query = template.query === undefined ? target.query : fillText(template.query, captures);
  return `${template.origin ?? ''}${path}${query}${fillText(template.fragment, captures)}`;
}

/**
 * The target that is looked up instead of the request's, read as every target is. Undefined when the result is none,
 * or lies on another site.
 */
export function fillTarget(
  template: Template,
  captures: Captures,
  target: PathTarget,
  rules: { readonly windows: boolean },
): PathTarget | undefined {
  const path = template.origin === undefined ? fillPath(template, captures, target) : undefined;
  if (path === undefined) return undefined;
  const query = template.query === undefined ? target.query : fillText(template.query, captures);
  const filled = parseTarget('GET', `${path}${query}`, { ...rules, secure: false });
  return filled.kind === 'path' ? filled : undefined;
}

/** The text with every name percent-encoded, so that nothing filled in ends a field or a word. RFC 3986 §2.1. */
export function fillText(text: Text, captures: Captures): string {
  return text
    .map(piece => (piece.kind === 'literal' ? piece.text : encoded(captures.get(piece.name))))
    .join('');
}

/** Scheme and host, if any, then path, query and fragment. A scheme that is none of the web's is no origin. */
const parts =
  /^(?<origin>(?:https?:)?\/\/[^/?#\\]*)?(?<path>[^?#]*)(?<query>\?[^#]*)?(?<fragment>#[\s\S]*)?$/i;
const nameInText = /:[A-Za-z]\w*/g;
const segmentName = /\/(:[A-Za-z]\w*)/g;

function namesHost(origin: string): boolean {
  const authority = parseAuthority(origin.slice(origin.indexOf('//') + 2));
  return authority !== undefined && authority.host !== '';
}

/** Whether the path can be looked up when harmless words are filled in: it does not climb and hides no slash. */
function canLead(template: Template, names: readonly string[]): boolean {
  const words = new Map(names.map(name => [name, { text: 'x', isPath: true }]));
  return fillTarget(template, words, pathTo([], true), { windows: false }) !== undefined;
}

function unknownName(path: string, names: readonly string[]): string | undefined {
  for (const [, name = ''] of path.matchAll(segmentName)) if (!names.includes(name.slice(1))) return name;
  return undefined;
}

/** Octets that may stand in an address stay as they are written, the others are encoded. RFC 3986 §3.3, §3.4. */
function escaped(text: string): string {
  return text.replace(/%(?![\dA-Fa-f]{2})|[^\w.~!$&()*+,;=:@/?#%-]+/gu, formatSegment);
}

/** The path of the result: it begins with one slash, has no run of them and no dot segment. */
function fillPath(template: Template, captures: Captures, target: PathTarget): string | undefined {
  const filled = fillText(template.path, captures);
  const segments = filled.split('/').filter(segment => segment !== '');
  if (segments.some(isDots)) return undefined;
  // What a final star stood for ends as the request's path did.
  const last = template.path.at(-1);
  const isOpen = last?.kind === 'name' && last.name === splatName && !filled.endsWith('/');
  const endsInSlash = isOpen ? target.endsInSlash : filled.endsWith('/');
  return `/${segments.join('/')}${endsInSlash && segments.length > 0 ? '/' : ''}`;
}

/** A dot segment, also in the encoded form that readers resolve as well. */
function isDots(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment);
}

function encoded(capture: Capture | undefined): string {
  if (capture === undefined) return '';
  return capture.isPath ? capture.text.split('/').map(formatSegment).join('/') : formatSegment(capture.text);
}
