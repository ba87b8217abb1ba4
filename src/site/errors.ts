import { type Fields, varyingOn } from '../http/fields.ts';
import { mediaTypeOf } from '../http/media-type.ts';
import type { Content, FieldLine, Response, StoredFile } from '../http/message.ts';
import { negotiate } from '../http/negotiation.ts';
import { reasonPhrase } from '../http/status.ts';
import { formatPath, type Target } from '../http/target.ts';
import { errorPage } from '../page/error.ts';

import { errorPolicy } from '../page/style.ts';
import { nameOf } from './candidates.ts';
import { findHints, type Hint } from './hints.ts';
import { policyLines, type Site } from './site.ts';

/** Who asks, as far as an error page depends on it. */
export interface Asker {
  readonly fields: Fields;
  /** From whose folder the site's own page is looked for, upwards; from the root when it could not be read. */
  readonly target: Target | undefined;
}

/**
 * Gives an answer of status 400 and up its content: the site's own page, or ours in the form that the client
 * asked for, with `why` in words where the protocol was broken. Fields that the answer already has stay.
 */
export async function withErrorContent(
  asker: Asker,
  response: Response,
  site: Site,
  why?: string,
): Promise<Response> {
  const accept = asker.fields.get('accept');
  const form = negotiate(accept, ['text/html', 'application/json']);
  const own = form === 'text/html' ? await sitePage(asker.target, response, site) : undefined;
  if (own !== undefined) return own;
  if (site.hints === undefined) return plainError(response, accept, why, helpOf(site));
  const isMissing = response.status === 404 && asker.target?.kind === 'path';
  const hints = isMissing ? await findHints(asker.target, site) : [];
  return plainError(response, accept, why, {
    ...helpOf(site),
    hints,
    script: site.hints.script,
  });
}

/** What an error leads to. */
export interface Help {
  /** The front page, if it is not at the very top. */
  readonly home?: string;
  /** Only for whoever works on the site. */
  readonly hints: readonly Hint[];
  readonly script?: string;
}

/** What every error of a site leads to. */
export function helpOf({ base = [] }: Pick<Site, 'base'>): Help {
  return { hints: [], home: formatPath(base, true) };
}

/** The same without a site: a page for browsers, JSON for who asks for it, one line of text for the rest. */
export function plainError(
  response: Response,
  accept: string | undefined,
  why?: string,
  help: Help = { hints: [] },
): Response {
  // A client that takes anything is a tool; browsers name text/html.
  const mediaType = negotiate(accept, ['text/plain', 'text/html', 'application/json']) ?? 'text/plain';
  const fields: FieldLine[] = [
    ['Content-Type', mediaType === 'application/json' ? mediaType : `${mediaType}; charset=utf-8`],
    ['Cache-Control', 'no-cache'],
  ];
  if (mediaType === 'text/html') fields.push(['Content-Security-Policy', errorPolicy]);
  const content: Content = {
    kind: 'bytes',
    bytes: Buffer.from(errorText(mediaType, response, why, help)),
  };
  return { ...response, fields: varyingOn([...response.fields, ...fields], 'Accept'), content };
}

function errorText(mediaType: string, response: Response, why = '', help: Help = { hints: [] }): string {
  const { status } = response;
  const reason = reasonPhrase(status);
  const explanation = response.explanation ?? explanations.get(status) ?? sentence(why);
  switch (mediaType) {
    case 'text/html':
      return errorPage({ status, reason, explanation, ...help });
    case 'application/json':
      return `${JSON.stringify({ status, reason, explanation, ...(help.hints.length > 0 && { hints: help.hints }) })}\n`;
    default:
      return [
        `${status} ${reason}${explanation === '' ? '' : `: ${explanation}`}\n`,
        ...help.hints.map(({ href, why }) => `Did you mean ${href} (${why})?\n`),
      ].join('');
  }
}

function sentence(words: string): string {
  return words === '' ? '' : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** Said to people, whatever the reason was; the reason may tell more than a client should know. */
const explanations: ReadonlyMap<number, string> = new Map([
  [404, 'There is nothing at this address.'],
  [405, 'This address can only be read.'],
  [406, 'It can only be sent in a form that the request does not accept.'],
  [412, 'The page is no longer the version that the request names.'],
  [416, 'The range lies outside the file.'],
  [500, 'Something went wrong here, and it was logged.'],
  [501, 'This server does not know the request method.'],
  [503, 'The server is busy; a moment later it will answer.'],
]);

/** `404.html` is looked for from the target's folder upwards; so is the page of any other status. */
async function sitePage(
  target: Target | undefined,
  response: Response,
  site: Site,
): Promise<Response | undefined> {
  // When there are no descriptors to look with, looking for a page only makes it worse.
  if (response.status === 503) return undefined;
  const name = `${response.status}.html`;
  const segments = target?.kind === 'path' ? target.segments : [];
  const ruled = site.ruling?.errorPage?.(target, response.status);
  const near = depths(segments.length).map(depth => [...segments.slice(0, depth), name]);
  if (site.base !== undefined) near.push([...site.base, name]);
  for (const place of ruled === undefined ? near : [ruled, ...near]) {
    const entry = await site.store.find(place);
    if (entry.kind === 'file')
      return withPage(response, nameOf(place), entry.file, policyLines(site, entry.file));
  }
  return undefined;
}

/** An error whose content is a file of the site, whole and as it is. */
export function withPage(
  response: Response,
  name: string,
  file: StoredFile,
  policy: readonly FieldLine[] = [],
): Response {
  const fields: FieldLine[] = [['Content-Type', mediaTypeOf(name)], ['Cache-Control', 'no-cache'], ...policy];
  const pieces = file.size === 0 ? [] : [{ first: 0, last: file.size - 1 }];
  return {
    ...response,
    fields: varyingOn([...response.fields, ...fields], 'Accept'),
    content: { kind: 'stored', file, pieces },
  };
}

/** From the deepest folder up, and always the root: a request for a path of a thousand segments stays cheap. */
function depths(deepest: number): readonly number[] {
  const count = Math.min(deepest, errorPageFoldersMax);
  return [...Array.from({ length: count }, (_, above) => deepest - above), 0];
}

/** Folders below the root that are looked into for an error page. */
const errorPageFoldersMax = 16;
