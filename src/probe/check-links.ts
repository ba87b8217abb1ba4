import { randomUUID } from 'node:crypto';
import type { NoReply, Reply } from './ask.ts';
import { advice, type Check, each, eachAsked, type Finding, fault, pages, type Site } from './check.ts';
import { type Crawl, locationOf, type Visit } from './crawl.ts';

/** Whether every way through the site leads somewhere. */
export const linkChecks: readonly Check[] = [
  {
    id: 'redirects',
    title: 'Redirects are short and end',
    why: 'Each redirect is one more journey before anything can be shown; one that never ends shows nothing.',
    fix: 'Let each redirect lead straight to the last address.',
    look: site => {
      const moved = [...site.crawl.visits.values()].filter(isRedirect);
      const outcome = each(moved, ({ url }) => judgeRedirect(url, site.crawl));
      const [first] = site.hops;
      if (first === undefined) return outcome;
      const chain = site.hops.length > 1 ? [advice(first, chainText(site.hops.length))] : [];
      return { looked: outcome.looked + 1, findings: [...chain, ...outcome.findings] };
    },
  },
  {
    id: 'trailing-slash',
    title: 'A folder without its slash leads to the folder',
    why: 'People leave the slash out; and where both forms answer, relative links of one of them break.',
    fix: 'Redirect /docs to /docs/ with 308 or 301.',
    look: site => {
      const folders = pages(site).filter(({ url }) => isFolder(url));
      return eachAsked(folders.slice(0, samplesMax), async ({ url }) => judgeBare(url, site));
    },
  },
  {
    id: 'missing',
    title: 'What is missing answers 404',
    why: 'A missing page that answers 200 is kept by search engines and caches, and a missing script runs as one.',
    fix: 'Answer 404 with the error page; limit a fallback to navigations, so that missing files stay missing.',
    look: async site => {
      const name = `plinth-doctor-${randomUUID()}`;
      const home = site.crawl.visits.get(site.start);
      // In the folder of the first page: above it another site may answer.
      const urls = [name, `${name}.js`].map(path => new URL(path, site.start).href);
      return eachAsked(urls, async url => judgeMissing(await site.ask(url), home));
    },
  },
  {
    id: 'dead-links',
    title: 'Links within the site lead somewhere',
    why: 'Whoever follows a dead link is lost, and a page that lacks a part is broken.',
    fix: 'Correct or remove the link, or redirect the old address.',
    look: ({ crawl }) => {
      const targets = sources(crawl, () => true);
      return each([...targets], ([url, from]) => {
        const text = deadText(url, crawl);
        return text === undefined ? undefined : fault(url, `${text}; ${fromText(from)}`);
      });
    },
  },
  {
    id: 'dead-fragments',
    title: 'Fragments within the site exist',
    why: 'A link to a place in a page that has no such place stops at the top.',
    fix: 'Give the heading that id, or correct the link.',
    look: ({ crawl }) => {
      const targets = sources(crawl, ({ role, fragment }) => role === 'link' && isPlace(fragment));
      return each([...targets], ([target, from]) => {
        const at = target.indexOf('#');
        const end = follow(target.slice(0, at), crawl);
        if (end.kind !== 'visit' || end.visit.answer.kind !== 'reply' || !end.visit.answer.isWhole)
          return undefined;
        const { document } = end.visit;
        if (document === undefined || document.anchors.size + document.references.length === 0)
          return undefined;
        if (document.anchors.has(target.slice(at + 1))) return undefined;
        return fault(target, `no such place in the page; ${fromText(from)}`);
      });
    },
  },
];

/** Where an address leads in the end. */
type End =
  | { readonly kind: 'visit'; readonly visit: Visit; readonly hops: number }
  | { readonly kind: 'loop' }
  /** To another origin, or beyond the bounds of the crawl. */
  | { readonly kind: 'unseen' };

function follow(url: string, { visits }: Crawl): End {
  const seen = new Set<string>();
  let visit = visits.get(url);
  while (visit?.location !== undefined) {
    if (seen.has(visit.url)) return { kind: 'loop' };
    seen.add(visit.url);
    visit = visits.get(visit.location);
  }
  return visit === undefined ? { kind: 'unseen' } : { kind: 'visit', visit, hops: seen.size };
}

function isRedirect({ answer }: Visit): boolean {
  return answer.kind === 'reply' && [301, 302, 303, 307, 308].includes(answer.status);
}

function judgeRedirect(url: string, crawl: Crawl): Finding | undefined {
  const end = follow(url, crawl);
  if (end.kind === 'loop') return fault(url, 'a redirect that leads back to itself');
  if (end.kind === 'unseen') return undefined;
  if (end.hops === 0) return fault(url, 'a redirect without an address to go to');
  return end.hops > 1 ? advice(url, chainText(end.hops)) : undefined;
}

function chainText(hops: number): string {
  return `${hops} redirects one after the other`;
}

function isFolder(url: string): boolean {
  const { pathname, search } = new URL(url);
  return pathname !== '/' && pathname.endsWith('/') && search === '';
}

async function judgeBare(url: string, { ask }: Site): Promise<Finding | undefined> {
  const bare = url.slice(0, -1);
  const answer = await ask(bare);
  if (answer.kind === 'no-reply') return fault(bare, answer.why);
  if (locationOf(answer) === url) return undefined;
  if (answer.status === 200) return advice(bare, 'answers 200 as well as the form with a slash');
  return advice(bare, `answers ${answer.status}; only the form with a slash leads to the folder`);
}

function judgeMissing(answer: Reply | NoReply, home: Visit | undefined): Finding | undefined {
  const { url } = answer;
  if (answer.kind === 'no-reply') return fault(url, answer.why);
  if (answer.status === 404 || answer.status === 410) return undefined;
  const tag = answer.fields.get('etag');
  const homeTag = home?.answer.kind === 'reply' ? home.answer.fields.get('etag') : undefined;
  const isFallback =
    answer.status === 200 &&
    (tag === undefined ? answer.content.length === home?.contentBytes : tag === homeTag);
  return isFallback && !url.endsWith('.js')
    ? advice(url, 'answers 200 with the first page, as an application with its own routes does')
    : fault(url, `there is no such thing, and the answer is ${answer.status}`);
}

/** Every address within the site that is referred to, and from where. */
function sources(
  { visits }: Crawl,
  isMeant: (reference: { readonly role: string; readonly fragment: string }) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const targets = new Map<string, string[]>();
  for (const { url: from, document } of visits.values()) {
    for (const reference of document?.references ?? []) {
      if (!isMeant(reference) || !visits.has(reference.url)) continue;
      const target = reference.fragment === '' ? reference.url : `${reference.url}#${reference.fragment}`;
      const known = targets.get(target);
      if (known === undefined) targets.set(target, [from]);
      else if (known.at(-1) !== from) known.push(from);
    }
  }
  return targets;
}

/** Undefined for an address that leads somewhere, as far as was seen. Whether one may enter is another matter. */
function deadText(url: string, crawl: Crawl): string | undefined {
  const end = follow(url, crawl);
  if (end.kind !== 'visit') return undefined;
  const { answer } = end.visit;
  if (answer.kind === 'no-reply') return answer.why;
  const isDead = answer.status >= 400 && answer.status !== 401 && answer.status !== 403;
  return isDead ? `answers ${answer.status}` : undefined;
}

function fromText([first = '', ...others]: readonly string[]): string {
  const { pathname, search } = new URL(first);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `linked from ${pathname}${search}${more}`;
}

/** `#top` is in every page; `#/…` and `#!…` are routes of an application, `#:~:` is a search for text. */
function isPlace(fragment: string): boolean {
  return fragment !== '' && !/^(?:top$|\/|!|:~:)/i.test(fragment);
}

const samplesMax = 5;
