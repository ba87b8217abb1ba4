import { pathTo } from '../http/target.ts';
import { found } from './found.ts';
import { type Dialect, faultAt, linesOf, type SourceLine } from './lines.ts';
import { matchPattern, type Pattern, parsePattern } from './pattern.ts';
import { readPlace } from './place.ts';
import {
  isRedirectStatus,
  noRules,
  type QueryCondition,
  type ReadRules,
  type Route,
  type RouteAction,
  type RuleFault,
} from './rules.ts';
import { styleOf } from './styles.ts';
import { fillTarget, parseTemplate, type Template } from './template.ts';

/**
 * Reads a `_redirects` file: `from [parameter=value …] to [status]`, one rule a line, the first that matches decides. By
 * the dialect of Netlify the status is 301 and a file that stands there wins unless a `!` follows the status; by
 * Cloudflare's it is 302, the rule wins, and there are no parameters. What cannot be read, and conditions that no
 * server of files can know, are faults with their line; the other rules hold.
 */
export function readRedirects(text: string, file: string, dialect: Dialect): ReadRules {
  const faults: RuleFault[] = [];
  const routes: Route[] = [];
  for (const line of linesOf(text)) {
    const route = readLine(line, file, dialect);
    if (typeof route === 'string') faults.push(faultAt(file, line.number, route));
    else routes.push(route);
  }
  return { rules: { ...noRules, routes }, faults };
}

/** The parts of a line, as they were written. */
interface Parts {
  readonly from: string;
  readonly parameters: readonly string[];
  readonly to: string;
  readonly status: string | undefined;
  readonly conditions: readonly string[];
}

function readLine(line: SourceLine, file: string, dialect: Dialect): Route | string {
  const parts = split(line.text);
  if (typeof parts === 'string') return parts;
  const beyond = dialect === 'cloudflare' ? [...parts.parameters, ...parts.conditions] : parts.conditions;
  const [condition] = beyond;
  if (condition !== undefined) return refusalOf(condition);
  const place = readPlace(parts.from, false);
  if (typeof place === 'string') return place;
  const { hosts } = place;
  if (hosts !== undefined && dialect === 'cloudflare')
    return 'by this dialect a rule is for every host; wanted a path that begins with a slash';
  const from = parsePattern(place.path, styleOf(dialect));
  if (from.kind === 'unreadable') return `found ${found(place.path)}; ${from.why}`;
  const query = parts.parameters.map(readParameter);
  const captured = query.flatMap(({ value }) => (value.kind === 'name' ? [value.name] : []));
  const to = parseTemplate(parts.to, [...from.names, ...captured]);
  if (to.kind === 'unreadable') return `found ${found(parts.to)}; ${to.why}`;
  const { status, isForced } = readStatus(parts.status, dialect);
  const action = actionOf(status, to);
  if (typeof action === 'string') return action;
  if (hosts !== undefined && withoutScheme(parts.from).replace(/\*$/, ':splat') === withoutScheme(parts.to))
    return 'the rule changes the scheme only, which a proxy that speaks TLS is to do';
  if (action.kind === 'redirect' && query.length === 0 && leadsToItself(from, to))
    return 'the rule leads to where it begins';
  return {
    source: { file, line: line.number },
    from,
    hosts,
    query,
    isForNavigation: false,
    isForced,
    action,
  };
}

function withoutScheme(address: string): string {
  return address.replace(/^https?:/i, '').toLowerCase();
}

/** The target is the first word after the path that is a path or an address. */
function split(text: string): Parts | string {
  const words = text.split(/\s+/);
  const comment = words.findIndex(word => word.startsWith('#'));
  const [from = '', ...rest] = comment < 0 ? words : words.slice(0, comment);
  const at = rest.findIndex(word => /^(?:\/|https?:\/\/)/i.test(word));
  if (at < 0)
    return `found ${found(text)}, wanted from, to and perhaps a status; the target begins with a slash, http:// or https://`;
  const after = rest.slice(at + 1);
  const hasStatus = /^\d/.test(after[0] ?? '');
  return {
    from,
    parameters: rest.slice(0, at),
    to: rest[at] ?? '',
    status: hasStatus ? after[0] : undefined,
    conditions: hasStatus ? after.slice(1) : after,
  };
}

function refusalOf(condition: string): string {
  const name = condition.split('=', 1)[0] ?? '';
  return condition.includes('=')
    ? `the condition ${name} cannot be kept here, so the rule is left out`
    : `${found(condition)} is no status, and no condition`;
}

function readParameter(word: string): QueryCondition {
  const cut = word.indexOf('=');
  const [name, text] = cut < 0 ? [word, ''] : [word.slice(0, cut), word.slice(cut + 1)];
  const captured = /^:([A-Za-z]\w*)$/.exec(text)?.[1];
  return {
    name,
    value: captured === undefined ? { kind: 'literal', text } : { kind: 'name', name: captured },
  };
}

function readStatus(
  word: string | undefined,
  dialect: Dialect,
): { readonly status: string; readonly isForced: boolean } {
  if (dialect === 'cloudflare') return { status: word ?? '302', isForced: true };
  const [, status = word ?? '301', mark] = /^(\d+)(!)?$/.exec(word ?? '') ?? [];
  return { status, isForced: mark !== undefined };
}

function actionOf(text: string, to: Template): RouteAction | string {
  const status = Number(text);
  if (isRedirectStatus(status)) return { kind: 'redirect', status, to };
  if (status !== 200 && status !== 404 && status !== 410)
    return `${text} is no status of a rule; wanted 200, 301, 302, 303, 307, 308, 404 or 410`;
  if (to.origin !== undefined)
    return `an answer of ${to.origin} cannot be passed on with ${status}; wanted a path of this site`;
  return { kind: 'rewrite', status, to };
}

/** Told where the pattern is one path; whether a request is led in a circle by a wildcard is seen when it comes. */
function leadsToItself(from: Pattern, to: Template): boolean {
  if (from.names.length > 0) return false;
  const target = fillTarget(to, new Map(), pathTo([], true), { windows: false });
  return target !== undefined && target.query === '' && matchPattern(from, target) !== undefined;
}
