/**
 * rules/: what the owner of a site asks for, by path. Every source of rules (`_headers`, `_redirects`, `serve.json`,
 * the configuration) is read into the values below; `pattern.ts` has the one language in which paths are told apart,
 * `template.ts` what is filled in. Nothing here opens a file or knows a store; read `routing.ts` next for how a request
 * meets the rules.
 */
import type { HostNames } from '../http/host-names.ts';
import type { Pattern } from './pattern.ts';
import type { Template, Text } from './template.ts';

/** Where a rule was written. */
export interface RuleSource {
  /** As the operator knows it: `_redirects`, `plinth.config.ts`. */
  readonly file: string;
  /** Counted from 1. */
  readonly line?: number;
  /** The key within a structured file: `redirects[2].to`. */
  readonly key?: string;
}

/** Something in a source that cannot be read, or cannot be done; everything else of the source holds. */
export interface RuleFault {
  readonly source: RuleSource;
  /** What is wrong and what is wanted, in words, on one line. */
  readonly why: string;
}

/** Everything that was asked for. In each list the order is that of precedence. */
export interface RuleSet {
  /** The first one that matches a request decides. */
  readonly routes: readonly Route[];
  /** Every one that matches applies, in order. */
  readonly fields: readonly FieldRule[];
  /** The first one that matches and has a page for the status. */
  readonly errorPages: readonly ErrorPage[];
  /** Whether a folder without an index page shows its members; the first that matches. */
  readonly listing: readonly PathChoice[];
  /** Names that listings leave out, whatever their folder. */
  readonly unlisted: readonly PathChoice[];
  /** How clean URLs are treated; the first that matches. */
  readonly cleanUrls: readonly CleanUrlRule[];
  /** What becomes of a final slash; the first that matches. */
  readonly finalSlash: readonly FinalSlashRule[];
  /** Which pages of other origins may read the answers; the first that matches. */
  readonly cors: readonly CorsRule[];
  /** Whether answers bear the fields that keep pages from harm; the first that matches. */
  readonly secure: readonly SecureRule[];
  /** Which clients are served; each that matches has to serve them. */
  readonly access: readonly AccessRule[];
  /** A folder below the root in whose stead everything is looked up, as segments; the first that was given. */
  readonly folder?: { readonly source: RuleSource; readonly segments: readonly string[] };
  /** By which rule a folder with a single file and nothing else shows that file instead of a listing. */
  readonly singleFile?: RuleSource;
}

/** What happens to the requests for some paths. */
export interface Route {
  readonly source: RuleSource;
  readonly from: Pattern;
  /** Only when one of these hosts is asked for; undefined: whatever is. */
  readonly hosts?: HostNames | undefined;
  /** All of them must hold. */
  readonly query: readonly QueryCondition[];
  /** Only when a browser asks for a page: no file extension in the last segment, and Accept takes HTML. */
  readonly isForNavigation: boolean;
  /** Applies although a file stands there; otherwise files win. */
  readonly isForced: boolean;
  readonly action: RouteAction;
}

/** What a route does. */
export type RouteAction =
  | { readonly kind: 'redirect'; readonly status: RedirectStatus; readonly to: Template }
  /** Looks another path of the site up, and answers with this status. */
  | { readonly kind: 'rewrite'; readonly status: 200 | 404 | 410; readonly to: Template }
  /** Answers with the status and its error page. */
  | { readonly kind: 'refuse'; readonly status: 404 | 410 };

/** The statuses of a redirect. RFC 9110 §15.4. */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

/** Whether a value is one of them. */
export function isRedirectStatus(value: unknown): value is RedirectStatus {
  return value === 301 || value === 302 || value === 303 || value === 307 || value === 308;
}

/** One parameter that a query must have. */
export interface QueryCondition {
  readonly name: string;
  /** The value that is wanted, or the name under which any value is captured. */
  readonly value:
    | { readonly kind: 'literal'; readonly text: string }
    | { readonly kind: 'name'; readonly name: string };
}

/** What happens to the fields of the answers for some paths. */
export interface FieldRule {
  readonly source: RuleSource;
  readonly from: Pattern;
  /** Only when one of these hosts is asked for; undefined: whatever is. */
  readonly hosts?: HostNames | undefined;
  readonly changes: readonly FieldChange[];
}

/** One change to the fields of an answer. Names and values were checked when they were read. */
export type FieldChange =
  /** The only value, whatever was there. */
  | { readonly kind: 'set'; readonly name: string; readonly value: Text }
  /** One more value of a list. */
  | { readonly kind: 'append'; readonly name: string; readonly value: Text }
  /** Replaces what the server says of itself, and is one more value to what earlier rules said. */
  | { readonly kind: 'join'; readonly name: string; readonly value: Text }
  | { readonly kind: 'remove'; readonly name: string };

/** The page of an error, for some paths. */
export interface ErrorPage {
  readonly source: RuleSource;
  readonly from: Pattern;
  readonly status: number;
  /** A file of the site, by its segments. */
  readonly page: readonly string[];
}

/** Yes or no, for some paths. */
export interface PathChoice {
  readonly source: RuleSource;
  readonly from: Pattern;
  readonly isOn: boolean;
}

/** `serve`: `/about` serves about.html. `redirect`: and `/about.html` leads there. `off`: neither. */
export interface CleanUrlRule {
  readonly source: RuleSource;
  readonly from: Pattern;
  readonly treatment: 'off' | 'serve' | 'redirect';
}

/** `add`: pages and folders are at the path with a slash. `remove`: at the path without. */
export interface FinalSlashRule {
  readonly source: RuleSource;
  readonly from: Pattern;
  readonly treatment: 'add' | 'remove';
}

/** Which pages of other origins may read the answers for some paths. WHATWG Fetch §3.3. */
export interface CorsRule {
  readonly source: RuleSource;
  readonly from: Pattern;
  /** Only when one of these hosts is asked for; undefined: whatever is. */
  readonly hosts?: HostNames | undefined;
  /** None: no page of another origin may. */
  readonly origins: '*' | readonly string[];
  /** Whether requests may bear credentials; for named origins only. */
  readonly credentials: boolean;
  /** Request fields that pages may set beside those that a static site has a use for. */
  readonly requestFields: readonly string[];
}

/** Whether the fields that keep pages from harm are sent, for some paths. */
export interface SecureRule extends PathChoice {
  /** Only when one of these hosts is asked for; undefined: whatever is. */
  readonly hosts?: HostNames | undefined;
}

/** Which clients are served, for some places and all below them. */
export interface AccessRule {
  readonly source: RuleSource;
  readonly from: Pattern;
  /** Only when one of these hosts is asked for; undefined: whatever is. */
  readonly hosts?: HostNames | undefined;
  /** Ranges of addresses; undefined: all are allowed. */
  readonly allow?: readonly string[] | undefined;
  /** Ranges of addresses; undefined: none is denied. */
  readonly deny?: readonly string[] | undefined;
}

/** A source, read: what it asks for, and what of it cannot be had. */
export interface ReadRules {
  readonly rules: RuleSet;
  readonly faults: readonly RuleFault[];
}

/** That a rule applies to a request. */
export interface RuleUse {
  readonly source: RuleSource;
  /** What it does, in a few words. */
  readonly did: string;
  /** The fields that it sets or adds to, in lower case. */
  readonly fields: readonly string[];
}

/** Is told of rules as they apply, where somebody wants a decision explained. */
export type TellRule = (use: RuleUse) => void;

/** Nothing is asked for. */
export const noRules: RuleSet = {
  routes: [],
  fields: [],
  errorPages: [],
  listing: [],
  unlisted: [],
  cleanUrls: [],
  finalSlash: [],
  cors: [],
  secure: [],
  access: [],
};

/** Several sets as one; what an earlier one asks for comes first. */
export function joinRules(sets: readonly RuleSet[]): RuleSet {
  const folder = sets.find(set => set.folder !== undefined)?.folder;
  const singleFile = sets.find(set => set.singleFile !== undefined)?.singleFile;
  return {
    routes: sets.flatMap(set => set.routes),
    fields: sets.flatMap(set => set.fields),
    errorPages: sets.flatMap(set => set.errorPages),
    listing: sets.flatMap(set => set.listing),
    unlisted: sets.flatMap(set => set.unlisted),
    cleanUrls: sets.flatMap(set => set.cleanUrls),
    finalSlash: sets.flatMap(set => set.finalSlash),
    cors: sets.flatMap(set => set.cors),
    secure: sets.flatMap(set => set.secure),
    access: sets.flatMap(set => set.access),
    ...(folder !== undefined && { folder }),
    ...(singleFile !== undefined && { singleFile }),
  };
}

/**
 * Whether what the rules say depends on the host that is asked for: some hold for some hosts only, and a redirect to another
 * origin does nothing there.
 */
export function areForHosts({ routes, fields }: RuleSet): boolean {
  const leadsAway = ({ action }: Route): boolean =>
    action.kind === 'redirect' && action.to.origin !== undefined;
  return [...routes, ...fields].some(({ hosts }) => hosts !== undefined) || routes.some(leadsAway);
}

/** Where a rule was written, in the form that editors jump to: `_redirects:3`, `serve.json: headers[0].source`. */
export function formatSource({ file, line, key }: RuleSource): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return key === undefined ? place : `${place}: ${key}`;
}
