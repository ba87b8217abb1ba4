import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { finished, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fields } from '../http/fields.ts';
import type { FieldLine } from '../http/message.ts';
import { absoluteAuthority } from '../http/target.ts';
import type { Closing, EmbeddedSite, Incoming, Outgoing } from './embedded.ts';
import { Octets } from './octets.ts';
import { placeFields } from './placed-fields.ts';
import { isPlain } from './plain-form.ts';

/** A request of `node:http`, or of `node:http2` in the same form. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** Where its answer goes. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** A handler for `node:http`, Express, Connect, Vite, Polka and whatever else takes such functions. */
export interface NodeMiddleware extends Closing {
  /**
   * Answers, or calls `next`: without an argument for what is not the site's, with an error when nothing could be
   * answered. Without `next` everything is answered.
   */
  (request: NodeRequest, response: NodeResponse, next?: (error?: unknown) => void): void;
}

/** Makes a middleware of a site. With `fallthrough`, what is not there is left to the program. */
export function nodeMiddleware(site: EmbeddedSite, fallthrough: boolean): NodeMiddleware {
  const handle = (request: NodeRequest, response: NodeResponse, next?: (error?: unknown) => void): void => {
    const pass = fallthrough ? next : undefined;
    serve(site, request, response, pass).catch((error: unknown) => {
      if (next !== undefined) next(error);
      else fail(response);
    });
  };
  return Object.assign(handle, {
    close: () => site.close(),
    [Symbol.asyncDispose]: () => site.close(),
  });
}

/** With nobody to tell, what can still be said is said to the client. */
function fail(response: NodeResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = 500;
  response.end();
}

async function serve(
  site: EmbeddedSite,
  request: NodeRequest,
  response: NodeResponse,
  pass: (() => void) | undefined,
): Promise<void> {
  const incoming = incomingAt(request, placeOf(request));
  if (pass !== undefined && !isForFiles(incoming)) {
    pass();
    return;
  }
  const outgoing = await site.answer(incoming);
  if (pass !== undefined && (outgoing.status === 404 || outgoing.status === 400)) {
    outgoing.dismiss();
    pass();
    return;
  }
  await send(outgoing, response);
}

/**
 * Whether a request is one that a file could answer. Other methods are the program's, and so is a path that is written
 * in a roundabout way: its own routes may read it otherwise.
 */
function isForFiles({ method, target }: Incoming): boolean {
  return (method === 'GET' || method === 'HEAD') && isPlain(target);
}

async function send(outgoing: Outgoing, response: NodeResponse): Promise<void> {
  const { content, tell } = outgoing;
  if (response.destroyed) return abandon(outgoing);
  try {
    response.statusCode = outgoing.status;
    placeFields(outgoing.fields, {
      get: name => response.getHeader(name),
      set: (name, value) => response.setHeader(name, value),
      remove: name => response.removeHeader(name),
    });
  } catch (error) {
    outgoing.dismiss();
    throw error;
  }
  if (content instanceof Octets) {
    // The client has left, or the rest could not be had: the connection is torn down, and who is to know knows.
    await pipeline(Readable.from(content, { highWaterMark: 1 }), response).catch(() => {});
    return;
  }
  tellAtEnd(response, tell);
  response.end(content);
}

/** Tells how the sending of an answer has ended. */
export function tellAtEnd(response: NodeResponse, tell: Outgoing['tell']): void {
  finished(response, error => tell(error ? 'aborted' : 'completed'));
}

/** Gives back an answer whose client has left; streams that end before they begin are not told of alike everywhere. */
export async function abandon({ content, tell }: Outgoing): Promise<void> {
  if (content instanceof Octets) await content.return();
  else tell('aborted');
}

/** Where in a program the site was asked for something. */
export type Place = Pick<Incoming, 'target' | 'prefix' | 'lacksSlash'>;

/** What a router has cut from the front of a URL is the prefix; some programs put other URLs in the stead of one. */
function placeOf(request: NodeRequest): Place {
  const target = originForm(request.url ?? '/');
  const whole = pathOf('originalUrl' in request ? originForm(String(request.originalUrl)) : target);
  const path = pathOf(target);
  const lacksSlash = path === '/' && !whole.endsWith('/');
  const prefix = lacksSlash ? whole : whole.endsWith(path) ? whole.slice(0, -path.length) : '';
  return isSafePrefix.test(prefix)
    ? { target, prefix, lacksSlash }
    : { target, prefix: '', lacksSlash: false };
}

/** With `//` or `/\` in front, a redirect would lead to another host (CVE-2021-28861). */
const isSafePrefix = /^(?:\/[\x21-\x2e\x30-\x5b\x5d-\x7e]+)*$/;

/** What a request of Node.js asks for at this place. */
export function incomingAt(request: NodeRequest, place: Place): Incoming {
  const { socket } = request;
  return {
    method: request.method ?? '',
    ...place,
    version: request.httpVersion === '1.0' ? '1.0' : '1.1',
    authority: absoluteAuthority(request.url ?? '') ?? authorityOf(request),
    fields: fieldsOf(request),
    client: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
  };
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}

/** A target in absolute-form names its authority too. RFC 9112 §3.2.2. */
function originForm(url: string): string {
  const authority = absoluteAuthority(url);
  if (authority === undefined) return url;
  const rest = url.slice(url.indexOf('://') + 3 + authority.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** In HTTP/2 a pseudo-field says it. RFC 9113 §8.3.1. */
function authorityOf({ headers }: NodeRequest): string | undefined {
  const { ':authority': authority, host } = headers as Readonly<Record<string, string | undefined>>;
  return authority ?? host;
}

/** The lines as they were received, without pseudo-fields. */
function fieldsOf({ rawHeaders }: NodeRequest): Fields {
  const lines: FieldLine[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!name.startsWith(':')) lines.push([name, value]);
  }
  return new Fields(lines);
}
