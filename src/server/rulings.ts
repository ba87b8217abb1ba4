import type { Finisher } from '../features/feature.ts';
import { fieldsByRule } from '../features/fields.ts';
import type { PathTarget, Target } from '../http/target.ts';
import { type MatchedPath, matchPattern, type Pattern } from '../rules/pattern.ts';
import { routerOf } from '../rules/routing.ts';
import { areForHosts, type RuleSet, type TellRule } from '../rules/rules.ts';
import type { Choices, Ruling } from '../site/site.ts';

/** A set of rules, ready to be asked. */
export interface Rulings {
  /** What the site is to know; undefined when the rules say nothing to it. */
  readonly ruling: Ruling | undefined;
  /** Changes fields; undefined when no rule does. */
  readonly finish: Finisher | undefined;
  readonly folder: readonly string[];
  /** Whether what they say depends on the host that is asked for. */
  readonly readsHost: boolean;
  readonly isListed: (name: string) => boolean;
  /** Whether files that are no pages may be shown for a path that is not theirs. */
  readonly rewritesFiles: boolean;
}

/**
 * Makes a set of rules ready for a site whose top is at `base`; what it does not speak of costs nothing later. `tell` is
 * told of those that apply.
 */
export function rulingsOf(
  rules: RuleSet,
  windows: boolean,
  tell?: TellRule,
  base: readonly string[] = [],
): Rulings {
  const route = routerOf(rules.routes, windows);
  const choicesFor = tell === undefined ? choicesOf(rules) : toldChoicesOf(rules, tell);
  const errorPage = rules.errorPages.length === 0 ? undefined : errorPageOf(rules, base, tell);
  const { singleFile } = rules;
  const isSilent =
    route === undefined && choicesFor === undefined && errorPage === undefined && singleFile === undefined;
  const { unlisted } = rules;
  return {
    ruling: isSilent ? undefined : { route, choicesFor, errorPage, singleFile },
    finish: rules.fields.length === 0 ? undefined : fieldsByRule(rules.fields, tell),
    folder: rules.folder?.segments ?? [],
    readsHost: areForHosts(rules),
    rewritesFiles: rules.routes.some(
      ({ action }) => action.kind === 'rewrite' && !/\.html?$/i.test(action.to.text),
    ),
    isListed: name => {
      if (unlisted.length === 0) return true;
      const found = firstFor(unlisted, { segments: [name], endsInSlash: false });
      if (found?.isOn !== true) return true;
      tell?.({ source: found.source, did: 'leaves names out of listings', fields: [] });
      return false;
    },
  };
}

/** The same, telling also what holds for every path. */
function toldChoicesOf(rules: RuleSet, tell: TellRule): NonNullable<Ruling['choicesFor']> {
  const choicesFor = choicesOf(rules, tell);
  const { source, segments } = rules.folder ?? { segments: [] };
  return target => {
    if (source !== undefined && segments.length > 0)
      tell({ source, did: `serves /${segments.join('/')} in the stead of the root`, fields: [] });
    return choicesFor?.(target) ?? {};
  };
}

function choicesOf(
  { cleanUrls, finalSlash, listing }: RuleSet,
  tell?: TellRule,
): ((target: PathTarget) => Choices) | undefined {
  if (cleanUrls.length === 0 && finalSlash.length === 0 && listing.length === 0) return undefined;
  return target => {
    const clean = firstFor(cleanUrls, target);
    const slash = firstFor(finalSlash, target);
    const listed = firstFor(listing, target);
    if (clean) tell?.({ source: clean.source, did: `treats clean URLs: ${clean.treatment}`, fields: [] });
    if (slash) tell?.({ source: slash.source, did: `treats a final slash: ${slash.treatment}`, fields: [] });
    if (listed) tell?.({ source: listed.source, did: `lists folders: ${listed.isOn}`, fields: [] });
    return {
      ...(clean && { cleanUrls: clean.treatment !== 'off', hasCleanHomes: clean.treatment === 'redirect' }),
      ...(slash && { finalSlash: slash.treatment }),
      ...(listed && { listing: listed.isOn }),
    };
  };
}

/** What is outside of the site, or no path, has the pages of its top. */
function errorPageOf(
  { errorPages }: RuleSet,
  base: readonly string[],
  tell: TellRule | undefined,
): NonNullable<Ruling['errorPage']> {
  const top: MatchedPath = { segments: base, endsInSlash: true };
  return (target: Target | undefined, status: number) => {
    const isBelow = target?.kind === 'path' && base.every((name, depth) => name === target.segments[depth]);
    const path = isBelow ? target : top;
    const found = firstFor(
      errorPages.filter(page => page.status === status),
      path,
    );
    if (found) {
      const did = `has /${found.page.join('/')} for status ${status}`;
      tell?.({ source: found.source, did, fields: [] });
    }
    return found?.page;
  };
}

function firstFor<Rule extends { readonly from: Pattern }>(
  rules: readonly Rule[],
  path: MatchedPath,
): Rule | undefined {
  return rules.find(({ from }) => matchPattern(from, path) !== undefined);
}
