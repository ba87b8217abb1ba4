import type { Socket } from 'node:net';
import { H2Connection, type H2Event, type H2Phase } from '../h2/connection.ts';
import type { HeadBlock } from '../h2/head-block.ts';
import type { AnswerContent } from '../h2/sender.ts';
import type { Origin } from '../http/forwarded.ts';
import type { RequestHead, Response } from '../http/message.ts';
import type { Handle } from './adopt.ts';
import { ContentSources } from './content-sources.ts';
import type { Driver, OpenDriver } from './driver.ts';
import { inFull } from './exchanges.ts';
import { H2Exchanges } from './h2-exchanges.ts';
import type { H2Means } from './h2-means.ts';
import { Outflow } from './outflow.ts';
import { lastResort, type Prepared, prepare, refused } from './prepare.ts';
import { type Body, discardBody, SendFailure } from './send.ts';
import { keepAnswer, originOf, type Service } from './service.ts';
import { Turns } from './turns.ts';
import { Seat, takePlace, type Waiting } from './waiting.ts';

type AnswerableEvent = Extract<H2Event, { kind: 'request' | 'violation' }>;

/**
 * The life of one HTTP/2 connection: moves bytes between its socket and the machine, answers what comes out, many requests
 * at a time, and times each phase. `sweep` is called by the owner now and then; the driver starts no timer of its own.
 */
class H2Driver implements Driver {
  readonly #socket: Socket;
  readonly #means: H2Means;
  readonly #service: Service;
  readonly #connection: H2Connection;
  readonly #waiting: Waiting<Driver>;
  readonly #seat: Seat<Driver> = new Seat<Driver>(this);
  readonly #peer: Origin;
  #phase: H2Phase | 'lingering' = 'head';
  #deadlineMs: number;
  readonly #sources: ContentSources;
  readonly #exchanges: H2Exchanges;
  #isPumping = false;
  readonly #outflow: Outflow;
  readonly #turns: Turns<AnswerableEvent>;
  #hasAnswered = false;
  /** Since when nothing was asked. */
  #idleSinceMs: number;
  #isDraining = false;
  #drainIdleMs = 0;
  #lingeredBytes = 0;

  /** The driver is a member of `waiting` while it waits for a request or for the rest of one. */
  constructor(socket: Socket, means: H2Means, waiting: Waiting<Driver>) {
    this.#socket = socket;
    this.#means = means;
    this.#service = means.service;
    this.#waiting = waiting;
    waiting.reading.join(this.#seat);
    this.#connection = new H2Connection(means.sharing);
    this.#turns = new Turns(({ stream }) => this.#connection.urgencyOf(stream));
    this.#sources = new ContentSources(means.service.buffers, this.#turns);
    const { stalledReaderTimeoutMs } = means.service.limits;
    this.#outflow = new Outflow(socket, means.sharing.chunks, stalledReaderTimeoutMs, () => this.#pump());
    this.#peer = { client: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 } };
    this.#exchanges = new H2Exchanges(means.service.observers, means.service.report);
    this.#idleSinceMs = performance.now();
    this.#deadlineMs = this.#idleSinceMs + means.service.limits.headTimeoutMs;
    socket.on('end', () => this.#receiveEnd());
    socket.on('error', () => {});
    socket.on('close', () => this.#giveUp());
    this.#pump();
  }

  /** See `Driver`. The client is told in two steps, so that no request is lost on its way: RFC 9113 §6.8. */
  drain(idleMs: number): void {
    this.#isDraining = true;
    this.#drainIdleMs = idleMs;
    if (this.#phase === 'lingering' && idleMs === 0) this.#socket.destroySoon();
    if (this.#phase === 'lingering') return;
    const isOver = this.#phase === 'idle' && idleMs === 0;
    this.#deadlineMs = Math.min(this.#deadlineMs, performance.now() + Math.max(idleMs, lastRequestMs));
    this.#tell(connection => (isOver ? connection.close() : connection.drain()));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The state of its tables cannot be handed on. */
  release(): Handle | undefined {
    return undefined;
  }

  leave(): void {
    this.#seat.leave();
  }

  sweep(nowMs: number): void {
    if (this.#socket.destroyed) return;
    if (this.#outflow.hasStalled(nowMs)) {
      this.#socket.destroy();
      return;
    }
    if (this.#phase === 'answering' || this.#phase === 'content')
      this.#tell(connection => connection.expire(nowMs));
    if (nowMs < this.#deadlineMs) return;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    switch (this.#phase) {
      case 'idle':
        this.#tell(connection => connection.close());
        return;
      case 'head':
        this.#tell(connection => connection.refuse('a frame or a field block was not complete in time'));
        return;
      case 'content':
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

  receive(bytes: Buffer): void {
    if (this.#phase === 'lingering') {
      this.#lingeredBytes += bytes.length;
      if (this.#lingeredBytes > this.#service.limits.lingerBytesMax) this.#socket.destroy();
      return;
    }
    this.#tell(connection => connection.receive(bytes, performance.now()));
  }

  #receiveEnd(): void {
    if (this.#phase === 'lingering') return;
    this.#tell(connection => {
      this.#sources.leave();
      connection.receiveEnd();
    });
  }

  /** Tells the machine of something, and does what it asks for then. */
  #tell(what: (connection: H2Connection) => void): void {
    try {
      what(this.#connection);
    } catch (error) {
      this.#fail(error);
    }
    this.#pump();
  }

  /** A bug that comes this far ends the connection. */
  #fail(error: unknown): void {
    this.#socket.destroy();
    this.#service.report(`bug: ${inFull(error)}`);
  }

  /** Does what the machine asks for and sends what it has, until it waits for bytes, answers or the reader. */
  #pump(): void {
    if (this.#isPumping || this.#phase === 'lingering' || this.#socket.destroyed) return;
    this.#isPumping = true;
    try {
      const nowMs = performance.now();
      let isEnded = this.#takeEvents(nowMs);
      for (let round = 1; !this.#outflow.isBlocked && this.#send(nowMs); round++) {
        isEnded = this.#takeEvents(nowMs);
        if (round < roundsAtOnceMax) continue;
        // Others have their turn.
        setImmediate(() => this.#pump());
        break;
      }
      if (isEnded && !this.#outflow.isBlocked) this.#finish();
      else this.#await(nowMs);
      this.#listen();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isPumping = false;
    }
  }

  /** Reads on, unless so much waits for the client that it shall take some of it before it asks for more. */
  #listen(): void {
    const isFull =
      this.#outflow.isBlocked && this.#connection.bufferedBytes > this.#service.limits.readAheadBytesMax;
    if (isFull === this.#socket.isPaused()) return;
    if (isFull) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Whether the connection is at its end. */
  #takeEvents(nowMs: number): boolean {
    const { held } = this.#connection;
    for (;;) {
      // For a reader who does not keep up nothing more is brought into memory yet.
      if (held.bytes >= heldBytesMax / 2 && this.#outflow.isBlocked && !this.#socket.destroyed) return false;
      const event = this.#connection.next();
      switch (event.kind) {
        case 'need-bytes':
          return false;
        case 'ended':
          return true;
        case 'request':
        case 'violation':
          if (event.kind === 'request' && this.#repeat(event.stream, event.head, nowMs)) break;
          this.#turns.add(event);
          this.#beginNext();
          break;
        case 'finished':
          this.#sources.close(event.stream);
          this.#beginNext();
          this.#exchanges.end(event.stream, event.outcome, event.contentBytes);
          break;
        default:
          event satisfies never;
      }
    }
  }

  /** Asks for pieces of contents and writes once; false when there was nothing to write. */
  #send(nowMs: number): boolean {
    for (let pull = this.#connection.pull(); pull !== undefined; pull = this.#connection.pull()) {
      const { stream, bytesMax } = pull;
      const piece = this.#sources.next(stream, bytesMax);
      if (piece === undefined) this.#connection.tear(stream);
      else if (piece instanceof Promise)
        piece.then(
          late => this.#tell(connection => connection.supply(stream, late.octets, late.isLast)),
          (error: unknown) => this.#tear(stream, error),
        );
      else this.#connection.supply(stream, piece.octets, piece.isLast);
    }
    const octets = this.#connection.take(nowMs);
    if (octets === undefined) return false;
    this.#outflow.write(octets, nowMs);
    return true;
  }

  /** The rest of a content cannot be had. */
  #tear(stream: number, error: unknown): void {
    const what = error instanceof SendFailure ? `${error.message}; stream reset` : `bug: ${inFull(error)}`;
    this.#service.report(`${this.#connection.targetOf(stream) ?? ''}: ${what}`);
    this.#tell(connection => connection.tear(stream));
  }

  /** Answers from memory; false when nothing is remembered. */
  #repeat(stream: number, head: RequestHead, nowMs: number): boolean {
    const { recall, clock } = this.#service;
    if (recall === undefined) return false;
    const origin = originOf(head, this.#peer, this.#service);
    const { held } = this.#connection;
    // What can leave makes room.
    if (held.bytes >= heldBytesMax / 2) this.#send(nowMs);
    const answer = recall.find(head, origin.client, nowMs);
    if (answer === undefined) return false;
    // Of a rare answer nobody else has the octets.
    if (answer.leavesLater && held.bytes + answer.contentBytes > heldBytesMax) return false;
    const bytes = answer.octets();
    const block = this.#means.repeatedHead(answer, bytes);
    if (block === undefined) return false;
    if (this.#exchanges.areObserved) {
      const { response } = answer;
      this.#exchanges.begin(stream, { response, head, origin, startedAtMs: clock.now(), startedMs: nowMs });
    }
    const content = { kind: 'bytes', bytes, isHeld: answer.leavesLater } as const;
    this.#connection.respond(stream, block, clock.date(nowMs), content);
    this.#hasAnswered = true;
    return true;
  }

  /** Begins to make the answers whose turn it is; others go on meanwhile. */
  #beginNext(): void {
    for (let event = this.#turns.next(); event !== undefined; event = this.#turns.next())
      this.#answer(event).then(
        () => {
          this.#turns.made();
          this.#beginNext();
          this.#pump();
        },
        (error: unknown) => this.#fail(error),
      );
  }

  async #answer(event: AnswerableEvent): Promise<void> {
    const { handler, clock } = this.#service;
    const startedAtMs = clock.now();
    const startedMs = performance.now();
    const { head, stream } = event;
    const origin = originOf(head, this.#peer, this.#service);
    const prepared =
      event.kind === 'request'
        ? await prepare(event.head, origin.client, this.#service)
        : refused(handler, head, event.status, event.why);
    const { response, isGone } = this.#respond(stream, prepared);
    this.#exchanges.begin(stream, { response, head, origin, startedAtMs, startedMs });
    if (isGone) this.#exchanges.end(stream, 'abandoned', 0);
    // What could not be written as it was is not kept either.
    if (head !== undefined && response === prepared.response)
      keepAnswer(head, origin.client, prepared, startedMs, this.#service);
    this.#hasAnswered = true;
  }

  /** Lines an answer up, and answers what it is and whether its stream still waits for it. */
  #respond(
    stream: number,
    { response, body }: Prepared,
  ): { readonly response: Response; readonly isGone: boolean } {
    let block: HeadBlock;
    try {
      block = this.#means.head(response);
    } catch (error) {
      // A feature made a field that cannot be written.
      discardBody(body);
      this.#service.report(`bug: ${inFull(error)}`);
      return this.#respond(stream, lastResort());
    }
    const date = this.#service.clock.date(performance.now());
    const sent = this.#connection.respond(stream, block, date, this.#contentOf(stream, body));
    if (sent !== 'content') this.#sources.close(stream);
    return { response, isGone: sent === 'nothing' };
  }

  #contentOf(stream: number, body: Body): AnswerContent {
    const isWhole = body.kind === 'bytes' && this.#connection.held.bytesWith(body.bytes) <= heldBytesMax;
    return isWhole ? { ...body, isHeld: true } : this.#sources.open(stream, body);
  }

  /** Notes what the machine waits for now and until when. */
  #await(nowMs: number): void {
    if (!this.#outflow.isBlocked) this.#exchanges.tellSent('completed');
    const { phase } = this.#connection;
    const isNew = phase !== this.#phase || (phase === 'idle' && this.#hasAnswered);
    if (this.#hasAnswered) this.#idleSinceMs = nowMs;
    this.#hasAnswered = false;
    if (!isNew) return;
    this.#enter(phase);
    this.#deadlineMs = this.#deadlineOf(phase, nowMs);
  }

  #deadlineOf(phase: H2Phase, nowMs: number): number {
    const { idleTimeoutMs, headTimeoutMs } = this.#service.limits;
    const drainMs = this.#isDraining ? Math.max(this.#drainIdleMs, lastRequestMs) : Number.POSITIVE_INFINITY;
    // Pings, however they are cut, do not keep a connection.
    if (phase === 'idle') return Math.min(this.#idleSinceMs + idleTimeoutMs, nowMs + drainMs);
    return phase === 'head' ? nowMs + Math.min(headTimeoutMs, drainMs) : Number.POSITIVE_INFINITY;
  }

  #enter(phase: H2Phase | 'lingering'): void {
    this.#phase = phase;
    takePlace(this.#seat, phase, this.#waiting);
  }

  /** Ends our side and reads on for a while: to close while a client takes its answer loses the rest. RFC 9112 §9.6. */
  #finish(): void {
    this.#exchanges.tellSent('completed');
    this.#enter('lingering');
    const { lingerTimeoutMs, stalledReaderTimeoutMs } = this.#service.limits;
    const { sentMs } = this.#connection;
    this.#deadlineMs = Math.max(performance.now() + lingerTimeoutMs, sentMs + stalledReaderTimeoutMs);
    this.#socket.end();
  }

  /** The connection is gone, and everything that was under way with it; what is still being made is for nobody. */
  #giveUp(): void {
    this.#exchanges.tellSent(this.#outflow.isBlocked ? 'aborted' : 'completed');
    const nowMs = performance.now();
    try {
      // What was not looked at yet is among those that wait then.
      this.#takeEvents(nowMs);
      for (const { stream, head } of this.#turns.clear())
        this.#exchanges.forgo(
          stream,
          head,
          originOf(head, this.#peer, this.#service),
          this.#service.clock.now(),
        );
      this.#connection.refuse('the connection is gone');
      this.#takeEvents(nowMs);
      const rest = this.#connection.take(nowMs);
      if (rest !== undefined) this.#means.sharing.chunks.release(rest);
    } catch (error) {
      this.#fail(error);
    }
    this.#sources.closeAll();
  }
}

/** What makes the drivers of a server's HTTP/2 connections. */
export function openH2(means: H2Means): OpenDriver {
  return (socket, _service, waiting) => new H2Driver(socket, means, waiting);
}

/** How long a stop waits for the rest of a request, and for the echo of its farewell. */
const lastRequestMs = 1000;

/** Octets of whole contents that streams of one connection hold at once, if others have not asked for the same. */
const heldBytesMax = 256 * 1024;
/** Writes that a connection has before others have theirs. */
const roundsAtOnceMax = 8;
