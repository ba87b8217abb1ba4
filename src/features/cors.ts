import { fieldValue, varyingOn } from '../http/fields.ts';
import { type FieldLine, noContent, type Request, type Response } from '../http/message.ts';
import { chooserOf, readsOfChoice } from '../rules/choose.ts';
import type { CorsRule, RuleUse, TellRule } from '../rules/rules.ts';
import type { Declared, Finisher } from './feature.ts';

/** Which pages of other origins may read the answers. WHATWG Fetch §3.3. */
export interface CorsRules {
  /** `*`, or origins as browsers write them (`https://app.example:8443`, `null`); none of them: no page may. */
  readonly origins: '*' | readonly string[];
  /** Whether requests may bear credentials; for named origins only. */
  readonly credentials: boolean;
  /** Request fields that pages may set beside those that a static site has a use for. */
  readonly requestFields: readonly string[];
}

/** Answers preflights of the origins that may read (204), and says on every answer whether its origin may. */
export interface Cors {
  readonly gate: ((request: Request) => Response | undefined) & Declared;
  readonly finisher: Finisher;
}

/**
 * Opens a site to pages of other origins: as the first rule says that is for a path, else as `whole` does, where that is
 * not undefined. A named origin is answered with its own name, and every answer where it counts then varies on Origin;
 * `*` never comes with credentials, and nothing opens a private network to the public one. `tell` is told of the rules
 * that apply.
 */
export function cors(whole: CorsRules | undefined, rules: readonly CorsRule[] = [], tell?: TellRule): Cors {
  const chosen = chooserOf(rules);
  const policies = new Map(rules.map(rule => [rule, policyOf(rule)]));
  const policyOfAll = whole && policyOf(whole);
  const policyFor = (rule: CorsRule | undefined): Policy | undefined =>
    (rule && policies.get(rule)) ?? policyOfAll;

  const preflight = (request: Request): Response | undefined => {
    const { method, fields } = request;
    const origin = fields.get('origin');
    const isPreflight =
      method === 'OPTIONS' &&
      origin !== undefined &&
      fields.get('access-control-request-method') !== undefined;
    if (!isPreflight) return undefined;
    const policy = policyFor(chosen(request));
    if (policy === undefined || permission(policy, origin) === undefined) return undefined;
    const lines: FieldLine[] = [
      ['Access-Control-Allow-Methods', 'GET, HEAD'],
      ['Access-Control-Allow-Headers', policy.mayBeSet],
      ['Access-Control-Max-Age', String(preflightAgeS)],
    ];
    return { status: 204, fields: lines, content: noContent };
  };

  const permit: Finisher = (request, response) => {
    const rule = chosen(request);
    if (rule !== undefined) tell?.(useOf(rule));
    const policy = policyFor(rule);
    return policy === undefined ? response : permitted(policy, request?.fields.get('origin'), response);
  };

  const reads = readsOfChoice(rules);
  const readsOrigin = [policyOfAll, ...policies.values()].some(policy => policy?.varies);
  return {
    gate: Object.assign(preflight, {
      reads: ['origin', 'access-control-request-method', ...reads],
      title: 'the preflight of CORS',
    }),
    finisher: Object.assign(permit, { reads: [...(readsOrigin ? ['origin'] : []), ...reads], title: 'CORS' }),
  };
}

/** What is made of rules once, for all answers. */
interface Policy {
  /** Undefined: every origin may read. */
  readonly named: ReadonlySet<string> | undefined;
  /** Whether it counts by whom it is asked. */
  readonly varies: boolean;
  readonly bears: readonly FieldLine[];
  /** The request fields that pages may set. */
  readonly mayBeSet: string;
}

function policyOf({ origins, credentials, requestFields }: CorsRules): Policy {
  return {
    named: origins === '*' ? undefined : new Set(origins),
    varies: origins !== '*' && origins.length > 0,
    bears: credentials ? [['Access-Control-Allow-Credentials', 'true']] : [],
    mayBeSet: [...siteFields, ...(credentials ? ['Authorization'] : []), ...requestFields].join(', '),
  };
}

/** What says that the origin may read; undefined when it may not. */
function permission({ named, bears }: Policy, origin: string | undefined): readonly FieldLine[] | undefined {
  if (named === undefined) return [['Access-Control-Allow-Origin', '*']];
  if (origin === undefined || !named.has(origin)) return undefined;
  return [['Access-Control-Allow-Origin', origin], ...bears];
}

function permitted(policy: Policy, origin: string | undefined, response: Response): Response {
  // What a rule says of a path is more than what holds for all; two lines would be read by no browser.
  const isSaid = fieldValue(response.fields, 'access-control-allow-origin') !== undefined;
  const lines = isSaid ? [] : (permission(policy, origin) ?? []);
  const exposed: readonly FieldLine[] =
    lines.length > 0 && response.status !== 204 ? [['Access-Control-Expose-Headers', exposedFields]] : [];
  const fields = [...response.fields, ...lines, ...exposed];
  return { ...response, fields: policy.varies ? varyingOn(fields, 'Origin') : fields };
}

function useOf({ source, origins }: CorsRule): RuleUse {
  const who = origins === '*' ? 'every origin' : origins.join(', ') || 'no other origin';
  const fields = [
    'access-control-allow-origin',
    'access-control-allow-credentials',
    'access-control-expose-headers',
  ];
  return { source, did: `lets ${who} read`, fields };
}

/** Browsers keep the answer to a preflight for two hours at most, whatever it says. */
const preflightAgeS = 7200;

/** What a page may have a reason to set when it asks for a file, beside what needs no preflight. */
const siteFields: readonly string[] = [
  'Cache-Control',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Range',
];

/** What a page can do something with, beside what it may always read. */
const exposedFields = 'Accept-Ranges, Content-Range, ETag';
