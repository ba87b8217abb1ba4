import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Limits } from '../http/limits.ts';
import { disown, own } from './adopt.ts';
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
  socket: Socket;
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
    if (this.size >= this.#most) this.makeRoom();
    const handshake: Handshake = {
      socket: accepted,
      deadlineMs: performance.now() + this.#timeoutMs,
    };
    this.#waiting.add(handshake);
    const leave = (): void => {
      this.#waiting.delete(handshake);
      accepted.destroy();
    };
    // Who leaves without a word has not failed at anything.
    for (const event of ['error', 'end', 'close']) accepted.on(event, leave);
    accepted.once('data', first => {
      for (const event of ['end', 'close']) accepted.off(event, leave);
      if (first[0] === handshakeRecord) this.#secure(handshake, first);
      else this.#passPlain(handshake, first);
    });
    accepted.resume();
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
      this.#failures.add('not complete in time', handshake.socket.remoteAddress);
      this.#end(handshake);
    }
  }

  /** Ends all of them. */
  close(): void {
    while (this.makeRoom());
    this.#failures.tell();
  }

  #end(handshake: Handshake): void {
    this.#waiting.delete(handshake);
    handshake.socket.destroy();
  }

  #passPlain(handshake: Handshake, first: Buffer): void {
    const { socket } = handshake;
    this.#waiting.delete(handshake);
    const handle = disown(socket);
    socket.pause();
    this.#onward.plain(handle === undefined ? socket : own(handle), first);
  }

  #secure(handshake: Handshake, first: Buffer): void {
    let receive: (bytes: Buffer) => void = () => {};
    const { socket, begin } = secureSocket(handshake.socket, first, this.#tls.socketOptions, bytes =>
      receive(bytes),
    );
    handshake.socket = socket;
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
