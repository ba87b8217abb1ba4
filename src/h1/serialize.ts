import { contentLength, hasKnownLength, type Response, type Version } from '../http/message.ts';

import { isToken } from '../http/method.ts';
import { reasonPhrase } from '../http/status.ts';

/** What the head of an answer says besides the response itself. */
export interface Framing {
  /** The IMF-fixdate of now; a parameter because this room has no clock. RFC 9110 §6.6.1. */
  readonly date: string;
  /** The Connection option to write, if any. RFC 9112 §9.3. */
  readonly connection: 'close' | 'keep-alive' | undefined;
}

/** The head of an answer, down to its empty line. It is the same for HEAD as for GET. */
export interface SerializedHead {
  readonly status: number;
  /** The octets of the head. */
  bytes(framing: Framing): Buffer;
}

/**
 * A head that is made from its response. Kept with one that is sent again, it makes the octets anew only when the
 * date or the connection option is another.
 */
export class ResponseHead implements SerializedHead {
  readonly status: number;
  readonly #afterDate: string;
  #framing: Framing | undefined;
  #bytes: Buffer = noOctets;

  /**
   * `version` is that of the request. Throws when the status is not a final one, or a field line would not stay one line, has an octet that Latin-1
   * lacks or says what only the transport knows: such a value is our own bug. RFC 9112 §4, §5, §6.
   */
  constructor(response: Response, version: Version = '1.1') {
    const { status, fields, content } = response;
    if (!(status >= 200 && status <= 599)) throw new Error(`not a final status: ${status}`);
    this.status = status;
    let lines = '\r\n';
    for (const [name, value] of fields) {
      if (!isToken(name) || !isFieldValue(value) || transportFields.has(name.toLowerCase()))
        throw new Error(`not a field line: ${JSON.stringify([name, value])}`);
      lines += `${name}: ${value}\r\n`;
    }
    if (hasLength(status)) {
      // What is still being made has no length yet; its transport sends it in chunks (RFC 9112 §7.1), and to a client that
      // knows none up to the end of the connection (§6.3).
      if (hasKnownLength(content)) lines += `Content-Length: ${contentLength(content)}\r\n`;
      else if (version === '1.1') lines += 'Transfer-Encoding: chunked\r\n';
    }
    this.#afterDate = lines;
  }

  /** Octets of the head, but for its date and its connection option. */
  get length(): number {
    return beforeDate(this.status).length + this.#afterDate.length;
  }

  /** The octets; equal framings give the same buffer. */
  bytes(framing: Framing): Buffer {
    const last = this.#framing;
    if (last !== undefined && last.date === framing.date && last.connection === framing.connection)
      return this.#bytes;
    this.#framing = framing;
    this.#bytes = Buffer.from(headText(this.status, this.#afterDate, framing), 'latin1');
    return this.#bytes;
  }

  /** What comes behind the date, from the end of its line to that of the last. */
  get lines(): string {
    return this.#afterDate;
  }
}

/** A head of these `lines`, which begin with the end of the date's: a character for each octet. */
export function headText(status: number, lines: string, { date, connection }: Framing): string {
  const option = connection === undefined ? '' : `Connection: ${connection}\r\n`;
  return `${beforeDate(status)}${date}${lines}${option}\r\n`;
}

function beforeDate(status: number): string {
  return status === 200 ? beforeDateOfOk : `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nDate: `;
}

const beforeDateOfOk = 'HTTP/1.1 200 OK\r\nDate: ';

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

const noOctets = Buffer.alloc(0);

/** Fields that a transport writes by itself, in lower case. */
export const transportFields: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'transfer-encoding',
]);
