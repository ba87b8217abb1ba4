import type { Socket } from 'node:net';
import type { Observer } from '../features/feature.ts';
import {
  continueBytes,
  H1Connection,
  type H1Event,
  type H1Phase,
  type OutgoingHead,
} from '../h1/connection.ts';
import type { SeenHeads } from '../h1/seen-heads.ts';
import type { Limits } from '../http/limits.ts';
import type { Client, Exchange, RequestHead, Response } from '../http/message.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Coder } from './coding.ts';
import type { Handler } from './handler.ts';
import { lastResort, type Prepared, prepare, refused } from './prepare.ts';
import type { ReadBuffers } from './read-buffers.ts';
import type { Recall } from './recall.ts';
import { discardBody, drained, emptyBody, hasRoom, SendFailure, sendBody } from './send.ts';
import { sendGrowing } from './send-growing.ts';

/** What all connections of a server share. */
export interface Service {
  readonly handler: Handler;
  readonly store: Store;
  readonly coder: Coder;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly buffers: ReadBuffers;
  readonly observers: readonly Observer[];
  /** Answers that may be given again; undefined when nothing is remembered. */
  readonly recall?: Recall | undefined;
  /** Request heads that need not be parsed again. */
  readonly seenHeads?: SeenHeads;
  /** Takes a line for the operator: a bug, a file that changed while it was sent. */
  readonly report: (line: string) => void;
}

type AnswerableEvent = Extract<H1Event, { kind: 'request' | 'violation' }>;

/**
 * The life of one connection: moves bytes from its socket into the machine, answers what comes out, and times
 * each phase. `sweep` is called by the owner now and then; the driver starts no timer of its own.
 */
export class H1Driver {
  readonly #socket: Socket;
  readonly #service: Service;
  readonly #connection: H1Connection;
  readonly #waiting: Waiting;
  readonly #client: Client;
  /** What the deadline belongs to; 'lingering' is the staged tear-down of RFC 9112 §9.6. */
  #phase: H1Phase | 'lingering' = 'idle';
  #deadlineMs: number;
  /** Remembered answers that were written and that no observer has seen. */
  #repeated: Seen[] = [];
  /** When the content that is being read must be whole. */
  #contentDeadlineMs = Number.POSITIVE_INFINITY;
  #isPumping = false;
  #isDraining = false;
  /** While draining: how long a client that says nothing may still send a request. */
  #drainIdleMs = 0;
  #lingeredBytes = 0;

  /** The driver is a member of `waiting` while it waits for a request or for the rest of one. */
  constructor(socket: Socket, service: Service, waiting: Waiting) {
    this.#socket = socket;
    this.#waiting = waiting;
    waiting.idle.add(this);
    this.#service = service;
    this.#connection = new H1Connection(service.limits, service.seenHeads);
    this.#client = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
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
    this.#connection.receive(bytes);
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
    try {
      while (!this.#socket.destroyed) {
        const event = this.#connection.next();
        switch (event.kind) {
          case 'need-bytes':
          case 'ended':
            this.#socket.uncork();
            if (!hasRoom(this.#socket)) {
              this.#awaitReader();
              return;
            }
            this.#isPumping = false;
            this.#tellRepeated();
            if (event.kind === 'ended') this.#finish();
            else this.#awaitBytes();
            return;
          case 'continue':
            this.#socket.write(continueBytes);
            break;
          case 'request':
          case 'violation':
            if (event.kind === 'request' && this.#repeat(event.head)) break;
            this.#socket.uncork();
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
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Remembered answers are under way: the pump goes on when the reader has taken them. */
  #awaitReader(): void {
    drained(this.#socket, this.#service.limits).then(
      () => this.#pump(),
      () => {
        this.#isPumping = false;
        this.#socket.destroy();
        this.#tellRepeated();
      },
    );
  }

  #fail(error: unknown): void {
    this.#isPumping = false;
    this.#socket.destroy();
    this.#service.report(`bug: ${describe(error)}`);
  }

  /** Sends a remembered answer; false when there is none or the reader of earlier ones does not keep up. */
  #repeat(head: RequestHead): boolean {
    const { recall, clock, observers } = this.#service;
    const started = performance.now();
    const answer = recall?.find(head, started);
    if (answer === undefined || this.#socket.writableLength > repeatedBytesMax) return false;
    this.#enter('answering');
    const nowMs = clock.now();
    const { response } = answer;
    const { bytes, sendsContent } = this.#connection.respond(response, clock.date(nowMs), {
      close: this.#isDraining,
      head: answer.head,
    });
    // Answers to requests that came together leave together.
    if (this.#connection.bufferedBytes > 0 && this.#socket.writableCorked === 0) this.#socket.cork();
    this.#socket.write(sendsContent ? answer.message(bytes) : bytes);
    if (observers.length > 0) {
      const contentBytes = sendsContent ? answer.content.length : 0;
      const durationMs = performance.now() - started;
      this.#repeated.push({ response, contentBytes, head, startedAtMs: nowMs, durationMs });
    }
    return true;
  }

  /** Observers see an exchange after its last octet has left. */
  #tellRepeated(): void {
    if (this.#repeated.length === 0) return;
    const repeated = this.#repeated;
    this.#repeated = [];
    for (const seen of repeated) this.#observe(seen);
  }

  async #answer(event: AnswerableEvent): Promise<void> {
    this.#enter('answering');
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    const { handler, clock, recall, observers } = this.#service;
    const startedAtMs = clock.now();
    const started = performance.now();
    const { head } = event;
    const prepared =
      event.kind === 'request'
        ? await prepare(event.head, this.#client, this.#service)
        : refused(handler, head, event.status, event.why);
    const { response, contentBytes } = await this.#write(prepared, head);
    // What could not be written as it was is not kept either.
    if (head !== undefined && response === prepared.response) recall?.remember(head, prepared);
    this.#tellRepeated();
    if (observers.length === 0) return;
    this.#observe({ response, contentBytes, head, startedAtMs, durationMs: performance.now() - started });
  }

  #observe({ response, ...seen }: Seen): void {
    const exchange: Exchange = {
      ...seen,
      client: this.#client,
      status: response.status,
      responseFields: response.fields,
      outcome: this.#socket.destroyed ? 'aborted' : 'completed',
      note: response.note,
    };
    for (const observe of this.#service.observers) {
      try {
        observe(exchange);
      } catch (error) {
        this.#service.report(`bug: an observer: ${describe(error)}`);
      }
    }
  }

  /** Writes an answer; a failure under way ends the connection. */
  async #write({ response, body }: Prepared, head: RequestHead | undefined): Promise<Written> {
    const { limits, buffers, report, clock } = this.#service;
    let outgoing: OutgoingHead;
    try {
      outgoing = this.#connection.respond(response, clock.date(clock.now()), { close: this.#isDraining });
    } catch (error) {
      // A feature made a field that cannot be written.
      discardBody(body);
      report(`bug: ${describe(error)}`);
      return this.#write(lastResort(), head);
    }
    const sent = outgoing.sendsContent ? body : emptyBody;
    if (sent !== body) discardBody(body);
    const before = this.#socket.bytesWritten;
    try {
      const means = { buffers, stalledReaderTimeoutMs: limits.stalledReaderTimeoutMs };
      const contentBytes =
        sent.kind === 'growing'
          ? await sendGrowing(this.#socket, outgoing.bytes, sent.growth, means)
          : await sendBody(this.#socket, outgoing.bytes, sent, means);
      return { response, contentBytes };
    } catch (error) {
      if (error instanceof SendFailure) report(`${head?.target ?? ''}: ${error.message}; connection closed`);
      this.#socket.destroy();
      return {
        response,
        contentBytes: Math.max(0, this.#socket.bytesWritten - before - outgoing.bytes.length),
      };
    }
  }

  /** Goes on reading, and notes what the machine waits for now and until when. */
  #awaitBytes(): void {
    if (this.#socket.destroyed) return;
    if (this.#isDraining && this.#drainIdleMs === 0 && this.#connection.phase === 'idle') {
      this.#finish();
      return;
    }
    if (this.#socket.isPaused()) this.#socket.resume();
    const { phase } = this.#connection;
    // A drip of single octets does not move the deadline of a head; content may take as long as it flows.
    const isNew = phase !== this.#phase;
    if (!isNew && phase !== 'content') return;
    if (isNew) this.#enter(phase);
    this.#deadlineMs = this.#deadlineOf(phase, isNew);
  }

  #enter(phase: H1Phase | 'lingering'): void {
    const { idle, reading } = this.#waiting;
    if (this.#phase === 'idle') idle.delete(this);
    else if (this.#phase === 'head' || this.#phase === 'content') reading.delete(this);
    this.#phase = phase;
    if (phase === 'idle') idle.add(this);
    else if (phase === 'head' || phase === 'content') reading.add(this);
  }

  #deadlineOf(phase: H1Phase, isNew: boolean): number {
    const { limits } = this.#service;
    const nowMs = performance.now();
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

interface Seen extends Pick<Exchange, 'head' | 'contentBytes' | 'startedAtMs' | 'durationMs'> {
  readonly response: Response;
}

/** The connections that wait for their client, each set with the longest wait first. */
export interface Waiting {
  /** For a request. */
  readonly idle: Set<H1Driver>;
  /** For the rest of a request. */
  readonly reading: Set<H1Driver>;
}

interface Written {
  readonly response: Response;
  readonly contentBytes: number;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
