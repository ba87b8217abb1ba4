import { StreamFailure } from '../http/message.ts';
import {
  drained,
  hasLeft,
  hasRoom,
  type Outlet,
  SendFailure,
  type SendingMeans,
  type StreamBody,
} from './send.ts';

/**
 * Sends a head and octets that are made on the way, as fast as the reader takes them: the next ones are made when all
 * before have left. In chunks (RFC 9112 §7.1) where `isChunked`. Resolves with the octets of content once the socket has
 * room again. Rejects with SendFailure when the making failed, and then what was sent is known to be incomplete; with the
 * socket's error when the client has left. What the making holds is given back in any case.
 */
export async function sendStream(
  socket: Outlet,
  head: Buffer,
  { chunks, length, release }: StreamBody,
  isChunked: boolean,
  means: Pick<SendingMeans, 'stalledReaderTimeoutMs'>,
): Promise<number> {
  let sent = 0;
  const left = new AbortController();
  const leave = (): void => left.abort();
  socket.once('end', leave).once('close', leave);
  try {
    socket.write(head);
    for await (const octets of chunks(left.signal)) {
      if (octets.length === 0) continue;
      sent += octets.length;
      if (length !== undefined && sent > length) throw new SendFailure('more was made than was announced');
      socket.cork();
      if (isChunked) socket.write(`${octets.length.toString(16)}\r\n`, 'latin1');
      socket.write(octets);
      if (isChunked) socket.write(lineEnd);
      socket.uncork();
      // Its maker fills it again once the next one is asked for.
      if (!hasLeft(socket)) await drained(socket, means);
    }
    if (length !== undefined && sent < length) throw new SendFailure('less was made than was announced');
  } catch (error) {
    throw error instanceof StreamFailure ? new SendFailure(error.message) : error;
  } finally {
    socket.off('end', leave).off('close', leave);
    release();
  }
  if (isChunked) socket.write(lastChunk);
  if (!hasRoom(socket)) await drained(socket, means);
  return sent;
}

const lineEnd = Buffer.from('\r\n', 'latin1');
const lastChunk = Buffer.from('0\r\n\r\n', 'latin1');
