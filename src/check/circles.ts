import { formatPath, type PathTarget, parseTarget } from '../http/target.ts';
import { matchPattern, type Pattern } from '../rules/pattern.ts';
import { formatSource, type Route, type RuleFault, type RuleSource } from '../rules/rules.ts';
import { fillTarget } from '../rules/template.ts';

/** Redirects that are followed from one path; browsers give up at about as many. */
const hopsMax = 20;

/**
 * Redirects that lead to each other for ever: each is tried with one path that it matches. Told once for each circle. Of
 * rules that ask for more than a path nothing is said. `goesFirst` tells whether something is at a path that goes before a
 * rule.
 */
export async function circles(
  routes: readonly Route[],
  goesFirst: (target: PathTarget) => Promise<boolean>,
): Promise<readonly RuleFault[]> {
  const faults: RuleFault[] = [];
  const told = new Set<string>();
  for (const { from, action } of routes) {
    const start = action.kind === 'redirect' ? pathOf(from) : undefined;
    if (start === undefined) continue;
    const way = [start];
    const sources: RuleSource[] = [];
    for (let hop = 0; hop < hopsMax; hop++) {
      const next = await step(way[hop] ?? start, routes, goesFirst);
      if (next === undefined) break;
      sources.push(next.source);
      way.push(next.target);
      const first = way.findIndex(before => isSame(before, next.target));
      const source = sources[first];
      if (source === undefined) continue;
      const circle = sources.slice(first).map(formatSource).toSorted().join(' ');
      const paths = way.slice(first).map(({ segments, endsInSlash }) => formatPath(segments, endsInSlash));
      if (!told.has(circle)) faults.push({ source, why: `leads in a circle: ${paths.join(' → ')}` });
      told.add(circle);
      break;
    }
  }
  return faults;
}

/** Where a path is redirected to; undefined where it is not, or where more than the path decides. */
async function step(
  target: PathTarget,
  routes: readonly Route[],
  goesFirst: (target: PathTarget) => Promise<boolean>,
): Promise<{ readonly source: Route['source']; readonly target: PathTarget } | undefined> {
  for (const { source, from, hosts, query, isForced, action } of routes) {
    const captures = matchPattern(from, target);
    if (captures === undefined) continue;
    if (hosts !== undefined || query.length > 0 || action.kind !== 'redirect') return undefined;
    if (!isForced && (await goesFirst(target))) return undefined;
    const next = fillTarget(action.to, captures, target, { windows: false });
    return next === undefined || isSame(next, target) ? undefined : { source, target: next };
  }
  return undefined;
}

/** A path that a pattern matches. */
function pathOf(pattern: Pattern): PathTarget | undefined {
  const path = (pattern.branches[0] ?? []).map(token => {
    if (token.kind === 'literal') return token.text.split('/').map(encodeURIComponent).join('/');
    return token.kind === 'segments' ? '/x' : 'x';
  });
  const target = parseTarget('GET', path.join('') || '/', { windows: false, secure: false });
  return target.kind === 'path' && matchPattern(pattern, target) ? target : undefined;
}

function isSame(one: PathTarget, other: PathTarget): boolean {
  const path = ({ segments, endsInSlash, query }: PathTarget): string =>
    `${segments.join('/')} ${endsInSlash} ${query}`;
  return path(one) === path(other);
}
