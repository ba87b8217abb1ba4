import type { Server } from 'node:net';
import type { Handle } from './adopt.ts';

/** What a server has beneath it; not public, so its absence is no error. */
interface Listening {
  _handle?: { onconnection?: (status: number, handle?: Bare) => void } | null;
}

/** What the system gives, as Node's own sockets use it; not public either. */
interface Bare extends Handle {
  onread?: (octets: ArrayBuffer | undefined) => void;
  /** Answers 0, or the number of an error. */
  readonly readStart?: () => number;
  /** TCP only. */
  readonly setNoDelay?: (isOn: boolean) => void;
}

/**
 * Gives the connections of a server that listens to `take` without the sockets that Node puts around them, where Node
 * lets that be; elsewhere the server emits 'connection' as ever. Each is paused, and sends without delay. For TLS, where
 * another socket follows in any case, the one that is left out cost 30 µs of a handshake's 430.
 */
export function takeBare(server: Server, take: (handle: Handle) => void): void {
  const listening = (server as Listening)._handle;
  const asEver = listening?.onconnection;
  if (!listening || typeof asEver !== 'function') return;
  listening.onconnection = (status, handle) => {
    if (status !== 0 || typeof handle?.readStart !== 'function')
      return void Reflect.apply(asEver, listening, [status, handle]);
    handle.setNoDelay?.(true);
    take(handle);
  };
}

/** Reads what a connection sends first, and pauses it again. Undefined: it has ended before, or cannot be read. */
export function readFirst(handle: Handle, take: (first: Buffer | undefined) => void): void {
  const bare: Bare = handle;
  bare.onread = octets => {
    bare.onread = () => {};
    bare.readStop();
    bare.reading = false;
    take(octets && Buffer.from(octets));
  };
  bare.reading = true;
  if (bare.readStart?.() !== 0) bare.onread(undefined);
}
