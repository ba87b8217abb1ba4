import { formatPath } from '../http/target.ts';
import { parsePattern } from './pattern.ts';
import type { Route, RuleSource } from './rules.ts';
import { parseTemplate } from './template.ts';

/**
 * The rule of a single-page application: where nothing stands, a browser that asks for a page gets this one, while
 * assets that are missing stay missing. `page` is a path below the root, `source` where it is said.
 */
export function pageForNavigations(page: string, source: RuleSource = { file: '--spa' }): Route {
  const from = parsePattern('/**');
  const to = parseTemplate(formatPath(page.split('/'), false), []);
  if (from.kind === 'unreadable' || to.kind === 'unreadable')
    throw new Error(`bug: the page ${JSON.stringify(page)} was not checked`);
  return {
    source,
    from,
    query: [],
    isForNavigation: true,
    isForced: false,
    action: { kind: 'rewrite', status: 200, to },
  };
}
