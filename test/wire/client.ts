// A small strict client of HTTP/1.1 on a bare socket: it shows what is on the wire, forgives nothing and adds nothing.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { connect as connectSecured } from 'node:tls';
import type { FieldLine } from '../../src/http/message.ts';

/** Where a server listens; over TLS where an authority is named that its certificate comes from, in PEM. */
export type Place =
  | { readonly host: string; readonly port: number; readonly authority?: string }
  | { readonly path: string };

/** A request as a value, whatever the transport. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly FieldLine[];
  readonly content?: string | Buffer;
}

/** A response as a value, whatever the transport. */
export interface WireResponse {
  readonly status: number;
  readonly lines: readonly FieldLine[];
  readonly content: Buffer;
}

/** How the server ended a connection. */
export type Ending = 'end' | 'reset';

/** Nothing waits longer than this: a guard, never a measure. */
const guardMs = 20_000;

/** The one value of a field; undefined when absent. Fails the test when there are several. */
export function field(response: WireResponse, name: string): string | undefined {
  const values = response.lines.filter(line => line[0].toLowerCase() === name.toLowerCase());
  assert.ok(values.length < 2, `${name} stands ${values.length} times`);
  return values[0]?.[1];
}

/** The content as UTF-8 text. */
export function text(response: WireResponse): string {
  return response.content.toString('utf8');
}

/** The bytes of a request in HTTP/1.1. */
export function requestBytes({ method, target, fields, content = '' }: WireRequest): Buffer {
  const octets = Buffer.from(content);
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = octets.length > 0 ? `Content-Length: ${octets.length}\r\n` : '';
  const host = fields.some(([name]) => name.toLowerCase() === 'host') ? '' : 'Host: test\r\n';
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${host}${lines}${length}\r\n`, 'latin1'),
    octets,
  ]);
}

/** A connection whose two directions are driven by hand. */
export class RawConnection {
  readonly #socket: Socket;
  #received: Buffer = empty;
  #chunks: Buffer[] = [];
  /** Octets in `#received` and `#chunks`. */
  #size = 0;
  #ending: Ending | undefined;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', bytes => {
      this.#chunks.push(bytes);
      this.#size += bytes.length;
      this.#wake?.();
    });
    const ended = (ending: Ending) => () => {
      this.#ending ??= ending;
      this.#wake?.();
    };
    socket.on('end', ended('end'));
    socket.on('error', ended('reset'));
    socket.on('close', ended('reset'));
  }

  /** Connects; rejects when nobody listens. */
  static async open(place: Place): Promise<RawConnection> {
    const options = { ...place, allowHalfOpen: true, noDelay: true };
    const ca = 'authority' in place ? place.authority : undefined;
    const socket = ca === undefined ? connect(options) : connectSecured({ ...options, ca });
    await new Promise<void>((resolve, reject) => {
      socket.once(ca === undefined ? 'connect' : 'secureConnect', resolve);
      socket.once('error', reject);
    });
    return new RawConnection(socket);
  }

  /** How the server has ended its side; undefined while it has not. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Whether the connection is gone in both directions, or writing has failed. */
  get isBroken(): boolean {
    return this.#socket.destroyed;
  }

  /** Octets that the system has not taken from us. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Sends bytes; text is Latin-1. */
  write(bytes: string | Uint8Array): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Ends our sending; we go on reading. */
  end(): void {
    this.#socket.end();
  }

  /** Leaves without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Leaves with a reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Stops taking bytes from the system; its buffers fill and the server stalls. */
  pause(): void {
    this.#socket.pause();
  }

  /** Takes bytes again. */
  resume(): void {
    this.#socket.resume();
  }

  /** The next response to a request of this method. Fails the test when it is malformed, cut short or does not come. */
  async response(method = 'GET'): Promise<WireResponse> {
    const head = this.#take(await this.#headLength());
    const { status, lines } = parseHead(head.toString('latin1'));
    const hasContent = method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
    if (isChunked(lines)) return { status, lines, content: hasContent ? await this.#chunked() : empty };
    const length = contentLength(status, lines);
    if (hasContent) await this.atLeast(length);
    return { status, lines, content: hasContent ? this.#take(length) : empty };
  }

  /** All bytes up to the server's end of the connection, and how it ended; undefined once there are too many. */
  async rest(
    bytesMax: number = Number.POSITIVE_INFINITY,
  ): Promise<{ readonly bytes: Buffer; readonly ending: Ending | undefined }> {
    while (this.#ending === undefined && this.#size < bytesMax) await this.#more();
    return { bytes: this.#take(this.#size), ending: this.#ending };
  }

  /** Nothing further comes and the server ends in order. Then we end too. */
  async expectEnd(): Promise<void> {
    const { bytes, ending } = await this.rest();
    assert.equal(bytes.toString('latin1'), '', 'bytes after the last answer');
    assert.equal(ending, 'end');
    this.#socket.end();
  }

  /** At least so many bytes have come; they stay. */
  async atLeast(count: number): Promise<Buffer> {
    while (this.#size < count) {
      assert.equal(this.#ending, undefined, `the connection ended after ${this.#size} of ${count} bytes`);
      await this.#more();
    }
    return this.#gather();
  }

  #headLength(): Promise<number> {
    return this.#lengthTo('\r\n\r\n');
  }

  async #lengthTo(mark: string): Promise<number> {
    for (;;) {
      const end = this.#gather().indexOf(mark);
      if (end >= 0) return end + mark.length;
      assert.equal(
        this.#ending,
        undefined,
        `${this.#ending} before ${JSON.stringify(mark)}: ${this.#shown()}`,
      );
      await this.#more();
    }
  }

  /** RFC 9112 §7.1; we send neither extensions nor trailers, and no empty chunk before the last. */
  async #chunked(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (;;) {
      const line = this.#take(await this.#lengthTo('\r\n')).toString('latin1');
      assert.match(line, /^(0|[1-9a-f][0-9a-f]*)\r\n$/);
      const size = Number.parseInt(line, 16);
      await this.atLeast(size + 2);
      pieces.push(this.#take(size));
      assert.equal(this.#take(2).toString('latin1'), '\r\n');
      if (size === 0) return Buffer.concat(pieces);
    }
  }

  #take(count: number): Buffer {
    const bytes = this.#gather();
    this.#received = bytes.subarray(count);
    this.#size -= count;
    return bytes.subarray(0, count);
  }

  #gather(): Buffer {
    if (this.#chunks.length > 0) {
      this.#received = Buffer.concat([this.#received, ...this.#chunks]);
      this.#chunks = [];
    }
    return this.#received;
  }

  #shown(): string {
    return JSON.stringify(this.#gather().toString('latin1', 0, 300));
  }

  async #more(): Promise<void> {
    let guard: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      guard = setTimeout(
        () => reject(new Error(`nothing came for ${guardMs} ms after ${this.#shown()}`)),
        guardMs,
      );
      this.#wake = resolve;
    });
    clearTimeout(guard);
    this.#wake = undefined;
  }
}

/** Sends bytes on a connection of their own and reads what comes until the server ends it. */
export async function exchangeRaw(
  place: Place,
  bytes: string | Uint8Array,
): Promise<{ readonly bytes: Buffer; readonly ending: Ending | undefined }> {
  const connection = await RawConnection.open(place);
  connection.write(bytes);
  connection.end();
  const answer = await connection.rest();
  connection.destroy();
  return answer;
}

/** Sends exactly these octets as the target, with these fields, on a connection of their own. Fails when more than one answer comes. */
export async function askOnce(
  { place }: { readonly place: Place },
  target: string,
  lines: readonly FieldLine[] = [],
  method: string = 'GET',
): Promise<WireResponse> {
  const client = await RawConnection.open(place);
  const host = lines.some(([name]) => name === 'Host') ? '' : 'Host: h\r\n';
  const section = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  client.write(`${method} ${target} HTTP/1.1\r\n${host}Connection: close\r\n${section}\r\n`);
  const response = await client.response(method);
  await client.expectEnd();
  return response;
}

const empty: Buffer = Buffer.alloc(0);
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const imfDate =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** RFC 9112 §4 and §5, and what RFC 9110 §6.6.1 asks of every answer. */
function parseHead(head: string): { readonly status: number; readonly lines: readonly FieldLine[] } {
  const [statusLine = '', ...rest] = head.slice(0, -4).split('\r\n');
  assert.doesNotMatch(head.replaceAll('\r\n', ''), /[\r\n\0]/, 'a bare CR or LF, or a NUL');
  const status = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/.exec(statusLine)?.[1];
  assert.ok(status !== undefined, `no status line: ${JSON.stringify(statusLine)}`);
  const lines = rest.map((line): FieldLine => {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    assert.match(name, token, `no field line: ${JSON.stringify(line)}`);
    const value = line.slice(colon + 1).trim();
    assert.match(value, /^[\t\x20-\x7e\x80-\xff]*$/, JSON.stringify(line));
    return [name, value];
  });
  const names = lines.map(([name]) => name.toLowerCase());
  assert.equal(new Set(names).size, names.length, `a field stands twice: ${names.join(' ')}`);
  const date = lines.find(([name]) => name === 'Date')?.[1] ?? '';
  if (Number(status) >= 200) assert.match(date, imfDate);
  return { status: Number(status), lines };
}

/** RFC 9112 §6.2: such a message has no Content-Length. */
function isChunked(lines: readonly FieldLine[]): boolean {
  const value = lines.find(([name]) => name.toLowerCase() === 'transfer-encoding')?.[1];
  if (value === undefined) return false;
  assert.equal(value, 'chunked');
  assert.ok(!lines.some(([name]) => name.toLowerCase() === 'content-length'), 'a length beside chunks');
  return true;
}

/** RFC 9110 §8.6: none in 1xx and 204, one in everything else that we send but 304. */
function contentLength(status: number, lines: readonly FieldLine[]): number {
  const value = lines.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  if (status < 200 || status === 204) assert.equal(value, undefined, 'Content-Length where there is none');
  else if (status !== 304) assert.match(value ?? '', /^\d+$/, 'no Content-Length');
  return Number(value ?? 0);
}
