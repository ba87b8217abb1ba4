import { type Piece, pieceLength, StreamFailure } from '../http/message.ts';
import type { OpenFile, Soon } from '../store/store.ts';
import { GrowthFailure } from './growth.ts';
import type { ReadBuffers } from './read-buffers.ts';
import {
  type Body,
  confirmUnchanged,
  discardBody,
  readExactly,
  SendFailure,
  type StreamBody,
} from './send.ts';

/** Octets of a content, the caller's until it asks for further ones. */
interface SourcePiece {
  readonly octets: Uint8Array;
  readonly isLast: boolean;
}

/** A content that is given piece by piece, as fast as its reader asks. */
export interface ContentSource {
  /** Whether a piece takes as long as it takes to be made. */
  readonly isUnhurried: boolean;
  /** Whether it holds a file or memory of its own, so that one client may have so many at once. */
  readonly isHolding: boolean;
  /**
   * The next piece, of at most `bytesMax` octets, at once when it is there at once. Rejects with SendFailure when
   * the rest cannot be had; then what was given is incomplete.
   */
  next(bytesMax: number): Soon<SourcePiece>;
  /** The client will ask for nothing more: what has no end of its own ends. */
  leave(): void;
  /** Gives back what it holds; called once, at the end or before. */
  close(): void;
}

/** What gives the content of a body. */
export function contentSource(body: Body, buffers: ReadBuffers): ContentSource {
  switch (body.kind) {
    case 'bytes':
      return new HeldSource(body.bytes);
    case 'file':
      return new FileSource(body.file, body.pieces, buffers);
    case 'growing':
      return new MadeSource(
        () => body.growth.octets(),
        { length: undefined, bytesHeld: 0 },
        () => {},
      );
    case 'stream':
      return new MadeSource(body.chunks, body, () => discardBody(body));
    default:
      return body satisfies never;
  }
}

/** Octets in memory. */
class HeldSource implements ContentSource {
  readonly isUnhurried = false;
  readonly isHolding = true;
  #rest: Uint8Array;

  constructor(octets: Uint8Array) {
    this.#rest = octets;
  }

  next(bytesMax: number): SourcePiece {
    const octets = this.#rest.subarray(0, bytesMax);
    this.#rest = this.#rest.subarray(bytesMax);
    return { octets, isLast: this.#rest.length === 0 };
  }

  leave(): void {}

  close(): void {
    this.#rest = noOctets;
  }
}

/** Parts of a file, and octets between them. Holds one buffer. */
class FileSource implements ContentSource {
  readonly isUnhurried = false;
  readonly isHolding = true;
  readonly #file: OpenFile;
  readonly #pieces: readonly Piece[];
  readonly #buffers: ReadBuffers;
  #buffer: Buffer | undefined;
  #index = 0;
  /** Octets of the piece under way that were given. */
  #given = 0;
  #isReading = false;
  #isClosed = false;

  constructor(file: OpenFile, pieces: readonly Piece[], buffers: ReadBuffers) {
    this.#file = file;
    this.#pieces = pieces.filter(piece => pieceLength(piece) > 0);
    this.#buffers = buffers;
  }

  next(bytesMax: number): Soon<SourcePiece> {
    const piece = this.#pieces[this.#index];
    if (piece === undefined) return { octets: noOctets, isLast: true };
    const from = this.#given;
    const { content } = this.#file;
    const kept = piece instanceof Uint8Array ? piece : content?.subarray(piece.first, piece.last + 1);
    if (kept === undefined) return this.#read(piece as Exclude<Piece, Uint8Array>, from, bytesMax);
    // What is more than was asked for would count as held for a client that may not take it yet.
    const octets = kept.subarray(from, from + bytesMax);
    return { octets, isLast: this.#goOn(piece, octets.length) };
  }

  leave(): void {}

  close(): void {
    this.#isClosed = true;
    if (!this.#isReading) this.#giveBack();
  }

  #giveBack(): void {
    this.#file.close();
    if (this.#buffer !== undefined) this.#buffers.release(this.#buffer);
    this.#buffer = undefined;
  }

  async #readLate(
    reading: Promise<void> | undefined,
    octets: Uint8Array,
    isLast: boolean,
  ): Promise<SourcePiece> {
    // The system still writes into the buffer, whoever has lost interest in it.
    this.#isReading = true;
    try {
      await reading;
      // Checked before the last octets leave: a mixed content must not look whole.
      if (isLast) await confirmUnchanged(this.#file);
      return { octets, isLast };
    } finally {
      this.#isReading = false;
      if (this.#isClosed) this.#giveBack();
    }
  }

  #read(piece: Exclude<Piece, Uint8Array>, from: number, bytesMax: number): Soon<SourcePiece> {
    // Whoever asks for much keeps up.
    this.#buffer ??= this.#buffers.borrow();
    if (bytesMax > this.#buffer.length) this.#buffer = this.#buffers.enlarge(this.#buffer);
    else if (from > 0 && bytesMax <= smallBytes) this.#buffer = this.#buffers.shrink(this.#buffer);
    const length = Math.min(bytesMax, this.#buffer.length, pieceLength(piece) - from);
    const octets = this.#buffer.subarray(0, length);
    const reading = readExactly(this.#file, octets, length, piece.first + from);
    const isLast = this.#goOn(piece, length);
    if (reading === undefined && !isLast) return { octets, isLast };
    return this.#readLate(reading, octets, isLast);
  }

  /** Notes what is given; whether it is the end. */
  #goOn(piece: Piece, length: number): boolean {
    this.#given += length;
    if (this.#given < pieceLength(piece)) return false;
    this.#given = 0;
    this.#index += 1;
    return this.#index === this.#pieces.length;
  }
}

/** Octets that are made on the way. */
class MadeSource implements ContentSource {
  readonly isUnhurried = true;
  readonly isHolding: boolean;
  readonly #octets: AsyncIterator<Uint8Array>;
  readonly #length: number | undefined;
  readonly #release: () => void;
  readonly #left = new AbortController();
  #made = 0;
  /** What was made and not asked for yet. */
  #rest: Uint8Array = noOctets;

  constructor(
    make: (left: AbortSignal) => AsyncIterable<Uint8Array>,
    { length, bytesHeld }: Pick<StreamBody, 'length' | 'bytesHeld'>,
    release: () => void,
  ) {
    this.#octets = make(this.#left.signal)[Symbol.asyncIterator]();
    this.isHolding = bytesHeld > 0;
    this.#length = length;
    this.#release = release;
  }

  next(bytesMax: number): Soon<SourcePiece> {
    // What is more than was asked for would count as held for a client that may not take it yet.
    return this.#rest.length > 0 ? this.#cut(this.#rest, bytesMax) : this.#make(bytesMax);
  }

  #cut(octets: Uint8Array, bytesMax: number): SourcePiece {
    this.#rest = octets.subarray(bytesMax);
    return { octets: octets.subarray(0, bytesMax), isLast: false };
  }

  async #make(bytesMax: number): Promise<SourcePiece> {
    let result: IteratorResult<Uint8Array, unknown>;
    try {
      do result = await this.#octets.next();
      while (result.done !== true && result.value.length === 0);
    } catch (error) {
      const isExpected = error instanceof StreamFailure || error instanceof GrowthFailure;
      throw isExpected ? new SendFailure(error.message) : error;
    }
    const octets = result.done === true ? noOctets : result.value;
    this.#made += octets.length;
    const isLast = result.done === true;
    if (this.#length !== undefined && (isLast ? this.#made < this.#length : this.#made > this.#length))
      throw new SendFailure('more or less was made than was announced');
    return isLast ? { octets, isLast } : this.#cut(octets, bytesMax);
  }

  leave(): void {
    this.#left.abort();
  }

  close(): void {
    // What waits for its next octets would wait for ever.
    this.#left.abort();
    this.#octets.return?.().catch(() => {});
    this.#release();
  }
}

const smallBytes = 16 * 1024;
const noOctets = new Uint8Array(0);
