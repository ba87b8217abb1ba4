import type { Socket } from 'node:net';
import type { Handle } from './adopt.ts';
import type { Service } from './service.ts';
import type { Waiting } from './waiting.ts';

/** The life of one connection, whatever protocol it speaks; `Connections` owns it. */
export interface Driver {
  /** Takes octets that the socket received; they are the caller's again when this returns. */
  receive(bytes: Buffer): void;
  /** Ends the connection after what is under way; one that waits for a request may send its last one within `idleMs`. */
  drain(idleMs: number): void;
  /** Ends the connection now, whatever is under way. */
  destroy(): void;
  /** Lets go of a connection that another process can go on with; undefined, and nothing changes, when there is more to it. */
  release(): Handle | undefined;
  /** Waits for the client no longer; for the owner of a connection that has ended. */
  leave(): void;
  /** Acts on a deadline that has passed. `nowMs` is of the monotonic clock. */
  sweep(nowMs: number): void;
}

/** Makes the driver of a connection; while it waits for its client it is a member of `waiting`. */
export type OpenDriver = (socket: Socket, service: Service, waiting: Waiting<Driver>) => Driver;
