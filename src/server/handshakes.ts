import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Limits } from '../http/limits.ts';
import { type Handle, socketAround, unwrap } from './adopt.ts';
import { readFirst } from './bare-connections.ts';
import { HandshakeFailures } from './handshake-failures.ts';
import { secureSocket } from './secure-socket.ts';
import type { Tls } from './tls.ts';

/** Gives a socket whose octets from now on go to `receive`. */
export type Connect = (receive: (bytes: Buffer) => void) => Socket;

/** Where connections go on. */
export interface Onward {
  /** One that is secured; `protocol` is what its client and we agreed on (ALPN, RFC 7301), if we did. */
  readonly secured: (connect: Connect, protocol: string | undefined) => void;
  /** One whose client does not speak TLS; `first` is what it sent instead. */
  readonly plain: (socket: Socket, first: Buffer) => void;
}

/** Makes what secures connections. It comes as a function, so that a server without TLS does not load it. */
export type OpenHandshakes = (limits: Limits, report: (line: string) => void, onward: Onward) => Handshakes;

/** A connection that is not secured yet. */
interface Handshake {
  /** A socket, once there is one around the connection. */
  connection: Socket | Handle;
  readonly deadlineMs: number;
}

/**
 * Secures connections. How many wait for that at once is bounded, and so is how long each does: beyond the one, that
 * which has waited longest ends; the owner calls `sweep` for the other. What fails is told to the operator, not more
 * than a line a minute.
 */
export class Handshakes {
  readonly #tls: Tls;
  readonly #onward: Onward;
  readonly #timeoutMs: number;
  readonly #most: number;
  readonly #failures: HandshakeFailures;
  /** In the order in which they came. */
  readonly #waiting = new Set<Handshake>();

  constructor(tls: Tls, limits: Limits, report: (line: string) => void, onward: Onward) {
    this.#tls = tls;
    this.#onward = onward;
    this.#timeoutMs = limits.handshakeTimeoutMs;
    this.#most = Math.min(limits.handshakesMax, Math.ceil(limits.connectionsMax / 2));
    this.#failures = new HandshakeFailures(report);
  }

  /** Connections that are not secured yet. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a socket that was just accepted and is paused. */
  accept(accepted: Socket): void {
    const handle = unwrap(accepted);
    if (handle !== undefined) {
      this.acceptBare(handle);
      return;
    }
    const begin = this.#admit(accepted);
    const leave = (): void => begin(undefined);
    for (const event of ['error', 'end', 'close']) accepted.on(event, leave);
    accepted.once('data', first => {
      for (const event of ['end', 'close']) accepted.off(event, leave);
      begin(first);
    });
    accepted.resume();
  }

  /** Takes a connection that was just accepted, with no socket around it yet. */
  acceptBare(handle: Handle): void {
    readFirst(handle, this.#admit(handle));
  }

  /** Ends the one that has waited longest; false when there is none. */
  makeRoom(): boolean {
    const [longest] = this.#waiting;
    if (longest === undefined) return false;
    this.#end(longest);
    return true;
  }

  /** Ends those that have waited too long; `nowMs` is of the monotonic clock. */
  sweep(nowMs: number): void {
    for (const handshake of this.#waiting) {
      if (nowMs < handshake.deadlineMs) return;
      const socket = socketAround(handshake.connection);
      this.#failures.add('not complete in time', socket.remoteAddress);
      this.#waiting.delete(handshake);
      socket.destroy();
    }
  }

  /** Ends all of them. */
  close(): void {
    while (this.makeRoom());
    this.#failures.tell();
  }

  /** Lets a connection in, and answers what goes on with the first that it sends; undefined: it has ended. */
  #admit(connection: Socket | Handle): (first: Buffer | undefined) => void {
    if (this.size >= this.#most) this.makeRoom();
    const handshake: Handshake = { connection, deadlineMs: performance.now() + this.#timeoutMs };
    this.#waiting.add(handshake);
    return first => {
      // Who leaves without a word has not failed at anything.
      if (first === undefined) this.#end(handshake);
      else if (first[0] === handshakeRecord) this.#secure(handshake, first);
      else this.#passPlain(handshake, first);
    };
  }

  #end(handshake: Handshake): void {
    this.#waiting.delete(handshake);
    socketAround(handshake.connection).destroy();
  }

  #passPlain(handshake: Handshake, first: Buffer): void {
    this.#waiting.delete(handshake);
    const socket = socketAround(handshake.connection);
    socket.pause();
    this.#onward.plain(socket, first);
  }

  #secure(handshake: Handshake, first: Buffer): void {
    let receive: (bytes: Buffer) => void = () => {};
    const { socket, begin } = secureSocket(handshake.connection, first, this.#tls.socketOptions, bytes =>
      receive(bytes),
    );
    handshake.connection = socket;
    // Node asks the system once for each socket, and cannot when it has ended.
    const peer = socket.remoteAddress;
    const isUnderWay = (): boolean => this.#waiting.delete(handshake);
    const fail = (error: Error): void => {
      if (isUnderWay()) this.#failures.add(error, peer);
      socket.destroy();
    };
    socket.on('error', fail);
    // Node tells here of what goes wrong later, too, and leaves the socket as it is.
    socket.on('_tlsError', fail);
    // Our side would stay open: who ends the other one now can never be secured.
    socket.once('end', () => {
      if (isUnderWay()) socket.destroy();
    });
    socket.once('close', isUnderWay);
    socket.once('secure', () => {
      const refusal = this.#tls.refusalOf(socket);
      if (refusal !== undefined) return fail(refusal);
      if (!isUnderWay()) return;
      const connect: Connect = taker => {
        receive = taker;
        return socket;
      };
      this.#onward.secured(connect, protocolOf(socket));
    });
    begin();
  }
}

/** The first octet of every record of a handshake. RFC 8446 §5.1. */
const handshakeRecord = 0x16;

function protocolOf({ alpnProtocol }: TLSSocket): string | undefined {
  return typeof alpnProtocol === 'string' ? alpnProtocol : undefined;
}
