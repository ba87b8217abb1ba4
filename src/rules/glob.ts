import { found } from './found.ts';
import { ownStyle, type Pattern, parsePattern, type Unreadable, unreadable } from './pattern.ts';

/** A glob of `serve.json`, as a pattern. */
export interface ReadGlob {
  readonly kind: 'glob';
  readonly from: Pattern;
  /** Whether it means every path but these: it began with `!`. */
  readonly isNegated: boolean;
  /** The name that stands for the rest of the path (`:path*`), which the pattern captures as a star. */
  readonly restName: string | undefined;
}

/**
 * Reads a path as vercel/serve writes them: a glob with or without its first slash, `*`, `**`, `{a,b}`, `@(a|b)`, and
 * `:name`, where `:name*` at the end stands for all that is left. With `isDeep`, a final `/*` means everything below,
 * as it does there in redirects and rewrites. Unreadable when it uses what this language of patterns lacks: `?`,
 * classes, expressions in parentheses, other repetitions.
 */
export function readGlob(text: string, isDeep: boolean): ReadGlob | Unreadable {
  const [, mark = ''] = /^(?:\.?\/)?(!?)/.exec(text) ?? [];
  let glob = `/${text.replace(/^(?:\.?\/)?!?\/?/, '')}`;
  glob = glob.replace(/@\(([^(){},]*)\)/g, (_, choices: string) => `{${choices.replaceAll('|', ',')}}`);
  const rest = /\/:([A-Za-z]\w*)\*$/.exec(glob);
  if (rest !== null) glob = `${glob.slice(0, rest.index)}/**`;
  else if (isDeep) glob = glob.replace(/\/\*$/, '/**');
  if (/[?+!*]\(/.test(glob) || /[()[\]?+]/.test(glob) || /:[A-Za-z]\w*\*/.test(glob))
    return unreadable(
      `${found(text)} uses what is not known here; known are *, **, {a,b}, @(a|b), :name, and :name* at the end`,
    );
  const from = parsePattern(glob, ownStyle);
  return from.kind === 'pattern'
    ? { kind: 'glob', from, isNegated: mark === '!', restName: rest?.[1] }
    : unreadable(`found ${found(text)}; ${from.why}`);
}
