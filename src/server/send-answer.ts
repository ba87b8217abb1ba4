import type { Version } from '../http/message.ts';
import { type Body, type Outlet, type SendingMeans, sendBody } from './send.ts';
import { sendGrowing } from './send-growing.ts';
import { sendStream } from './send-stream.ts';

/** Sends a head and whatever body goes with it, to a client of this version; resolves and rejects as `sendBody` does. */
export function sendAnswer(
  socket: Outlet,
  head: Buffer,
  body: Body,
  version: Version | undefined,
  means: SendingMeans,
): Promise<number> {
  switch (body.kind) {
    case 'growing':
      return sendGrowing(socket, head, body.growth, means);
    case 'stream':
      return sendStream(socket, head, body, body.length === undefined && version !== '1.0', means);
    default:
      return sendBody(socket, head, body, means);
  }
}
