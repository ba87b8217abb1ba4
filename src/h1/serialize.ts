import { contentLength, type Response } from '../http/message.ts';
import { isToken } from '../http/method.ts';
import { reasonPhrase } from '../http/status.ts';

/** What the head of an answer says besides the response itself. */
export interface Framing {
  /** The IMF-fixdate of now; a parameter because this room has no clock. RFC 9110 §6.6.1. */
  readonly date: string;
  /** The Connection option to write, if any. RFC 9112 §9.3. */
  readonly connection: 'close' | 'keep-alive' | undefined;
}

/**
 * The head of an answer, down to its empty line. It is the same for HEAD as for GET. Throws when a field line
 * would not stay one line or has an octet that Latin-1 lacks: such a value is our own bug. RFC 9112 §4, §5.
 */
export function serializeHead(response: Response, framing: Framing): Buffer {
  const { status, fields, content } = response;
  let head = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nDate: ${framing.date}\r\n`;
  for (const [name, value] of fields) {
    if (!isToken(name) || !isFieldValue(value))
      throw new Error(`not a field line: ${JSON.stringify([name, value])}`);
    head += `${name}: ${value}\r\n`;
  }
  if (hasLength(status)) head += `Content-Length: ${contentLength(content)}\r\n`;
  if (framing.connection !== undefined) head += `Connection: ${framing.connection}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/** Whether content may follow the head of an answer to `method`. RFC 9112 §6.3. */
export function mayHaveContent(method: string | undefined, status: number): boolean {
  return method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
}

/** RFC 9110 §8.6: none in 1xx and 204; a 304 could have that of the 200, which nobody needs. */
function hasLength(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

/** Characters beyond 0xff are refused too: written as Latin-1, U+010A would become LF. */
function isFieldValue(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}
