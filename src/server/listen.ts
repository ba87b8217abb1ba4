import { createServer, type Server, type Socket } from 'node:net';
import type { Handle } from './adopt.ts';
import { takeBare } from './bare-connections.ts';
import { type Address, type Taken, takePlaces, tcpAddress, type Wanted } from './places.ts';
import { removeStaleSocket } from './stale-socket.ts';

/** What to listen on. */
export interface ListenOptions extends Wanted {
  readonly backlog: number;
  /** Descriptors of bound sockets that this process has inherited; they then stand for hosts and port. */
  readonly sockets?: readonly number[] | undefined;
}

/** Sockets that listen. */
export interface Listener {
  readonly addresses: readonly Address[];
  /** Stops accepting; connections live on. */
  readonly close: () => void;
}

/**
 * Listens on every host, all TCP ones on one port, and hands over each accepted socket. Rejects with Node's
 * error (its `code`, `address` and `port` tell: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND); nothing then
 * listens. Node sets SO_REUSEADDR, so that a restart need not wait for old connections to be forgotten. With
 * `acceptBare`, connections go there instead, with no socket around them, where Node lets them (`takeBare`).
 */
export async function listen(
  options: ListenOptions,
  accept: (socket: Socket) => void,
  report: (line: string) => void,
  acceptBare?: (handle: Handle) => void,
): Promise<Listener> {
  const { backlog, sockets, isSecured } = options;
  const open = async (begin: Begin): Promise<Taken> => {
    const server = await openServer(begin, accept, report);
    if (acceptBare !== undefined) takeBare(server, acceptBare);
    return { address: addressOf(server, isSecured), close: () => void server.close() };
  };
  const taken =
    sockets !== undefined
      ? await openAll(sockets, fd => open((server, done) => server.listen({ fd }, backlog, done)))
      : await takePlaces(options, async (place, port) => {
          if (place.kind === 'unix') await removeStaleSocket(place.path);
          const where = place.kind === 'unix' ? place : { host: place.host, port, ipv6Only: true };
          return open((server, done) => server.listen({ ...where, backlog }, done));
        });
  return {
    addresses: taken.map(({ address }) => address),
    close: () => {
      for (const { close } of taken) close();
    },
  };
}

type Begin = (server: Server, done: () => void) => void;

async function openAll(
  sockets: readonly number[],
  open: (descriptor: number) => Promise<Taken>,
): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  try {
    for (const descriptor of sockets) taken.push(await open(descriptor));
    return taken;
  } catch (error) {
    for (const { close } of taken) close();
    throw error;
  }
}

async function openServer(
  begin: Begin,
  accept: (socket: Socket) => void,
  report: (line: string) => void,
): Promise<Server> {
  // A paused socket would still read until its own buffer is full; with this mark it stops at once.
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, pauseOnConnect: true, highWaterMark: 1 },
    accept,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    begin(server, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Accepting can fail for want of descriptors; the server goes on with the connections that it has.
  server.on('error', error => report(`cannot accept: ${error.message}`));
  return server;
}

/** Node does not know the path of a Unix socket that was inherited; it is then empty. */
function addressOf(server: Server, isSecured: boolean | undefined): Address {
  const bound = server.address();
  return bound === null || typeof bound === 'string'
    ? { kind: 'unix', path: bound ?? '' }
    : tcpAddress(bound, isSecured);
}
