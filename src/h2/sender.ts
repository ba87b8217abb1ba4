import type { Budget } from './budget.ts';
import { widened } from './flow.ts';
import {
  errorCode,
  frameFlag,
  frameHeadBytes,
  frameType,
  payloadBytesMax,
  writeFrameHead,
  writeUint32,
} from './frame.ts';
import type { HeadBlock, Vocabulary } from './head-block.ts';
import { HeldOctets } from './held-octets.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import type { Chunks } from './output.ts';
import { Output } from './output.ts';
import type { Priority } from './priority.ts';
import { Scheduler } from './scheduler.ts';
import { initialSettings, type PeerSettings } from './settings.ts';
import type { Stream } from './stream.ts';

/** Octets of the table of field lines that answers use. */
const tableBytesMax = 4096;

/** So many octets of a DATA frame make a whole record of TLS with its head. */
const dataBytesMax: number = payloadBytesMax - frameHeadBytes;

/** Octets that were asked for or are there and wait: what a connection holds of large contents, whatever its windows do. */
const supplyBytesMax = 256 * 1024;

/** Octets of one piece of a content. */
const pieceBytesMax = 64 * 1024;

/** What the client does for so much is no abuse: it takes what we send, and says so. */
const earnedPerFrame = 3;
const usefulDataBytes = 512;

/** The content of an answer. 'pulled': the driver is asked for it piece by piece. */
export type AnswerContent =
  | { readonly kind: 'none' }
  /** `isHeld`: these octets may be nobody else's, and count as held for as long as the client does not take them. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly isHeld?: boolean }
  /** `isUnhurried`: a piece takes as long as it takes to be made, and holds nothing until it is. */
  | { readonly kind: 'pulled'; readonly isUnhurried?: boolean };

/** A piece of content that is wanted: of which stream, and so many octets at most. */
export interface Pull {
  readonly stream: number;
  readonly bytesMax: number;
}

/** Everything that leaves: frames in the order in which they were made, and contents as windows and priorities let them. */
export class Sender {
  readonly output: Output;
  readonly #encoder: HpackEncoder;
  readonly #control: Budget;
  readonly #whenSent: (stream: Stream) => void;
  /** With octets to send and a window for them. */
  readonly #ready: Scheduler = new Scheduler();
  /** With a window, and nothing to send yet. */
  readonly #hungry: Scheduler = new Scheduler();
  #settings: PeerSettings = initialSettings;
  /** Now, by the clock of whoever calls. */
  nowMs = 0;
  #windowBytes: number = initialSettings.initialWindowBytes;
  #sentMs = Number.NEGATIVE_INFINITY;
  /** Asked for or there, and not sent. */
  #supplyBytes = 0;
  /** Whole contents that count. */
  readonly held: HeldOctets = new HeldOctets();

  /** `control` is earned by what is sent; `whenSent` is told of each stream whose last octet was written. */
  constructor(vocabulary: Vocabulary, chunks: Chunks, control: Budget, whenSent: (stream: Stream) => void) {
    this.output = new Output(chunks);
    this.#encoder = new HpackEncoder(vocabulary, tableBytesMax);
    this.#control = control;
    this.#whenSent = whenSent;
  }

  /** What a new stream may send. */
  get initialWindowBytes(): number {
    return this.#settings.initialWindowBytes;
  }

  get settings(): PeerSettings {
    return this.#settings;
  }

  /** When the last octets of any content were sent. */
  get sentMs(): number {
    return this.#sentMs;
  }

  /** Since when a stream has waited for the client to widen its window or that of all; undefined while it does not. */
  blockedSinceMs(stream: Stream): number | undefined {
    const isOurs = stream.writing === 'none' || stream.askedBytes !== undefined;
    const hasWindow = stream.windowBytes > 0 && this.#windowBytes > 0;
    if (isOurs || hasWindow) return undefined;
    // What only waits for the window of all may be behind others, which the client takes.
    return stream.windowBytes > 0 ? Math.max(stream.sentMs, this.#sentMs) : stream.sentMs;
  }

  /** Takes new settings over; false when a window would become too large. RFC 9113 §6.9.2. */
  apply(settings: PeerSettings, streams: Iterable<Stream>): boolean {
    const by = settings.initialWindowBytes - this.#settings.initialWindowBytes;
    this.#settings = settings;
    this.#encoder.resize(settings.headerTableBytesLeast);
    this.#encoder.resize(settings.headerTableBytes);
    if (by === 0) return true;
    for (const stream of streams) if (!this.widen(stream, by)) return false;
    return true;
  }

  /** The connection may send so much more; false when that is too much. */
  widenAll(by: number): boolean {
    const wider = widened(this.#windowBytes, by);
    if (wider === undefined) return false;
    this.#windowBytes = wider;
    return true;
  }

  /** A stream may send so much more, or less; false when that is too much. */
  widen(stream: Stream, by: number): boolean {
    const wider = widened(stream.windowBytes, by);
    if (wider === undefined) return false;
    stream.windowBytes = wider;
    this.#place(stream);
    return true;
  }

  /** A stream is wanted sooner or later than before. */
  prioritise(stream: Stream, priority: Priority): void {
    this.#displace(stream);
    stream.priority = priority;
    this.#place(stream);
  }

  /** Writes the head of an answer, and lines up its content. */
  begin(stream: Stream, head: HeadBlock, date: string, content: AnswerContent): void {
    stream.sentMs = this.nowMs;
    const isEmpty = content.kind === 'none' || (content.kind === 'bytes' && content.bytes.length === 0);
    this.#writeHead(stream, head, date, isEmpty);
    if (isEmpty) {
      this.#sent(stream);
      return;
    }
    if (content.kind === 'bytes') {
      stream.writing = 'whole';
      stream.octets = content.bytes;
      stream.isLast = true;
      stream.isHeld = content.isHeld === true;
      if (stream.isHeld) this.held.add(content.bytes);
    } else {
      stream.writing = 'pulled';
      stream.isUnhurried = content.isUnhurried === true;
    }
    this.#place(stream);
  }

  /** The next piece of content that is wanted, if one is; each is asked for once. */
  pull(): Pull | undefined {
    if (this.#windowBytes <= 0 || this.#supplyBytes >= supplyBytesMax) return undefined;
    const stream = this.#hungry.next();
    if (stream === undefined) return undefined;
    this.#hungry.leave(stream);
    const bytesMax = Math.min(stream.windowBytes, this.#windowBytes, pieceBytesMax);
    stream.askedBytes = stream.isUnhurried ? 0 : bytesMax;
    this.#supplyBytes += stream.askedBytes;
    return { stream: stream.id, bytesMax };
  }

  /** A piece that was asked for, which stays as it is until the stream asks for another one. */
  supply(stream: Stream, octets: Uint8Array, isLast: boolean): void {
    this.#supplyBytes += octets.length - (stream.askedBytes as number);
    stream.askedBytes = undefined;
    stream.octets = octets;
    stream.sentBytes = 0;
    stream.isLast = isLast;
    if (octets.length > 0 || !isLast) {
      this.#place(stream);
      return;
    }
    // Needs no window: RFC 9113 §6.9.
    this.output.frame(frameType.data, frameFlag.endStream, stream.id, octets);
    this.#sent(stream);
  }

  /** A stream is gone: nothing more of it leaves. */
  drop(stream: Stream): void {
    this.#displace(stream);
    this.#letGo(stream);
    if (stream.writing !== 'pulled') return;
    this.#supplyBytes -= stream.askedBytes ?? stream.pendingBytes;
    stream.askedBytes = undefined;
  }

  /** Writes contents while there is room for them in this write. */
  fill(): void {
    while (this.#windowBytes > 0) {
      const stream = this.#ready.next();
      if (stream === undefined) return;
      const room = this.output.room - frameHeadBytes;
      const wanted = Math.min(stream.pendingBytes, stream.windowBytes, this.#windowBytes, dataBytesMax);
      // Never cut for want of room: a whole record of TLS waits for the next write.
      if (wanted > room) return;
      this.#writeData(stream, wanted);
    }
  }

  #writeData(stream: Stream, length: number): void {
    const from = stream.sentBytes;
    const isEnd = stream.isLast && length === stream.pendingBytes;
    const buffer = this.output.reserve(frameHeadBytes + length);
    const flags = isEnd ? frameFlag.endStream : 0;
    const at = writeFrameHead(buffer, this.output.length, length, frameType.data, flags, stream.id);
    buffer.set(
      length === stream.octets.length ? stream.octets : stream.octets.subarray(from, from + length),
      at,
    );
    this.output.advance(frameHeadBytes + length);
    stream.sentBytes += length;
    stream.contentBytes += length;
    stream.sentMs = this.nowMs;
    this.#sentMs = this.nowMs;
    stream.windowBytes -= length;
    this.#windowBytes -= length;
    if (stream.writing === 'pulled') this.#supplyBytes -= length;
    if (length >= usefulDataBytes) this.#control.earn(earnedPerFrame);
    if (isEnd) {
      this.#ready.leave(stream);
      this.#sent(stream);
    } else if (stream.pendingBytes === 0 || stream.windowBytes <= 0) this.#place(stream);
    else this.#ready.yieldTurn(stream);
  }

  #sent(stream: Stream): void {
    this.#control.earn(earnedPerFrame);
    this.#letGo(stream);
    this.#whenSent(stream);
  }

  #letGo(stream: Stream): void {
    if (stream.isHeld) this.held.remove(stream.octets);
    stream.isHeld = false;
  }

  /** Puts a stream where it waits now: for its turn, for octets, or for its window, which is in no queue. */
  #place(stream: Stream): void {
    const isPending = stream.pendingBytes > 0;
    const isHungry =
      stream.writing === 'pulled' && !isPending && !stream.isLast && stream.askedBytes === undefined;
    const wanted =
      stream.windowBytes <= 0 ? undefined : isPending ? this.#ready : isHungry ? this.#hungry : undefined;
    if (wanted?.has(stream)) return;
    this.#displace(stream);
    wanted?.join(stream);
  }

  #displace(stream: Stream): void {
    if (this.#ready.has(stream)) this.#ready.leave(stream);
    else if (this.#hungry.has(stream)) this.#hungry.leave(stream);
  }

  #writeHead(stream: Stream, head: HeadBlock, date: string, isEnd: boolean): void {
    const most = this.#encoder.bytesMaxOf(head);
    const buffer = this.output.reserve(frameHeadBytes + most);
    const start = this.output.length;
    const end = this.#encoder.write(head, date, buffer, start + frameHeadBytes);
    const length = end - start - frameHeadBytes;
    const flags = isEnd ? frameFlag.endStream : 0;
    if (length <= payloadBytesMax) {
      writeFrameHead(buffer, start, length, frameType.headers, flags | frameFlag.endHeaders, stream.id);
      this.output.advance(frameHeadBytes + length);
    } else this.#writeLongBlock(stream.id, flags, Buffer.from(buffer.subarray(start + frameHeadBytes, end)));
  }

  /** In several frames, which nothing may come between. RFC 9113 §6.10. */
  #writeLongBlock(stream: number, flags: number, block: Buffer): void {
    for (let at = 0; at < block.length; at += payloadBytesMax) {
      const piece = block.subarray(at, at + payloadBytesMax);
      const type = at === 0 ? frameType.headers : frameType.continuation;
      const end = at + piece.length === block.length ? frameFlag.endHeaders : 0;
      this.output.frame(type, (at === 0 ? flags : 0) | end, stream, piece);
    }
  }

  /** An interim answer: only its status. RFC 9110 §15.2. */
  writeInterim(stream: number, statusLine: Uint8Array): void {
    this.output.frame(frameType.headers, frameFlag.endHeaders, stream, statusLine);
  }

  writeReset(stream: number, code: number): void {
    this.output.frame(frameType.rstStream, 0, stream, words(code));
  }

  writeWindowUpdate(stream: number, increment: number): void {
    this.output.frame(frameType.windowUpdate, 0, stream, words(increment));
  }

  /** `lastStream` is the last one that was or may be answered; `why` is for people. RFC 9113 §6.8. */
  writeGoaway(lastStream: number, code: number = errorCode.noError, why = ''): void {
    const payload = Buffer.concat([words(lastStream), words(code), Buffer.from(why, 'latin1')]);
    this.output.frame(frameType.goaway, 0, 0, payload);
  }
}

function words(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  writeUint32(octets, 0, value);
  return octets;
}
