import { hasLength, writtenLength, writtenLines } from '../http/answer-head.ts';
import type { Response, Version } from '../http/message.ts';
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
   * `version` is that of the request. Throws as `writtenLines` does. RFC 9112 §4, §5, §6.
   */
  constructor(response: Response, version: Version = '1.1') {
    this.status = response.status;
    let lines = '\r\n';
    for (const [name, value] of writtenLines(response)) lines += `${name}: ${value}\r\n`;
    const length = writtenLength(response);
    // What is still being made has no length yet; its transport sends it in chunks (RFC 9112 §7.1), and to a client that
    // knows none up to the end of the connection (§6.3).
    if (length !== undefined) lines += `Content-Length: ${length}\r\n`;
    else if (hasLength(this.status) && version === '1.1') lines += 'Transfer-Encoding: chunked\r\n';
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

const noOctets = Buffer.alloc(0);
