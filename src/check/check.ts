/**
 * check/: what is wrong with the rules of a site before anyone asks it for anything. It reads what a server would read,
 * looks at files and answers findings; it serves nothing. Read `rules/covers.ts` for how shadows are told.
 */
import { holdsHosts } from '../http/host-names.ts';
import { type PathTarget, pathTo } from '../http/target.ts';
import { covers, literalPath } from '../rules/covers.ts';
import type { Dialect } from '../rules/lines.ts';
import { matchPattern } from '../rules/pattern.ts';
import {
  formatSource,
  joinRules,
  type Route,
  type RuleFault,
  type RuleSet,
  type RuleSource,
} from '../rules/rules.ts';
import { fillTarget } from '../rules/template.ts';
import { readRuleFile } from '../server/read-rule-file.ts';
import { rulingsOf } from '../server/rulings.ts';
import { ruleFileBytesMax, ruleFileNames } from '../server/site-rules.ts';
import { readWhole } from '../server/versions.ts';
import { lookUp, type Resolution } from '../site/resolve.ts';
import type { Site } from '../site/site.ts';
import type { Store } from '../store/store.ts';
import { circles } from './circles.ts';
import { overruled } from './overruled.ts';

export { ruleFileNames };

/** One thing that is not as it should be. */
export interface Finding {
  /** 'fault': it cannot be used. 'warning': it can, but some clients will not take it. 'dead': it never has an effect. 'shadowed': an earlier rule always comes first. */
  readonly kind: 'fault' | 'warning' | 'dead' | 'shadowed';
  readonly source: RuleSource;
  readonly why: string;
}

/** Where rules are looked for and what they are held against. */
export interface Checked {
  /** What is served, with its files of rules at the top. */
  readonly store: Store;
  readonly dialect: Dialect;
  readonly cleanUrls: boolean;
  readonly listing: boolean;
  /** Rules of the configuration; those for navigations come last. */
  readonly own: RuleSet;
  /** Whether requests for a host, or with `*.` for a name below one, may come here. */
  readonly isAsked: {
    readonly byOwn: (host: string) => boolean;
    /** For files of rules: other sites may read them too. */
    readonly byFiles: (host: string) => boolean;
  };
}

/** What is wrong with the rules of the configuration and of the files in the root, in that order. Never rejects. */
export async function checkRules(checked: Checked): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const sets: RuleSet[] = [checked.own];
  for (const name of ruleFileNames) {
    const reading = await readRuleText(name, checked.store);
    if (reading.kind === 'absent') continue;
    if (reading.kind === 'unread') {
      const why = `the file cannot be read: ${reading.why}`;
      findings.push({ kind: 'fault', source: { file: name }, why });
      continue;
    }
    const { rules, faults } = readRuleFile(name, reading.text, checked.dialect);
    findings.push(...faults.map(fault => ({ kind: 'fault', ...fault }) as const));
    sets.push(rules);
  }
  const rules = joinRules(sets);
  const routes = [
    ...rules.routes.filter(({ isForNavigation }) => !isForNavigation),
    ...rules.routes.filter(({ isForNavigation }) => isForNavigation),
  ];
  const find = finderOf(checked, rules);
  if (rules.folder === undefined)
    findings.push(...as('fault', await circles(routes, async target => goesFirst(await find(target)))));
  else findings.push(...(await missingFolder(rules.folder, checked.store)));
  for (const list of firstDecides(rules)) findings.push(...shadowed(list.map(asked)));
  const [own, ...files] = sets;
  const fields = [...files.flatMap(set => set.fields), ...(own?.fields ?? [])];
  findings.push(...as('shadowed', overruled(fields)));
  findings.push(...shadowed(routes));
  for (const list of [rules.cors, rules.secure]) findings.push(...shadowed(list.map(asked)));
  const { isAsked } = checked;
  for (const set of sets)
    findings.push(...unasked(set, set === checked.own ? isAsked.byOwn : isAsked.byFiles));
  if (rules.folder === undefined) {
    findings.push(...(await deadOf(routes, find)), ...(await lackingPages(rules, checked.store)));
  }
  return findings;
}

function as(kind: Finding['kind'], faults: readonly RuleFault[]): readonly Finding[] {
  return faults.map(fault => ({ kind, ...fault }));
}

/** The lists of which the first rule that matches decides, by path alone. */
function firstDecides(rules: RuleSet): readonly (readonly Pick<Asked, 'source' | 'from'>[])[] {
  const statuses = new Set(rules.errorPages.map(({ status }) => status));
  return [
    rules.listing,
    rules.unlisted,
    rules.cleanUrls,
    rules.finalSlash,
    ...[...statuses].map(status => rules.errorPages.filter(page => page.status === status)),
  ];
}

type RuleText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unread'; readonly why: string };

/** A file of rules as a server would read it: through its store, and within its bound. */
async function readRuleText(name: string, store: Store): Promise<RuleText> {
  const entry = await store.find([name]);
  if (entry.kind === 'absent' || entry.kind === 'folder') return { kind: 'absent' };
  if (entry.kind !== 'file')
    return { kind: 'unread', why: entry.kind === 'denied' ? entry.why : 'it is busy' };
  const { file } = entry;
  if (file.size > ruleFileBytesMax)
    return { kind: 'unread', why: `it is larger than ${ruleFileBytesMax} bytes` };
  const octets = await readWhole(file, store).catch((error: Error) => error.message);
  return typeof octets === 'string'
    ? { kind: 'unread', why: octets }
    : { kind: 'text', text: Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString() };
}

/** For which requests a rule is. */
type Asked = Pick<Route, 'source' | 'from' | 'hosts' | 'query' | 'isForNavigation'>;

/** A rule that path and host decide alone. */
function asked(rule: Pick<Asked, 'source' | 'from'> & Partial<Pick<Asked, 'hosts'>>): Asked {
  return { ...rule, query: [], isForNavigation: false };
}

/** Rules with wildcards that others are held against; of a site with more, the first. */
const wideMax = 500;

/** Rules that no request reaches, since an earlier one matches all that they match. */
function shadowed(routes: readonly Asked[]): readonly Finding[] {
  const findings: Finding[] = [];
  const byPath = new Map<string, Asked[]>();
  const wide: Asked[] = [];
  for (const route of routes) {
    const only = literalPath(route.from);
    const key = only && `${only.segments.join('/')} ${only.endsInSlash}`;
    const before = [...((key === undefined ? undefined : byPath.get(key)) ?? []), ...wide];
    // What one line says of many paths it may say twice.
    const isOther = ({ source }: Asked): boolean => formatSource(source) !== formatSource(route.source);
    const first = before.find(earlier => isOther(earlier) && shadows(earlier, route));
    if (first !== undefined) {
      const why = `never reached: ${formatSource(first.source)} (${first.from.text}) matches first`;
      findings.push({ kind: 'shadowed', source: route.source, why });
    }
    if (key === undefined) {
      if (wide.length < wideMax) wide.push(route);
    } else {
      const others = byPath.get(key);
      if (others === undefined) byPath.set(key, [route]);
      else others.push(route);
    }
  }
  return findings;
}

function shadows(earlier: Asked, later: Asked): boolean {
  if (earlier.isForNavigation && !later.isForNavigation) return false;
  if (earlier.hosts && !(later.hosts && holdsHosts(earlier.hosts, later.hosts))) return false;
  const isWithin = earlier.query.every(wanted =>
    later.query.some(
      ({ name, value }) =>
        name === wanted.name &&
        (wanted.value.kind === 'name' || (value.kind === 'literal' && value.text === wanted.value.text)),
    ),
  );
  return isWithin && covers(earlier.from, later.from) === 'yes';
}

/** Rules for hosts whose requests go to other sites. */
function unasked(
  { routes, fields, cors, secure, access }: RuleSet,
  isAsked: (host: string) => boolean,
): readonly Finding[] {
  return [routes, fields, cors, secure, access].flat().flatMap(({ source, hosts }): Finding[] => {
    const named = hosts === undefined ? [] : [...hosts.names, ...hosts.suffixes.map(end => `*${end}`)];
    const missed = named.filter(host => !isAsked(host));
    const why = `never asked for ${missed.join(', ')}: those requests go to another site of this server`;
    return missed.length === 0 ? [] : [{ kind: 'dead', source, why }];
  });
}

/** The folder that is to be served in the stead of the root, where there is none. */
async function missingFolder(
  { source, segments }: NonNullable<RuleSet['folder']>,
  store: Store,
): Promise<readonly Finding[]> {
  if (segments.length === 0 || (await store.find(segments)).kind === 'folder') return [];
  const why = `no folder is at /${segments.join('/')}, so that nothing is served`;
  return [{ kind: 'fault', source, why }];
}

/** Rules that lead to nothing, and rules for a path at which a file stands and goes first. */
async function deadOf(routes: readonly Route[], find: Find): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { source, from, isForced, query, action } of routes) {
    const place = literalPath(from);
    if (place !== undefined && !isForced && goesFirst(await find({ ...somewhere, ...place }))) {
      findings.push({ kind: 'dead', source, why: `a file stands at ${from.text} and goes first` });
      continue;
    }
    const isPlain = action.kind !== 'refuse' && action.to.path.every(({ kind }) => kind === 'literal');
    if (!isPlain || action.to.origin !== undefined || query.length > 0) continue;
    const target = fillTarget(action.to, new Map(), somewhere, { windows: false });
    if (target === undefined || isSomething(await find(target))) continue;
    // Another rule may answer there, once it is asked; a rewrite asks none.
    const isAnswered = action.kind === 'redirect' && routes.some(other => matchPattern(other.from, target));
    if (!isAnswered) findings.push({ kind: 'dead', source, why: `nothing is at ${action.to.text}` });
  }
  return findings;
}

/** Pages of errors that are not there. */
async function lackingPages({ errorPages }: RuleSet, store: Store): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { source, page } of errorPages) {
    if ((await store.find(page)).kind !== 'file')
      findings.push({ kind: 'dead', source, why: `no file is at /${page.join('/')}` });
  }
  return findings;
}

const somewhere = pathTo([], true);

/** What is at a path, when no rule leads elsewhere. */
type Find = (target: PathTarget) => Promise<Resolution>;

/** Looks at files as the server would by these rules; who asks for a folder without its slash is led on. */
function finderOf({ store, cleanUrls, listing }: Checked, rules: RuleSet): Find {
  const codings = { stored: false, made: [], madeBytesMax: 0, undone: [] };
  const site: Site = { store, indexNames: ['index.html', 'index.htm'], cleanUrls, listing, codings };
  const choicesFor = rulingsOf(rules, false).ruling?.choicesFor;
  const find: Find = target => lookUp(target, { ...site, ...choicesFor?.(target) });
  return async target => {
    const found = await find(target);
    return found.kind === 'moved' ? find({ ...target, endsInSlash: true }) : found;
  };
}

/** Whether it goes before a rule that is not forced; a listing does not. */
function goesFirst({ kind }: Resolution): boolean {
  return kind === 'file' || kind === 'coded';
}

function isSomething({ kind }: Resolution): boolean {
  return kind !== 'absent' && kind !== 'denied';
}
