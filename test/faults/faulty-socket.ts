// Real sockets of a server that break at their n-th write or read, counted over all of them.
import type { Socket } from 'node:net';
import { type Countdown, systemFailure } from './countdown.ts';

type Chunk = string | Uint8Array;

/** How a socket breaks. */
export interface SocketFault {
  readonly name: string;
  readonly at: 'write' | 'read';
  /** What happens then; `pass` lets bytes through to the real write, the original ones unless others are given. */
  readonly strike: (socket: Socket, pass: (bytes?: Uint8Array) => boolean, bytes: Buffer) => boolean;
}

const broken = (): Error => systemFailure('EIO', 'write');

/** The ways to break. */
export const socketFaults: readonly SocketFault[] = [
  {
    name: 'is broken before it writes',
    at: 'write',
    strike: (socket, pass) => {
      socket.destroy(broken());
      return pass();
    },
  },
  {
    name: 'is broken while it writes',
    at: 'write',
    strike: (socket, pass) => {
      pass();
      socket.destroy(broken());
      return false;
    },
  },
  {
    name: 'breaks a turn after it writes',
    at: 'write',
    strike: (socket, pass) => {
      setImmediate(() => socket.destroy(broken()));
      return pass();
    },
  },
  {
    name: 'is reset while it writes',
    at: 'write',
    strike: (socket, pass) => {
      pass();
      socket.resetAndDestroy();
      return false;
    },
  },
  {
    name: 'lets half of a write out',
    at: 'write',
    strike: (socket, pass, bytes) => {
      while (socket.writableCorked > 0) socket.uncork();
      pass(bytes.subarray(0, bytes.length >> 1));
      socket.destroy(broken());
      return false;
    },
  },
  {
    name: 'throws from a write',
    at: 'write',
    strike: () => {
      throw broken();
    },
  },
  {
    name: 'times out in a write',
    at: 'write',
    strike: (socket, pass) => {
      setImmediate(() => socket.emit('timeout'));
      return pass();
    },
  },
  {
    name: 'is broken before it reads',
    at: 'read',
    strike: socket => {
      socket.destroy(broken());
      return true;
    },
  },
  {
    name: 'is broken a turn after it reads',
    at: 'read',
    strike: socket => {
      setImmediate(() => socket.destroy(broken()));
      return true;
    },
  },
  {
    name: 'is broken while the answer to a read is prepared',
    at: 'read',
    strike: socket => {
      queueMicrotask(() => socket.destroy(broken()));
      return true;
    },
  },
  {
    name: 'is reset after it reads',
    at: 'read',
    strike: socket => {
      setImmediate(() => socket.resetAndDestroy());
      return true;
    },
  },
];

/** Makes an accepted socket break when `countdown` says so. */
export function breakable(socket: Socket, fault: SocketFault, countdown: Countdown): Socket {
  if (fault.at === 'read') {
    const strike = (): void => {
      if (countdown.strikesNow()) fault.strike(socket, () => true, Buffer.alloc(0));
    };
    // The first listeners: they act before the driver sees what was read.
    socket.on('data', strike);
    socket.on('end', strike);
    return socket;
  }
  const write = socket.write.bind(socket) as (bytes: Chunk, ...rest: unknown[]) => boolean;
  socket.write = ((bytes: Chunk, ...rest: unknown[]): boolean => {
    if (!countdown.strikesNow()) return write(bytes, ...rest);
    return fault.strike(socket, (others = Buffer.from(bytes)) => write(others, ...rest), Buffer.from(bytes));
  }) as Socket['write'];
  return socket;
}
