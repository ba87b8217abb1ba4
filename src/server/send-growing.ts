import { type Growth, GrowthFailure } from './growth.ts';
import { drained, hasRoom, type Outlet, SendFailure, type SendingMeans } from './send.ts';

/**
 * Sends a head and octets that are still being made, in chunks (RFC 9112 §7.1), as soon as they are there and as fast
 * as the reader takes them. Resolves with the octets of content once the socket has room again. Rejects with
 * SendFailure when the making failed, and then no last chunk was sent; with the socket's error when the client has left.
 */
export async function sendGrowing(
  socket: Outlet,
  head: Buffer,
  growth: Growth,
  means: Pick<SendingMeans, 'stalledReaderTimeoutMs'>,
): Promise<number> {
  let sent = 0;
  let before: Buffer = head;
  try {
    for await (const octets of growth.octets()) {
      socket.cork();
      socket.write(Buffer.concat([before, Buffer.from(`${octets.length.toString(16)}\r\n`, 'latin1')]));
      socket.write(octets);
      socket.uncork();
      before = chunkEnd;
      sent += octets.length;
      if (!hasRoom(socket)) await drained(socket, means);
    }
  } catch (error) {
    throw error instanceof GrowthFailure ? new SendFailure(error.message) : error;
  }
  socket.write(Buffer.concat([before, lastChunk]));
  if (!hasRoom(socket)) await drained(socket, means);
  return sent;
}

const chunkEnd = Buffer.from('\r\n', 'latin1');
const lastChunk = Buffer.from('0\r\n\r\n', 'latin1');
