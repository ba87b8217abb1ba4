import { fieldValue, varyingOn } from '../http/fields.ts';
import { type FieldLine, noContent, type Request, type Response } from '../http/message.ts';
import type { Declared, Finisher } from './feature.ts';

/** Which pages of other origins may read the answers. WHATWG Fetch §3.3. */
export interface CorsRules {
  /** `*`, or origins as browsers write them (`https://app.example:8443`, `null`). */
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
 * Opens a site to pages of other origins. A named origin is answered with its own name, and every answer then varies on
 * Origin; `*` never comes with credentials, and nothing opens a private network to the public one.
 */
export function cors({ origins, credentials, requestFields }: CorsRules): Cors {
  const named = origins === '*' ? undefined : new Set(origins);
  const bears: readonly FieldLine[] = credentials ? [['Access-Control-Allow-Credentials', 'true']] : [];
  const mayBeSet = [...siteFields, ...(credentials ? ['Authorization'] : []), ...requestFields].join(', ');

  /** What says that the origin may read; undefined when it may not. */
  const permission = (origin: string | undefined): readonly FieldLine[] | undefined => {
    if (named === undefined) return [['Access-Control-Allow-Origin', '*']];
    if (origin === undefined || !named.has(origin)) return undefined;
    return [['Access-Control-Allow-Origin', origin], ...bears];
  };

  const preflight = ({ method, fields }: Request): Response | undefined => {
    const origin = fields.get('origin');
    const isPreflight =
      method === 'OPTIONS' &&
      origin !== undefined &&
      fields.get('access-control-request-method') !== undefined;
    if (!isPreflight || permission(origin) === undefined) return undefined;
    const lines: FieldLine[] = [
      ['Access-Control-Allow-Methods', 'GET, HEAD'],
      ['Access-Control-Allow-Headers', mayBeSet],
      ['Access-Control-Max-Age', String(preflightAgeS)],
    ];
    return { status: 204, fields: lines, content: noContent };
  };

  const permit: Finisher = (request, response) => {
    // What a rule says of a path is more than what holds for all; two lines would be read by no browser.
    const isSaid = fieldValue(response.fields, 'access-control-allow-origin') !== undefined;
    const permitted = isSaid ? [] : (permission(request?.fields.get('origin')) ?? []);
    const exposed: readonly FieldLine[] =
      permitted.length > 0 && response.status !== 204
        ? [['Access-Control-Expose-Headers', exposedFields]]
        : [];
    const fields = [...response.fields, ...permitted, ...exposed];
    return { ...response, fields: named === undefined ? fields : varyingOn(fields, 'Origin') };
  };

  return {
    gate: Object.assign(preflight, {
      reads: ['origin', 'access-control-request-method'],
      title: 'the preflight of CORS',
    }),
    finisher: Object.assign(permit, { reads: named === undefined ? [] : ['origin'], title: 'CORS' }),
  };
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
