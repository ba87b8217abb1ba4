import { matchPattern, type Pattern, type Token } from './pattern.ts';

/** Whether a place, by its decoded segments, is among those that a guard is for. */
export type HoldsPlace = (segments: readonly string[]) => boolean;

/**
 * The places of a pattern as a guard wants them: with everything below them, and more widely than any file system would
 * take names for the same: in any case, in any form of Unicode; and a name stands for all forms of it (`/a` for `a.html`,
 * `a.zh.html` and `a.html.br`, `/b.jpg` for `b.avif`), since one may be sent in place of the other.
 */
export function placesOfPattern(pattern: Pattern): HoldsPlace {
  const branches = pattern.branches.flatMap(tokens => [tokens, ...withoutExtensions(tokens)]).map(andBelow);
  const asWritten: Pattern = { ...pattern, branches, isExact: false };
  const inOneForm: Pattern = { ...asWritten, branches: branches.map(tokens => tokens.map(foldedToken)) };
  return segments =>
    formsOf(segments).some(form => matches(asWritten, form) || matches(inOneForm, form.map(foldedSegment)));
}

/** One spelling for all that some file system takes for the same name. */
export function folded(name: string): string {
  const visible = name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  // To upper case last: in lower case the sigma at the end of a word is another letter.
  return visible.toLowerCase().toUpperCase().normalize('NFKC');
}

/** A name up to the dot that begins its extensions. */
export function stem(name: string): string {
  return /^\.?[^.]*/.exec(name)?.[0] ?? name;
}

function matches(pattern: Pattern, segments: readonly string[]): boolean {
  return matchPattern(pattern, { segments, endsInSlash: false }) !== undefined;
}

/** The same place without the suffix of a coding, and without extensions. */
function formsOf(segments: readonly string[]): readonly (readonly string[])[] {
  const name = segments.at(-1) ?? '';
  const above = segments.slice(0, -1);
  const others = new Set([name.replace(/(?<=.)\.[^.]*$/, ''), stem(name)]);
  others.delete(name);
  return [segments, ...[...others].map(other => [...above, other])];
}

/** A name that is written out and has extensions, without them; nothing where there is none at the end. */
function withoutExtensions(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const last = tokens.at(-1);
  if (last?.kind !== 'literal') return [];
  const slash = last.text.lastIndexOf('/');
  const name = last.text.slice(slash + 1);
  if (slash < 0 || stem(name) === name) return [];
  return [[...tokens.slice(0, -1), { kind: 'literal', text: last.text.slice(0, slash + 1) + stem(name) }]];
}

function andBelow(tokens: readonly Token[]): readonly Token[] {
  return tokens.at(-1)?.kind === 'segments' ? tokens : [...tokens, { kind: 'segments' }];
}

function foldedToken(token: Token): Token {
  if (token.kind !== 'literal') return token;
  return { kind: 'literal', text: token.text.split('/').map(foldedSegment).join('/') };
}

/** Characters that look like a slash divide nothing. */
function foldedSegment(name: string): string {
  return folded(name).replaceAll('/', '\0');
}
