import type { Socket } from 'node:net';
import {
  continueBytes,
  H1Connection,
  type H1Event,
  type H1Phase,
  type OutgoingHead,
} from '../h1/connection.ts';
import type { Origin } from '../http/forwarded.ts';
import type { RequestHead, Response } from '../http/message.ts';
import { disown, type Handle } from './adopt.ts';
import { Leaving } from './departures.ts';
import type { Driver } from './driver.ts';
import { Exchanges, inFull } from './exchanges.ts';
import { lastResort, type Prepared, prepare, refused } from './prepare.ts';
import { discardBody, drained, emptyBody, hasRoom, isCopied, SendFailure } from './send.ts';
import { sendAnswer } from './send-answer.ts';
import { keepAnswer, originOf, type Service } from './service.ts';
import { Seat, takePlace, type Waiting } from './waiting.ts';

type AnswerableEvent = Extract<H1Event, { kind: 'request' | 'violation' }>;

/**
 * The life of one connection: moves bytes from its socket into the machine, answers what comes out, and times
 * each phase. `sweep` is called by the owner now and then; the driver starts no timer of its own.
 */
export class H1Driver implements Driver {
  readonly #socket: Socket;
  readonly #service: Service;
  readonly #connection: H1Connection;
  readonly #waiting: Waiting<Driver>;
  readonly #seat: Seat<Driver> = new Seat<Driver>(this);
  /** Who is at the other end, with nothing to remark. */
  readonly #peer: Origin;
  /** What the deadline belongs to; 'lingering' is the staged tear-down of RFC 9112 §9.6. */
  #phase: H1Phase | 'lingering' = 'idle';
  #deadlineMs: number;
  readonly #exchanges: Exchanges;
  /** When the content that is being read must be whole. */
  #contentDeadlineMs = Number.POSITIVE_INFINITY;
  #isPumping = false;
  readonly #leaving: Leaving = new Leaving();
  #isDraining = false;
  /** While draining: how long a client that says nothing may still send a request. */
  #drainIdleMs = 0;
  #lingeredBytes = 0;

  /** The driver is a member of `waiting` while it waits for a request or for the rest of one. */
  constructor(socket: Socket, service: Service, waiting: Waiting<Driver>) {
    this.#socket = socket;
    this.#waiting = waiting;
    waiting.idle.join(this.#seat);
    this.#service = service;
    this.#connection = new H1Connection(service.limits, service.seenHeads);
    this.#peer = { client: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 } };
    this.#exchanges = new Exchanges(service.observers, service.report);
    this.#deadlineMs = performance.now() + service.limits.idleTimeoutMs;
    socket.on('end', () => this.#receiveEnd());
    socket.on('timeout', () => socket.destroy());
    // What there is to say about a broken socket, its 'close' says.
    socket.on('error', () => {});
  }

  /**
   * Ends the connection: at once when it waits for a request or has had its last answer, else after the answer
   * under way. The rest of a request that has begun is waited for, but not long. With `idleMs`, a connection that
   * waits for a request has its last one within that time: closing it could cross a request on its way.
   */
  drain(idleMs: number): void {
    this.#isDraining = true;
    this.#drainIdleMs = idleMs;
    switch (this.#phase) {
      case 'idle':
        if (idleMs > 0) this.#deadlineMs = Math.min(this.#deadlineMs, performance.now() + idleMs);
        else if (!this.#isPumping) this.#socket.destroySoon();
        return;
      case 'lingering':
        if (idleMs === 0 && !this.#isPumping) this.#socket.destroySoon();
        return;
      case 'head':
      case 'content':
        this.#deadlineMs = Math.min(this.#deadlineMs, performance.now() + lastRequestMs);
        return;
      case 'answering':
      case 'ended':
        return;
      default:
        this.#phase satisfies never;
    }
  }

  /** Ends the connection now, whatever is under way. */
  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * Lets go of a connection that waits for a request and has nothing left to send, and answers what another process can
   * go on with. Undefined, and nothing changes, when there is more to it.
   */
  release(): Handle | undefined {
    const isBare =
      this.#phase === 'idle' && !this.#isPumping && !this.#isDraining && this.#socket.writableLength === 0;
    return isBare ? disown(this.#socket) : undefined;
  }

  /** Waits for the client no longer; for the owner of a connection that has ended. */
  leave(): void {
    this.#seat.leave();
  }

  /** Acts on a deadline that has passed. `nowMs` is of the monotonic clock. */
  sweep(nowMs: number): void {
    if (nowMs < this.#deadlineMs) return;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    switch (this.#phase) {
      case 'idle':
        this.#finish();
        return;
      case 'head':
        this.#connection.refuse(408, 'the request head was not complete in time');
        this.#pump();
        return;
      case 'content':
        this.#connection.refuse(408, 'the request content did not arrive in time');
        this.#pump();
        return;
      case 'answering':
        return;
      case 'ended':
      case 'lingering':
        this.#socket.destroy();
        return;
      default:
        this.#phase satisfies never;
    }
  }

  /** Takes octets that the socket received; they are the caller's again when this returns. */
  receive(bytes: Buffer): void {
    if (this.#phase === 'lingering') {
      this.#lingeredBytes += bytes.length;
      if (this.#lingeredBytes > this.#service.limits.lingerBytesMax) this.#socket.destroy();
      return;
    }
    try {
      this.#connection.receive(bytes);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (!this.#isPumping) this.#pump();
    else if (this.#connection.bufferedBytes > this.#service.limits.readAheadBytesMax) this.#socket.pause();
  }

  #receiveEnd(): void {
    if (this.#phase === 'lingering') return;
    this.#connection.receiveEnd();
    if (!this.#isPumping) this.#pump();
  }

  /**
   * Does what the machine asks for until it waits for bytes. An answer that is remembered leaves at once; for
   * another one the pump stops, and goes on when it has been sent. A bug that comes this far ends the connection.
   */
  #pump(): void {
    this.#isPumping = true;
    const nowMs = performance.now();
    let hasAnswered = false;
    try {
      while (!this.#socket.destroyed) {
        const event = this.#connection.next();
        switch (event.kind) {
          case 'need-bytes':
          case 'ended':
            if (this.#leaving.waits) {
              this.#enter('answering');
              this.#service.recall?.departures.add(this);
              return;
            }
            if (this.#socket.writableCorked > 0) this.#socket.uncork();
            if (!hasRoom(this.#socket)) {
              this.#awaitReader();
              return;
            }
            this.#isPumping = false;
            this.#tellAnswered();
            if (event.kind === 'ended') this.#finish();
            else this.#awaitBytes(nowMs, hasAnswered);
            return;
          case 'continue':
            this.#leaving.write(this.#socket);
            this.#socket.write(continueBytes);
            break;
          case 'request':
          case 'violation':
            if (event.kind === 'request' && this.#repeat(event.head, nowMs)) {
              hasAnswered = true;
              break;
            }
            this.depart();
            this.#answer(event).then(
              () => this.#pump(),
              (error: unknown) => this.#fail(error),
            );
            return;
          default:
            event satisfies never;
        }
      }
      this.#isPumping = false;
      this.#tellAnswered();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Writes what has been put together in this turn; whether the system has taken all of it. */
  depart(): boolean {
    return this.#leaving.depart(this.#socket, this.#service.recall?.departures);
  }

  /** Goes on after the end of the turn. */
  goOn(): void {
    this.#pump();
  }

  /** Remembered answers are under way: the pump goes on when the reader has taken them. */
  #awaitReader(): void {
    this.#enter('answering');
    drained(this.#socket, this.#service.limits).then(
      () => this.#pump(),
      () => {
        this.#isPumping = false;
        this.#socket.destroy();
        this.#tellAnswered();
      },
    );
  }

  #fail(error: unknown): void {
    this.#isPumping = false;
    this.#socket.destroy();
    this.#service.report(`bug: ${inFull(error)}`);
  }

  /** Sends a remembered answer; false when there is none or the reader of earlier ones does not keep up. */
  #repeat(head: RequestHead, nowMs: number): boolean {
    const { recall, clock } = this.#service;
    if (recall === undefined) return false;
    const origin = originOf(head, this.#peer, this.#service);
    const answer = recall.find(head, origin.client, nowMs);
    if (answer === undefined || this.#socket.writableLength > repeatedBytesMax) return false;
    if (isCopied(this.#socket, answer.contentBytes)) return false;
    const { bytes, sendsContent } = this.#connection.respondAgain(answer.head, clock.date(nowMs), {
      close: this.#isDraining,
    });
    this.#leaving.write(this.#socket);
    // Answers to requests that came together leave together.
    if (this.#connection.bufferedBytes > 0 && this.#socket.writableCorked === 0) this.#socket.cork();
    if (answer.leavesLater) this.#leaving.put(sendsContent ? answer.message(bytes) : bytes);
    else if (sendsContent) answer.write(this.#socket, bytes);
    else this.#socket.write(bytes);
    if (this.#exchanges.areObserved) {
      const contentBytes = sendsContent ? answer.contentBytes : 0;
      this.#exchanges.add({
        response: answer.response,
        contentBytes,
        head,
        origin,
        startedAtMs: clock.now(),
        startedMs: nowMs,
      });
    }
    return true;
  }

  /** Observers see an exchange after its last octet has left. */
  #tellAnswered(): void {
    this.#exchanges.tell(this.#socket.destroyed ? 'aborted' : 'completed');
  }

  async #answer(event: AnswerableEvent): Promise<void> {
    this.#enter('answering');
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    const { handler, clock } = this.#service;
    const startedAtMs = clock.now();
    const startedMs = performance.now();
    const { head } = event;
    const origin = originOf(head, this.#peer, this.#service);
    const prepared =
      event.kind === 'request'
        ? await prepare(event.head, origin.client, this.#service)
        : refused(handler, head, event.status, event.why);
    const { response, contentBytes } = await this.#write(prepared, head);
    // What could not be written as it was is not kept either.
    if (head !== undefined && response === prepared.response)
      keepAnswer(head, origin.client, prepared, startedMs, this.#service);
    this.#exchanges.add({ response, contentBytes, head, origin, startedAtMs, startedMs });
    this.#tellAnswered();
  }

  /** Writes an answer; a failure under way ends the connection. */
  async #write({ response, body }: Prepared, head: RequestHead | undefined): Promise<Written> {
    const { limits, buffers, report, clock, throttle } = this.#service;
    let outgoing: OutgoingHead;
    try {
      outgoing = this.#connection.respond(response, clock.date(performance.now()), {
        close: this.#isDraining,
      });
    } catch (error) {
      // A feature made a field that cannot be written.
      discardBody(body);
      report(`bug: ${inFull(error)}`);
      return this.#write(lastResort(), head);
    }
    const sent = outgoing.sendsContent ? body : emptyBody;
    if (sent !== body) discardBody(body);
    const before = this.#socket.bytesWritten;
    const slow = head && throttle?.slowed(head, this.#socket, limits.stalledReaderTimeoutMs);
    try {
      const means = { buffers, stalledReaderTimeoutMs: limits.stalledReaderTimeoutMs };
      return {
        response,
        contentBytes: await sendAnswer(slow ?? this.#socket, outgoing.bytes, sent, head?.version, means),
      };
    } catch (error) {
      if (error instanceof SendFailure) report(`${head?.target ?? ''}: ${error.message}; connection closed`);
      this.#socket.destroy();
      return {
        response,
        contentBytes: Math.max(0, this.#socket.bytesWritten - before - outgoing.bytes.length),
      };
    } finally {
      slow?.release();
    }
  }

  /** Goes on reading, and notes what the machine waits for now and until when. */
  #awaitBytes(nowMs: number, hasAnswered: boolean): void {
    if (this.#socket.destroyed) return;
    const { phase } = this.#connection;
    if (this.#isDraining && this.#drainIdleMs === 0 && phase === 'idle') {
      this.#finish();
      return;
    }
    if (this.#socket.isPaused()) this.#socket.resume();
    // A drip of single octets does not move the deadline of a head; content may take as long as it flows.
    const isNew = hasAnswered || phase !== this.#phase;
    if (!isNew && phase !== 'content') return;
    if (isNew) this.#enter(phase);
    this.#deadlineMs = this.#deadlineOf(phase, isNew, nowMs);
  }

  #enter(phase: H1Phase | 'lingering'): void {
    this.#phase = phase;
    takePlace(this.#seat, phase, this.#waiting);
  }

  #deadlineOf(phase: H1Phase, isNew: boolean, nowMs: number): number {
    const { limits } = this.#service;
    if (phase === 'idle') return nowMs + (this.#isDraining ? this.#drainIdleMs : limits.idleTimeoutMs);
    if (phase === 'head')
      return nowMs + Math.min(limits.headTimeoutMs, this.#isDraining ? lastRequestMs : Infinity);
    if (isNew) this.#contentDeadlineMs = nowMs + limits.contentTotalTimeoutMs;
    return Math.min(nowMs + limits.contentTimeoutMs, this.#contentDeadlineMs);
  }

  /**
   * Ends our side and goes on reading for a while: closing with unread octets would reset the connection, and
   * the reset could overtake the last answer. RFC 9112 §9.6.
   */
  #finish(): void {
    this.#enter('lingering');
    this.#deadlineMs = performance.now() + this.#service.limits.lingerTimeoutMs;
    this.#socket.end();
    this.#socket.resume();
  }
}

/** How long a stop waits for the rest of a request. */
const lastRequestMs = 1000;

/** Octets that may wait for a reader before further answers wait too; one answer may go beyond. */
const repeatedBytesMax = 256 * 1024;

interface Written {
  readonly response: Response;
  readonly contentBytes: number;
}
