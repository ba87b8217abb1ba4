import assert from 'node:assert/strict';
import type { H2Connection, H2Event, H2Sharing } from '../../src/h2/connection.ts';
import { HeadBlock, Vocabulary } from '../../src/h2/head-block.ts';
import { HpackDecoder } from '../../src/h2/hpack-decoder.ts';
import { Chunks } from '../../src/h2/output.ts';
import { defaultLimits, type Limits } from '../../src/http/limits.ts';
import type { Response, StreamContent } from '../../src/http/message.ts';
import { type Frame, readFrames } from './frames.ts';
import { SentRules } from './sent-rules.ts';

/** A content whose length nobody knows, and of which nothing is made here. */
export const unknownLength: StreamContent = {
  kind: 'stream',
  length: undefined,
  bytesHeld: 0,
  chunks: async function* () {},
};

/** What connections of a test share. */
export function sharing(limits: Partial<Limits> = {}): H2Sharing {
  return {
    limits: { ...defaultLimits, ...limits },
    scheme: 'http',
    vocabulary: new Vocabulary(),
    chunks: new Chunks(),
    tellsEveryEnd: false,
  };
}

/** What the other end sees of a connection, in words; also answers what is asked. */
export class Transcript {
  readonly connection: H2Connection;
  readonly lines: string[] = [];
  readonly #sharing: H2Sharing;
  readonly #rules = new SentRules();
  readonly #decoder = new HpackDecoder(4096, { bytesMax: 1e6, linesMax: 1000 });
  #received: Buffer = Buffer.alloc(0);
  #isFirst = true;
  /** Of a head that is not whole, or was the last. */
  #head = '';
  #fragments: Buffer[] = [];
  #pieces = 0;
  nowMs = 0;

  constructor(connection: H2Connection, shared: H2Sharing) {
    this.connection = connection;
    this.#sharing = shared;
  }

  /** Gives the connection some octets, and goes on until it needs more. */
  receive(bytes: Uint8Array): void {
    this.hear(bytes);
    this.pump();
  }

  /** Gives the connection some octets, and no more. */
  hear(bytes: Uint8Array): void {
    this.#rules.hear(bytes);
    // The caller's buffer is used again at once, as the driver's is.
    const lent = Uint8Array.from(bytes);
    this.connection.receive(lent, this.nowMs);
    lent.fill(0x21);
  }

  /** Answers what is to be answered, and takes what is to be sent. */
  pump(): void {
    for (;;) {
      const event = this.connection.next();
      if (event.kind === 'need-bytes' || event.kind === 'ended') break;
      this.#note(event);
    }
    for (;;) {
      const pull = this.connection.pull();
      if (pull !== undefined)
        this.connection.supply(pull.stream, new Uint8Array(pull.bytesMax), ++this.#pieces % 3 === 0);
      if (!this.take() && pull === undefined) return;
    }
  }

  /** Notes what leaves in one write; false when nothing does. */
  take(): boolean {
    const octets = this.connection.take(this.nowMs);
    if (octets === undefined) return false;
    const { frames, rest } = readFrames(Buffer.concat([this.#received, octets]));
    this.#sharing.chunks.release(octets);
    this.#received = rest;
    for (const read of frames) this.#show(read);
    return true;
  }

  #note(event: Exclude<H2Event, { kind: 'need-bytes' | 'ended' }>): void {
    switch (event.kind) {
      case 'request': {
        const { method, target, authority = 'nobody' } = event.head;
        this.lines.push(`request ${event.stream} ${method} ${target} at ${authority}`);
        this.#answer(event.stream, 200, target);
        break;
      }
      case 'violation':
        this.lines.push(`violation ${event.stream} ${event.status}: ${event.why}`);
        this.#answer(event.stream, event.status, '');
        break;
      case 'finished':
        this.lines.push(`finished ${event.stream} ${event.outcome} ${event.contentBytes}`);
        break;
      default:
        event satisfies never;
    }
  }

  /** `/bytes/5` has five octets of content, `/pulled` some pieces. */
  #answer(stream: number, status: number, target: string): void {
    if (target === '/later') return;
    const length = Number(/^\/bytes\/(\d+)$/.exec(target)?.[1] ?? 0);
    const bytes = new Uint8Array(length);
    const response: Response = { status, fields: [], content: { kind: 'bytes', bytes } };
    const content = target === '/pulled' ? ({ kind: 'pulled' } as const) : response.content;
    const head = new HeadBlock(response, this.#sharing.vocabulary);
    assert.ok(content.kind === 'bytes' || content.kind === 'pulled');
    this.connection.respond(stream, head, 'Mon, 23 Nov 2026 02:00:00 GMT', content);
  }

  #show(read: Frame): void {
    const { type, flags, stream, payload } = read;
    this.#rules.check(read);
    const isEnd = flags & 1 ? ' END_STREAM' : '';
    if (this.#isFirst) {
      this.#isFirst = false;
      return;
    }
    switch (type) {
      case 0:
        this.lines.push(`> DATA ${stream}${isEnd} ${payload.length}`);
        break;
      case 1:
        this.#head = `> HEADERS ${stream}${isEnd}`;
        this.#fragments = [];
        this.#showBlock(flags, payload);
        break;
      case 3:
        this.lines.push(`> RST_STREAM ${stream} ${codes[payload.readUInt32BE()]}`);
        break;
      case 4:
        this.lines.push('> SETTINGS ack');
        break;
      case 6:
        this.lines.push(`> PING ${flags & 1 ? 'ack ' : ''}${payload.toString('hex')}`);
        break;
      case 7: {
        const [last, code] = [payload.readUInt32BE(), codes[payload.readUInt32BE(4)]];
        this.lines.push(`> GOAWAY ${last} ${code} ${payload.toString('latin1', 8)}`.trimEnd());
        break;
      }
      case 8:
        this.lines.push(`> WINDOW_UPDATE ${stream} ${payload.readUInt32BE()}`);
        break;
      case 9:
        this.#showBlock(flags, payload);
        break;
    }
  }

  #showBlock(flags: number, fragment: Buffer): void {
    this.#fragments.push(fragment);
    if ((flags & 4) === 0) return;
    const block = this.#decoder.decode(Buffer.concat(this.#fragments));
    assert.ok(block.kind === 'block', JSON.stringify(block));
    this.lines.push(`${this.#head} ${block.lines[0]?.[1]}`);
  }
}

const codes: Readonly<Record<number, string>> = {
  0: 'NO_ERROR',
  1: 'PROTOCOL_ERROR',
  2: 'INTERNAL_ERROR',
  3: 'FLOW_CONTROL_ERROR',
  5: 'STREAM_CLOSED',
  6: 'FRAME_SIZE_ERROR',
  7: 'REFUSED_STREAM',
  8: 'CANCEL',
  9: 'COMPRESSION_ERROR',
  11: 'ENHANCE_YOUR_CALM',
};
