import { parseAuthority } from '../http/authority.ts';
import { holdsHost, hostOf } from '../http/host-names.ts';
import type { Request } from '../http/message.ts';
import { negotiate } from '../http/negotiation.ts';
import type { PathTarget } from '../http/target.ts';
import { type Captures, type MatchedPath, matchPattern, type Pattern } from './pattern.ts';
import type { QueryCondition, RedirectStatus, Route, RuleSource } from './rules.ts';
import { fillLocation, fillTarget } from './template.ts';

/** What the rules do with one request. */
export interface Routed {
  readonly source: RuleSource;
  /** Whether that goes before what stands there. */
  readonly isForced: boolean;
  /** Whether it depends on the Accept field. */
  readonly isForNavigation: boolean;
  readonly action: RoutedAction;
}

/** A route with everything filled in. */
type RoutedAction =
  | { readonly kind: 'redirect'; readonly status: RedirectStatus; readonly location: string }
  | { readonly kind: 'rewrite'; readonly status: 200 | 404 | 410; readonly target: PathTarget }
  | { readonly kind: 'refuse'; readonly status: 404 | 410 };

/** Finds the route of a request; undefined when no rule says anything about it. Pure. */
export type Router = (request: Request, target: PathTarget) => Routed | undefined;

/**
 * A router over these routes: the first whose path and conditions match decides, and when it would lead a request to
 * where it is already, nothing happens. Undefined when there are no routes. `windows`: how names are read that a
 * rewrite leads to. Of many routes only those are tried whose first segment can be the request's.
 */
export function routerOf(routes: readonly Route[], windows: boolean): Router | undefined {
  if (routes.length === 0) return undefined;
  const byFirst = new Map<string, Route[]>();
  const open: Route[] = [];
  const order = new Map(routes.map((route, index) => [route, index]));
  for (const route of routes) {
    const firsts = firstSegments(route.from);
    if (firsts === undefined) open.push(route);
    else
      for (const first of firsts) {
        const others = byFirst.get(first);
        if (others === undefined) byFirst.set(first, [route]);
        else others.push(route);
      }
  }
  const before = (one: Route, other: Route): boolean => (order.get(one) ?? 0) < (order.get(other) ?? 0);
  const isForHosts = routes.some(({ hosts }) => hosts !== undefined);
  return (request, target) => {
    const host = isForHosts ? hostOf(request.authority) : '';
    const known = byFirst.get(target.segments[0] ?? '') ?? [];
    for (const route of merged(known, open, before)) {
      if (route.hosts !== undefined && !holdsHost(route.hosts, host)) continue;
      const captures = capturesFor(route, request, target);
      if (captures !== undefined) return follow(route, captures, { request, target }, windows);
    }
    return undefined;
  };
}

/** Whether a browser asks for a page here: no file extension at the end of the path, and HTML is accepted. */
function isNavigation({ method, fields }: Request, { segments, endsInSlash }: MatchedPath): boolean {
  const hasExtension = !endsInSlash && (segments.at(-1) ?? '').includes('.');
  if (hasExtension || (method !== 'GET' && method !== 'HEAD')) return false;
  return negotiate(fields.get('accept'), ['text/html']) !== undefined;
}

/** The first segments with which a path must begin; undefined when many can. */
function firstSegments({ branches }: Pattern): readonly string[] | undefined {
  const firsts = new Set<string>();
  for (const [first, second] of branches) {
    if (first?.kind !== 'literal') return undefined;
    const isWhole = second === undefined || second.kind === 'segments' || first.text.indexOf('/', 1) > 0;
    if (!isWhole) return undefined;
    firsts.add(first.text.split('/')[1] ?? '');
  }
  return [...firsts];
}

/** Two lists in order as one. */
function* merged(
  one: readonly Route[],
  other: readonly Route[],
  before: (one: Route, other: Route) => boolean,
): Generator<Route> {
  let at = 0;
  for (const route of one) {
    for (let next = other[at]; next !== undefined && before(next, route); next = other[at]) {
      yield next;
      at += 1;
    }
    yield route;
  }
  yield* other.slice(at);
}

function capturesFor(route: Route, request: Request, target: PathTarget): Captures | undefined {
  const captures = matchPattern(route.from, target);
  if (captures === undefined) return undefined;
  if (route.isForNavigation && !isNavigation(request, target)) return undefined;
  return route.query.length === 0 ? captures : withQuery(captures, route.query, target.query);
}

/** With the parameters that are captured; undefined when one is missing or another than wanted. */
function withQuery(
  captures: Captures,
  conditions: readonly QueryCondition[],
  query: string,
): Captures | undefined {
  const parameters = new URLSearchParams(query);
  const all = new Map(captures);
  for (const { name, value } of conditions) {
    const text = parameters.get(name);
    if (text === null || (value.kind === 'literal' && text !== value.text)) return undefined;
    if (value.kind === 'name') all.set(value.name, { text, isPath: false });
  }
  return all;
}

/** What is asked for: the target may be another one by now than that of the request. */
interface Asked {
  readonly request: Request;
  readonly target: PathTarget;
}

function follow(route: Route, captures: Captures, asked: Asked, windows: boolean): Routed | undefined {
  const { target } = asked;
  const { source, isForced, isForNavigation, action } = route;
  const base = { source, isForced, isForNavigation };
  switch (action.kind) {
    case 'redirect': {
      const query = route.query.length === 0 ? target.query : '';
      const location = fillLocation(action.to, captures, { ...target, query });
      if (location === undefined || isCircle(route, captures, asked)) return undefined;
      return { ...base, action: { kind: 'redirect', status: action.status, location } };
    }
    case 'rewrite': {
      const filled = fillTarget(action.to, captures, target, { windows });
      return filled && { ...base, action: { kind: 'rewrite', status: action.status, target: filled } };
    }
    case 'refuse':
      return { ...base, action };
  }
}

/** Whether an origin names the host and the port that were asked for. */
function isAuthorityOf(origin: string, { authority }: Request): boolean {
  const there = origin.slice(origin.indexOf('//') + 2);
  return portOf(there) === portOf(authority) && hostOf(there) === hostOf(authority);
}

/** Undefined: that of the scheme. */
function portOf(authority: string | undefined): number | undefined {
  const port = parseAuthority(authority ?? '')?.port;
  return port === 80 || port === 443 ? undefined : port;
}

/** Whether a redirect would be asked for again at once, for ever. */
function isCircle({ action }: Route, captures: Captures, { request, target }: Asked): boolean {
  if (action.kind !== 'redirect') return false;
  const { origin } = action.to;
  // Another scheme is no way out: behind a proxy that speaks TLS it is the one that we were asked with.
  if (origin !== undefined && !isAuthorityOf(origin, request)) return false;
  const there = fillTarget({ ...action.to, origin: undefined }, captures, target, { windows: false });
  return (
    there !== undefined &&
    there.query === target.query &&
    there.endsInSlash === target.endsInSlash &&
    there.segments.join('/') === target.segments.join('/')
  );
}
