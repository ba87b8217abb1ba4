import {
  type Content,
  contentLength,
  type Piece,
  pieceLength,
  type StoredFile,
  type StreamContent,
} from '../http/message.ts';

import {
  type OpenFailure,
  type OpenFile,
  type Soon,
  type Store,
  smallContentBytesMax,
} from '../store/store.ts';

import type { Growth } from './growth.ts';
import type { ReadBuffers } from './read-buffers.ts';

/** A content that is there, and need be neither coded nor made. */
export type ReadyContent = Exclude<Content, { kind: 'coded' | 'stream' | 'turned' }>;

/** A content that is ready to be sent: in memory, or a file held open that `sendBody` closes. */
export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly file: OpenFile; readonly pieces: readonly Piece[] }
  /** Octets that are still being made; `sendGrowing` sends them. */
  | { readonly kind: 'growing'; readonly growth: Growth }
  | StreamBody;

/** Octets that are made on the way; `sendStream` sends them, or `discardBody` gives back what their making may hold. */
export interface StreamBody extends Pick<StreamContent, 'chunks' | 'length' | 'bytesHeld'> {
  readonly kind: 'stream';
  readonly release: () => void;
}

/** A body that `sendBody` sends. */
export type ReadyBody = Exclude<Body, { kind: 'growing' | 'stream' }>;

/** Octets of a content that is read whole before its head leaves, so that it can still become another answer. */
const wholeBytesMax = 64 * 1024;

/** Octets of a body that is copied behind its head: cheaper than to write two pieces at once. */
const joinedBytesMax = 16 * 1024;

/** What answers are written to, as far as sending knows it: a socket, or what stands before one. */
export interface Outlet {
  readonly destroyed: boolean;
  readonly writableCorked: number;
  readonly writableLength: number;
  write(octets: Uint8Array, done?: (error?: Error | null) => void): boolean;
  write(text: string, encoding: BufferEncoding): boolean;
  cork(): void;
  uncork(): void;
  pause(): void;
  setTimeout(timeoutMs: number): void;
  once(event: 'end' | 'close', listener: () => void): Outlet;
  off(event: 'end' | 'close', listener: () => void): Outlet;
}

/** What sending works with. */
export interface SendingMeans {
  readonly buffers: ReadBuffers;
  /** How long a reader may take nothing; then the socket's 'timeout' is emitted. */
  readonly stalledReaderTimeoutMs: number;
}

/** The content could not be sent whole after its head had left; only the end of the connection can tell. */
export class SendFailure extends Error {}

/** The body without a byte. */
export const emptyBody: ReadyBody = { kind: 'bytes', bytes: new Uint8Array(0) };

/**
 * Opens a content before its head leaves, so that the answer may still become another one: a small file is
 * read whole, a large one is held open. Answers why not when the stored file is no longer what was resolved.
 */
export async function openBody(content: ReadyContent, store: Store): Promise<ReadyBody | OpenFailure> {
  switch (content.kind) {
    case 'none':
      return emptyBody;
    case 'bytes':
      return { kind: 'bytes', bytes: content.bytes };
    case 'stored':
      return openStored(content.file, content.pieces, contentLength(content), store);
    default:
      return content satisfies never;
  }
}

/** Gives back what a body took, when it will not be sent. */
export function discardBody(body: Body): void {
  if (body.kind === 'file') body.file.close();
  if (body.kind === 'stream') body.release();
}

/**
 * Sends a head and its body, the head in one write with the first bytes of the body. Resolves with the octets
 * of content once the socket has room again; a large file is read only as fast as the reader takes it, and
 * its reader holds one buffer. Rejects with SendFailure when the file has changed or its disk failed under way
 * (RFC 9112 §8: a content cut short by the end of the connection is known to be incomplete), with the socket's
 * error when the client has left. A socket whose reader did not keep up is left paused.
 */
export async function sendBody(
  socket: Outlet,
  head: Buffer,
  body: ReadyBody,
  means: SendingMeans,
): Promise<number> {
  if (body.kind === 'file') return sendFile(socket, head, body, means);
  const { bytes } = body;
  if (bytes.length <= joinedBytesMax) {
    socket.write(bytes.length === 0 ? head : Buffer.concat([head, bytes]));
  } else if (isCopied(socket, bytes.length)) {
    socket.write(head);
    await sendInSteps(socket, bytes, means);
  } else {
    socket.cork();
    socket.write(head);
    socket.write(bytes);
    socket.uncork();
  }
  if (!hasRoom(socket)) await drained(socket, means);
  return bytes.length;
}

/**
 * Whether so much must not be written at once: all that a TLS socket is given it encrypts, into memory of its own. To any
 * other one a content is written without a copy, and all its readers hold the same octets.
 */
export function isCopied(socket: Outlet, contentBytes: number): boolean {
  return contentBytes > securedWholeBytesMax && 'encrypted' in socket;
}

async function sendInSteps(socket: Outlet, octets: Uint8Array, means: SendingMeans): Promise<void> {
  for (let at = 0; at < octets.length; at += securedStepBytes) {
    socket.write(octets.subarray(at, at + securedStepBytes));
    if (!hasRoom(socket)) await drained(socket, means);
  }
}

/** Octets of a content that a TLS socket is given at once, and of each step in which it is given a larger one. */
const securedWholeBytesMax = 256 * 1024;
const securedStepBytes = 128 * 1024;

async function openStored(
  stored: StoredFile,
  pieces: readonly Piece[],
  length: number,
  store: Store,
): Promise<ReadyBody | OpenFailure> {
  const file = await store.open(stored);
  if (typeof file === 'string') return file;
  const [only, ...others] = pieces;
  const isOne = only !== undefined && others.length === 0 && !(only instanceof Uint8Array);
  if (file.content !== undefined && file.content.length <= smallContentBytesMax && isOne) {
    file.close();
    return { kind: 'bytes', bytes: file.content.subarray(only.first, only.last + 1) };
  }
  if (length > wholeBytesMax) return { kind: 'file', file, pieces };
  try {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    for (const piece of pieces) {
      const size = pieceLength(piece);
      const part = bytes.subarray(filled, filled + size);
      if (piece instanceof Uint8Array) part.set(piece);
      else if ((await file.read(part, size, piece.first)) < size) return 'changed';
      filled += size;
    }
    return (await file.isUnchanged()) ? { kind: 'bytes', bytes } : 'changed';
  } finally {
    file.close();
  }
}

async function sendFile(socket: Outlet, head: Buffer, body: FileBody, means: SendingMeans): Promise<number> {
  const { file, pieces } = body;
  if (file.content !== undefined) return sendKept(socket, head, body, file.content, means);
  const { buffers } = means;
  const lastRange = pieces.findLast(piece => !(piece instanceof Uint8Array));
  let buffer = buffers.borrow();
  let sent = 0;
  let steps = 0;
  try {
    socket.cork();
    socket.write(head);
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) {
        // It leaves with what follows.
        if (socket.writableCorked === 0) socket.cork();
        socket.write(piece);
        sent += piece.length;
        continue;
      }
      for (let position = piece.first; position <= piece.last; ) {
        const length = Math.min(buffer.length, piece.last - position + 1);
        const reading = readExactly(file, buffer, length, position);
        if (reading !== undefined) await reading;
        position += length;
        // Checked before the last octets leave: a mixed content must not look whole.
        const isLast = piece === lastRange && position > piece.last;
        if (isLast) await confirmUnchanged(file);
        socket.write(length === buffer.length ? buffer : buffer.subarray(0, length));
        if (socket.writableCorked > 0) socket.uncork();
        // The buffer is to be filled again.
        const keepsUp = hasLeft(socket) || (await isDrainedSoon(socket, means));
        sent += length;
        buffer = keepsUp ? buffers.enlarge(buffer) : buffers.shrink(buffer);
        steps += 1;
        if (steps % stepsAtOnceMax === 0) await undefined;
      }
    }
    if (socket.writableCorked > 0) socket.uncork();
    if (!hasRoom(socket)) await drained(socket, means);
    return sent;
  } finally {
    buffers.release(buffer);
    file.close();
  }
}

/** Waits until the reader has taken what was written; true when that did not take long. */
async function isDrainedSoon(socket: Outlet, means: SendingMeans): Promise<boolean> {
  const startedMs = performance.now();
  await drained(socket, means);
  return performance.now() - startedMs < slowReaderMs;
}

/** Steps that a reader takes before others who wait for the same disk have theirs. */
const stepsAtOnceMax = 8;

/** A reader that takes longer for what the system and one step hold for it gets small steps. */
const slowReaderMs = 50;

/** Sends what is in memory in one go: all its readers hold the same octets. */
async function sendKept(
  socket: Outlet,
  head: Buffer,
  { file, pieces }: FileBody,
  content: Uint8Array,
  means: SendingMeans,
): Promise<number> {
  try {
    socket.cork();
    socket.write(head);
    let sent = 0;
    for (const piece of pieces) {
      const bytes = piece instanceof Uint8Array ? piece : content.subarray(piece.first, piece.last + 1);
      if (isCopied(socket, bytes.length)) {
        if (socket.writableCorked > 0) socket.uncork();
        await sendInSteps(socket, bytes, means);
      } else socket.write(bytes);
      sent += bytes.length;
    }
    if (socket.writableCorked > 0) socket.uncork();
    if (!hasRoom(socket)) await drained(socket, means);
    return sent;
  } finally {
    file.close();
  }
}

type FileBody = Extract<Body, { kind: 'file' }>;

/**
 * Reads just so many octets, at once when they are there at once: a promise for each step would be made for nothing.
 * Throws or rejects with a SendFailure when there are fewer, or the system cannot read them.
 */
export function readExactly(
  file: OpenFile,
  buffer: Buffer,
  length: number,
  position: number,
): Promise<void> | undefined {
  const reading = file.read(buffer, length, position);
  return reading === length ? undefined : waitForAll(reading, length);
}

/** Rejects with a SendFailure when a file is no longer the version that was opened. */
export async function confirmUnchanged(file: OpenFile): Promise<void> {
  if (!(await file.isUnchanged())) throw new SendFailure('the file changed while it was sent');
}

async function waitForAll(reading: Soon<number>, length: number): Promise<void> {
  let read: number;
  try {
    read = await reading;
  } catch (error) {
    throw new SendFailure((error as Error).message);
  }
  if (read < length) throw new SendFailure('the file shrank while it was sent');
}

/**
 * Whether all that was written has left for the system: buffers that it was written from may be filled again. A destroyed
 * socket holds nothing either; without that look a whole file would be read for nobody.
 */
export function hasLeft(socket: Outlet): boolean {
  return socket.writableLength === 0 && !socket.destroyed;
}

/**
 * Whether more may be written: all has left, or so little waits that it need not be waited for. A TLS socket learns only in
 * the next turn of the loop that it has, and to wait for that doubled what an answer cost (10 and 21 µs).
 */
export function hasRoom(socket: Outlet): boolean {
  const waiting = socket.writableLength;
  return (waiting === 0 || (waiting <= securedBytesMax && 'encrypted' in socket)) && !socket.destroyed;
}

/** Octets of answers that may wait in a TLS socket: what a plain one would have given to the system. */
const securedBytesMax = 64 * 1024;

/**
 * Resolves when all that was written has left for the system; rejects when the socket closes before. Only now
 * does the socket's time-out run: it starts anew with every octet that the reader takes. It would with every
 * octet that the client sends, too, and so nothing is read from now on.
 */
export async function drained(
  socket: Outlet,
  { stalledReaderTimeoutMs }: Pick<SendingMeans, 'stalledReaderTimeoutMs'>,
): Promise<void> {
  socket.pause();
  socket.setTimeout(stalledReaderTimeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.write(nothing, error => (error ? reject(error) : resolve()));
    });
  } finally {
    socket.setTimeout(0);
  }
}

const nothing = new Uint8Array(0);
