import type { BytesContent, Content, StreamContent } from '../http/message.ts';
import { code, codeChunks } from './zlib-codings.ts';

/** Turns what is made for an answer into the coding that is asked for: at once, or as it comes. */
export async function turn({
  content,
  to,
}: Extract<Content, { kind: 'turned' }>): Promise<BytesContent | StreamContent> {
  if (content.kind === 'bytes') return { kind: 'bytes', bytes: await code(content.bytes, to, 'fast') };
  return {
    kind: 'stream',
    length: undefined,
    bytesHeld: content.bytesHeld + coderBytesHeld,
    chunks: left => codeChunks(content.chunks(left), to),
  };
}

/** About what a coder holds; Brotli's holds most. */
const coderBytesHeld = 8 * 1024 * 1024;
