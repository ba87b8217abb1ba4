// Real sockets of a server that break at their n-th write or read, counted over all of them.
import type { Socket } from 'node:net';
import { adopt } from '../../src/server/adopt.ts';
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

/** Takes sockets over as the server does, and makes them break when `countdown` says so. */
export function breakable(fault: SocketFault, countdown: Countdown): typeof adopt {
  if (fault.at === 'write')
    return (accepted, receive) => breakWrites(adopt(accepted, receive), fault, countdown);
  return (accepted, receive) => {
    const strike = (): void => {
      if (countdown.strikesNow()) fault.strike(socket, () => true, Buffer.alloc(0));
    };
    const socket = adopt(accepted, bytes => {
      // Before the driver sees what was read.
      strike();
      receive(bytes);
    });
    socket.on('end', strike);
    return socket;
  };
}

function breakWrites(socket: Socket, fault: SocketFault, countdown: Countdown): Socket {
  const write = socket.write.bind(socket) as (bytes: Chunk, ...rest: unknown[]) => boolean;
  socket.write = ((bytes: Chunk, ...rest: unknown[]): boolean => {
    if (!countdown.strikesNow()) return write(bytes, ...rest);
    return fault.strike(socket, (others = Buffer.from(bytes)) => write(others, ...rest), Buffer.from(bytes));
  }) as Socket['write'];
  return socket;
}
