import { type Ask, mediaTypeIn } from './ask.ts';
import type { Crawl, Visit } from './crawl.ts';

/** A site under examination: what was seen of it, and a way to ask more. */
export interface Site {
  /** The first page, where all redirects from the address that was given end. */
  readonly start: string;
  /** The addresses that redirected on the way there, the given one first. */
  readonly hops: readonly string[];
  readonly crawl: Crawl;
  readonly ask: Ask;
}

/** One thing that is not as it should be. Text that came from the site is in it as it came. */
export interface Finding {
  readonly url: string;
  readonly text: string;
  /** It could be better, but nobody is harmed. */
  readonly isAdvice: boolean;
}

/** What a check saw. */
export interface Outcome {
  /** How many addresses it looked at; for none of them there was nothing to check. */
  readonly looked: number;
  readonly findings: readonly Finding[];
}

/** One rule that a good static site keeps. */
export interface Check {
  /** A stable word for programs. */
  readonly id: string;
  readonly title: string;
  /** What it is good for. */
  readonly why: string;
  readonly fix: string;
  readonly look: (site: Site) => Outcome | Promise<Outcome>;
}

/** Something that is wrong: a visitor gets less, waits longer, or is less safe. */
export function fault(url: string, text: string): Finding {
  return { url, text, isAdvice: false };
}

/** Something that could be better. */
export function advice(url: string, text: string): Finding {
  return { url, text, isAdvice: true };
}

/** An address that answered 200, with its fields at hand. */
export interface Served extends Visit {
  readonly answer: Extract<Visit['answer'], { kind: 'reply' }>;
  readonly type: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Everything that answered 200. */
export function served({ crawl }: Site): readonly Served[] {
  return [...crawl.visits.values()].flatMap(visit => {
    const { answer } = visit;
    if (answer.kind !== 'reply' || answer.status !== 200) return [];
    return [{ ...visit, answer, type: mediaTypeIn(answer.fields), fields: answer.fields }];
  });
}

/** The pages that answered 200. */
export function pages(site: Site): readonly Served[] {
  return served(site).filter(isPage);
}

/** Whatever answered 200 and is no page: scripts, styles, pictures. */
export function parts(site: Site): readonly Served[] {
  return served(site).filter(visit => !isPage(visit));
}

/** Looks at each and gathers what is found. */
export function each<Item>(items: readonly Item[], look: (item: Item) => Finding | undefined): Outcome {
  return { looked: items.length, findings: items.flatMap(item => look(item) ?? []) };
}

/** Asks about each, one after the other, and gathers what is found. */
export async function eachAsked<Item>(
  items: readonly Item[],
  look: (item: Item) => Promise<Finding | undefined>,
): Promise<Outcome> {
  const findings: Finding[] = [];
  for (const item of items) {
    const found = await look(item);
    if (found !== undefined) findings.push(found);
  }
  return { looked: items.length, findings };
}

/** Nothing to look at. */
export const unasked: Outcome = { looked: 0, findings: [] };

function isPage({ type }: Served): boolean {
  return type === 'text/html' || type === 'application/xhtml+xml';
}
