/** Plain requests over a connection of their own: to learn whether a server is up and whether it answers rightly. */
import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { request as requestSecured } from 'node:https';
import { connect } from 'node:net';
import type { FieldLines } from './workloads.ts';

const answerTimeoutMs = 5000;
const http2WindowBytes = 2 ** 24;

/** An answer as it came, all of it. */
export interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly content: Buffer;
}

/** What is kept of an answer that is too long to be held. */
export interface Digest {
  readonly status: number;
  readonly length: number;
  readonly sha256: string;
}

/**
 * Asks 127.0.0.1 for a target, over TLS if `isSecured`. Rejects when there is no server, no whole answer, or nothing for
 * five seconds.
 */
export async function ask(
  port: number,
  target: string,
  fields: FieldLines = [],
  isSecured = false,
): Promise<Answer> {
  const chunks: Buffer[] = [];
  const { statusCode, headers } = await receive(port, target, fields, chunk => chunks.push(chunk), isSecured);
  return { status: statusCode ?? 0, etag: headers.etag ?? '', content: Buffer.concat(chunks) };
}

/** Asks for a target and hashes its content. Rejects as `ask` does. */
export async function askDigest(port: number, target: string): Promise<Digest> {
  const hash = createHash('sha256');
  let length = 0;
  const { statusCode } = await receive(port, target, [], chunk => {
    length += chunk.length;
    hash.update(chunk);
  });
  return { status: statusCode ?? 0, length, sha256: hash.digest('hex') };
}

/** The same over HTTP/2, which the server has to choose by ALPN. */
export function askDigestOverHttp2(port: number, target: string): Promise<Digest> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, {
      rejectUnauthorized: false,
      settings: { initialWindowSize: http2WindowBytes },
    });
    const fail = (error: Error): void => {
      session.destroy();
      reject(error);
    };
    session.once('error', fail);
    session.once('connect', () => session.setLocalWindowSize(http2WindowBytes));
    const asked = session.request({ [constants.HTTP2_HEADER_PATH]: target });
    asked.setTimeout(answerTimeoutMs, () => fail(new Error('no answer in five seconds')));
    asked.once('error', fail);
    const hash = createHash('sha256');
    let [status, length] = [0, 0];
    asked.once('response', fields => {
      status = Number(fields[constants.HTTP2_HEADER_STATUS]);
    });
    asked.on('data', (chunk: Buffer) => {
      length += chunk.length;
      hash.update(chunk);
    });
    asked.once('end', () => {
      session.close();
      resolve({ status, length, sha256: hash.digest('hex') });
    });
  });
}

/** Asks for a target several times in one write, the last time with `Connection: close`; gives all that comes back. */
export function askPipelined(
  port: number,
  target: string,
  count: number,
  fields: FieldLines = [],
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const own = fields
      .filter(([name]) => name !== 'Connection')
      .map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${own.join('')}`;
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error('nothing came for five seconds')));
    socket.on('data', chunk => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('end', () => resolve(Buffer.concat(chunks)));
    // Written and not ended: Node's own server gives up on a client that has ended its side.
    socket.write(`${`${head}\r\n`.repeat(count - 1)}${head}Connection: close\r\n\r\n`);
  });
}

function receive(
  port: number,
  target: string,
  fields: FieldLines,
  take: (chunk: Buffer) => void,
  isSecured = false,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = Object.fromEntries(fields.filter(([name]) => name !== 'Connection'));
    const options = {
      host: '127.0.0.1',
      port,
      path: target,
      headers,
      agent: false,
      rejectUnauthorized: false,
    };
    const asked = (isSecured ? requestSecured : request)(options, response => {
      response.on('data', take);
      response.once('error', reject);
      response.once('end', () => resolve(response));
    });
    asked.setTimeout(answerTimeoutMs, () => asked.destroy(new Error('no answer in five seconds')));
    asked.once('error', reject);
    asked.end();
  });
}
