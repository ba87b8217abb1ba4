import { Readable } from 'node:stream';
import type { EmbeddedSite, Outgoing } from './embedded.ts';
import { abandon, incomingAt, type NodeRequest, type NodeResponse, type Place, tellAtEnd } from './node.ts';
import { Octets } from './octets.ts';
import { placeFields } from './placed-fields.ts';

/** What is asked of an instance of Fastify. */
export interface FastifyScope {
  readonly prefix: string;
  route(route: {
    readonly method: ('GET' | 'HEAD')[];
    readonly url: string;
    readonly exposeHeadRoute: boolean;
    readonly prefixTrailingSlash: 'no-slash' | 'both';
    readonly handler: (request: { readonly raw: NodeRequest }, reply: FastifyAnswer) => Promise<unknown>;
  }): unknown;
  addHook(name: 'onClose', hook: () => Promise<void>): unknown;
}

/** What is asked of a reply of Fastify. */
export interface FastifyAnswer {
  readonly raw: NodeResponse;
  getHeader(name: string): unknown;
  header(name: string, value: unknown): unknown;
  removeHeader(name: string): unknown;
  code(status: number): unknown;
  send(content?: unknown): unknown;
  callNotFound(): unknown;
}

/** Serves a site at and below the prefix of a scope, until Fastify closes. */
export function serveInFastify(scope: FastifyScope, site: EmbeddedSite): void {
  const prefix = scope.prefix.replace(/\/$/, '');
  const route = { method: ['GET', 'HEAD'] as ('GET' | 'HEAD')[], exposeHeadRoute: false };
  scope.route({
    ...route,
    url: '/*',
    prefixTrailingSlash: 'both',
    handler: ({ raw }, reply) => serve(site, raw, reply, prefix),
  });
  // With a slash at its end, the prefix is before every route of the scope.
  if (prefix !== '' && prefix === scope.prefix) {
    scope.route({
      ...route,
      url: '/',
      prefixTrailingSlash: 'no-slash',
      handler: ({ raw }, reply) => serve(site, raw, reply, prefix),
    });
  }
  scope.addHook('onClose', () => site.close());
}

async function serve(
  site: EmbeddedSite,
  raw: NodeRequest,
  reply: FastifyAnswer,
  prefix: string,
): Promise<unknown> {
  const place = placeBelow(prefix, raw.url ?? '');
  const outgoing = place && (await site.answer(incomingAt(raw, place)));
  if (outgoing === undefined || outgoing.status === 404) {
    outgoing?.dismiss();
    reply.callNotFound();
    return reply;
  }
  if (!reply.raw.destroyed) return answer(outgoing, reply);
  await abandon(outgoing);
  return reply;
}

/** What is asked for below a prefix. A router may take `/STATIC/` or `/%73tatic/` for it; nothing stands there. */
function placeBelow(prefix: string, url: string): Place | undefined {
  const target = url.slice(prefix.length);
  if (!url.startsWith(prefix)) return undefined;
  if (target.startsWith('/')) return { target, prefix, lacksSlash: false };
  return target === '' || target.startsWith('?')
    ? { target: `/${target}`, prefix, lacksSlash: true }
    : undefined;
}

function answer(outgoing: Outgoing, reply: FastifyAnswer): FastifyAnswer {
  const { status, fields, content, tell } = outgoing;
  try {
    placeFields(fields, {
      // Fastify adds cookies to those that it has.
      get: name =>
        name.toLowerCase() === 'set-cookie'
          ? undefined
          : (reply.getHeader(name) ?? reply.raw.getHeader(name)),
      set: (name, value) => reply.header(name, value),
      remove: name => {
        reply.removeHeader(name);
        reply.raw.removeHeader(name);
      },
    });
  } catch (error) {
    outgoing.dismiss();
    throw error;
  }
  reply.code(status);
  if (content instanceof Octets) {
    reply.send(Readable.from(content, { highWaterMark: 1 }));
    return reply;
  }
  tellAtEnd(reply.raw, tell);
  reply.send(
    content.length === 0 ? undefined : Buffer.from(content.buffer, content.byteOffset, content.length),
  );
  return reply;
}
