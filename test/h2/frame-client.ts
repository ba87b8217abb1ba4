import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connect as connectSecured } from 'node:tls';
import { clientOctets } from './client-frames.ts';
import { type Frame, readFrames } from './frames.ts';

/** A client that speaks in frames and reads them as they come. */
export class FrameClient {
  readonly socket: Socket;
  readonly frames: Frame[] = [];
  /** 'end' or 'reset', once the server has ended the connection. */
  ending = '';
  readonly #scheme: 'http' | 'https';
  #rest: Buffer = Buffer.alloc(0);

  /** With the certificate of an authority, over TLS. */
  constructor(t: TestContext, port: number, authority?: string) {
    this.#scheme = authority === undefined ? 'http' : 'https';
    this.socket =
      authority === undefined
        ? connect({ port, host: '127.0.0.1' })
        : connectSecured({ port, host: '127.0.0.1', ca: authority, ALPNProtocols: ['h2'] });
    this.socket.on('data', bytes => {
      const { frames, rest } = readFrames(Buffer.concat([this.#rest, bytes]));
      this.#rest = rest;
      this.frames.push(...frames);
    });
    this.socket.on('end', () => {
      this.ending ||= 'end';
    });
    this.socket.on('error', () => {
      this.ending ||= 'reset';
    });
    this.socket.on('close', () => {
      this.ending ||= 'reset';
    });
    t.after(() => this.socket.destroy());
  }

  /** Sends what the lines of a fixture say. */
  send(...lines: readonly string[]): void {
    this.socket.write(clientOctets(lines, this.#scheme));
  }

  /** Types of the frames on a stream, in order, DATA once. */
  types(stream: number): string {
    const types = this.frames.filter(frame => frame.stream === stream).map(({ type }) => type);
    return types.filter((type, at) => type !== 0 || types[at - 1] !== 0).join(' ');
  }

  /** Last stream, code and words of the last GOAWAY. */
  get goaway(): string {
    const payload = this.frames.findLast(({ type }) => type === 7)?.payload;
    return payload === undefined ? '' : `${payload.readUInt32BE()} ${payload.readUInt32BE(4)}`;
  }
}
