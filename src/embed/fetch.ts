import { Fields } from '../http/fields.ts';
import { unknownAddress } from '../http/forwarded.ts';
import type { Client, FieldLine } from '../http/message.ts';
import { absoluteAuthority } from '../http/target.ts';
import type { Closing, EmbeddedSite, Incoming } from './embedded.ts';
import { Octets } from './octets.ts';

/** Answers requests of the Fetch API. */
export interface FetchHandler extends Closing {
  /**
   * The answer to a request. `from` tells whose it is: what `Bun.serve` and `Deno.serve` pass beside a request, or an
   * address and a port; else the client is unknown, and options that are about addresses refuse it. The content of the
   * request is not read. Rejects only when what has to be known before the first answer cannot be read.
   */
  (request: globalThis.Request, from?: object): Promise<globalThis.Response>;
}

/** Makes a handler of a site. */
export function fetchHandler(site: EmbeddedSite): FetchHandler {
  const handle = (request: globalThis.Request, from?: object): Promise<globalThis.Response> =>
    answer(site, request, from);
  return Object.assign(handle, {
    close: () => site.close(),
    [Symbol.asyncDispose]: () => site.close(),
  });
}

async function answer(
  site: EmbeddedSite,
  request: globalThis.Request,
  from: object | undefined,
): Promise<globalThis.Response> {
  const { status, fields, content, tell } = await site.answer(incomingOf(request, from));
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  if (content instanceof Octets) return new Response(streamOf(content), { status, headers });
  tell('completed');
  // Octets that are remembered are copied here.
  return new Response(content.length === 0 ? null : new Uint8Array(content), { status, headers });
}

/** A URL has been read by its rules before: dot segments are resolved, a `\` is a `/`. */
function incomingOf(request: globalThis.Request, from: object | undefined): Incoming {
  const { url, method } = request;
  const authority = absoluteAuthority(url) ?? '';
  const [target = ''] = url.slice(url.indexOf('//') + 2 + authority.length).split('#', 1);
  return {
    method,
    target: target.startsWith('/') ? target : `/${target}`,
    version: '1.1',
    prefix: '',
    lacksSlash: false,
    authority: authority === '' ? undefined : authority,
    fields: new Fields([...request.headers].map(([name, value]): FieldLine => [name, value])),
    client: clientOf(request, from),
  };
}

/** Who asks, as far as that is told: by Deno's second argument, by Bun's, or in plain words. */
function clientOf(request: globalThis.Request, from: object = {}): Client {
  if ('requestIP' in from && typeof from.requestIP === 'function')
    return clientAt(from.requestIP(request), 'address');
  return 'remoteAddr' in from ? clientAt(from.remoteAddr, 'hostname') : clientAt(from, 'address');
}

function clientAt(place: unknown, key: string): Client {
  const { [key]: address, port } = (place ?? {}) as Readonly<Record<string, unknown>>;
  return typeof address === 'string'
    ? { address, port: typeof port === 'number' ? port : 0 }
    : { address: unknownAddress, port: 0 };
}

/** A stream that is made as it is read. One that its reader leaves, or forgets, gives back what it holds. */
function streamOf(octets: Octets): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async controller => {
        const { value } = await octets.next();
        if (value === undefined) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await octets.return();
      },
    },
    { highWaterMark: 0 },
  );
  octets.letGoWith(stream);
  return stream;
}
