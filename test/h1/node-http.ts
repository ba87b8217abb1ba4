import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

/** What a server makes of some bytes and their end: the requests that it read whole, then perhaps why not more. */
export interface Outcome {
  readonly requests: readonly string[];
  readonly refusal: string | undefined;
}

/** A request as text by which two servers can be compared. `lines` are its fields. */
export function requestText(
  method: string,
  target: string,
  lines: readonly (readonly [string, string])[],
): string {
  return JSON.stringify([method, target, lines]);
}

/** `node:http` with its strict parser, fed without a network between. */
export class NodeHttp {
  readonly #server: Server = createServer({ insecureHTTPParser: false, requestTimeout: 0 });

  constructor() {
    this.#server.on('request', (request, response) => {
      note(request);
      response.end();
    });
    this.#server.on('checkExpectation', (request, response) => {
      refuse(request.socket, 'Expect');
      response.writeHead(417, { Connection: 'close' }).end();
    });
    // The socket is left open, so that the requests before the error still come to their end.
    this.#server.on('clientError', (error: Error & { code?: string; reason?: string }, socket) => {
      refuse(socket, error.reason ?? error.code ?? error.message);
    });
  }

  /** The outcome of each input, which is all that its connection receives. */
  async outcomes(inputs: readonly Uint8Array[]): Promise<readonly Outcome[]> {
    const wires = inputs.map(bytes => {
      const wire = new Wire();
      this.#server.emit('connection', wire);
      wire.push(bytes);
      wire.push(null);
      return wire;
    });
    // Nothing here waits for the system, so that a few turns of the loop are enough for all of it.
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    for (const wire of wires) wire.destroy();
    await setImmediate();
    return wires;
  }

  close(): void {
    this.#server.close();
  }
}

/** The server's end of a connection: what it is given to read, and what it made of that. */
class Wire extends Duplex implements Outcome {
  readonly requests: string[] = [];
  refusal: string | undefined;

  constructor() {
    super();
    this.on('error', () => undefined);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    const [status] = /^HTTP\/1\.1 [45].*/.exec(chunk.toString('latin1')) ?? [];
    if (status !== undefined) this.refusal ??= status;
    callback();
  }

  setTimeout(): this {
    return this;
  }
}

function note(request: IncomingMessage): void {
  const wire = request.socket as Duplex;
  const { method = '', url = '', rawHeaders } = request;
  const lines = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [],
  );
  request.on('end', () => wire instanceof Wire && wire.requests.push(requestText(method, url, lines)));
  request.on('error', () => undefined);
  request.resume();
}

function refuse(wire: Duplex, why: string): void {
  if (wire instanceof Wire) wire.refusal ??= why;
}
