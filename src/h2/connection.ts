/**
 * h2/: the wire form of HTTP/2 (RFC 9113) as a machine of values. Bytes go in with `receive`, events come out of
 * `next`, `respond` lines an answer up, and `take` gives the bytes that leave. No socket, timer or clock here. Inside,
 * `frame.ts` cuts what is received; `field-blocks.ts`, `hpack-decoder.ts` and `request.ts` read heads; `receiver.ts` holds
 * frames against the rules; `sender.ts` writes, by `head-block.ts`, `hpack-encoder.ts` and `scheduler.ts`.
 */
import { mayHaveContent } from '../http/answer-head.ts';
import type { Limits } from '../http/limits.ts';
import type { RequestHead } from '../http/message.ts';
import { Budget } from './budget.ts';
import { type ConnectionFault, errorCode, frameType } from './frame.ts';
import type { HeadBlock, Vocabulary } from './head-block.ts';
import type { HeldOctets } from './held-octets.ts';
import type { Chunks } from './output.ts';
import { urgencies } from './priority.ts';
import { Receiver } from './receiver.ts';
import type { RequestRules } from './request.ts';
import { type AnswerContent, type Pull, Sender } from './sender.ts';
import { settingsPayload } from './settings.ts';
import type { Stream } from './stream.ts';
import { type Ending, Streams } from './streams.ts';

/** What the connection wants its driver to do now. */
export type H2Event =
  /** Nothing to do until more is received. */
  | { readonly kind: 'need-bytes' }
  /** A whole request was read and its content dropped. Answer it with `respond`, when and in which order you like. */
  | { readonly kind: 'request'; readonly stream: number; readonly head: RequestHead }
  /** A request broke a rule. Answer with `respond`; the connection goes on. */
  | {
      readonly kind: 'violation';
      readonly stream: number;
      readonly status: number;
      readonly why: string;
      readonly head: RequestHead | undefined;
    }
  /**
   * An answer has been written to its end, or never will be: what its content was pulled from can be closed. Comes for
   * contents that are pulled, and for all when the driver wants to know.
   */
  | {
      readonly kind: 'finished';
      readonly stream: number;
      readonly outcome: 'sent' | 'abandoned';
      readonly contentBytes: number;
    }
  /** No further request will come and every answer was taken; end the connection. */
  | { readonly kind: 'ended' };

/** What the machine is waiting for; the driver chooses its time-out by it. */
export type H2Phase = 'idle' | 'head' | 'content' | 'answering' | 'ended';

/** What connections share. */
export interface H2Sharing extends RequestRules {
  readonly vocabulary: Vocabulary;
  readonly chunks: Chunks;
  /** Whether the end of every answer is told, and not only that of a content that was pulled. */
  readonly tellsEveryEnd: boolean;
}

/** Where a connection is in its end: RFC 9113 §6.8. */
type Ebb = 'none' | 'announced' | 'closing' | 'ended';

/** One connection's HTTP/2, from the first octet received to the last answer. */
export class H2Connection {
  readonly #limits: Limits;
  readonly #tellsEveryEnd: boolean;
  readonly #streams = new Streams();
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  #events: H2Event[] = [];
  #eventsTaken = 0;
  #ebb: Ebb = 'none';
  /** The client has ended its sending. */
  #hasEnd = false;
  #fault: ConnectionFault | undefined;

  constructor(sharing: H2Sharing) {
    const { limits, vocabulary, chunks, tellsEveryEnd } = sharing;
    this.#limits = limits;
    this.#tellsEveryEnd = tellsEveryEnd;
    const idleFrames = new Budget(limits.idleFramesMax, limits.idleFramesMax / 30);
    this.#sender = new Sender(vocabulary, chunks, idleFrames, stream => this.#finish(stream));
    this.#receiver = new Receiver(sharing, this.#streams, this.#sender, idleFrames, {
      request: ({ id }, head) => this.#events.push({ kind: 'request', stream: id, head }),
      violation: ({ id, head }, status, why) =>
        this.#events.push({ kind: 'violation', stream: id, status, why, head }),
      gone: (stream, ending) => this.#abandon(stream, ending),
      goodbye: () => this.#close(),
    });
    const settings = settingsPayload(limits.concurrentStreamsMax, limits.fieldSectionBytesMax);
    this.#sender.output.frame(frameType.settings, 0, 0, settings);
  }

  /** Takes octets as they come; they are the caller's again when this returns. `nowMs` is of a clock that is never set back. */
  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.#ebb === 'ended') return;
    this.#sender.nowMs = nowMs;
    const fault = this.#receiver.receive(bytes, nowMs);
    if (fault !== undefined) this.#fail(fault);
  }

  /** The client will send nothing further; what it has asked for is still answered, as far as its windows reach. */
  receiveEnd(): void {
    if (this.#ebb !== 'ended') this.#close();
    this.#hasEnd = true;
    for (const stream of [...this.#streams.open])
      if (stream.reading.kind === 'content') this.#abandon(stream, 'ended');
    this.#abandonBlocked();
  }

  /** What to do now. */
  next(): H2Event {
    while (this.#eventsTaken < this.#events.length) {
      const event = this.#events[this.#eventsTaken++] as H2Event;
      if (this.#eventsTaken === this.#events.length) {
        this.#events = [];
        this.#eventsTaken = 0;
      }
      if (event.kind !== 'request' && event.kind !== 'violation') return event;
      const stream = this.#streams.get(event.stream);
      // Whoever has taken a request back before anybody looked at it is owed nothing.
      if (stream === undefined) continue;
      stream.isTold = true;
      return event;
    }
    const isOver = this.#ebb === 'closing' && this.#streams.size === 0;
    return isOver || this.#ebb === 'ended' ? ended : needBytes;
  }

  /**
   * Answers a request; `date` is the IMF-fixdate of now. 'head': its content is not sent, because the request was a HEAD or
   * the status has none; 'nothing': the stream is gone. For each request this is called once, whatever became of its stream.
   */
  respond(id: number, head: HeadBlock, date: string, content: AnswerContent): 'content' | 'head' | 'nothing' {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      if (this.#ebb !== 'ended') this.#streams.settle();
      return 'nothing';
    }
    if (!stream.isTold || stream.isAnswered) throw new Error('respond() without a request');
    stream.isAnswered = true;
    const hasContent = mayHaveContent(stream.head?.method, head.status);
    this.#sender.begin(stream, head, date, hasContent ? content : noContent);
    return hasContent ? 'content' : 'head';
  }

  /** The target of a request that is open, for reports. */
  targetOf(id: number): string | undefined {
    return this.#streams.get(id)?.head?.target;
  }

  /** How soon the answer to a request is wanted, as the client says now; 7 when it is not wanted any more. RFC 9218 §4.1. */
  urgencyOf(id: number): number {
    return this.#streams.get(id)?.priority.urgency ?? urgencies - 1;
  }

  /** The whole contents that count as held for streams. */
  get held(): Pick<HeldOctets, 'bytes' | 'bytesWith'> {
    return this.#sender.held;
  }

  /** The next piece of a content that is wanted now; undefined when none is. Each has to be supplied, or its answer torn. */
  pull(): Pull | undefined {
    return this.#sender.pull();
  }

  /** A piece that was asked for; its octets stay as they are until the next one is. False when nobody waits for it any more. */
  supply(id: number, octets: Uint8Array, isLast: boolean): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined) return false;
    this.#sender.supply(stream, octets, isLast);
    return true;
  }

  /** The rest of an answer cannot be sent: the client is told that it is incomplete. RFC 9113 §8.1. */
  tear(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#sender.writeReset(id, errorCode.internalError);
    this.#abandon(stream, 'reset-by-us');
  }

  /**
   * Octets to be sent now, as many as leave in one write; undefined when there are none. They are the caller's until it
   * gives them back to the chunks.
   */
  take(nowMs: number): Buffer | undefined {
    this.#sender.nowMs = nowMs;
    if (this.#ebb !== 'ended') this.#sender.fill();
    if (this.#hasEnd) this.#abandonBlocked();
    return this.#sender.output.take();
  }

  /**
   * Lets the client send what is on its way, answers that, and ends. It is told in two steps, so that no request is lost
   * that crosses the first: RFC 9113 §6.8.
   */
  drain(): void {
    if (this.#ebb !== 'none') return;
    this.#ebb = 'announced';
    this.#sender.writeGoaway(lastStreamMax);
    this.#sender.output.frame(frameType.ping, 0, 0, farewell);
    this.#receiver.farewell = farewell;
  }

  /** Ends after the answers under way; what comes from now on is not answered. */
  close(): void {
    this.#close();
  }

  /** Gives up on a client that takes too long with a frame or a field block: the next event is the end. */
  refuse(why: string): void {
    this.#fail({ kind: 'connection-fault', code: errorCode.enhanceYourCalm, why });
  }

  /** Gives up on requests whose content takes too long (408), and on answers that nobody takes. */
  expire(nowMs: number): void {
    this.#sender.nowMs = nowMs;
    const { contentTimeoutMs, contentTotalTimeoutMs, stalledReaderTimeoutMs } = this.#limits;
    for (const stream of [...this.#streams.open]) {
      const isLate =
        nowMs - stream.openedMs >= contentTotalTimeoutMs || nowMs - stream.heardMs >= contentTimeoutMs;
      if (isLate && stream.reading.kind === 'content')
        this.#receiver.refuse(stream, 408, 'the request content did not arrive in time');
      const sinceMs = this.#sender.blockedSinceMs(stream);
      if (sinceMs === undefined || nowMs - sinceMs < stalledReaderTimeoutMs) continue;
      this.#sender.writeReset(stream.id, errorCode.cancel);
      this.#abandon(stream, 'reset-by-us');
    }
  }

  /** What the machine is waiting for. */
  get phase(): H2Phase {
    if (this.#ebb === 'ended') return 'ended';
    let isReceiving = false;
    for (const stream of this.#streams.open) {
      if (stream.reading.kind !== 'content') return 'answering';
      isReceiving = true;
    }
    if (this.#streams.owed > 0) return 'answering';
    // Content has a time of its own, in whatever pieces its frames come.
    if (isReceiving) return 'content';
    return this.#receiver.isInTheMiddle ? 'head' : 'idle';
  }

  /** The rule that the client broke, when that has ended the connection. */
  get fault(): ConnectionFault | undefined {
    return this.#fault;
  }

  /** When octets of a content were taken last; before everything when none were, or the client broke a rule. */
  get sentMs(): number {
    return this.#fault === undefined ? this.#sender.sentMs : Number.NEGATIVE_INFINITY;
  }

  /** Octets received and not yet understood, and those that wait to be taken. */
  get bufferedBytes(): number {
    return this.#receiver.heldBytes + this.#sender.output.length;
  }

  /** Nobody will widen the windows that these answers wait for. */
  #abandonBlocked(): void {
    for (const stream of [...this.#streams.open])
      if (this.#sender.blockedSinceMs(stream) !== undefined) this.#abandon(stream, 'ended');
  }

  /** The last octet of an answer was written. */
  #finish(stream: Stream): void {
    this.#tellEnd(stream, 'sent');
    if (stream.reading.kind === 'ended') {
      this.#streams.close(stream.id, 'ended', false);
      return;
    }
    // The client need not send the rest: RFC 9113 §8.1.
    this.#sender.writeReset(stream.id, errorCode.noError);
    this.#streams.close(stream.id, 'reset-by-us', false);
  }

  /** A stream is gone before its answer was whole. */
  #abandon(stream: Stream, ending: Ending): void {
    this.#sender.drop(stream);
    this.#streams.close(stream.id, ending, stream.isTold && !stream.isAnswered);
    if (stream.isAnswered) this.#tellEnd(stream, 'abandoned');
  }

  #tellEnd({ id, writing, contentBytes }: Stream, outcome: 'sent' | 'abandoned'): void {
    if (!this.#tellsEveryEnd && writing !== 'pulled') return;
    this.#events.push({ kind: 'finished', stream: id, outcome, contentBytes });
  }

  #close(): void {
    if (this.#ebb === 'closing' || this.#ebb === 'ended') return;
    this.#ebb = 'closing';
    this.#receiver.isClosing = true;
    this.#sender.writeGoaway(this.#streams.last);
  }

  /** RFC 9113 §5.4.1. */
  #fail(fault: ConnectionFault): void {
    if (this.#ebb === 'ended') return;
    this.#fault = fault;
    this.#ebb = 'ended';
    this.#sender.writeGoaway(this.#streams.last, fault.code, fault.why);
    for (const stream of [...this.#streams.open]) this.#abandon(stream, 'ended');
    this.#streams.clear();
  }
}

const needBytes: H2Event = { kind: 'need-bytes' };
const ended: H2Event = { kind: 'ended' };
const noContent: AnswerContent = { kind: 'none' };
const lastStreamMax: number = 2 ** 31 - 1;
/** What a ping of ours says, for its echo to be known. */
const farewell: Uint8Array = Buffer.from('farewell', 'latin1');
