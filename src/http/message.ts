/**
 * http/: what messages mean (RFC 9110), as pure functions over plain values.
 * This room knows no socket, no file, no clock and no other room of ours; all that it needs is passed in.
 * The values below are the ones every other room exchanges. Read `fields.ts` and `target.ts` next, then
 * `h1/connection.ts` to see where a request head comes from and `server/handler.ts` for where it goes.
 */
import type { Coding, ContentCoding } from './coding.ts';
import type { Fields } from './fields.ts';
import type { Target } from './target.ts';

/** The HTTP version of a request: what its request line names (RFC 9112 §2.3), or 2.0 where frames carry it (RFC 9113). */
export type Version = '1.0' | '1.1' | '2.0';

/** One field line of a response, as it will be written. RFC 9110 §5.2. */
export type FieldLine = readonly [name: string, value: string];

/** A request's control data and fields, as a transport read them. RFC 9110 §6.2. */
export interface RequestHead {
  readonly method: string;
  /** The request target, byte for byte as it was sent (visible ASCII only). */
  readonly target: string;
  readonly version: Version;
  /** The authority of an absolute-form target, else the Host field; undefined when an HTTP/1.0 client sent none. */
  readonly authority: string | undefined;
  readonly fields: Fields;
}

/** Who is at the other end. A client on a Unix socket has an empty address and port 0. */
export interface Client {
  readonly address: string;
  readonly port: number;
}

/** A request that a site can answer: its target is parsed, decoded and free of dot segments. */
export interface Request {
  readonly method: string;
  readonly target: Target;
  readonly authority: string | undefined;
  readonly secure: boolean;
  readonly fields: Fields;
  readonly client: Client;
}

/** An answer as a value. It holds nothing open; the transport adds Date, framing and Connection. */
export interface Response {
  readonly status: number;
  readonly fields: readonly FieldLine[];
  /** What a GET would send. A transport leaves it out for HEAD and for statuses that have none. */
  readonly content: Content;
  /** A remark for the log, never sent: why a file was denied, say. */
  readonly note?: string;
  /** One plain sentence for people, on the page that an error without content is given. */
  readonly explanation?: string;
}

/** What is to be sent, described and not yet opened. */
export type Content =
  | { readonly kind: 'none' }
  | BytesContent
  | { readonly kind: 'stored'; readonly file: StoredFile; readonly pieces: readonly Piece[] }
  /** The whole file, turned from the coding that it is stored in into another one. */
  | { readonly kind: 'coded'; readonly file: StoredFile; readonly from: Coding; readonly to: Coding }
  | StreamContent
  /** What is made for the answer, turned into a coding. */
  | { readonly kind: 'turned'; readonly content: BytesContent | StreamContent; readonly to: ContentCoding };

/** Octets in memory. */
export interface BytesContent {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

/** Octets that are made while they are sent, because they are too many to be held. */
export interface StreamContent {
  readonly kind: 'stream';
  /** Octets that will come, where that is known; then neither more nor fewer do. */
  readonly length: number | undefined;
  /** Octets of memory, about, that the making holds beside the chunk on its way. */
  readonly bytesHeld: number;
  /**
   * Begins the making; until then nothing is held open. A chunk is the reader's until it asks for the next one. Throws a
   * StreamFailure when the rest cannot be made. What has no end of its own ends once the client has `left`, or has said
   * that it will ask for nothing more.
   */
  readonly chunks: (left?: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** What is left of a stream could not be made: a file has changed, a folder is gone. Its connection is torn down. */
export class StreamFailure extends Error {}

/** Literal bytes (the dividers of a multipart) or a range of the stored file. */
export type Piece = Uint8Array | ByteRange;

/** Bytes first to last, both inclusive, counted from 0. RFC 9110 §14.1.2. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** One version of one file. Equal values mean equal bytes; only the store that made it can open it. */
export interface StoredFile {
  /** Where the store finds it; opaque to everyone else and never shown to a client. */
  readonly location: string;
  /** What tells this file from another at the same location (device and inode on a disk). */
  readonly identity: string;
  readonly size: number;
  /** Time of the last modification in nanoseconds since 1970, negative before it. */
  readonly modifiedNs: bigint;
  /** Time of the last change of any kind, by the clock of the place where the file lives; nobody can set it. */
  readonly changedNs: bigint;
  /** What was made of a file's octets before anybody sees them; without it they are as they are stored. */
  readonly edition?: Edition | undefined;
  /** What a page runs and wears from within itself, where somebody has looked. */
  readonly inline?: InlineSources | undefined;
}

/** The scripts and styles within a page, as sources of a Content-Security-Policy: `'sha256-…'`. */
export interface InlineSources {
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

/** An edited file: size and content are of what was made, all else is of what it was made of. */
export interface Edition {
  /** Tells this edit from all others; octets of an entity tag. */
  readonly tag: string;
  /** The file as it is stored. */
  readonly of: StoredFile;
}

/** Input that breaks a rule of the protocol, with the status that answers it and the reason in words. */
export interface Violation {
  readonly kind: 'violation';
  readonly status: number;
  readonly why: string;
}

/** One request and its answer, after the last byte; what observers see. */
export interface Exchange {
  readonly client: Client;
  /** Undefined when the head could not be read. */
  readonly head: RequestHead | undefined;
  readonly status: number;
  readonly responseFields: readonly FieldLine[];
  /** Bytes of content that the socket took. */
  readonly contentBytes: number;
  /** Milliseconds since 1970 at which the request was read. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** 'aborted': the client left, or the content could not be sent whole. */
  readonly outcome: 'completed' | 'aborted';
  readonly note: string | undefined;
}

/** The content with no bytes. */
export const noContent: Content = { kind: 'none' };

/**
 * Octets that a content will have when it is sent whole. Throws for one of which nobody knows, because it is still to be
 * coded or made: to ask is a bug of ours.
 */
export function contentLength(content: Content): number {
  switch (content.kind) {
    case 'none':
      return 0;
    case 'bytes':
      return content.bytes.length;
    case 'stored':
      return content.pieces.reduce((sum, piece) => sum + pieceLength(piece), 0);
    case 'stream':
      if (content.length === undefined) throw new Error('the length of this stream is not known');
      return content.length;
    case 'coded':
    case 'turned':
      throw new Error('a content has no length before it is coded');
    default:
      return content satisfies never;
  }
}

/** Whether the length of a content is known before it is sent. */
export function hasKnownLength(content: Content): boolean {
  if (content.kind === 'stream') return content.length !== undefined;
  return content.kind !== 'coded' && content.kind !== 'turned';
}

/** Octets of one piece of a stored content. */
export function pieceLength(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : piece.last - piece.first + 1;
}

/** Makes a violation value. */
export function violation(status: number, why: string): Violation {
  return { kind: 'violation', status, why };
}
