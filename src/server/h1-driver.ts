import type { Socket } from 'node:net';
import type { Observer } from '../features/feature.ts';
import {
  continueBytes,
  H1Connection,
  type H1Event,
  type H1Phase,
  type OutgoingHead,
} from '../h1/connection.ts';
import type { Limits } from '../http/limits.ts';
import type { Client, Exchange, RequestHead, Response } from '../http/message.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Handler } from './handler.ts';
import { type Prepared, prepare, refused } from './prepare.ts';
import type { ReadBuffers } from './read-buffers.ts';
import { discardBody, emptyBody, SendFailure, sendBody } from './send.ts';

/** What all connections of a server share. */
export interface Service {
  readonly handler: Handler;
  readonly store: Store;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly buffers: ReadBuffers;
  readonly observers: readonly Observer[];
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
  readonly #idle: Set<H1Driver>;
  readonly #client: Client;
  /** What the deadline belongs to; 'lingering' is the staged tear-down of RFC 9112 §9.6. */
  #phase: H1Phase | 'lingering' = 'idle';
  #deadlineMs: number;
  #isPumping = false;
  #isDraining = false;
  #lingeredBytes = 0;

  /** The driver is a member of `idle` while it waits for a request. */
  constructor(socket: Socket, service: Service, idle: Set<H1Driver>) {
    this.#socket = socket;
    this.#idle = idle.add(this);
    this.#service = service;
    this.#connection = new H1Connection(service.limits);
    this.#client = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    this.#deadlineMs = performance.now() + service.limits.idleTimeoutMs;
    socket.on('data', bytes => this.#receive(bytes));
    socket.on('end', () => this.#receiveEnd());
    socket.on('timeout', () => socket.destroy());
    // What there is to say about a broken socket, its 'close' says.
    socket.on('error', () => {});
  }

  /** Whether the connection waits for a request: it may be ended without harm. */
  get isIdle(): boolean {
    return this.#phase === 'idle' && !this.#isPumping;
  }

  /** Ends the connection once the answer under way is sent; at once when it is idle. */
  drain(): void {
    this.#isDraining = true;
    if (this.isIdle) this.#finish();
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
        void this.#pump();
        return;
      case 'content':
        this.#connection.refuse(408, 'the request content did not arrive in time');
        void this.#pump();
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

  #receive(bytes: Buffer): void {
    if (this.#phase === 'lingering') {
      this.#lingeredBytes += bytes.length;
      if (this.#lingeredBytes > this.#service.limits.lingerBytesMax) this.#socket.destroy();
      return;
    }
    this.#connection.receive(bytes);
    if (!this.#isPumping) void this.#pump();
    else if (this.#connection.bufferedBytes > this.#service.limits.readAheadBytesMax) this.#socket.pause();
  }

  #receiveEnd(): void {
    if (this.#phase === 'lingering') return;
    this.#connection.receiveEnd();
    if (!this.#isPumping) void this.#pump();
  }

  /** Does what the machine asks for until it waits for bytes. A bug that comes this far ends the connection. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (!this.#socket.destroyed) {
        const event = this.#connection.next();
        if (event.kind === 'need-bytes') break;
        if (event.kind === 'ended') {
          this.#finish();
          return;
        }
        if (event.kind === 'continue') this.#socket.write(continueBytes);
        else await this.#answer(event);
      }
      this.#awaitBytes();
    } catch (error) {
      this.#service.report(`bug: ${describe(error)}`);
      this.#socket.destroy();
    } finally {
      this.#isPumping = false;
    }
  }

  async #answer(event: AnswerableEvent): Promise<void> {
    this.#enter('answering');
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    const startedAtMs = this.#service.clock.now();
    const started = performance.now();
    const { head } = event;
    const prepared =
      event.kind === 'request'
        ? await prepare(event.head, this.#client, this.#service)
        : refused(this.#service.handler, head, event.status, event.why);
    const { response, contentBytes } = await this.#write(prepared, head);
    if (this.#service.observers.length === 0) return;
    const exchange: Exchange = {
      client: this.#client,
      head,
      status: response.status,
      responseFields: response.fields,
      contentBytes,
      startedAtMs,
      durationMs: performance.now() - started,
      outcome: this.#socket.destroyed ? 'aborted' : 'completed',
      note: response.note,
    };
    for (const observe of this.#service.observers) observe(exchange);
  }

  /** Writes an answer; a failure under way ends the connection. */
  async #write({ response, body }: Prepared, head: RequestHead | undefined): Promise<Written> {
    const { limits, buffers, report, handler, clock } = this.#service;
    let outgoing: OutgoingHead;
    try {
      outgoing = this.#connection.respond(response, clock.date(), { close: this.#isDraining });
    } catch (error) {
      // A feature made a field that cannot be written.
      discardBody(body);
      if (response.status === 500) throw error;
      report(`bug: ${describe(error)}`);
      return this.#write(refused(handler, head, 500, 'a bug was met'), head);
    }
    const sent = outgoing.sendsContent ? body : emptyBody;
    if (sent !== body) discardBody(body);
    const before = this.#socket.bytesWritten;
    try {
      const contentBytes = await sendBody(this.#socket, outgoing.bytes, sent, {
        buffers,
        stalledReaderTimeoutMs: limits.stalledReaderTimeoutMs,
      });
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
    if (this.#isDraining && this.#connection.phase === 'idle') {
      this.#finish();
      return;
    }
    this.#socket.resume();
    const { phase } = this.#connection;
    // A drip of single octets does not move the deadline of a head; content may take as long as it flows.
    if (phase === this.#phase && phase !== 'content') return;
    this.#enter(phase);
    this.#deadlineMs = performance.now() + this.#timeoutMs(phase);
  }

  #enter(phase: H1Phase | 'lingering'): void {
    this.#phase = phase;
    if (phase === 'idle') this.#idle.add(this);
    else this.#idle.delete(this);
  }

  #timeoutMs(phase: H1Phase): number {
    const { limits } = this.#service;
    switch (phase) {
      case 'idle':
        return limits.idleTimeoutMs;
      case 'head':
        return limits.headTimeoutMs;
      case 'content':
        return limits.contentTimeoutMs;
      case 'answering':
      case 'ended':
        return limits.lingerTimeoutMs;
      default:
        return phase satisfies never;
    }
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

interface Written {
  readonly response: Response;
  readonly contentBytes: number;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
