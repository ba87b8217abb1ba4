import type { Finisher } from '../features/feature.ts';
import { fieldsByRule } from '../features/fields.ts';
import type { PathTarget, Target } from '../http/target.ts';
import { type MatchedPath, matchPattern, type Pattern } from '../rules/pattern.ts';
import { routerOf } from '../rules/routing.ts';
import type { RuleSet } from '../rules/rules.ts';
import type { Choices, Ruling } from '../site/site.ts';

/** A set of rules, ready to be asked. */
export interface Rulings {
  /** What the site is to know; undefined when the rules say nothing to it. */
  readonly ruling: Ruling | undefined;
  /** Changes fields; undefined when no rule does. */
  readonly finish: Finisher | undefined;
  readonly folder: readonly string[];
  readonly isListed: (name: string) => boolean;
}

/** Makes a set of rules ready; what it does not speak of costs nothing later. */
export function rulingsOf(rules: RuleSet, windows: boolean): Rulings {
  const route = routerOf(rules.routes, windows);
  const choicesFor = choicesOf(rules);
  const errorPage = rules.errorPages.length === 0 ? undefined : errorPageOf(rules);
  const showsSingleFile = rules.showsSingleFile === true;
  const isSilent =
    route === undefined && choicesFor === undefined && errorPage === undefined && !showsSingleFile;
  const { unlisted } = rules;
  return {
    ruling: isSilent ? undefined : { route, choicesFor, errorPage, showsSingleFile },
    finish: rules.fields.length === 0 ? undefined : fieldsByRule(rules.fields),
    folder: rules.folder ?? [],
    isListed: name =>
      unlisted.length === 0 || firstFor(unlisted, { segments: [name], endsInSlash: false })?.isOn !== true,
  };
}

function choicesOf({
  cleanUrls,
  finalSlash,
  listing,
}: RuleSet): ((target: PathTarget) => Choices) | undefined {
  if (cleanUrls.length === 0 && finalSlash.length === 0 && listing.length === 0) return undefined;
  return target => {
    const clean = firstFor(cleanUrls, target)?.treatment;
    const slash = firstFor(finalSlash, target)?.treatment;
    const isListed = firstFor(listing, target)?.isOn;
    return {
      ...(clean !== undefined && { cleanUrls: clean !== 'off', hasCleanHomes: clean === 'redirect' }),
      ...(slash !== undefined && { finalSlash: slash }),
      ...(isListed !== undefined && { listing: isListed }),
    };
  };
}

function errorPageOf({ errorPages }: RuleSet): NonNullable<Ruling['errorPage']> {
  return (target: Target | undefined, status: number) => {
    const path: MatchedPath = target?.kind === 'path' ? target : { segments: [], endsInSlash: true };
    return firstFor(
      errorPages.filter(page => page.status === status),
      path,
    )?.page;
  };
}

function firstFor<Rule extends { readonly from: Pattern }>(
  rules: readonly Rule[],
  path: MatchedPath,
): Rule | undefined {
  return rules.find(({ from }) => matchPattern(from, path) !== undefined);
}
