/**
 * server/: effects on Node. This file composes a request's path as pure steps (gates, site, finishers);
 * `listen` accepts sockets, `h1-driver` moves bytes between a socket and the machine of `h1/`, `send` moves
 * files into sockets. Only here is anything waited for, timed or caught.
 */
import type { Declared, Finisher, Gate, Rewrite } from '../features/feature.ts';
import {
  type Client,
  type FieldLine,
  noContent,
  type Request,
  type RequestHead,
  type Response,
  type StoredFile,
  type Violation,
} from '../http/message.ts';
import { parseTarget, pathTo } from '../http/target.ts';
import { type Help, helpOf, plainError, withErrorContent } from '../site/errors.ts';
import { guardedStore } from '../site/guarded-store.ts';
import { answer, readFields } from '../site/respond.ts';
import type { Archives, Ruling, Site } from '../site/site.ts';
import type { Look } from '../store/store.ts';

/** What a handler is composed of; the arrays apply in order. */
export interface HandlerParts {
  readonly site: Site;
  /** What archives of folders are made with; without it there are none. */
  readonly archives?: Omit<Archives, 'admits'>;
  /** Asked before everything else. Whom one of them does not let pass is shown nothing of the site, no page either. */
  readonly guards?: readonly Gate[];
  /**
   * The places that a request may look at once the guards have let it pass, by their segments; undefined:
   * all of them. What else leads somewhere, a rewrite, an archive or an error page, is held to it as well.
   */
  readonly reach?: ((request: Request) => ((segments: readonly string[]) => boolean) | undefined) | undefined;
  /** The places whose names may be shown in folders that are in reach; without it all are. */
  readonly shows?: ((request: Request) => ((segments: readonly string[]) => boolean) | undefined) | undefined;
  /**
   * The places that lead to a location without links: several, where folders that are served lie within each other; none,
   * when it is elsewhere. For `reach`.
   */
  readonly placesOf?: (found: Pick<StoredFile, 'location'>) => readonly (readonly string[])[];
  /** Whether the pages in the answer to a request get the policy of the site, where it makes any; without it all do. */
  readonly hasPolicy?: (request: Request | undefined) => boolean;
  readonly gates: readonly Gate[];
  readonly rewrites: readonly Rewrite[];
  readonly finishers: readonly Finisher[];
  /** The rules of the site, read again before an answer when they have changed; what it rests on is added to `looks`. */
  readonly rules?: {
    readonly ruling: Ruling | undefined;
    /** Whether they depend on the host that is asked for just now. */
    readonly readsHost: boolean;
    renew(looks?: Look[]): Promise<void> | undefined;
  };
  /** Whether connections are secured; false by default. */
  readonly secure?: boolean;
  /** Whether file names follow the rules of Windows. */
  readonly windows: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Answers requests, and input that is none. */
export interface Handler {
  /**
   * The answer to a request head; the look-ups that it rests on are added to `looks`. Rejects only for a bug of
   * ours or of a feature.
   */
  readonly respond: (head: RequestHead, client: Client, looks?: Look[]) => Promise<Response>;
  /** The answer to input that broke a rule, to a full server, to a bug: what is known of the request may be little. */
  readonly refuse: (refusal: Pick<Violation, 'status' | 'why'>, head: RequestHead | undefined) => Response;
  /** The request fields that an answer may depend on; undefined when a feature or the store does not tell. */
  readonly reads: readonly string[] | undefined;
  /** Whether an answer depends on the authority as well, as rules stand just now that can come and go. */
  readonly readsHost: () => boolean;
}

/** Composes a handler; nothing else composes features. */
export function createHandler(parts: HandlerParts): Handler {
  const { guards = [], secure = false } = parts;
  const revisionLooks = featuresOf(parts).flatMap(({ revision }) =>
    revision ? [latestLookAt(revision)] : [],
  );
  const finish = (request: Request | undefined, response: Response): Response =>
    parts.finishers.reduce((finished, finisher) => finisher(request, finished), response);

  const help = helpOf(parts.site);
  const refuse: Handler['refuse'] = ({ status, why }, head) => {
    const fields: readonly FieldLine[] = status === 503 ? [['Retry-After', '1']] : [];
    const bare: Response = { status, fields, content: noContent, note: why };
    return finish(undefined, plainError(bare, head?.fields.get('accept'), why, help));
  };

  const respond: Handler['respond'] = async (head, client, looks) => {
    const { method, authority, fields } = head;
    const target = parseTarget(method, head.target, { windows: parts.windows, secure });
    // Rules that are fresh cost no turn.
    const renewal = parts.rules?.renew(looks);
    if (renewal !== undefined) await renewal;
    if (target.kind === 'violation') {
      const bare: Response = { status: target.status, fields: [], content: noContent, note: target.why };
      // No guard can be asked about a target that nobody can read.
      if (guards.length > 0)
        return finish(undefined, plainError(bare, fields.get('accept'), target.why, help));
      const { site } = policed(noting(parts, looks), undefined);
      return finish(undefined, await withErrorContent({ fields, target: undefined }, bare, site, target.why));
    }
    const request: Request = { method, target, authority, secure, fields, client };
    for (const latest of revisionLooks) looks?.push(latest());
    const forbidden = await firstAnswer(guards, request);
    if (forbidden !== undefined) return finish(request, withPlainContent(forbidden, request, help));
    const noted = policed(within(noting(parts, looks), request), request);
    const early = await askGates(request, noted);
    if (early !== undefined) return finish(request, early);
    const response = finish(request, await askSite(request, noted));
    if (parts.site.codings.made.length === 0 || !forbidsTransform(response)) return response;
    return finish(request, await askSite(request, withoutMaking(noted)));
  };

  const readsHost = (): boolean => parts.rules?.readsHost === true;
  return { respond, refuse, reads: readsOf(parts), readsHost };
}

/** Only the finished response tells whether its content may be transformed. RFC 9111 §5.2.2.6. */
function forbidsTransform({ fields }: Response): boolean {
  return fields.some(([name, value]) => name.toLowerCase() === 'cache-control' && noTransform.test(value));
}

const noTransform = /(?:^|,)[ \t]*no-transform[ \t]*(?:,|$)/i;

function withoutMaking(parts: HandlerParts): HandlerParts {
  const { site } = parts;
  return { ...parts, site: { ...site, codings: { ...site.codings, made: [] } } };
}

function noting(parts: HandlerParts, looks: Look[] | undefined): HandlerParts {
  const { store, hashOf } = parts.site;
  const ruling = parts.rules?.ruling;
  const site = ruling === undefined ? parts.site : { ...parts.site, ruling };
  const noted = looks === undefined ? undefined : store.noting?.(looks);
  if (noted === undefined) return { ...parts, site };
  const hashing = hashOf && { hashOf: (file: StoredFile) => hashOf(file, looks) };
  return { ...parts, site: { ...site, store: noted, ...hashing } };
}

/** The same parts, with a store in which nothing is to be found at places that are out of reach. */
function within(parts: HandlerParts, request: Request): HandlerParts {
  const holds = parts.reach?.(request);
  if (holds === undefined) return parts;
  const { site, placesOf } = parts;
  const shows = parts.shows?.(request);
  return { ...parts, site: { ...site, store: guardedStore(site.store, { holds, shows, placesOf }) } };
}

/** The same parts, without policies of pages where they are not to be. */
function policed(parts: HandlerParts, request: Request | undefined): HandlerParts {
  const isPoliced = parts.hasPolicy?.(request) ?? true;
  return isPoliced ? parts : { ...parts, site: { ...parts.site, policyOf: undefined } };
}

function featuresOf({ guards = [], gates, rewrites, finishers }: HandlerParts): readonly Declared[] {
  return [...guards, ...gates, ...rewrites, ...finishers];
}

function readsOf(parts: HandlerParts): readonly string[] | undefined {
  if (parts.site.store.noting === undefined) return undefined;
  const names = new Set(readFields);
  if ((parts.site.variants?.languages ?? []).length > 0) names.add('accept-language');
  for (const { reads } of featuresOf(parts)) {
    if (reads === undefined) return undefined;
    for (const name of reads) names.add(name.toLowerCase());
  }
  return [...names];
}

/** What holds for as long as the number stays what it is now: one look for all answers that rest on that number. */
function latestLookAt(revision: () => number): () => Look {
  const lookAt = (seen: number): Look => ({ isFresh: () => revision() === seen, expire: () => {} });
  let seen = revision();
  let look = lookAt(seen);
  return () => {
    const now = revision();
    if (now !== seen) look = lookAt(now);
    seen = now;
    return look;
  };
}

async function askGates(request: Request, { site, gates }: HandlerParts): Promise<Response | undefined> {
  const early = await firstAnswer(gates, request);
  return early === undefined || !lacksContent(early) ? early : withErrorContent(request, early, site);
}

/** Gates that answer at once cost no turn of the event loop. */
async function firstAnswer(gates: readonly Gate[], request: Request): Promise<Response | undefined> {
  for (const gate of gates) {
    const answered = gate(request);
    if (answered === undefined) continue;
    const early = 'then' in answered ? await answered : answered;
    if (early !== undefined) return early;
  }
  return undefined;
}

function withPlainContent(response: Response, { fields }: Request, help: Help): Response {
  return lacksContent(response) ? plainError(response, fields.get('accept'), undefined, help) : response;
}

function lacksContent({ status, content }: Response): boolean {
  return status >= 400 && content.kind === 'none';
}

function askSite(request: Request, parts: HandlerParts): Promise<Response> {
  const target = parts.rewrites.reduce((rewritten, rewrite) => rewrite(rewritten), request.target);
  return answer({ ...request, target }, withArchives(request, parts), parts.now());
}

/**
 * The gates and the rules are asked for each member of an archive, as if it were asked for by itself: it is no way around
 * them. A folder that would not be listed is left out with all that is in it.
 */
function withArchives(request: Request, { site, archives, gates }: HandlerParts): Site {
  if (archives === undefined || request.target.kind !== 'path' || !request.target.endsInSlash) return site;
  const { ruling } = site;
  const admits: Archives['admits'] = async (segments, kind) => {
    const target = pathTo(segments, kind === 'folder');
    const asked = { ...request, target };
    for (const gate of gates) if ((await gate(asked)) !== undefined) return false;
    const routed = ruling?.route?.(asked, target);
    // Any route goes before a listing.
    if (routed?.isForced || (kind === 'folder' && routed !== undefined)) return false;
    return kind === 'file' || (ruling?.choicesFor?.(target).listing ?? site.listing);
  };
  return { ...site, archives: { ...archives, admits } };
}
