import { type HostNames, hostNames, hostNameWanted, isHostName } from '../http/host-names.ts';
import { parseTarget } from '../http/target.ts';
import { readFieldChange } from '../rules/field-line.ts';
import { found } from '../rules/found.ts';
import { type Pattern, parsePattern, type Unreadable } from '../rules/pattern.ts';
import {
  type ErrorPage,
  type FieldChange,
  type FieldRule,
  noRules,
  type QueryCondition,
  type AccessRule as ReadAccessRule,
  type CorsRule as ReadCorsRule,
  type ReadRules,
  type Route,
  type RuleFault,
  type RuleSet,
  type RuleSource,
} from '../rules/rules.ts';
import { parseTemplate, type Template } from '../rules/template.ts';
import { readCors, readRanges } from './access-values.ts';
import { formatKeys, type KeyPath, misfits } from './shape.ts';
import {
  type AccessRule,
  type CacheRule,
  type CorsRule,
  type FieldsRule,
  type RedirectRule,
  type RefusalRule,
  type RewriteRule,
  type SiteRules,
  siteRulesShape,
} from './site-rules.ts';

/** Where a key of a configuration stands: the file's name, and the line where that is known. */
export type Locate = (keys: KeyPath) => RuleSource;

/**
 * Reads `rules` of a configuration into the values that every source of rules is read into. A rule that is no pattern,
 * no target or no field is a fault with its place, and the others hold; when something has not even its shape, none does.
 * `above` is the way to what holds them.
 */
export function readSiteRules(value: unknown, locate: Locate, above: KeyPath = []): ReadRules {
  const faults: RuleFault[] = [];
  const notes: Notes = {
    at: keys => ({ ...locate([...above, ...keys]), key: formatKeys([...above, ...keys]) }),
    fault: (keys, why) => void faults.push({ source: notes.at(keys), why }),
  };
  for (const { keys, why } of misfits(siteRulesShape, value, ['rules'])) notes.fault(keys, why);
  return faults.length > 0 ? { rules: noRules, faults } : { rules: read(value as SiteRules, notes), faults };
}

/** What a reader of one rule needs to say where it is and what is wrong. */
interface Notes {
  readonly at: (keys: KeyPath) => RuleSource;
  readonly fault: (keys: KeyPath, why: string) => void;
}

function read(rules: SiteRules, notes: Notes): RuleSet {
  const each = <Rule, Made>(
    key: keyof SiteRules,
    list: readonly Rule[] | undefined,
    make: (rule: Rule, keys: KeyPath, notes: Notes) => Made | undefined,
  ): readonly Made[] => (list ?? []).flatMap((rule, index) => make(rule, ['rules', key, index], notes) ?? []);
  return {
    ...noRules,
    routes: [
      ...each('redirects', rules.redirects, redirect),
      ...each('refusals', rules.refusals, refusal),
      ...each('rewrites', rules.rewrites, rewrite),
      ...spaRoutes(rules.spa, notes),
    ],
    fields: [...each('fields', rules.fields, fieldRule), ...each('cache', rules.cache, cacheRule)],
    errorPages: errorPages(rules.errorPages, notes),
    listing: each('listing', rules.listing, ({ from, on }, keys) =>
      withPattern(from, keys, notes, pattern => ({ isOn: on, ...pattern })),
    ),
    unlisted: each('unlisted', rules.unlisted, (text, keys) => {
      // A listing asks about a name, wherever it stands.
      if (text.includes('/'))
        return void notes.fault(keys, `found ${found(text)}, wanted a name, which has no slash`);
      const from = known(parsePattern(`/${text}`), text, keys, notes);
      return from && { source: notes.at(keys), from, isOn: true };
    }),
    cleanUrls: treatments('cleanUrls', rules.cleanUrls, notes),
    access: each('access', rules.access, accessRule),
    cors: each('cors', rules.cors, corsRule),
    secure: each('secure', rules.secure, ({ from, host, on }, keys) => {
      const hosts = hostsOf(host, keys, notes);
      return hosts && withPattern(from, keys, notes, found => ({ ...found, ...hosts, isOn: on }));
    }),
    finalSlash: treatments('trailingSlash', rules.trailingSlash, notes),
  };
}

/** What `make` makes of a rule's pattern and place; undefined, and a fault, when it is no pattern. */
function withPattern<Made>(
  text: string,
  keys: KeyPath,
  notes: Notes,
  make: (found: { readonly source: RuleSource; readonly from: Pattern }) => Made,
): Made | undefined {
  const from = known(parsePattern(text), text, [...keys, 'from'], notes);
  return from === undefined ? undefined : make({ source: notes.at(keys), from });
}

/** What was read from a text; undefined, and a fault, when it could not be. */
function known<Value extends { readonly kind: string }>(
  value: Value | Unreadable,
  text: string,
  keys: KeyPath,
  notes: Notes,
): Value | undefined {
  if (!isUnreadable(value)) return value;
  notes.fault(keys, `found ${found(text)}; ${value.why}`);
  return undefined;
}

function isUnreadable(value: { readonly kind: string }): value is Unreadable {
  return value.kind === 'unreadable';
}

function redirect(rule: RedirectRule, keys: KeyPath, notes: Notes): Route | undefined {
  const route = routeBase(rule, keys, notes);
  const { status = 301, force = true } = rule;
  return route && { ...route.base, isForced: force, action: { kind: 'redirect', status, to: route.to } };
}

function rewrite(rule: RewriteRule, keys: KeyPath, notes: Notes): Route | undefined {
  const route = routeBase(rule, keys, notes);
  if (route === undefined) return undefined;
  const { base, to } = route;
  if (to.origin !== undefined) {
    const why = `an answer of ${to.origin} cannot be passed on; wanted a path of this site`;
    return void notes.fault([...keys, 'to'], why);
  }
  const { status = 200, force = false } = rule;
  return { ...base, isForced: force, action: { kind: 'rewrite', status, to } };
}

function refusal({ from, host, status = 404 }: RefusalRule, keys: KeyPath, notes: Notes): Route | undefined {
  const hosts = hostsOf(host, keys, notes);
  return (
    hosts &&
    withPattern(from, keys, notes, found => ({
      ...found,
      ...hosts,
      query: [],
      isForNavigation: false,
      isForced: true,
      action: { kind: 'refuse', status },
    }))
  );
}

/** What redirects and rewrites have in common. */
function routeBase(
  { from: text, host, to: target, query: parameters = {} }: RedirectRule | RewriteRule,
  keys: KeyPath,
  notes: Notes,
): { readonly base: Omit<Route, 'action' | 'isForced'>; readonly to: Template } | undefined {
  const from = known(parsePattern(text), text, [...keys, 'from'], notes);
  const hosts = hostsOf(host, keys, notes);
  if (from === undefined || hosts === undefined) return undefined;
  const query = Object.entries(parameters).map(([name, value]) => condition(name, value));
  const captured = query.flatMap(({ value }) => (value.kind === 'name' ? [value.name] : []));
  const to = known(parseTemplate(target, [...from.names, ...captured]), target, [...keys, 'to'], notes);
  return to && { base: { source: notes.at(keys), from, ...hosts, query, isForNavigation: false }, to };
}

/** Nothing for every host; undefined, and a fault, when one of them is none. */
function hostsOf(
  host: RedirectRule['host'],
  keys: KeyPath,
  notes: Notes,
): { readonly hosts?: HostNames } | undefined {
  const texts = host === undefined ? [] : [host].flat();
  const other = texts.find(text => !isHostName(text));
  if (other !== undefined)
    return void notes.fault([...keys, 'host'], `found ${found(other)}, wanted ${hostNameWanted}`);
  return texts.length === 0 ? {} : { hosts: hostNames(texts) };
}

function condition(name: string, text: string): QueryCondition {
  const captured = /^:([A-Za-z]\w*)$/.exec(text)?.[1];
  return {
    name,
    value: captured === undefined ? { kind: 'literal', text } : { kind: 'name', name: captured },
  };
}

function spaRoutes(spa: SiteRules['spa'], notes: Notes): readonly Route[] {
  const rules = typeof spa === 'string' ? [{ from: everywhere, page: spa }] : (spa ?? []);
  return rules.flatMap(({ from, page }, index) => {
    const keys = typeof spa === 'string' ? ['rules', 'spa'] : ['rules', 'spa', index];
    const route = rewrite({ from, to: page }, keys, notes);
    return route === undefined ? [] : [{ ...route, isForNavigation: true }];
  });
}

function fieldRule(rule: FieldsRule, keys: KeyPath, notes: Notes): FieldRule | undefined {
  const { from, host, set = {}, append = {}, remove = [] } = rule;
  if ([set, append, remove].every(one => Object.keys(one).length === 0))
    return void notes.fault(keys, 'wanted set, append, remove or several of them');
  const hosts = hostsOf(host, keys, notes);
  if (hosts === undefined) return undefined;
  return withPattern(from, keys, notes, place => {
    const change = (kind: FieldChange['kind'], name: string, value: string): readonly FieldChange[] => {
      const one = readFieldChange(kind, name, value, place.from.names);
      if (one.kind !== 'unreadable') return [one];
      notes.fault([...keys, kind], one.why);
      return [];
    };
    return {
      ...place,
      ...hosts,
      changes: [
        ...Object.entries(set).flatMap(([name, value]) => change('set', name, value)),
        ...Object.entries(append).flatMap(([name, value]) => change('append', name, value)),
        ...remove.flatMap(name => change('remove', name, '')),
      ],
    };
  });
}

function cacheRule({ from, value }: CacheRule, keys: KeyPath, notes: Notes): FieldRule | undefined {
  return fieldRule({ from, set: { 'Cache-Control': value } }, keys, notes);
}

function corsRule({ from, host, ...who }: CorsRule, keys: KeyPath, notes: Notes): ReadCorsRule | undefined {
  const hosts = hostsOf(host, keys, notes);
  const none = { kind: 'read', value: { origins: [], credentials: false, requestFields: [] } } as const;
  const read = who.origins.length === 0 ? none : readCors(who);
  if (read.kind === 'fault') return void notes.fault(keys, read.why);
  return hosts && withPattern(from, keys, notes, found => ({ ...found, ...hosts, ...read.value }));
}

function accessRule(
  { from, host, allow, deny }: AccessRule,
  keys: KeyPath,
  notes: Notes,
): ReadAccessRule | undefined {
  const hosts = hostsOf(host, keys, notes);
  if (allow === undefined && deny === undefined) return void notes.fault(keys, 'wanted allow, deny or both');
  const given = Object.entries({ allow, deny }).filter(([, value]) => value !== undefined);
  const lists: Record<string, readonly string[]> = {};
  for (const [key, value] of given) {
    const read = readRanges(value);
    if (read.kind === 'fault') return void notes.fault([...keys, key], read.why);
    lists[key] = read.value;
  }
  return hosts && withPattern(from, keys, notes, found => ({ ...found, ...hosts, ...lists }));
}

function errorPages(given: SiteRules['errorPages'], notes: Notes): readonly ErrorPage[] {
  const rules = Array.isArray(given)
    ? given.map((rule, index) => ({ ...rule, keys: ['rules', 'errorPages', index] }))
    : Object.entries(given ?? {}).map(([status, page]) => ({
        from: everywhere,
        status: Number(status),
        page,
        keys: ['rules', 'errorPages', status],
      }));
  return rules.flatMap(({ from, status, page, keys }) => {
    const target = parseTarget('GET', page, { windows: false, secure: false });
    if (target.kind !== 'path' || target.query !== '' || target.segments.length === 0) {
      notes.fault(
        keys,
        `found ${found(page)}, wanted a file of this site, by a path that begins with a slash`,
      );
      return [];
    }
    return withPattern(from, keys, notes, found => ({ ...found, status, page: target.segments })) ?? [];
  });
}

/** One treatment for every path, or one for each of some paths. */
function treatments<Treatment extends string>(
  key: 'cleanUrls' | 'trailingSlash',
  given: Treatment | readonly { readonly from: string; readonly treatment: Treatment }[] | undefined,
  notes: Notes,
): readonly { readonly source: RuleSource; readonly from: Pattern; readonly treatment: Treatment }[] {
  const isOne = typeof given === 'string';
  const rules = isOne ? [{ from: everywhere, treatment: given }] : (given ?? []);
  return rules.flatMap(
    ({ from, treatment }, index) =>
      withPattern(from, ['rules', key, ...(isOne ? [] : [index])], notes, found => ({
        ...found,
        treatment,
      })) ?? [],
  );
}

const everywhere = '/**';
