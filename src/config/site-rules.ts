import { hostNameWanted } from '../http/host-names.ts';
import type { Shape } from './shape.ts';

/** `rules` of a configuration: what the owner of a site asks for, by path. The first rule that matches counts. */
export interface SiteRules {
  /** Requests that are led elsewhere, although a file may stand there. */
  readonly redirects?: readonly RedirectRule[] | undefined;
  /** Paths that are answered with another file of the site, where no file stands. */
  readonly rewrites?: readonly RewriteRule[] | undefined;
  /** Paths that are answered as absent or as gone, although a file may stand there. */
  readonly refusals?: readonly RefusalRule[] | undefined;
  /** Fields that answers get or lose; every rule that matches applies, in order. */
  readonly fields?: readonly FieldsRule[] | undefined;
  /** How long answers may be kept: the value of Cache-Control. */
  readonly cache?: readonly CacheRule[] | undefined;
  /** The pages of errors by status, of those that a site answers: for the whole site, or by path. */
  readonly errorPages?: Readonly<Record<string, string>> | readonly ErrorPageRule[] | undefined;
  /** Whether folders without an index page show their members, by path. */
  readonly listing?: readonly ListingRule[] | undefined;
  /** Names that listings leave out, in every folder: `*.map`. */
  readonly unlisted?: readonly string[] | undefined;
  /** Whether `/about` serves about.html, and whether `/about.html` then leads there. */
  readonly cleanUrls?: CleanUrlTreatment | readonly CleanUrlsRule[] | undefined;
  /** Whether pages and folders are at the path with a final slash or at the one without. */
  readonly trailingSlash?: SlashTreatment | readonly TrailingSlashRule[] | undefined;
  /** Origins whose pages may read the answers for some paths; the first rule that matches, else `cors` of the site. */
  readonly cors?: readonly CorsRule[] | undefined;
  /** Whether answers for some paths bear the fields of `secure`; the first rule that matches, else `secure` of the site. */
  readonly secure?: readonly SecureRule[] | undefined;
  /** Which clients may see some places and all below them; each rule that matches has to let them in. */
  readonly access?: readonly AccessRule[] | undefined;
  /** The page that a browser gets for every path at which no file stands, or such a page for some paths. */
  readonly spa?: string | readonly SpaRule[] | undefined;
}

/** Leads requests elsewhere. */
export interface RedirectRule {
  readonly from: string;
  /** Only under these hosts: `www.example.com`, `*.example.com`; under every one by default. */
  readonly host?: string | readonly string[] | undefined;
  /** A path of this site, or an address that begins with http:// or https://. */
  readonly to: string;
  /** 301 by default. */
  readonly status?: 301 | 302 | 303 | 307 | 308 | undefined;
  /** Parameters that the query must have: `{ id: ':id' }` captures one, `{ id: '5' }` wants this value. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Whether it goes before a file that stands there; true by default. */
  readonly force?: boolean | undefined;
}

/** Answers with another file. */
export interface RewriteRule {
  readonly from: string;
  /** Only under these hosts: `www.example.com`, `*.example.com`; under every one by default. */
  readonly host?: string | readonly string[] | undefined;
  /** A path of this site. */
  readonly to: string;
  /** 200 by default. */
  readonly status?: 200 | 404 | 410 | undefined;
  /** As in a redirect. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Whether it goes before a file that stands there; false by default. */
  readonly force?: boolean | undefined;
}

/** Answers as if nothing were there. */
export interface RefusalRule {
  readonly from: string;
  /** Only under these hosts: `www.example.com`, `*.example.com`; under every one by default. */
  readonly host?: string | readonly string[] | undefined;
  /** 404 by default. */
  readonly status?: 404 | 410 | undefined;
}

/** Changes the fields of answers. Values may hold what the path captures: `:name`, `:splat`. */
export interface FieldsRule {
  readonly from: string;
  /** Only under these hosts: `www.example.com`, `*.example.com`; under every one by default. */
  readonly host?: string | readonly string[] | undefined;
  /** The only value, whatever was there. */
  readonly set?: Readonly<Record<string, string>> | undefined;
  /** One more value of a list. */
  readonly append?: Readonly<Record<string, string>> | undefined;
  readonly remove?: readonly string[] | undefined;
}

/** Sets Cache-Control. */
export interface CacheRule {
  readonly from: string;
  readonly value: string;
}

/** The page of an error, for some paths. */
export interface ErrorPageRule {
  readonly from: string;
  readonly status: number;
  /** A file of the site. */
  readonly page: string;
}

/** Whether folders are listed, for some paths. */
export interface ListingRule {
  readonly from: string;
  readonly on: boolean;
}

/** `serve`: `/about` serves about.html. `redirect`: and `/about.html` leads there. `off`: neither. */
export type CleanUrlTreatment = 'off' | 'serve' | 'redirect';

/** How clean URLs are treated, for some paths. */
export interface CleanUrlsRule {
  readonly from: string;
  readonly treatment: CleanUrlTreatment;
}

/** `add`: at the path with a slash. `remove`: at the one without. */
export type SlashTreatment = 'add' | 'remove';

/** What becomes of a final slash, for some paths. */
export interface TrailingSlashRule {
  readonly from: string;
  readonly treatment: SlashTreatment;
}

/** The page of an application, for some paths. */
export interface SpaRule {
  readonly from: string;
  readonly page: string;
}

/** Which pages of other origins may read, for some paths. */
export interface CorsRule {
  readonly from: string;
  /** Only under these hosts: `www.example.com`, `*.example.com`; under every one by default. */
  readonly host?: string | readonly string[] | undefined;
  /** `*` for all, or origins such as `https://app.example`; an empty list for none. */
  readonly origins: string | readonly string[];
  /** Whether requests may bear credentials; for named origins only, false by default. */
  readonly credentials?: boolean | undefined;
  /** Request fields that pages may set beside those that a static site has a use for. */
  readonly requestFields?: readonly string[] | undefined;
}

/** Whether answers bear the fields that keep pages from harm, for some paths. */
export interface SecureRule {
  readonly from: string;
  /** Only under these hosts: `www.example.com`, `*.example.com`; under every one by default. */
  readonly host?: string | readonly string[] | undefined;
  readonly on: boolean;
}

/** Which clients may see some places. With everything below them, whatever leads there. */
export interface AccessRule {
  readonly from: string;
  /** Only under these hosts: `www.example.com`, `*.example.com`; under every one by default. */
  readonly host?: string | readonly string[] | undefined;
  /** Ranges of addresses that are served (`10.0.0.0/8`, `::1`, `unix`); all by default. */
  readonly allow?: string | readonly string[] | undefined;
  /** Ranges of addresses that are not served; none by default. */
  readonly deny?: string | readonly string[] | undefined;
}

const pattern: Shape = { kind: 'text', what: 'a pattern such as /blog/**' };
const page: Shape = { kind: 'text', what: 'a path of this site' };
const hostName: Shape = { kind: 'text', what: hostNameWanted };
const host: Shape = { kind: 'either', of: [hostName, { kind: 'list', of: hostName }] };
const origin: Shape = { kind: 'text', what: '* or an origin such as https://app.example:8443' };
const range: Shape = { kind: 'text', what: 'an address or a range such as 10.0.0.0/8' };
const ranges: Shape = { kind: 'either', of: [range, { kind: 'list', of: range }] };
const yesOrNo: Shape = { kind: 'one of', values: [true, false] };
/**
 * The errors of a site, its own gates among them. Whom a guard refuses is shown nothing of the site, and what is no request
 * that can be read, a server that is too busy or a bug asks no site for a page.
 */
const pageStatuses = [400, 403, 404, 405, 406, 410, 412, 416, 421, 429, 451, 501];
const errorStatus: Shape = { kind: 'one of', values: pageStatuses };
const query = mapOf(/./, 'names of parameters', { kind: 'text', what: 'a value or :name' });
const fieldValues = mapOf(/./, 'names of fields', { kind: 'text', what: 'a value' });

/** How `rules` is built. */
export const siteRulesShape: Shape = objectOf([], {
  redirects: listOf(['from', 'to'], {
    from: pattern,
    host,
    to: { kind: 'text', what: 'a path or an address' },
    status: { kind: 'one of', values: [301, 302, 303, 307, 308] },
    query,
    force: yesOrNo,
  }),
  rewrites: listOf(['from', 'to'], {
    from: pattern,
    host,
    to: page,
    status: { kind: 'one of', values: [200, 404, 410] },
    query,
    force: yesOrNo,
  }),
  refusals: listOf(['from'], { from: pattern, host, status: { kind: 'one of', values: [404, 410] } }),
  fields: listOf(['from'], {
    from: pattern,
    host,
    set: fieldValues,
    append: fieldValues,
    remove: { kind: 'list', of: { kind: 'text', what: 'the name of a field' } },
  }),
  cache: listOf(['from', 'value'], {
    from: pattern,
    value: { kind: 'text', what: 'a value such as public, max-age=60' },
  }),
  errorPages: {
    kind: 'either',
    of: [
      mapOf(
        new RegExp(`^(?:${pageStatuses.join('|')})$`),
        `statuses that have pages (${pageStatuses.join(', ')})`,
        page,
      ),
      listOf(['from', 'status', 'page'], { from: pattern, status: errorStatus, page }),
    ],
  },
  listing: listOf(['from', 'on'], { from: pattern, on: yesOrNo }),
  unlisted: { kind: 'list', of: { kind: 'text', what: 'a name such as *.map' } },
  cleanUrls: byPath({ kind: 'one of', values: ['off', 'serve', 'redirect'] }),
  trailingSlash: byPath({ kind: 'one of', values: ['add', 'remove'] }),
  cors: listOf(['from', 'origins'], {
    from: pattern,
    host,
    origins: { kind: 'either', of: [origin, { kind: 'list', of: origin }] },
    credentials: yesOrNo,
    requestFields: { kind: 'list', of: { kind: 'text', what: 'the name of a field' } },
  }),
  secure: listOf(['from', 'on'], { from: pattern, host, on: yesOrNo }),
  access: listOf(['from'], { from: pattern, host, allow: ranges, deny: ranges }),
  spa: { kind: 'either', of: [page, listOf(['from', 'page'], { from: pattern, page })] },
});

function objectOf(needs: readonly string[], keys: Readonly<Record<string, Shape>>): Shape {
  return { kind: 'object', needs, keys };
}

function listOf(needs: readonly string[], keys: Readonly<Record<string, Shape>>): Shape {
  return { kind: 'list', of: objectOf(needs, keys) };
}

function mapOf(keys: RegExp, what: string, of: Shape): Shape {
  return { kind: 'map', keys, what, of };
}

/** One treatment for the whole site, or one for each of some paths. */
function byPath(treatment: Shape): Shape {
  return { kind: 'either', of: [treatment, listOf(['from', 'treatment'], { from: pattern, treatment })] };
}
