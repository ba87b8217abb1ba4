import { formatPath } from '../http/target.ts';
import type { Pattern, Token } from './pattern.ts';
import type { Route, RuleSet } from './rules.ts';
import type { Template } from './template.ts';

/**
 * The same rules for a site whose top is at `base`: they were written as if it were at the very top, and match and lead
 * below it now. Addresses of other sites, and names in listings, stay as they are.
 */
export function rulesBelow(rules: RuleSet, base: readonly string[]): RuleSet {
  if (base.length === 0) return rules;
  const moved = <Rule extends { readonly from: Pattern }>(list: readonly Rule[]): readonly Rule[] =>
    list.map(rule => ({ ...rule, from: patternBelow(rule.from, base) }));
  return {
    ...rules,
    routes: moved(rules.routes).map(route => ({ ...route, action: actionBelow(route, base) })),
    fields: moved(rules.fields),
    errorPages: moved(rules.errorPages).map(rule => ({ ...rule, page: [...base, ...rule.page] })),
    listing: moved(rules.listing),
    cleanUrls: moved(rules.cleanUrls),
    finalSlash: moved(rules.finalSlash),
    cors: moved(rules.cors),
    secure: moved(rules.secure),
    access: moved(rules.access),
  };
}

/** The same pattern for a site whose top is at `base`. */
function patternBelow(pattern: Pattern, base: readonly string[]): Pattern {
  if (base.length === 0) return pattern;
  const start = `/${base.join('/')}`;
  const branches = pattern.branches.map(([first, ...rest]): readonly Token[] => {
    if (first === undefined) return [{ kind: 'literal', text: start }];
    return first.kind === 'literal'
      ? [{ kind: 'literal', text: start + first.text }, ...rest]
      : [{ kind: 'literal', text: start }, first, ...rest];
  });
  return { ...pattern, branches };
}

function actionBelow({ action }: Route, base: readonly string[]): Route['action'] {
  return action.kind === 'refuse' ? action : { ...action, to: templateBelow(action.to, base) };
}

function templateBelow(to: Template, base: readonly string[]): Template {
  if (to.origin !== undefined) return to;
  return { ...to, path: [{ kind: 'literal', text: formatPath(base, false) }, ...to.path] };
}
