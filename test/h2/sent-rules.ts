// What binds whoever sends, whatever is sent: each transcript holds each frame against it, in tests and under the fuzzer.
import assert from 'node:assert/strict';
import { clientPreface, type Frame, readFrames } from './frames.ts';

/** Fails for a frame that a server may not send. RFC 9113 §4 to §6. */
export class SentRules {
  /** What the client has sent and is no whole frame yet; its preface first. */
  #heard: Buffer = Buffer.alloc(0);
  #hasPreface = false;
  /** The highest stream that the client has used. */
  #used = 0;
  #initialBytes = 65_535;
  #windowBytes = 65_535;
  /** By stream, where it is not the initial one. */
  readonly #windows = new Map<number, number>();
  /** How far the answer of a stream is. */
  readonly #answers = new Map<number, 'begun' | 'ended' | 'reset'>();
  #isFirst = true;
  /** The stream of a field block that is not whole. */
  #block = 0;
  #last = 2 ** 31 - 1;

  /** Octets that the client has sent: they use streams and widen windows. */
  hear(bytes: Uint8Array): void {
    this.#heard = Buffer.concat([this.#heard, bytes]);
    if (!this.#hasPreface) {
      if (this.#heard.length < clientPreface.length) return;
      this.#hasPreface = true;
      this.#heard = this.#heard.subarray(clientPreface.length);
    }
    const { frames, rest } = readFrames(this.#heard);
    this.#heard = rest;
    for (const { type, flags, stream, payload } of frames) {
      const id = stream % 2 ** 31;
      if (type === 1) this.#used = Math.max(this.#used, id);
      if (type === 4 && (flags & 1) === 0) this.#apply(payload);
      if (type === 8 && payload.length === 4) this.#widen(id, payload.readUInt32BE() % 2 ** 31);
    }
  }

  /** A frame that the server sends. */
  check({ type, flags, stream, payload }: Frame): void {
    const { length } = payload;
    const form = forms[type];
    assert.ok(form !== undefined, `a frame of no type of ours: ${type}`);
    assert.equal(flags & ~form.flags, 0, `flags that mean nothing: ${flags} of type ${type}`);
    assert.ok(length <= 16_384, `a payload that is too large: ${length} octets`);
    assert.ok(form.isSize(length, flags), `a size that is not of its type: ${length} octets of type ${type}`);
    assert.ok(stream < 2 ** 31, 'the reserved bit is set');
    assert.ok(
      stream === 0 ? form.of !== 'stream' : form.of !== 'connection',
      `a frame that is not about a stream, or is: ${type} on stream ${stream}`,
    );
    assert.ok(
      stream === 0 || (stream % 2 === 1 && stream <= this.#used),
      `a stream that the client has not used: ${stream}`,
    );
    assert.equal(this.#isFirst, type === 4 && flags === 0, 'SETTINGS come first, and once');
    this.#isFirst = false;
    assert.ok(
      this.#block === 0 ? type !== 9 : type === 9 && stream === this.#block,
      `a frame within a field block, or CONTINUATION without one: ${type}`,
    );
    if (type === 1 || type === 9) this.#block = flags & 4 ? 0 : stream;
    if (type === 7) this.#goodbye(payload.readUInt32BE());
    if (type === 8)
      assert.ok(payload.readUInt32BE() > 0 && payload.readUInt32BE() < 2 ** 31, 'an increment of nothing');
    if (type === 0) this.#spend(stream, length);
    if (stream > 0) this.#proceed(type, flags, stream);
  }

  /** RFC 9113 §5.1: what follows on a stream. An interim answer comes before one that ends. */
  #proceed(type: number, flags: number, stream: number): void {
    const answer = this.#answers.get(stream);
    assert.notEqual(answer, 'reset', `a frame behind a reset of ours: ${type} on stream ${stream}`);
    if (type === 3) this.#answers.set(stream, 'reset');
    if (type > 1) return;
    assert.notEqual(answer, 'ended', `a frame behind the end of an answer: ${type} on stream ${stream}`);
    assert.ok(type === 1 || answer === 'begun', `DATA before HEADERS: on stream ${stream}`);
    this.#answers.set(stream, flags & 1 ? 'ended' : 'begun');
  }

  /** RFC 9113 §6.9.1: DATA of nothing needs no window. */
  #spend(stream: number, length: number): void {
    const windowBytes = this.#windows.get(stream) ?? this.#initialBytes;
    assert.ok(
      length === 0 || length <= windowBytes,
      `beyond the window of a stream: ${length} octets of ${windowBytes}`,
    );
    assert.ok(
      length === 0 || length <= this.#windowBytes,
      `beyond the window of all: ${length} octets of ${this.#windowBytes}`,
    );
    this.#windows.set(stream, windowBytes - length);
    this.#windowBytes -= length;
  }

  /** RFC 9113 §6.8. */
  #goodbye(last: number): void {
    assert.ok(last <= this.#last, `GOAWAY of a higher stream than before: ${last} after ${this.#last}`);
    this.#last = last;
  }

  /** RFC 9113 §6.9.2. */
  #apply(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== 4) continue;
      const initialBytes = payload.readUInt32BE(at + 2);
      for (const [stream, bytes] of this.#windows)
        this.#windows.set(stream, bytes + initialBytes - this.#initialBytes);
      this.#initialBytes = initialBytes;
    }
  }

  #widen(stream: number, by: number): void {
    if (stream === 0) this.#windowBytes += by;
    else this.#windows.set(stream, (this.#windows.get(stream) ?? this.#initialBytes) + by);
  }
}

/** By its type: the flags that we set, what it is about, and its size. We never pad, and never push. RFC 9113 §6. */
interface Form {
  readonly flags: number;
  readonly of: 'stream' | 'connection' | 'either';
  readonly isSize: (length: number, flags: number) => boolean;
}

const forms: Readonly<Record<number, Form>> = {
  0: { flags: 1, of: 'stream', isSize: () => true },
  1: { flags: 5, of: 'stream', isSize: () => true },
  3: { flags: 0, of: 'stream', isSize: length => length === 4 },
  4: { flags: 1, of: 'connection', isSize: (length, flags) => (flags ? length === 0 : length % 6 === 0) },
  6: { flags: 1, of: 'connection', isSize: length => length === 8 },
  7: { flags: 0, of: 'connection', isSize: length => length >= 8 },
  8: { flags: 0, of: 'either', isSize: length => length === 4 },
  9: { flags: 4, of: 'stream', isSize: () => true },
};
