import { mediaTypeOf } from '../http/media-type.ts';
import type { Content, FieldLine, Request, Response } from '../http/message.ts';
import { negotiate } from '../http/negotiation.ts';
import { reasonPhrase } from '../http/status.ts';
import { errorPage } from '../page/error.ts';
import { pagePolicy } from '../page/shell.ts';
import type { Site } from './site.ts';

/**
 * Gives an answer of status 400 and up its content: the site's own page, or ours in the form that the client
 * asked for. Fields that the answer already has stay.
 */
export async function withErrorContent(request: Request, response: Response, site: Site): Promise<Response> {
  const accept = request.fields.get('accept');
  const form = negotiate(accept, ['text/html', 'application/json']);
  if (form !== 'text/html') return plainError(response, accept);
  return (await sitePage(request, response, site)) ?? plainError(response, accept);
}

/** The same without a site: a page for browsers, JSON for who asks for it, one line of text for the rest. */
export function plainError(response: Response, accept: string | undefined): Response {
  // A client that takes anything is a tool; browsers name text/html.
  const mediaType = negotiate(accept, ['text/plain', 'text/html', 'application/json']) ?? 'text/plain';
  const fields: FieldLine[] = [
    ['Content-Type', mediaType === 'application/json' ? mediaType : `${mediaType}; charset=utf-8`],
    ['Cache-Control', 'no-cache'],
    ['Vary', 'Accept'],
  ];
  if (mediaType === 'text/html') fields.push(['Content-Security-Policy', pagePolicy]);
  const content: Content = { kind: 'bytes', bytes: Buffer.from(errorText(mediaType, response)) };
  return { ...response, fields: [...response.fields, ...fields], content };
}

function errorText(mediaType: string, { status, note }: Response): string {
  const reason = reasonPhrase(status);
  const explanation = explanations.get(status) ?? (status < 500 ? sentence(note ?? '') : '');
  switch (mediaType) {
    case 'text/html':
      return errorPage({ status, reason, explanation });
    case 'application/json':
      return `${JSON.stringify({ status, reason, explanation })}\n`;
    default:
      return `${status} ${reason}${explanation === '' ? '' : `: ${explanation}`}\n`;
  }
}

function sentence(words: string): string {
  return words === '' ? '' : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** Said instead of the note, which may tell more than a client should know. */
const explanations: ReadonlyMap<number, string> = new Map([
  [404, 'There is nothing at this address.'],
  [405, 'This address can only be read.'],
  [412, 'The page is no longer the version that the request names.'],
  [416, 'The range lies outside the file.'],
  [500, 'Something went wrong here, and it was logged.'],
  [501, 'This server does not know the request method.'],
  [503, 'The server is busy; a moment later it will answer.'],
]);

/** `404.html` is looked for from the target's folder upwards; so is the page of any other status. */
async function sitePage(request: Request, response: Response, site: Site): Promise<Response | undefined> {
  // When there are no descriptors to look with, looking for a page only makes it worse.
  if (request.target.kind !== 'path' || response.status === 503) return undefined;
  const name = `${response.status}.html`;
  const { segments } = request.target;
  const deepest = Math.min(segments.length, errorPageDepthMax);
  for (let depth = deepest; depth >= 0; depth--) {
    const entry = await site.store.find([...segments.slice(0, depth), name]);
    if (entry.kind !== 'file') continue;
    const { file } = entry;
    const fields: FieldLine[] = [
      ['Content-Type', mediaTypeOf(name)],
      ['Cache-Control', 'no-cache'],
      ['Vary', 'Accept'],
    ];
    const pieces = file.size === 0 ? [] : [{ first: 0, last: file.size - 1 }];
    return {
      ...response,
      fields: [...response.fields, ...fields],
      content: { kind: 'stored', file, pieces },
    };
  }
  return undefined;
}

/** Folders that are looked into for an error page: a request for a path of a thousand segments stays cheap. */
const errorPageDepthMax = 16;
