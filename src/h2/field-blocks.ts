import { type ConnectionFault, connectionFault } from './frame.ts';
import { type DecodedBlock, HpackDecoder } from './hpack-decoder.ts';
import { type RequestReading, type RequestRules, readRequest, whyMalformedTrailer } from './request.ts';

/** The table that clients may use; the one they have without a word from us. */
const tableBytesMax = 4096;

/** The octets of a block whose request need not be read again, and of all that is held of such requests. */
const knownBlockBytesMax = 256;
const knownBytesMax = 65_536;
/** About what a field line takes beside its octets, and a request beside its lines. */
const lineBytes = 128;
const requestBytes = 512;

/** Puts field blocks together from their frames, and reads them. RFC 9113 §4.3. */
export class FieldBlocks {
  readonly #rules: RequestRules;
  readonly #decoder: HpackDecoder;
  /** By the octets of its block: clients repeat their requests, and repeat them in a few octets. */
  readonly #known = new Map<string, RequestReading>();
  #knownBytes = 0;
  #generation = 0;
  #stream = 0;
  #endsStream = false;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #continuations = 0;

  constructor(rules: RequestRules) {
    const { limits } = rules;
    this.#rules = rules;
    this.#decoder = new HpackDecoder(tableBytesMax, {
      bytesMax: limits.fieldSectionBytesMax + limits.requestLineBytesMax + authorityBytesMax,
      // One more than is allowed, so that it is known what there was too much of.
      linesMax: limits.fieldLinesMax + pseudoFieldsMax + 1,
    });
  }

  /** Of which stream a block is under way: nothing but the rest of it may come now. 0: of none. */
  get stream(): number {
    return this.#stream;
  }

  /** Whether the block under way is the last of what its stream receives. */
  get endsStream(): boolean {
    return this.#endsStream;
  }

  /** A block begins that does not end in its first frame. */
  begin(stream: number, endsStream: boolean, octets: Uint8Array): ConnectionFault | undefined {
    this.#stream = stream;
    this.#endsStream = endsStream;
    return this.#add(octets);
  }

  /** A CONTINUATION of the block under way; the whole block once it is there. */
  proceed(octets: Uint8Array, isEnd: boolean): Uint8Array | ConnectionFault | undefined {
    this.#continuations += 1;
    if (this.#continuations > this.#rules.limits.continuationsMax)
      return connectionFault('enhanceYourCalm', 'a field block in too many frames');
    const fault = this.#add(octets);
    if (fault !== undefined || !isEnd) return fault;
    const block = Buffer.concat(this.#pieces);
    this.#stream = 0;
    this.#pieces = [];
    this.#bytes = 0;
    this.#continuations = 0;
    return block;
  }

  /** Reads the block of a request. */
  readRequest(block: Uint8Array): RequestReading | ConnectionFault {
    const decoder = this.#decoder;
    if (this.#generation !== decoder.generation) {
      this.#forget();
      this.#generation = decoder.generation;
    }
    const key = block.length > knownBlockBytesMax ? undefined : latin1(block);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const decoded = this.#decode(block);
    if (decoded.kind === 'connection-fault') return decoded;
    const reading = readRequest(decoded, this.#rules);
    // An equal block means the same again only when this one has left the table as it was.
    if (key !== undefined && this.#generation === decoder.generation)
      this.#remember(key, reading, requestBytes + decoded.bytes + lineBytes * decoded.lines.length);
    return reading;
  }

  /** Reads the block of a trailer; why it is malformed, if it is. */
  readTrailer(block: Uint8Array): { readonly why: string | undefined } | ConnectionFault {
    const decoded = this.#decode(block);
    return decoded.kind === 'connection-fault' ? decoded : { why: whyMalformedTrailer(decoded) };
  }

  #decode(block: Uint8Array): DecodedBlock | ConnectionFault {
    const decoded = this.#decoder.decode(block);
    if (decoded.kind === 'block') return decoded;
    return connectionFault('compressionError', `${decoded.why} (RFC 7541 section ${decoded.section})`);
  }

  /** A few octets can stand for very many in the table, and for many lines: what they mean is what counts. */
  #remember(key: string, reading: RequestReading, bytes: number): void {
    // Nobody shall be able to compare their password with another one octet by octet.
    if (reading.kind !== 'request' || reading.head.fields.get('authorization') !== undefined) return;
    if (this.#knownBytes + bytes > knownBytesMax) this.#forget();
    if (bytes > knownBytesMax) return;
    this.#known.set(key, reading);
    this.#knownBytes += bytes;
  }

  #forget(): void {
    this.#known.clear();
    this.#knownBytes = 0;
  }

  #add(octets: Uint8Array): ConnectionFault | undefined {
    this.#bytes += octets.length;
    if (this.#bytes > this.#rules.limits.fieldBlockBytesMax)
      return connectionFault('enhanceYourCalm', 'a field block that is too long');
    this.#pieces.push(Uint8Array.from(octets));
    return undefined;
  }
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}

/** Octets of an authority that is still read, and lines of pseudo-fields. */
const authorityBytesMax = 1024;
const pseudoFieldsMax = 4;
