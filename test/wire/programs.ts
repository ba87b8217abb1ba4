// The ways in which a request can reach a site inside a program of somebody else; more rows for `transports.ts`.
import { createServer as createNodeServer, METHODS, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHandler, createMiddleware, type HandlerOptions, type ServerOptions } from '../../src/index.ts';
import { field, type WireRequest, type WireResponse } from './client.ts';
import { type Client, oneByOne, type Running, repeated, type Transport } from './transports.ts';

/** The rows. */
export const programs: readonly Transport[] = [
  {
    name: 'the Fetch handler, each request three times, the last answer from memory',
    start: async options => {
      const { exchange, ...running } = await startFetch(options);
      return { ...running, exchange: repeated(exchange) };
    },
    carries: isOfFetch,
  },
  {
    name: 'the Fetch handler, nothing remembered',
    start: options => startFetch({ ...options, revalidateMs: 0 }),
    carries: isOfFetch,
  },
  {
    name: 'the middleware in node:http, each request three times, the last answer from memory',
    start: async options => {
      const { exchange, ...running } = await startNode(options);
      return { ...running, exchange: repeated(exchange) };
    },
    carries: isOfNode,
  },
  {
    name: 'the middleware in node:http, hardly anything remembered',
    start: options => startNode({ ...options, limits: { cacheBytesMax: 4000 } }),
    carries: isOfNode,
  },
];

/** A program that listens on a port of its own, with a way to end it. */
export async function listening(
  handle: RequestListener,
  client: Client = oneByOne,
): Promise<Omit<Running, 'reports'>> {
  const server = createNodeServer(handle);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const place = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  };
  return { exchange: client(place).exchange, place, addresses: [], stop };
}

/** A server's options without those that a site in a program has no use for. */
function optionsOf({ port: _port, host: _host, limits: _limits, ...options }: ServerOptions): HandlerOptions {
  return { listing: true, ...options };
}

async function startFetch(options: ServerOptions): Promise<Running> {
  const reports: string[] = [];
  const handler = createHandler({ ...optionsOf(options), onReport: line => reports.push(line) });
  const exchange = plainly(async ({ method, target, fields, content }) => {
    const headers = fields.map(([name, value]): [string, string] => [name, value]);
    const body = content === undefined ? {} : { body: content };
    const response = await handler(new Request(`http://127.0.0.1${target}`, { method, headers, ...body }));
    const octets = Buffer.from(await response.arrayBuffer());
    const names = new Map([...response.headers].map(([name, value]) => [name, value]));
    return { status: response.status, lines: [...names], content: octets };
  });
  return { exchange, place: { path: '' }, addresses: [], reports, stop: () => handler.close() };
}

async function startNode({ limits, ...options }: ServerOptions): Promise<Running> {
  const reports: string[] = [];
  const files = createMiddleware({
    ...optionsOf(options),
    ...(limits !== undefined && { limits: { cacheBytesMax: limits.cacheBytesMax ?? 0 } }),
    onReport: line => reports.push(line),
  });
  const program = await listening(files);
  const stop = async (): Promise<void> => {
    await program.stop();
    await files.close();
  };
  return { ...program, exchange: plainly(program.exchange), reports, stop };
}

/** Where a path could be written more plainly, the client is led to that; then it asks once more. */
function plainly(exchange: Running['exchange']): Running['exchange'] {
  return async (request: WireRequest): Promise<WireResponse> => {
    const response = await exchange(request);
    const isLed = response.status === 308 && /%(?:2e|61)|\/\./i.test(request.target);
    if (!isLed || request.target.includes('//')) return response;
    return exchange({ ...request, target: field(response, 'location') ?? '' });
  };
}

/** What a `Request` can say: it has read its URL before, and writes some methods and targets otherwise. */
function isOfFetch({ method, target, content }: Pick<WireRequest, 'method' | 'target' | 'content'>): boolean {
  if (['CONNECT', 'TRACE', 'get'].includes(method) || (method === 'GET' && content !== undefined))
    return false;
  if (!target.startsWith('/') || target.startsWith('//')) return false;
  const { pathname, search } = new URL(`http://127.0.0.1${target}`);
  return `${pathname}${search}` === target;
}

/** What Node's parser lets through. */
function isOfNode({ method, target }: Pick<WireRequest, 'method' | 'target'>): boolean {
  return METHODS.includes(method) && method !== 'CONNECT' && /^(?:\/|http:\/\/)/i.test(target);
}
