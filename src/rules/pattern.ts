import type { PathTarget } from '../http/target.ts';

/** A path pattern, ready to be matched. */
export interface Pattern {
  readonly kind: 'pattern';
  /** As it was written. */
  readonly text: string;
  /** What it captures: the names after colons, and `splat` where it has a star. */
  readonly names: readonly string[];
  /** Whether a final slash of the path counts. */
  readonly isExact: boolean;
  /** What the braces stand for, written out; the first that matches counts. */
  readonly branches: readonly (readonly Token[])[];
}

/** One piece of a pattern. The path that it is held against begins each of its segments with a slash. */
export type Token =
  | { readonly kind: 'literal'; readonly text: string }
  /** `*`: any characters of one segment, none too. */
  | { readonly kind: 'within' }
  /** `:name`: one character or more of one segment. */
  | { readonly kind: 'named'; readonly name: string }
  /** `**` beside other characters: any characters, slashes too. */
  | { readonly kind: 'across' }
  /** `**` alone between slashes: any number of whole segments, none too, each with its slash. */
  | { readonly kind: 'segments' };

/** How a pattern is written. */
export interface PatternStyle {
  /** Whether `{a,b}` stands for either; otherwise braces stand for themselves. */
  readonly hasBraces: boolean;
  /** Whether a single `*` means what `**` means. */
  readonly hasWideStars: boolean;
  /** Whether a final slash of the path counts. */
  readonly isExact: boolean;
}

/** Why a text cannot be read: what is wrong, in words, without the file and line. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly why: string;
}

/** What one name stands for in a path that matched. */
export interface Capture {
  readonly text: string;
  /** Whether slashes in the text divide segments; otherwise they are characters like others. */
  readonly isPath: boolean;
}

/** What a path was taken for, by name. */
export type Captures = ReadonlyMap<string, Capture>;

/** The path that a pattern is held against: decoded, as the look-up reads it. */
export type MatchedPath = Pick<PathTarget, 'segments' | 'endsInSlash'>;

/** Plinth's own way of writing patterns, which `docs/rules.md` describes. */
export const ownStyle: PatternStyle = { hasBraces: true, hasWideStars: false, isExact: false };

/** The name under which what a star stood for is captured; of several stars the last counts. */
export const splatName = 'splat';

/**
 * Reads a pattern: `*`, `**`, `:name`, `{a,b}` and literal text, in which escapes such as `%2A` stand for a
 * character that means nothing else. Unreadable when it does not begin with `/`, has a query or a fragment, an
 * empty or dot segment, two wildcards side by side, a name twice, open braces, or stands for too much.
 */
export function parsePattern(text: string, style: PatternStyle = ownStyle): Pattern | Unreadable {
  if (text.length > patternLengthMax)
    return unreadable(`the pattern is longer than ${patternLengthMax} characters`);
  const written = style.hasBraces ? expand(text) : [text];
  if ('kind' in written) return written;
  const branches: (readonly Token[])[] = [];
  for (const one of written) {
    const tokens = parseBranch(one, style);
    if ('kind' in tokens) return tokens;
    branches.push(tokens);
  }
  const wildcards = branches.flat().filter(({ kind }) => kind !== 'literal').length;
  if (wildcards > writtenWildcardsMax)
    return unreadable(`the braces stand for more than ${writtenWildcardsMax} wildcards`);
  return {
    kind: 'pattern',
    text,
    names: branches.map(namesIn).reduce((common, names) => common.filter(name => names.includes(name))),
    isExact: style.isExact,
    branches,
  };
}

/**
 * What a pattern takes a path for; undefined when it does not match. Each wildcard takes as little as it can. The
 * time is at most the length of the path times that of the pattern with its braces written out, whatever they hold.
 */
export function matchPattern({ branches, isExact }: Pattern, path: MatchedPath): Captures | undefined {
  const text = pathText(path, isExact);
  for (const tokens of branches) {
    const ends = matchTokens(tokens, text);
    if (ends !== undefined) return capturesOf(tokens, text, ends);
  }
  return undefined;
}

/** Makes an unreadable value. */
export function unreadable(why: string): Unreadable {
  return { kind: 'unreadable', why };
}

const patternLengthMax = 2000;
const branchesMax = 64;
/** These bound the time that a path of the greatest length can cost: of one branch, and of all together. */
const wildcardsMax = 16;
const writtenWildcardsMax = 64;

/** Every segment begins with a slash; the root is empty, so that `/**` finds it as every folder. */
function pathText({ segments, endsInSlash }: MatchedPath, isExact: boolean): string {
  if (segments.length === 0) return isExact ? '/' : '';
  const text = `/${segments.join('/')}`;
  return isExact && endsInSlash ? `${text}/` : text;
}

/** Where each token ends in the text; undefined when they do not fill it exactly. */
function matchTokens(tokens: readonly Token[], text: string): readonly number[] | undefined {
  const [first] = tokens;
  if (first?.kind === 'literal' && !text.startsWith(first.text)) return undefined;
  const ends: number[] = [];
  // A place that a wildcard has tried once need not be tried again: what follows has failed from there, and from
  // all that comes after. This is what keeps the time linear.
  const tried = new Set<number>();
  const follow = (index: number, at: number): boolean => {
    const token = tokens[index];
    if (token === undefined) return at === text.length;
    if (token.kind === 'literal') {
      ends[index] = at + token.text.length;
      return text.startsWith(token.text, at) && follow(index + 1, at + token.text.length);
    }
    if (index === tokens.length - 1) {
      const least = firstEnd(token, text, at);
      ends[index] = text.length;
      return least !== undefined && takesAll(token, text, least);
    }
    for (let end = firstEnd(token, text, at); end !== undefined; end = nextEnd(token, text, end)) {
      const place = index * (text.length + 1) + end;
      if (tried.has(place)) return false;
      ends[index] = end;
      if (follow(index + 1, end)) return true;
      tried.add(place);
    }
    return false;
  };
  return follow(0, 0) ? ends : undefined;
}

type Wildcard = Exclude<Token, { kind: 'literal' }>;

/** The least that a wildcard can take from here. */
function firstEnd(token: Wildcard, text: string, at: number): number | undefined {
  if (token.kind !== 'named') return at;
  return at < text.length && text[at] !== '/' ? at + 1 : undefined;
}

/** The next more that it can take, when it has taken up to here. */
function nextEnd(token: Wildcard, text: string, end: number): number | undefined {
  if (end >= text.length) return undefined;
  switch (token.kind) {
    case 'within':
    case 'named':
      return text[end] === '/' ? undefined : end + 1;
    case 'across':
      return end + 1;
    case 'segments': {
      if (text[end] !== '/') return undefined;
      const slash = text.indexOf('/', end + 1);
      return slash < 0 ? text.length : slash;
    }
  }
}

/** Whether a wildcard that nothing follows can take all that is left, at once and not step by step. */
function takesAll(token: Wildcard, text: string, end: number): boolean {
  switch (token.kind) {
    case 'within':
    case 'named':
      return !text.includes('/', end);
    case 'across':
      return true;
    case 'segments':
      return end === text.length || text[end] === '/';
  }
}

function capturesOf(tokens: readonly Token[], text: string, ends: readonly number[]): Captures {
  const captures = new Map<string, Capture>();
  let start = 0;
  for (const [index, token] of tokens.entries()) {
    const end = ends[index] ?? start;
    if (token.kind !== 'literal') {
      // The slash before whole segments belongs to what stands before them.
      const from = token.kind === 'segments' && end > start ? start + 1 : start;
      captures.set(nameOfWildcard(token), { text: text.slice(from, end), isPath: true });
    }
    start = end;
  }
  return captures;
}

function nameOfWildcard(token: Wildcard): string {
  return token.kind === 'named' ? token.name : splatName;
}

function namesIn(tokens: readonly Token[]): readonly string[] {
  return [...new Set(tokens.flatMap(token => (token.kind === 'literal' ? [] : [nameOfWildcard(token)])))];
}

/** What the braces of a text stand for, written out in order. */
function expand(text: string): readonly string[] | Unreadable {
  let written: readonly string[] = [''];
  const parts = bracesAndText(text);
  if (parts === undefined) return unreadable('a brace is open, or stands within others');
  for (const part of parts) {
    written = written.flatMap(before => part.map(one => `${before}${one}`));
    if (written.length > branchesMax)
      return unreadable(`the braces stand for more than ${branchesMax} paths`);
  }
  return written;
}

/** A text cut into what stands between braces and the choices within them. */
function bracesAndText(text: string): readonly (readonly string[])[] | undefined {
  const parts: (readonly string[])[] = [];
  for (const [index, piece] of text.split('{').entries()) {
    const [choices = '', after, ...more] = piece.split('}');
    if (index === 0) {
      if (after !== undefined) return undefined;
      parts.push([choices]);
    } else {
      if (after === undefined || more.length > 0) return undefined;
      parts.push(choices.split(',').slice(0, branchesMax + 1), [after]);
    }
  }
  return parts;
}

/** One way to write the pattern, without braces. */
function parseBranch(text: string, style: PatternStyle): readonly Token[] | Unreadable {
  if (!text.startsWith('/')) return unreadable('a pattern begins with a slash');
  if (/[?#]/.test(text)) return unreadable('a pattern is a path, without a query (? is written %3F, # %23)');
  if (text.includes('//')) return unreadable('a path never has two slashes side by side');
  const path = style.isExact ? text : text.replace(/\/$/, '');
  const tokens: Token[] = [];
  for (const [index, segment] of path.split('/').entries()) {
    if (index === 0) continue;
    const refused = addSegment(tokens, segment, style);
    if (refused !== undefined) return refused;
  }
  return checked(tokens);
}

function addSegment(tokens: Token[], segment: string, style: PatternStyle): Unreadable | undefined {
  if (segment === '.' || segment === '..') return unreadable('a path never has . or .. for a name');
  const isWhole = segment === '**' || (style.hasWideStars && segment === '*');
  if (isWhole && !style.isExact) {
    tokens.push({ kind: 'segments' });
    return undefined;
  }
  addLiteral(tokens, '/');
  for (const piece of segment.match(pieces) ?? []) {
    if (piece === '**' || (piece === '*' && style.hasWideStars)) tokens.push({ kind: 'across' });
    else if (piece.startsWith('**')) return unreadable('more than two stars stand side by side');
    else if (piece === '*') tokens.push({ kind: 'within' });
    else if (/^:./.test(piece)) tokens.push({ kind: 'named', name: piece.slice(1) });
    else {
      const literal = decoded(piece);
      if (literal === undefined) return unreadable(`${piece} has an escape that no path can hold`);
      addLiteral(tokens, literal);
    }
  }
  return undefined;
}

/** A run of stars, a name after a colon, or text up to the next of them; a colon without a name is text. */
const pieces = /\*+|:[A-Za-z]\w*|(?:(?!\*|:[A-Za-z]).)+/gsu;

function addLiteral(tokens: Token[], text: string): void {
  const last = tokens.at(-1);
  if (last?.kind === 'literal') tokens[tokens.length - 1] = { kind: 'literal', text: last.text + text };
  else tokens.push({ kind: 'literal', text });
}

/** Decoded once, as a target is; undefined where no target could be it. */
function decoded(text: string): string | undefined {
  if (!text.includes('%')) return text.includes('\0') ? undefined : text;
  try {
    const plain = decodeURIComponent(text);
    return /[\0/]/.test(plain) ? undefined : plain;
  } catch {
    return undefined;
  }
}

function checked(tokens: readonly Token[]): readonly Token[] | Unreadable {
  const names = new Set<string>();
  let wildcards = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'literal') continue;
    const next = tokens[index + 1];
    // Whole segments bring their own slash: nothing is unclear between two runs of them and a name.
    if (next !== undefined && next.kind !== 'literal' && next.kind !== 'segments')
      return unreadable('two wildcards stand side by side');
    wildcards += 1;
    if (token.kind !== 'named') continue;
    if (names.has(token.name)) return unreadable(`:${token.name} stands there twice`);
    names.add(token.name);
  }
  if (wildcards > wildcardsMax) return unreadable(`the pattern has more than ${wildcardsMax} wildcards`);
  return tokens;
}
