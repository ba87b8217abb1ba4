import type { Limits } from '../http/limits.ts';
import type { RequestHead } from '../http/message.ts';
import { Budget } from './budget.ts';
import { FieldBlocks } from './field-blocks.ts';
import { ReceiveWindow } from './flow.ts';
import {
  type ConnectionFault,
  connectionFault,
  errorCode,
  FrameReader,
  frameFlag,
  frameType,
  paddingOf,
  readUint31,
} from './frame.ts';
import { statusLine } from './head-block.ts';
import { defaultPriority, type Priority, readPriority } from './priority.ts';
import type { RequestReading, RequestRules } from './request.ts';
import type { Sender } from './sender.ts';
import { readSettings, settingBytes } from './settings.ts';
import { Stream } from './stream.ts';
import type { Ending, Streams } from './streams.ts';

/** What the receiver has to say. */
export interface Hearing {
  /** A request is whole. */
  readonly request: (stream: Stream, head: RequestHead) => void;
  /** A request is refused. */
  readonly violation: (stream: Stream, status: number, why: string) => void;
  /** A stream is gone. */
  readonly gone: (stream: Stream, ending: Ending) => void;
  /** The client will ask for nothing more, or has echoed our farewell. */
  readonly goodbye: () => void;
}

/** Frames are handed to what reads them; undefined: all is well. */
type Fault = ConnectionFault | undefined;

/** Holds what a client sends against the rules, and tells what comes of it. */
export class Receiver {
  readonly #limits: Limits;
  readonly #streams: Streams;
  readonly #sender: Sender;
  readonly #hearing: Hearing;
  readonly #reader: FrameReader = new FrameReader();
  readonly #blocks: FieldBlocks;
  readonly #window: ReceiveWindow = new ReceiveWindow();
  readonly #idleFrames: Budget;
  readonly #resets: Budget;
  /** What was said of streams that are not there yet. */
  readonly #priorities = new Map<number, Priority>();
  #prefaceRead = 0;
  #hasSettings = false;
  #nowMs = 0;
  /** The client's echo of a ping with this payload is its farewell. */
  farewell: Uint8Array | undefined;
  /** New streams are no longer taken. */
  isClosing = false;

  constructor(rules: RequestRules, streams: Streams, sender: Sender, idleFrames: Budget, hearing: Hearing) {
    this.#limits = rules.limits;
    this.#streams = streams;
    this.#sender = sender;
    this.#hearing = hearing;
    this.#idleFrames = idleFrames;
    this.#resets = new Budget(rules.limits.resetsMax, rules.limits.resetsMax / 30);
    this.#blocks = new FieldBlocks(rules);
  }

  /** Octets of what is not whole yet. */
  get heldBytes(): number {
    return this.#reader.heldBytes;
  }

  /** Whether something has begun that is not whole: the preface, a frame, a field block. */
  get isInTheMiddle(): boolean {
    return !this.#hasSettings || this.#reader.heldBytes > 0 || this.#blocks.stream > 0;
  }

  /** Reads all that is whole. A fault ends the connection. */
  receive(bytes: Uint8Array, nowMs: number): Fault {
    this.#nowMs = nowMs;
    let start = 0;
    while (this.#prefaceRead < preface.length && start < bytes.length)
      if (bytes[start++] !== preface[this.#prefaceRead++])
        return connectionFault('protocolError', 'not the preface of HTTP/2');
    this.#reader.receive(bytes, start);
    for (;;) {
      const got = this.#reader.next();
      if (got === 'more') return undefined;
      const fault = got === 'frame' ? this.#frame(this.#reader) : frameTooLong;
      if (fault === undefined) continue;
      this.#reader.clear();
      return fault;
    }
  }

  /** Gives up on a request whose content is still to come; it is answered, and what comes of it is dropped. */
  refuse(stream: Stream, status: number, why: string): void {
    stream.reading = refused;
    this.#hearing.violation(stream, status, why);
  }

  #frame(frame: FrameReader): Fault {
    const { type } = frame;
    if (!this.#hasSettings && (type !== frameType.settings || frame.flags & frameFlag.ack))
      return connectionFault('protocolError', 'the first frame is not SETTINGS');
    const { stream } = this.#blocks;
    if (stream > 0 && (type !== frameType.continuation || frame.stream !== stream))
      return connectionFault('protocolError', 'a frame within a field block');
    switch (type) {
      case frameType.data:
        return this.#data(frame);
      case frameType.headers:
        return this.#headers(frame);
      case frameType.priority:
        return this.#priority(frame);
      case frameType.rstStream:
        return this.#rstStream(frame);
      case frameType.settings:
        return this.#settings(frame);
      case frameType.pushPromise:
        return connectionFault('protocolError', 'a push from a client');
      case frameType.ping:
        return this.#ping(frame);
      case frameType.goaway:
        return this.#goaway(frame);
      case frameType.windowUpdate:
        return this.#windowUpdate(frame);
      case frameType.continuation:
        return this.#continuation(frame);
      case frameType.priorityUpdate:
        return this.#priorityUpdate(frame);
      default:
        // RFC 9113 §4.1: what is not known is passed over.
        return this.#idle();
    }
  }

  /** RFC 9113 §6.1. */
  #data(frame: FrameReader): Fault {
    const { stream: id, start, end } = frame;
    if (id === 0 || this.#streams.isIdle(id))
      return connectionFault('protocolError', 'DATA on a stream that is not open');
    const padding = paddingOf(frame);
    if (typeof padding !== 'number') return padding;
    const length = end - start;
    const increment = this.#window.drop(length);
    if (increment > 0) this.#sender.writeWindowUpdate(0, increment);
    const isEnd = (frame.flags & frameFlag.endStream) !== 0;
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.#late(id, 'DATA');
    if (stream.reading.kind === 'ended') return this.#reset(stream, errorCode.streamClosed);
    if (length - padding === 0 && !isEnd) {
      const fault = this.#idle();
      if (fault !== undefined) return fault;
    }
    if (stream.reading.kind === 'refused') return isEnd ? this.#endRefused(stream) : undefined;
    stream.heardMs = this.#nowMs;
    stream.receivedBytes += length - padding;
    if (stream.receivedBytes > this.#limits.drainedContentBytesMax) {
      this.refuse(stream, 413, 'more content than is read');
      return isEnd ? this.#endRefused(stream) : undefined;
    }
    const { declaredBytes = Number.POSITIVE_INFINITY } = stream.reading;
    if (stream.receivedBytes > declaredBytes) return this.#reset(stream, errorCode.protocolError);
    if (isEnd) return this.#end(stream);
    const wider = stream.receiveWindow.drop(length);
    if (wider > 0) this.#sender.writeWindowUpdate(id, wider);
    return undefined;
  }

  /** RFC 9113 §6.2. */
  #headers(frame: FrameReader): Fault {
    const { stream: id, flags, buffer } = frame;
    if (id % 2 === 0) return connectionFault('protocolError', 'HEADERS on a stream that no client opens');
    const padding = paddingOf(frame);
    if (typeof padding !== 'number') return padding;
    const start =
      frame.start + (flags & frameFlag.padded ? 1 : 0) + (flags & frameFlag.priority ? priorityBytes : 0);
    const end = frame.end - Math.max(0, padding - 1);
    if (start > end) return connectionFault('frameSizeError', 'HEADERS that is too short');
    const endsStream = (flags & frameFlag.endStream) !== 0;
    const octets = buffer.subarray(start, end);
    if (flags & frameFlag.endHeaders) return this.#block(id, endsStream, octets);
    return this.#blocks.begin(id, endsStream, octets);
  }

  /** RFC 9113 §6.10. */
  #continuation({ stream, flags, buffer, start, end }: FrameReader): Fault {
    if (this.#blocks.stream === 0) return connectionFault('protocolError', 'CONTINUATION of nothing');
    const { endsStream } = this.#blocks;
    const isEnd = (flags & frameFlag.endHeaders) !== 0;
    const block = this.#blocks.proceed(buffer.subarray(start, end), isEnd);
    return block instanceof Uint8Array ? this.#block(stream, endsStream, block) : block;
  }

  /** A whole field block: a request, or a trailer. Each is decoded, whoever wants it: RFC 9113 §4.3. */
  #block(id: number, endsStream: boolean, block: Uint8Array): Fault {
    const stream = this.#streams.get(id);
    if (stream !== undefined || !this.#streams.isIdle(id))
      return this.#trailer(id, stream, endsStream, block);
    const reading = this.#blocks.readRequest(block);
    if (reading.kind === 'connection-fault') return reading;
    // After the last GOAWAY what is new is not for us: RFC 9113 §6.8.
    if (this.isClosing) return void this.#streams.turnAway(id);
    this.#streams.use(id);
    if (this.#streams.size >= this.#limits.concurrentStreamsMax)
      return this.#refuseStream(id, errorCode.refusedStream);
    if (reading.kind === 'malformed') return this.#refuseStream(id, errorCode.protocolError);
    return this.#open(id, endsStream, reading);
  }

  #open(id: number, endsStream: boolean, reading: Exclude<RequestReading, { kind: 'malformed' }>): Fault {
    const { head } = reading;
    const declaredBytes = reading.kind === 'request' ? reading.declaredBytes : undefined;
    // Content was announced, and none follows: RFC 9113 §8.1.1.
    if (endsStream && declaredBytes) return this.#refuseStream(id, errorCode.protocolError);
    const said = this.#priorities.get(id);
    if (this.#priorities.size > 0) this.#priorities.delete(id);
    const priority = said ?? (reading.kind === 'request' ? reading.priority : undefined) ?? defaultPriority;
    const state = endsStream ? whole : { kind: 'content' as const, declaredBytes };
    const stream = new Stream(id, head, state, this.#sender.initialWindowBytes, priority, this.#nowMs);
    this.#streams.add(stream);
    if (reading.kind === 'violation') {
      if (!endsStream) stream.reading = refused;
      this.#hearing.violation(stream, reading.status, reading.why);
      return undefined;
    }
    if (endsStream) return this.#end(stream);
    if (declaredBytes !== undefined && declaredBytes > this.#limits.drainedContentBytesMax)
      this.refuse(stream, 413, 'more content than is read');
    else if (reading.isExpectant) this.#sender.writeInterim(id, statusLine(100));
    return undefined;
  }

  #trailer(id: number, stream: Stream | undefined, endsStream: boolean, block: Uint8Array): Fault {
    const trailer = this.#blocks.readTrailer(block);
    if ('kind' in trailer) return trailer;
    if (stream === undefined) return this.#late(id, 'HEADERS');
    if (stream.reading.kind === 'ended') return this.#reset(stream, errorCode.streamClosed);
    if (!endsStream || trailer.why !== undefined) return this.#reset(stream, errorCode.protocolError);
    return stream.reading.kind === 'refused' ? this.#endRefused(stream) : this.#end(stream);
  }

  /** The client has sent all of a request. */
  #end(stream: Stream): Fault {
    const { reading, head } = stream;
    const declaredBytes = reading.kind === 'content' ? reading.declaredBytes : undefined;
    // RFC 9113 §8.1.1.
    if (declaredBytes !== undefined && declaredBytes !== stream.receivedBytes)
      return this.#reset(stream, errorCode.protocolError);
    stream.reading = whole;
    if (head !== undefined) this.#hearing.request(stream, head);
    return undefined;
  }

  #endRefused(stream: Stream): Fault {
    stream.reading = whole;
    return undefined;
  }

  /** RFC 9113 §6.3: it is read for its size alone. */
  #priority({ stream: id, start, end }: FrameReader): Fault {
    if (id === 0) return connectionFault('protocolError', 'PRIORITY on no stream');
    if (end - start !== priorityBytes) {
      const stream = this.#streams.get(id);
      if (stream !== undefined) return this.#reset(stream, errorCode.frameSizeError);
      return connectionFault('frameSizeError', 'PRIORITY of the wrong size');
    }
    return this.#idle();
  }

  /** RFC 9113 §6.4. */
  #rstStream({ stream: id, start, end }: FrameReader): Fault {
    if (end - start !== 4) return connectionFault('frameSizeError', 'RST_STREAM of the wrong size');
    if (id === 0 || this.#streams.isIdle(id))
      return connectionFault('protocolError', 'RST_STREAM on a stream that is not open');
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.#idle();
    this.#hearing.gone(stream, 'ended');
    return this.#spendReset();
  }

  /** RFC 9113 §6.5. */
  #settings({ stream: id, flags, buffer, start, end }: FrameReader): Fault {
    const length = end - start;
    if (id !== 0) return connectionFault('protocolError', 'SETTINGS on a stream');
    if (length % settingBytes !== 0 || (flags & frameFlag.ack && length > 0))
      return connectionFault('frameSizeError', 'SETTINGS of the wrong size');
    if (flags & frameFlag.ack) return this.#idle();
    const settings = readSettings(this.#sender.settings, buffer, start, end);
    if ('kind' in settings) return settings;
    if (!this.#sender.apply(settings, this.#streams.open))
      return connectionFault('flowControlError', 'an initial window that makes others too large');
    this.#hasSettings = true;
    this.#sender.output.frame(frameType.settings, frameFlag.ack, 0, noOctets);
    return this.#idle();
  }

  /** RFC 9113 §6.7. */
  #ping({ stream: id, flags, buffer, start, end }: FrameReader): Fault {
    if (id !== 0) return connectionFault('protocolError', 'PING on a stream');
    if (end - start !== 8) return connectionFault('frameSizeError', 'PING of the wrong size');
    const payload = buffer.subarray(start, end);
    if ((flags & frameFlag.ack) === 0) this.#sender.output.frame(frameType.ping, frameFlag.ack, 0, payload);
    else if (this.farewell?.every((octet, at) => octet === payload[at])) {
      this.farewell = undefined;
      this.#hearing.goodbye();
    }
    return this.#idle();
  }

  /** RFC 9113 §6.8. */
  #goaway({ stream: id, start, end }: FrameReader): Fault {
    if (id !== 0) return connectionFault('protocolError', 'GOAWAY on a stream');
    if (end - start < 8) return connectionFault('frameSizeError', 'GOAWAY that is too short');
    this.#hearing.goodbye();
    return this.#idle();
  }

  /** RFC 9113 §6.9. */
  #windowUpdate({ stream: id, buffer, start, end }: FrameReader): Fault {
    if (end - start !== 4) return connectionFault('frameSizeError', 'WINDOW_UPDATE of the wrong size');
    const increment = readUint31(buffer, start);
    if (id === 0) {
      if (increment === 0) return connectionFault('protocolError', 'WINDOW_UPDATE of nothing');
      if (!this.#sender.widenAll(increment)) return connectionFault('flowControlError', 'too large a window');
      return this.#idle();
    }
    if (this.#streams.isIdle(id)) return connectionFault('protocolError', 'WINDOW_UPDATE on an idle stream');
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.#idle();
    if (increment === 0) return this.#reset(stream, errorCode.protocolError);
    if (!this.#sender.widen(stream, increment)) return this.#reset(stream, errorCode.flowControlError);
    return this.#idle();
  }

  /** RFC 9218 §7.1. */
  #priorityUpdate({ stream: id, buffer, start, end }: FrameReader): Fault {
    if (id !== 0) return connectionFault('protocolError', 'PRIORITY_UPDATE on a stream');
    if (end - start < 4) return connectionFault('frameSizeError', 'PRIORITY_UPDATE that is too short');
    const meant = readUint31(buffer, start);
    if (meant % 2 === 0) return connectionFault('protocolError', 'PRIORITY_UPDATE of no request');
    const text = Buffer.from(buffer.buffer, buffer.byteOffset + start + 4, end - start - 4);
    const stream = this.#streams.get(meant);
    if (stream !== undefined) this.#sender.prioritise(stream, readPriority(text.toString('latin1')));
    else if (this.#streams.isIdle(meant) && this.#priorities.size < this.#limits.concurrentStreamsMax)
      this.#priorities.set(meant, readPriority(text.toString('latin1')));
    return this.#idle();
  }

  /** A frame on a stream that has ended. What was on its way when we reset it means nothing. RFC 9113 §5.1. */
  #late(id: number, what: string): Fault {
    switch (this.#streams.endingOf(id)) {
      case 'reset-by-us':
        return this.#idle();
      case 'ended':
        return connectionFault('streamClosed', `${what} on a stream that has ended`);
      default:
        return connectionFault('protocolError', `${what} on a stream that was passed over`);
    }
  }

  /** Ends a stream for what the client did with it. RFC 9113 §5.4.2. */
  #reset(stream: Stream, code: number): Fault {
    this.#sender.writeReset(stream.id, code);
    this.#hearing.gone(stream, 'reset-by-us');
    return this.#spendReset();
  }

  /** Ends a stream before it is one. */
  #refuseStream(id: number, code: number): Fault {
    this.#sender.writeReset(id, code);
    this.#streams.close(id, 'reset-by-us', false);
    return this.#spendReset();
  }

  /** Requests that come to nothing, by the client's will or its fault: CVE-2023-44487, CVE-2025-8671. */
  #spendReset(): Fault {
    return this.#resets.spend(this.#nowMs) ? undefined : tooManyResets;
  }

  /** A frame that brings nobody forward: CVE-2019-9512, 9515, 9517, 9518. */
  #idle(): Fault {
    return this.#idleFrames.spend(this.#nowMs) ? undefined : tooManyIdleFrames;
  }
}

const preface: Uint8Array = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const frameTooLong = connectionFault('frameSizeError', 'a frame that is too long');
const tooManyResets = connectionFault('enhanceYourCalm', 'too many requests that come to nothing');
const tooManyIdleFrames = connectionFault('enhanceYourCalm', 'too many frames that bring nobody forward');
const refused = { kind: 'refused' } as const;
const whole = { kind: 'ended' } as const;

const priorityBytes = 5;
const noOctets = new Uint8Array(0);
