import { Connections } from './connections.ts';
import type { OpenDriver } from './driver.ts';
import type { OpenHandshakes } from './handshakes.ts';
import { type Listener, type ListenOptions, listen } from './listen.ts';
import type { Address } from './places.ts';
import type { Service } from './service.ts';
import type { Tls } from './tls.ts';

/** Where to listen, and where plain HTTP is redirected from. */
export interface Places extends ListenOptions {
  readonly httpsRedirect: number | undefined;
  /** Descriptors for that port, as `sockets` are for the other one. */
  readonly redirectSockets?: readonly number[] | undefined;
}

/** What secures connections, for as long as a server runs. */
export interface SecuredMeans {
  readonly tls: Tls;
  readonly openHandshakes: OpenHandshakes;
  /** What speaks HTTP/2 for a service; undefined where nothing does. */
  readonly openH2: ((service: Service) => OpenDriver) | undefined;
  /** What answers clients that speak plain HTTP all the same. */
  readonly wrongPort: (service: Service) => Service;
  /** What answers where plain HTTP is redirected from; `portOf` tells the port for HTTPS. */
  readonly redirecting: (service: Service, portOf: () => number) => Service;
  readonly rest: () => void;
}

/** A server that listens. */
export interface Running {
  /** Those for HTTP or HTTPS itself; where that is redirected from is not among them. */
  readonly addresses: readonly Address[];
  readonly connections: Connections;
  readonly tls: Tls | undefined;
  /** Ends it as `PlinthServer.stop` says. */
  readonly stop: (graceMs: number, idleMs: number) => Promise<void>;
}

/** Listens. Rejects as `listen` and `openSecured` do; nothing then listens. */
export async function open(
  service: Service,
  options: Places,
  openSecured?: () => Promise<SecuredMeans>,
): Promise<Running> {
  const secured = await openSecured?.();
  const doors: Door[] = [];
  const stop = async (graceMs: number, idleMs: number): Promise<void> => {
    for (const { listener } of doors) listener.close();
    await Promise.all(doors.map(({ connections }) => connections.drain(graceMs, idleMs)));
    secured?.rest();
  };
  try {
    const { httpsRedirect, redirectSockets } = options;
    const hosts = options.hosts.filter(host => !host.startsWith('unix:'));
    const redirects = secured !== undefined && httpsRedirect !== undefined && hosts.length > 0;
    const { connectionsMax } = service.limits;
    const redirectsMax = redirects ? Math.max(1, Math.floor(connectionsMax * redirectShare)) : 0;
    const main = await openDoor(holding(service, connectionsMax - redirectsMax), options, secured);
    doors.push(main);
    const { addresses } = main.listener;
    if (redirects) {
      const port = addresses.find(address => address.kind === 'tcp')?.port ?? 443;
      const redirecting = holding(
        secured.redirecting(service, () => port),
        redirectsMax,
      );
      const places = { ...options, hosts, port: httpsRedirect, sockets: redirectSockets, isSecured: false };
      doors.push(await openDoor(redirecting, places));
    }
    return { addresses, connections: main.connections, tls: secured?.tls, stop };
  } catch (error) {
    await stop(0, 0);
    throw error;
  }
}

/** Of all connections those that may wait to be redirected: each asks for little, once. */
const redirectShare = 1 / 8;

/** A service that holds at most so many connections. */
function holding(service: Service, connectionsMax: number): Service {
  if (connectionsMax === service.limits.connectionsMax) return service;
  return { ...service, limits: { ...service.limits, connectionsMax: Math.max(1, connectionsMax) } };
}

/** A port and the connections that came through it. */
interface Door {
  readonly listener: Listener;
  readonly connections: Connections;
}

async function openDoor(service: Service, options: ListenOptions, secured?: SecuredMeans): Promise<Door> {
  const connections = new Connections(service, {
    secured: secured && {
      openHandshakes: secured.openHandshakes,
      wrongPort: secured.wrongPort(service),
      openH2: secured.openH2?.(service),
    },
  });
  try {
    const listener = await listen(
      options,
      socket => connections.accept(socket),
      service.report,
      secured && (handle => connections.acceptBare(handle)),
    );
    return { listener, connections };
  } catch (error) {
    await connections.drain(0);
    throw error;
  }
}
