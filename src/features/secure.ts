import { fieldValue } from '../http/fields.ts';
import type { FieldLine, InlineSources, Request, Response } from '../http/message.ts';
import { chooserOf, readsOfChoice } from '../rules/choose.ts';
import type { RuleUse, SecureRule, TellRule } from '../rules/rules.ts';
import type { Finisher } from './feature.ts';

/** Which answers are to keep pages from harm, and what makes them so. */
export interface Secure {
  /** Whether the answer to a request is one of them; of a request that could not be read, what holds for all. */
  readonly isFor: (request: Request | undefined) => boolean;
  /** Adds the fields; the rules of the site come after it, so that they can take some away. */
  readonly finisher: Finisher;
  /** Takes those back that somebody has said otherwise beside them; it comes last. */
  readonly yielding: Finisher;
}

/**
 * Adds the fields with which a browser keeps pages from harm: where they may stand in a frame, what they tell other
 * sites about their readers, which devices they may use. A field that the answer has already stays as it is, so that a
 * site may say otherwise. Nothing that promises TLS is sent over plain TCP. The first rule that is for a request says
 * whether it is done, else `whole`; `tell` is told of the rules that apply.
 */
export function secure(whole: boolean, rules: readonly SecureRule[] = [], tell?: TellRule): Secure {
  const chosen = chooserOf(rules);
  const finish: Finisher = (request, response) => {
    const rule = chosen(request);
    const isOn = rule?.isOn ?? whole;
    if (rule !== undefined) tell?.(useOf(rule));
    return isOn ? protect(response) : response;
  };
  return {
    isFor: request => chosen(request)?.isOn ?? whole,
    finisher: Object.assign(finish, { reads: readsOfChoice(rules), title: 'security preset' }),
    yielding: Object.assign(yieldToOthers, { reads: [], title: 'security preset' }),
  };
}

/**
 * The policy of a page whose inline scripts and styles are known: it loads from its own origin only and runs nothing
 * that it did not come with. Without them, only what no page needs is forbidden. CSP Level 3.
 */
export function contentPolicy(inline?: InlineSources): string {
  const sources =
    inline === undefined
      ? []
      : [
          "default-src 'self'",
          "img-src 'self' data: blob:",
          "font-src 'self' data:",
          "media-src 'self' blob:",
          `script-src ${["'self'", ...inline.scripts].join(' ')}`,
          `style-src ${["'self'", ...inline.styles].join(' ')}`,
          // A style attribute runs nothing, and pages are full of them.
          "style-src-attr 'unsafe-inline'",
          "form-action 'self'",
        ];
  return [...sources, "base-uri 'self'", "object-src 'none'", "frame-ancestors 'self'"].join('; ');
}

const lines: readonly FieldLine[] = [
  ['Referrer-Policy', 'strict-origin-when-cross-origin'],
  ['X-Frame-Options', 'SAMEORIGIN'],
  [
    'Permissions-Policy',
    'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
  ],
  // Windows that a page opens to pay or to sign in keep their way back.
  ['Cross-Origin-Opener-Policy', 'same-origin-allow-popups'],
  ['Content-Security-Policy', contentPolicy()],
];

function protect(response: Response): Response {
  const missing = lines.filter(([name]) => fieldValue(response.fields, name) === undefined);
  return { ...response, fields: [...response.fields, ...missing] };
}

/** A finisher of the owner's adds a line of its own beside what is there already. */
const yieldToOthers: Finisher = (_request, response) => {
  const isOwn = (line: FieldLine): boolean => lines.includes(line);
  const others = new Set(response.fields.filter(line => !isOwn(line)).map(([name]) => name.toLowerCase()));
  const fields = response.fields.filter(line => !isOwn(line) || !others.has(line[0].toLowerCase()));
  return fields.length === response.fields.length ? response : { ...response, fields };
};

function useOf({ source, isOn }: SecureRule): RuleUse {
  const fields = isOn ? lines.map(([name]) => name.toLowerCase()) : [];
  return { source, did: isOn ? 'adds the fields of --secure' : 'leaves the fields of --secure out', fields };
}
