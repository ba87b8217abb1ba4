import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import {
  type Address,
  type Place,
  type Taken,
  takePlaces,
  tcpAddress,
  type Wanted,
} from '../server/places.ts';
import { removeStaleSocket } from '../server/stale-socket.ts';

/** Sockets that are bound here for other processes to listen on. */
export interface Held {
  readonly addresses: readonly Address[];
  /** The descriptors for each worker, by its place in the row. */
  readonly sockets: readonly (readonly number[])[];
  /** Gives them up, and removes the files of Unix sockets. */
  readonly close: () => void;
}

/**
 * Binds every place by the same rules as `listen`, rejects as it does, and accepts nothing. What this process holds
 * outlives each worker: connections that wait in the queue of a socket are lost only when nobody holds it any more.
 *
 * Where the system can (SO_REUSEPORT), each worker has a socket of its own and the kernel deals connections out
 * evenly; else all workers accept from one socket, and who is quicker takes more.
 */
export async function hold(wanted: Wanted, workers: number): Promise<Held> {
  const taken = await takePlaces(wanted, (place, port) => bindPlace(place, port, workers, wanted.isSecured));
  return {
    addresses: taken.map(({ address }) => address),
    sockets: Array.from({ length: workers }, (_, worker) =>
      taken.map(({ handles }) => (handles[worker] ?? handles[0])?.fd ?? -1),
    ),
    close: () => {
      for (const { close } of taken) close();
    },
  };
}

/**
 * A bound socket as Node's own cluster module makes and holds it. Not public: a public one would accept connections
 * as soon as it listens, and a server that is closed gives its socket up.
 */
interface Handle {
  readonly fd: number;
  readonly getsockname?: (out: object) => number;
  readonly close: () => void;
}

interface Bindable {
  readonly _createServerHandle: (
    address: string,
    port: number,
    family: number,
    descriptor?: number,
    flags?: number,
  ) => Handle | number;
}

interface Bound extends Taken {
  readonly handles: readonly Handle[];
}

/** Flags of libuv's uv_tcp_bind. */
const ipv6Only = 1;
const reusePort = 2;

async function bindPlace(
  place: Place,
  port: number,
  workers: number,
  isSecured: boolean | undefined,
): Promise<Bound> {
  if (place.kind === 'unix') {
    await removeStaleSocket(place.path);
    return boundTo({ kind: 'unix', path: place.path }, [bind(place.path, -1, -1, 0)]);
  }
  const host = net.isIP(place.host) === 0 ? (await lookup(place.host)).address : place.host;
  const family = net.isIP(host);
  const flags = family === 6 ? ipv6Only : 0;
  // Bound without sharing first: a port that somebody else shares is taken all the same.
  const alone = bind(host, port, family, flags);
  const address = addressOf(alone, isSecured);
  if (!sharesPorts() || address.kind !== 'tcp') return boundTo(address, [alone]);
  alone.close();
  const handles: Handle[] = [];
  try {
    for (let worker = 0; worker < workers; worker++) {
      handles.push(bind(host, address.port, family, flags | reusePort));
    }
    return boundTo(address, handles);
  } catch (error) {
    for (const handle of handles) handle.close();
    if ((error as NodeJS.ErrnoException).code !== 'ENOTSUP') throw error;
    return boundTo(address, [bind(host, address.port, family, flags)]);
  }
}

function bind(address: string, port: number, family: number, flags: number): Handle {
  const handle = (net as unknown as Bindable)._createServerHandle(address, port, family, undefined, flags);
  if (typeof handle === 'number') throw failure(handle, address, port);
  // That an address is in use comes out late: at the first question about the socket.
  const late = handle.getsockname?.({}) ?? 0;
  if (late === 0) return handle;
  handle.close();
  throw failure(late, address, port);
}

function addressOf(handle: Handle, isSecured: boolean | undefined): Address {
  const name = { address: '', port: 0, family: '' };
  handle.getsockname?.(name);
  return tcpAddress(name, isSecured);
}

function boundTo(address: Address, handles: readonly Handle[]): Bound {
  return {
    address,
    handles,
    close: () => {
      for (const handle of handles) handle.close();
    },
  };
}

function failure(status: number, address: string, port: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`bind ${code} ${address}`), {
    code,
    address,
    ...(port >= 0 && { port }),
  });
}

/** libuv knows the flag since 1.49 (Node.js 23.1) and ignores it before; not every system does. */
function sharesPorts(): boolean {
  const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number);
  return major > 1 || minor >= 49;
}
