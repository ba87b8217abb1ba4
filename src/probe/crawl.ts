import { type Ask, decoded, mediaTypeIn, type NoReply, type Reply } from './ask.ts';
import { type Document, readPage, readStylesheet } from './document.ts';

/** One address of the site and what it answered. */
export interface Visit {
  readonly url: string;
  /** Its content is kept no longer than it takes to read it. */
  readonly answer: Omit<Reply, 'content'> | NoReply;
  /** Octets that came, in their coding. */
  readonly contentBytes: number;
  /** A page that refers to it; undefined for the first one. */
  readonly from: string | undefined;
  /** Where a redirect leads, when it leads anywhere. */
  readonly location: string | undefined;
  /** What it says, where it is a page or a stylesheet that could be read. */
  readonly document: Document | undefined;
}

/** What was seen of a site. */
export interface Crawl {
  readonly visits: ReadonlyMap<string, Visit>;
  /** The bound that ended it, in words; undefined when everything was seen. */
  readonly cut: string | undefined;
}

/** Bounds of a crawl. */
export interface CrawlLimits {
  /** Addresses that are asked for. */
  readonly addressesMax: number;
  /** Links from the first page. */
  readonly depthMax: number;
  readonly timeMaxMs: number;
  /** Questions at once. */
  readonly atOnceMax: number;
  /** References that are kept of one document, and of all. */
  readonly referencesPerDocumentMax: number;
  readonly referencesMax: number;
  /** Octets of a document without its coding. */
  readonly documentBytesMax: number;
}

/** The bounds that a visit keeps to. */
export const crawlLimits: CrawlLimits = {
  addressesMax: 5000,
  depthMax: 20,
  timeMaxMs: 300_000,
  atOnceMax: 4,
  referencesPerDocumentMax: 5000,
  referencesMax: 200_000,
  documentBytesMax: 8 * 1024 * 1024,
};

/** How far a crawl is. */
export interface CrawlProgress {
  readonly asked: number;
  readonly known: number;
}

/** Walks from a page to whatever it refers to on the same origin, near addresses first. Never rejects. */
export async function crawl(
  start: string,
  ask: Ask,
  limits: CrawlLimits,
  tell: (progress: CrawlProgress) => void,
): Promise<Crawl> {
  const { origin } = new URL(start);
  const visits = new Map<string, Visit>();
  const queue: Errand[] = [{ url: start, from: undefined, depth: 0 }];
  const known = new Set([start]);
  const endsAtMs = performance.now() + limits.timeMaxMs;
  let cut: string | undefined;
  let references = 0;

  const add = (url: string, from: Errand): void => {
    if (known.has(url) || new URL(url).origin !== origin) return;
    if (known.size >= limits.addressesMax) cut ??= `after ${limits.addressesMax} addresses`;
    else if (from.depth >= limits.depthMax) cut ??= `${limits.depthMax} links away from the first page`;
    else {
      known.add(url);
      queue.push({ url, from: from.url, depth: from.depth + 1 });
    }
  };

  const visit = async (errand: Errand): Promise<void> => {
    const found = await see(errand, ask, limits);
    const room = limits.referencesMax - references;
    const visited =
      found.document === undefined ? found : { ...found, document: within(found.document, room) };
    if ((found.document?.references.length ?? 0) > room) cut ??= `after ${limits.referencesMax} links`;
    references += visited.document?.references.length ?? 0;
    visits.set(errand.url, visited);
    if (visited.location !== undefined) add(visited.location, errand);
    for (const { url } of visited.document?.references ?? []) add(url, errand);
  };

  const underWay = new Set<Promise<void>>();
  let next = 0;
  while (next < queue.length || underWay.size > 0) {
    const errand = queue[next];
    if (errand !== undefined && performance.now() > endsAtMs) {
      cut = `after ${limits.timeMaxMs / 1000} s`;
      queue.length = next;
    } else if (errand !== undefined && underWay.size < limits.atOnceMax) {
      next += 1;
      const going = visit(errand).finally(() => underWay.delete(going));
      underWay.add(going);
    } else {
      await Promise.race(underWay);
      tell({ asked: visits.size, known: known.size });
    }
  }
  // Answers come in any order; a report is to be the same each time.
  const sorted = [...visits].sort(([one], [other]) => (one < other ? -1 : 1));
  return { visits: new Map(sorted), cut };
}

interface Errand {
  readonly url: string;
  readonly from: string | undefined;
  readonly depth: number;
}

async function see({ url, from }: Errand, ask: Ask, limits: CrawlLimits): Promise<Visit> {
  const answer = await ask(url);
  if (answer.kind === 'no-reply') {
    return { url, answer, contentBytes: 0, from, location: undefined, document: undefined };
  }
  const { content, ...rest } = answer;
  const location = locationOf(answer);
  return {
    url,
    answer: rest,
    contentBytes: content.length,
    from,
    location,
    document: await documentOf(answer, limits),
  };
}

/** Where a redirect leads, without its fragment; undefined for what is none or leads nowhere. */
export function locationOf({
  url,
  status,
  fields,
}: Pick<Reply, 'url' | 'status' | 'fields'>): string | undefined {
  const location = fields.get('location');
  if (status < 300 || status > 399 || location === undefined || !URL.canParse(location, url))
    return undefined;
  const target = new URL(location, url);
  target.hash = '';
  return /^https?:$/.test(target.protocol) ? target.href : undefined;
}

async function documentOf(reply: Reply, limits: CrawlLimits): Promise<Document | undefined> {
  const type = mediaTypeIn(reply.fields);
  const isPage = type === 'text/html' || type === 'application/xhtml+xml';
  if (reply.status !== 200 || !(isPage || type === 'text/css')) return undefined;
  const content = await decoded(reply, limits.documentBytesMax);
  if (content === undefined) return undefined;
  const read = isPage ? readPage : readStylesheet;
  return read(content.toString('utf8'), reply.url, limits.referencesPerDocumentMax);
}

function within(document: Document, room: number): Document {
  return { ...document, references: document.references.slice(0, Math.max(0, room)) };
}
