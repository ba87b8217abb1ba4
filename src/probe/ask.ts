/**
 * probe/: a site as it looks from outside. `doctor.ts` judges one by its checks; `crawl.ts` walks through it, `ask.ts`
 * asks one thing, and `journey.ts` tells of a single request from the name to the last octet. Whoever answers may be
 * hostile: each answer has a bound in octets and in time. Nothing here knows a terminal, or a server of ours.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { brotliDecompress, constants, gunzip } from 'node:zlib';
import { isCompressible } from '../http/media-type.ts';
import { failureInWords } from './failure.ts';

/** What a server answered to one request; redirects are not followed. */
export interface Reply {
  readonly kind: 'reply';
  readonly url: string;
  readonly status: number;
  /** Values by names in lower case; lines of the same name are joined by a comma. */
  readonly fields: ReadonlyMap<string, string>;
  /** Octets as they came, still in their coding. */
  readonly content: Buffer;
  /** False when the content was left unread beyond a bound. */
  readonly isWhole: boolean;
}

/** There was no answer, or it did not come to its end; the reason is for people. */
export interface NoReply {
  readonly kind: 'no-reply';
  readonly url: string;
  readonly why: string;
}

/** What is asked for beside the address. */
interface Wish {
  readonly method?: 'GET' | 'HEAD';
  /** By names in lower case. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** Asks for one address and never rejects. */
export type Ask = (url: string, wish?: Wish) => Promise<Reply | NoReply>;

/** Bounds of one answer. */
export interface AskLimits {
  /** From the request to the last octet that is read. */
  readonly answerTimeoutMs: number;
  /** Octets that are read of text. */
  readonly textBytesMax: number;
  /** Octets that are read of anything else. */
  readonly otherBytesMax: number;
  /** Connections to one server. */
  readonly connectionsMax: number;
}

/** The bounds that a visit keeps to. */
export const askLimits: AskLimits = {
  answerTimeoutMs: 10_000,
  textBytesMax: 4 * 1024 * 1024,
  otherBytesMax: 64 * 1024,
  connectionsMax: 4,
};

/** Asks with connections that are kept for the next question; `end` closes them. */
export function createAsk(
  limits: AskLimits,
  userAgent: string,
): { readonly ask: Ask; readonly end: () => void } {
  const options = { keepAlive: true, maxSockets: limits.connectionsMax };
  const agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
  const ask: Ask = (url, { method = 'GET', fields = {} } = {}) =>
    new Promise(resolve => {
      const { protocol } = new URL(url);
      const open = protocol === 'https:' ? httpsRequest : httpRequest;
      const fail = (error: Error): void => {
        clearTimeout(timer);
        resolve({ kind: 'no-reply', url, why: failureInWords(error) });
      };
      const request = open(url, {
        method,
        agent: protocol === 'https:' ? agents['https:'] : agents['http:'],
        headers: { ...standing, 'user-agent': userAgent, ...fields },
        joinDuplicateHeaders: true,
      });
      let hasHead = false;
      const timer = setTimeout(() => {
        const within = `within ${limits.answerTimeoutMs / 1000} s`;
        request.destroy(new Error(`${hasHead ? 'its content did not end' : 'no answer'} ${within}`));
      }, limits.answerTimeoutMs);
      request.on('error', fail);
      request.on('close', () => {
        if (!hasHead) fail(new Error('the connection ended without an answer'));
      });
      request.on('response', message => {
        hasHead = true;
        const bytesMax = isText(message) ? limits.textBytesMax : limits.otherBytesMax;
        readContent(message, bytesMax).then(read => {
          clearTimeout(timer);
          resolve({
            kind: 'reply',
            url,
            status: message.statusCode ?? 0,
            fields: fieldsOf(message),
            ...read,
          });
          if (!read.isWhole) request.destroy();
        }, fail);
      });
      request.end();
    });
  return {
    ask,
    end: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/**
 * A content without its coding; undefined when it is in none that is known here, is not in the one that it claims, or
 * is more than `bytesMax` octets. Of a content that was cut off, as much as there is.
 */
export async function decoded(
  { fields, content }: Pick<Reply, 'fields' | 'content'>,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const coding = (fields.get('content-encoding') ?? 'identity').trim().toLowerCase();
  try {
    switch (coding) {
      case 'identity':
      case '':
        return content.subarray(0, bytesMax);
      case 'gzip':
      case 'x-gzip':
        return await promisify(gunzip)(content, {
          maxOutputLength: bytesMax,
          finishFlush: constants.Z_SYNC_FLUSH,
        });
      case 'br':
        return await promisify(brotliDecompress)(content, {
          maxOutputLength: bytesMax,
          finishFlush: constants.BROTLI_OPERATION_FLUSH,
        });
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/** The media type of an answer in lower case without parameters; empty when it has none. */
export function mediaTypeIn(fields: ReadonlyMap<string, string>): string {
  return (fields.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Reads to the end or to the bound; rejects when the content ends before its end. */
function readContent(
  message: IncomingMessage,
  bytesMax: number,
): Promise<{ readonly content: Buffer; readonly isWhole: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    message.on('data', (chunk: Buffer) => {
      if (bytes > bytesMax) return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > bytesMax) resolve({ content: Buffer.concat(chunks).subarray(0, bytesMax), isWhole: false });
    });
    message.on('end', () => resolve({ content: Buffer.concat(chunks), isWhole: true }));
    message.on('error', reject);
  });
}

function fieldsOf({ headers }: IncomingMessage): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) fields.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return fields;
}

function isText({ headers }: IncomingMessage): boolean {
  return isCompressible((headers['content-type'] ?? '').trim().toLowerCase());
}

/** As a browser would ask, in the codings that every browser knows. */
const standing = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'accept-encoding': 'br, gzip',
};
