import { lstatSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Where a server can be reached. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly url: string }
  | { readonly kind: 'unix'; readonly path: string };

/** What to listen on. */
export interface ListenOptions {
  /** Addresses, names, `localhost` (both loopbacks), `*` (every address) or `unix:/path`. */
  readonly hosts: readonly string[];
  /** Undefined: 8080, or the next free one. 0: any free one. */
  readonly port: number | undefined;
  readonly backlog: number;
}

/** Sockets that listen. */
export interface Listener {
  readonly addresses: readonly Address[];
  /** Stops accepting; connections live on. */
  readonly close: () => void;
}

const defaultPort = 8080;
/** Ports tried after the default one. */
const movesMax = 100;
/** Times that another free port is taken when one address has it and the next has not. */
const freePortAttemptsMax = 10;

/**
 * Listens on every host, all TCP ones on one port, and hands over each accepted socket. Rejects with Node's
 * error (its `code`, `address` and `port` tell: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND); nothing then
 * listens. Node sets SO_REUSEADDR, so that a restart need not wait for old connections to be forgotten.
 */
export async function listen(
  options: ListenOptions,
  accept: (socket: Socket) => void,
  report: (line: string) => void,
): Promise<Listener> {
  const first = options.port ?? defaultPort;
  const attempts = options.port === undefined ? movesMax : options.port === 0 ? freePortAttemptsMax : 0;
  const places = distinct(options.hosts.flatMap(placesOf));
  for (let attempt = 0; ; attempt++) {
    const port = options.port === undefined ? first + attempt : first;
    const servers: Server[] = [];
    try {
      const addresses: Address[] = [];
      let shared = port;
      for (const place of places) {
        const address = await bindPlace(place, shared, options.backlog, accept, report, servers);
        if (address?.kind === 'tcp') shared = address.port;
        if (address !== undefined) addresses.push(address);
      }
      return { addresses, close: () => servers.forEach(closeServer) };
    } catch (error) {
      servers.forEach(closeServer);
      // Another port helps where a port was the trouble, not a socket file.
      if (codeOf(error) !== 'EADDRINUSE' || isAboutFile(error) || attempt >= attempts) throw error;
    }
  }
}

/** Every place once: `localhost` and `127.0.0.1` name the same. */
function distinct(places: readonly Place[]): readonly Place[] {
  return [
    ...new Map(
      places.map(place => [place.kind === 'tcp' ? place.host : `unix:${place.path}`, place]),
    ).values(),
  ];
}

function isAboutFile(error: unknown): boolean {
  return error instanceof Error && 'address' in error && String(error.address).includes('/');
}

/** One socket to bind. A place that is optional is passed over where the machine lacks its address family. */
type Place =
  | { readonly kind: 'tcp'; readonly host: string; readonly isOptional: boolean }
  | { readonly kind: 'unix'; readonly path: string };

function placesOf(host: string): readonly Place[] {
  if (host.startsWith('unix:')) return [{ kind: 'unix', path: host.slice('unix:'.length) }];
  if (host === 'localhost') return tcpPlaces(['127.0.0.1', '::1']);
  // The IPv4 address first: where `::` takes both families, binding it second on the same port would fail.
  if (host === '*') return tcpPlaces(['0.0.0.0', '::']);
  return [{ kind: 'tcp', host: host.replace(/^\[(.*)\]$/, '$1'), isOptional: false }];
}

function tcpPlaces(hosts: readonly string[]): readonly Place[] {
  return hosts.map((host, index) => ({ kind: 'tcp', host, isOptional: index > 0 }));
}

async function bindPlace(
  place: Place,
  port: number,
  backlog: number,
  accept: (socket: Socket) => void,
  report: (line: string) => void,
  servers: Server[],
): Promise<Address | undefined> {
  if (place.kind === 'unix') await removeStaleSocket(place.path);
  // A paused socket would still read until its own buffer is full; with this mark it stops at once.
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, pauseOnConnect: true, highWaterMark: 1 },
    accept,
  );
  const where = place.kind === 'unix' ? { path: place.path } : { host: place.host, port, ipv6Only: true };
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...where, backlog }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    const lacksFamily = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error) ?? '');
    if (place.kind === 'tcp' && place.isOptional && lacksFamily) return undefined;
    throw error;
  }
  servers.push(server);
  // Accepting can fail for want of descriptors; the server goes on with the connections that it has.
  server.on('error', error => report(`cannot accept: ${error.message}`));
  return addressOf(place, server);
}

function addressOf(place: Place, server: Server): Address {
  const bound = server.address();
  if (place.kind === 'unix' || bound === null || typeof bound === 'string') {
    return { kind: 'unix', path: place.kind === 'unix' ? place.path : String(bound) };
  }
  const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return { kind: 'tcp', host: bound.address, port: bound.port, url: `http://${host}:${bound.port}/` };
}

/**
 * A socket file that nobody listens on is left over from a crash and is removed. Rejects with EEXIST when
 * something that is no socket stands at its path.
 */
async function removeStaleSocket(path: string): Promise<void> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isSocket()) {
    const error: NodeJS.ErrnoException = new Error(`something that is no socket stands at ${path}`);
    throw Object.assign(error, { code: 'EEXIST', address: path });
  }
  const isStale = await new Promise<boolean>(resolve => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', error => resolve(codeOf(error) === 'ECONNREFUSED'));
  });
  if (isStale) unlinkSync(path);
}

function closeServer(server: Server): void {
  server.close();
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
