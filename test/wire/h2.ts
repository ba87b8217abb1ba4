// HTTP/2 over bare sockets (RFC 9113 §3.3), for tests: a server that speaks nothing else, and a client on node:http2.
import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Socket } from 'node:net';
import { compose } from '../../src/compose.ts';
import { readOptions } from '../../src/config/options.ts';
import { readSiteRules } from '../../src/config/rules.ts';
import type { FieldLine } from '../../src/http/message.ts';
import type { Address, ServerOptions } from '../../src/index.ts';
import { Connections } from '../../src/server/connections.ts';
import { openH2 } from '../../src/server/h2-driver.ts';
import { H2Means } from '../../src/server/h2-means.ts';
import { listen } from '../../src/server/listen.ts';
import type { Service } from '../../src/server/service.ts';
import type { WireRequest, WireResponse } from './client.ts';

/** A started server that speaks HTTP/2 and nothing else. */
export interface H2Server {
  readonly addresses: readonly Address[];
  readonly port: number;
  readonly reports: readonly string[];
  /** Connections that it holds. */
  readonly held: () => number;
  readonly stop: (graceMs?: number) => Promise<void>;
}

/** Starts one on a free port of the loopback interface; `change` may put faults into what its connections share. */
export async function startH2(
  options: ServerOptions,
  change: (service: Service) => Service = service => service,
): Promise<H2Server> {
  const reports: string[] = [];
  const { store, gates = [], rewrites = [], finishers = [], observers = [], rules, ...plain } = options;
  const { onReport: _, sockets: __, ...settings } = plain;
  const parts = { store, gates, rewrites, finishers, observers };
  const {
    service: composed,
    ready,
    rest,
  } = compose(readOptions(settings), {
    ...parts,
    rules: readSiteRules(rules ?? {}, () => ({ file: 'option' })).rules,
    onReport: line => reports.push(line),
  });
  const service = change(composed);
  await ready();
  const connections = new Connections(service, { open: openH2(new H2Means(service, 'http')) });
  const accept = (socket: Socket): void => connections.accept(socket);
  const { addresses, close } = await listen(
    { hosts: ['127.0.0.1'], port: 0, backlog: 511 },
    accept,
    service.report,
  );
  const [address] = addresses;
  assert.ok(address?.kind === 'tcp');
  let stopping: Promise<void> | undefined;
  const stop = async (graceMs: number): Promise<void> => {
    close();
    await connections.drain(graceMs);
    await rest();
  };
  return {
    addresses,
    port: address.port,
    reports,
    held: () => connections.size,
    stop: (graceMs = 0) => {
      stopping ??= stop(graceMs);
      return stopping;
    },
  };
}

/** Opens a session of node:http2's client; with the certificate of an authority, over TLS. */
export function openSession(port: number, authority?: string): ClientHttp2Session {
  const session =
    authority === undefined
      ? connect(`http://127.0.0.1:${port}`)
      : connect(`https://127.0.0.1:${port}`, { ca: authority });
  // What goes wrong with it is seen where it is used.
  session.on('error', () => {});
  return session;
}

/** Asks on a session; rejects when the stream is reset or the session ends. */
export function exchange(session: ClientHttp2Session, request: WireRequest): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    const { method, target, content = '' } = request;
    const named = method === 'CONNECT' ? { ':authority': target } : { ':path': target, ':authority': 'test' };
    const headers: Record<string, string> = { ':method': method, ...named };
    for (const [name, value] of request.fields) {
      const key = name.toLowerCase() === 'host' ? ':authority' : name.toLowerCase();
      const before = headers[key];
      // node:http2 takes some fields once only; in one line they mean the same.
      headers[key] = before === undefined || key === ':authority' ? value : `${before}, ${value}`;
    }
    if (content.length > 0) headers['content-length'] = String(Buffer.from(content).length);
    const stream = session.request(headers, { endStream: content.length === 0 });
    const lines: FieldLine[] = [];
    const chunks: Buffer[] = [];
    stream.on('response', (...given: unknown[]) => {
      const raw = given[2] as readonly string[];
      for (let n = 0; n < raw.length; n += 2) lines.push([raw[n] ?? '', raw[n + 1] ?? '']);
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () => {
      const status = Number(lines.find(([name]) => name === ':status')?.[1]);
      if (stream.rstCode !== 0 || !stream.readableEnded) reject(new Error(`reset with ${stream.rstCode}`));
      else
        resolve({
          status,
          lines: lines.filter(([name]) => name !== ':status'),
          content: Buffer.concat(chunks),
        });
    });
    if (content.length > 0) stream.end(content);
  });
}
