import { Socket } from 'node:net';
import { TLSSocket, type TLSSocketOptions } from 'node:tls';
import { type Handle, intoReadBuffer, socketAround } from './adopt.ts';

/** A socket that is securing its connection. It emits 'secure' when it has. */
export interface Securing {
  readonly socket: TLSSocket;
  /** Gives it what was received before; to be called once somebody listens. */
  readonly begin: () => void;
}

/**
 * Secures an accepted connection from which `first` was read already, and gives what it then receives to `receive`. Those
 * with no socket around them are read into one buffer, as `adopt` does for plain ones: 'data' events cost 2 µs a request
 * more. Node reads into a buffer of ours only where the TLS socket has no other socket beneath it, which its constructor
 * does not let a server have; where its handle cannot be given to it in another way, the socket's own 'data' is used.
 */
export function secureSocket(
  connection: Socket | Handle,
  first: Buffer,
  options: TLSSocketOptions,
  receive: (bytes: Buffer) => void,
): Securing {
  if (!canWrap || connection instanceof Socket) {
    const accepted = socketAround(connection);
    // It waits in the socket until the TLS socket reads it.
    accepted.pause();
    accepted.unshift(first);
    const socket = new TLSSocket(accepted, options);
    socket.on('data', receive);
    return { socket, begin: () => socket.resume() };
  }
  const socket = new BareTlsSocket(connection, options, receive);
  return { socket, begin: () => socket.begin(first) };
}

/** What a TLS socket has beneath it; not public, so its absence is no error. */
interface Wrapping {
  _wrapHandle?: (socket: null, handle: Handle, isWriting: boolean) => object;
}

interface Received {
  readonly _handle?: { readonly receive: (bytes: Buffer) => void; onread?: () => void } | null;
}

const wrapping: Wrapping = TLSSocket.prototype as object;
const canWrap = typeof wrapping._wrapHandle === 'function';

/** A TLS socket directly on a connection, without a socket in between. */
class BareTlsSocket extends TLSSocket {
  constructor(handle: Handle, options: TLSSocketOptions, receive: (bytes: Buffer) => void) {
    const onread = intoReadBuffer(receive);
    super(undefined as never, { ...options, handle, allowHalfOpen: true, onread } as TLSSocketOptions);
    // It takes itself for a client that has no connection yet.
    Object.assign(this, { connecting: false });
    this.on('finish', () => this.#awaitLeave(onread.callback));
  }

  begin(first: Buffer): void {
    (this as Received)._handle?.receive(first);
    this.resume();
  }

  /**
   * Our side has ended: what still comes is taken as before, and that the client leaves, however it does, ends the
   * connection. For a reset, Node would make an error with its stack, which nobody looks at: 5 % of a handshake.
   */
  #awaitLeave(take: (length: number) => void): void {
    const { _handle: handle } = this as Received;
    if (typeof handle?.onread !== 'function') return;
    let seenBytes = this.bytesRead;
    handle.onread = () => {
      const length = this.bytesRead - seenBytes;
      seenBytes += length;
      // TLS gives octets, or its end; to read nothing is always that.
      if (length > 0) take(length);
      else this.destroy();
    };
  }

  /** Called by the constructor, which would make a new connection here. */
  _wrapHandle(_socket: null, _handle: undefined, isWriting: boolean): object {
    const { handle } = (this as unknown as { readonly _tlsOptions: { readonly handle: Handle } })._tlsOptions;
    return Reflect.apply(wrapping._wrapHandle as never, this, [null, handle, isWriting]);
  }
}
