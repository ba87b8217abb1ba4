import { Socket } from 'node:net';

/** Octets of the one buffer that every connection is read into. */
const readBufferBytes = 64 * 1024;
const readBuffer = Buffer.allocUnsafeSlow(readBufferBytes);
/** The part of it that the last read filled: requests are often as long as the one before. */
let readBytes = readBuffer;

/** What an accepted socket has beneath it; not public, so its absence is no error. */
interface Handled {
  _handle?: Handle | null;
}

/** What the system knows as a connection, without the socket of Node around it: this can go to another process. */
export interface Handle {
  reading: boolean;
  readonly readStop: () => void;
  readonly close: () => void;
}

/**
 * Gives what an accepted, paused socket receives to `receive`, and answers the socket to use from now on. All
 * connections are read into one buffer, since its octets are taken before the next read: a buffer for each read
 * cost 1 µs a request. The server that accepted the socket goes on counting it, so that its `close` never calls
 * back. Not for TLS sockets, whose handle is not the connection's. Where Node does not let a handle change its socket, the socket's own 'data' is used.
 */
export function adopt(accepted: Socket, receive: (bytes: Buffer) => void): Socket {
  const { _handle: handle } = accepted as Handled;
  if (handle === undefined || handle === null) {
    accepted.on('data', receive);
    return accepted;
  }
  (accepted as Handled)._handle = null;
  const onread = intoReadBuffer(receive);
  return new Socket({ handle, onread, allowHalfOpen: true, readable: true, writable: true } as object);
}

/** How a socket is told to read into the one buffer, and to give to `receive` what it has read. */
export function intoReadBuffer(receive: (bytes: Buffer) => void): {
  readonly buffer: Buffer;
  readonly callback: (length: number) => boolean;
} {
  return {
    buffer: readBuffer,
    callback: length => {
      if (length !== readBytes.length) readBytes = readBuffer.subarray(0, length);
      receive(readBytes);
      return true;
    },
  };
}

/**
 * Takes a connection out of its socket, which is destroyed; what the client sends waits in the system for whoever goes
 * on with the handle. The caller answers for there being nothing left to write. Undefined, and nothing changes, where
 * the socket has no handle any more, or none that Node lets us take.
 */
export function disown(socket: Socket): Handle | undefined {
  const handle = unwrap(socket);
  if (handle !== undefined) socket.destroy();
  return handle;
}

/** The same for a socket that was just accepted and that nobody else has seen: it is left to itself, as `adopt` does. */
export function unwrap(accepted: Socket): Handle | undefined {
  const handled: Handled = accepted as object;
  const { _handle: handle } = handled;
  if (handle === undefined || handle === null) return undefined;
  handle.readStop();
  handle.reading = false;
  handled._handle = null;
  return handle;
}

/** A socket as a server would have accepted it, paused, around a connection from `disown`. */
export function own(handle: Handle): Socket {
  const options = { handle, allowHalfOpen: true, pauseOnCreate: true, readable: true, writable: true };
  return new Socket(options as object);
}

/** The socket of a connection; one as `own` makes it where there is none yet. */
export function socketAround(connection: Socket | Handle): Socket {
  return connection instanceof Socket ? connection : own(connection);
}
