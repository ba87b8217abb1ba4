import { type Ask, askLimits, createAsk, type NoReply, type Reply } from './ask.ts';
import type { Check, Finding, Site } from './check.ts';
import { cachingChecks } from './check-caching.ts';
import { contentChecks } from './check-content.ts';
import { linkChecks } from './check-links.ts';
import { securityChecks } from './check-security.ts';
import { crawl, crawlLimits, locationOf } from './crawl.ts';

/** What came of one check. */
export interface Result extends Omit<Check, 'look'> {
  /** 'unasked': there was nothing to look at. 'advised': findings, and none of them a fault. */
  readonly verdict: 'passed' | 'failed' | 'advised' | 'unasked';
  /** How many addresses were looked at. */
  readonly looked: number;
  readonly findings: readonly Finding[];
}

/** What came of an examination. */
export type Report =
  | {
      readonly kind: 'examined';
      readonly start: string;
      readonly results: readonly Result[];
      /** Addresses that were asked for. */
      readonly addresses: number;
      /** Why not all of the site was seen, in words; undefined when it was. */
      readonly cut: string | undefined;
    }
  /** There was no page to begin with; the reason is for people. */
  | { readonly kind: 'unreached'; readonly url: string; readonly why: string };

/** How far an examination is. */
export type Progress =
  | { readonly kind: 'walking'; readonly asked: number; readonly known: number }
  | { readonly kind: 'checking'; readonly title: string };

/**
 * Every check, in the order of the report.
 * @internal
 */
export const checks: readonly Check[] = [
  ...linkChecks,
  ...contentChecks,
  ...cachingChecks,
  ...securityChecks,
];

/** Walks through the site that begins at an address and holds it against every check. Never rejects. */
export async function examine(address: string, tell: (progress: Progress) => void): Promise<Report> {
  const { ask, end } = createAsk(askLimits, 'plinth-doctor');
  try {
    const arrived = await arrive(address, ask);
    if (arrived.kind === 'unreached') return arrived;
    const { start, hops } = arrived;
    const seen = await crawl(start, ask, crawlLimits, progress => tell({ kind: 'walking', ...progress }));
    const site: Site = { start, hops, crawl: seen, ask };
    const results: Result[] = [];
    for (const { look, ...check } of checks) {
      tell({ kind: 'checking', title: check.title });
      const { looked, findings } = await look(site);
      results.push({ ...check, verdict: verdictOf(looked, findings), looked, findings });
    }
    return { kind: 'examined', start, results, addresses: seen.visits.size, cut: seen.cut };
  } finally {
    end();
  }
}

type Arrival =
  | { readonly kind: 'arrived'; readonly start: string; readonly hops: readonly string[] }
  | Extract<Report, { kind: 'unreached' }>;

/** Follows the redirects of the first address, to other origins too. */
async function arrive(address: string, ask: Ask): Promise<Arrival> {
  const hops: string[] = [];
  let url = address;
  for (;;) {
    const answer = await ask(url);
    const location = answer.kind === 'reply' ? locationOf(answer) : undefined;
    if (location === undefined) {
      const why = absence(answer);
      return why === undefined ? { kind: 'arrived', start: url, hops } : { kind: 'unreached', url, why };
    }
    hops.push(url);
    if (hops.includes(location))
      return { kind: 'unreached', url: location, why: 'its redirects lead back to it' };
    if (hops.length >= hopsMax)
      return { kind: 'unreached', url, why: `more than ${hopsMax} redirects, one after the other` };
    url = location;
  }
}

function absence(answer: Reply | NoReply): string | undefined {
  if (answer.kind === 'no-reply') return answer.why;
  return answer.status === 200 ? undefined : `it answers ${answer.status}`;
}

function verdictOf(looked: number, findings: readonly Finding[]): Result['verdict'] {
  if (findings.some(({ isAdvice }) => !isAdvice)) return 'failed';
  if (findings.length > 0) return 'advised';
  return looked === 0 ? 'unasked' : 'passed';
}

const hopsMax = 10;
