// The ways in which a request can reach the server. Every test of `semantics.test.ts` runs over each of them:
// a later transport (HTTP/2, TLS) joins by adding a row.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type Address, createServer, type ServerOptions } from '../../src/index.ts';
import { serving } from '../cli/command.ts';
import { makeTlsFolder } from '../server/tls-fixture.ts';
import {
  field,
  type Place,
  RawConnection,
  requestBytes,
  type WireRequest,
  type WireResponse,
} from './client.ts';
import { exchange, openSession, startH2 } from './h2.ts';

/** A started server and the way to talk to it. */
export interface Running {
  /** Asks and answers. Fails the test when the answer is malformed. */
  readonly exchange: (request: WireRequest) => Promise<WireResponse>;
  readonly place: Place;
  readonly addresses: readonly Address[];
  /** What the server had to say to its operator. */
  readonly reports: readonly string[];
  /** Ends the server, waiting so long for answers under way; a second call does nothing. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

/** One row: a name and how to start a server that is talked to in this way. */
export interface Transport {
  readonly name: string;
  /** HTTP/2: a target is a path, and what is malformed is reset and not answered. RFC 9113 §8.1.1, §8.3.1. */
  readonly isH2?: true;
  readonly start: (options: ServerOptions) => Promise<Running>;
  /** Whether such a request can be made in this way; without it all can. */
  readonly carries?: (request: Pick<WireRequest, 'method' | 'target' | 'content'>) => boolean;
}

/** The rows. */
export const transports: readonly Transport[] = [
  {
    name: 'HTTP/1.1, a connection for each request',
    start: options => startOn('127.0.0.1', options, oneByOne),
  },
  { name: 'HTTP/1.1, one connection for all', start: options => startOn('127.0.0.1', options, keptAlive) },
  { name: 'HTTP/1.1, in small pieces', start: options => startOn('127.0.0.1', options, inPieces) },
  {
    name: 'HTTP/1.1, each request three times, the last answer from memory',
    start: options => startOn('127.0.0.1', options, thrice),
  },
  {
    name: 'HTTP/1.1, nothing remembered',
    start: options => startOn('127.0.0.1', { ...options, revalidateMs: 0 }, keptAlive),
  },
  {
    name: 'HTTP/1.1, hardly anything remembered',
    start: options =>
      startOn('127.0.0.1', { ...options, limits: { ...options.limits, cacheBytesMax: 4000 } }, thrice),
  },
  {
    name: 'HTTP/1.1, one folder among several',
    start: options => startOn('127.0.0.1', { ...options, ...withOthers(options) }, keptAlive),
  },
  {
    name: 'HTTP/1.1 on a Unix socket',
    start: options => startOn(`unix:${socketPath()}`, options, oneByOne),
  },
  { name: 'HTTP/2, one connection for all', isH2: true, start: startSession },
  {
    name: 'HTTP/2, nothing remembered',
    isH2: true,
    start: options => startSession({ ...options, revalidateMs: 0 }),
  },
  {
    name: 'HTTP/1.1 over TLS, a connection for each request',
    start: options => startSecured(options, oneByOne),
  },
  {
    name: 'HTTP/1.1 over TLS, one connection for all, in memory',
    start: options => startSecured(options, thrice),
  },
  {
    name: 'HTTP/1.1 over TLS, in small pieces',
    start: options => startSecured(options, inPieces),
  },
  {
    name: 'HTTP/2 over TLS, one connection for all',
    isH2: true,
    start: options => startSecured(options, inSession),
  },
  {
    name: 'HTTP/2 over TLS, nothing remembered',
    isH2: true,
    start: options => startSecured({ ...options, revalidateMs: 0 }, inSession),
  },
  { name: 'HTTP/1.1 from two worker processes', start: options => startWorkers(options, oneByOne) },
  {
    name: 'HTTP/1.1 from two worker processes, nothing remembered',
    start: options => startWorkers({ ...options, revalidateMs: 0 }, keptAlive),
  },
  {
    name: 'HTTP/1.1 from two worker processes, hardly anything remembered',
    start: options => startWorkers({ ...options, limits: { cacheBytesMax: 4000 } }, thrice),
  },
];

/** The same folder once more at another path, and as the site of another host: nothing that is asked for differs. */
function withOthers({ root, store }: ServerOptions): ServerOptions {
  if (root === undefined || store !== undefined) return {};
  return { mounts: { '/at/another/path': root }, hosts: { 'another.example': { root } } };
}

/** A server for tests of HTTP/1.1 itself, which write their own bytes. */
export function startRaw(options: ServerOptions): Promise<Running> {
  return startOn('127.0.0.1', options, oneByOne);
}

/** A way to talk to a server. */
export type Client = (place: Place) => Pick<Running, 'exchange'> & { readonly leave: () => void };

/** With a certificate of its own. */
async function startSecured(options: ServerOptions, client: Client): Promise<Running> {
  const folder = await makeTlsFolder();
  await folder.issue('server', ['127.0.0.1']);
  const secured = { ...options, tlsCert: folder.path('server.crt'), tlsKey: folder.path('server.key') };
  const running = await startOn('127.0.0.1', secured, place =>
    client({ ...place, authority: folder.authority.cert }),
  );
  return {
    ...running,
    place: { ...running.place, authority: folder.authority.cert } as Place,
    stop: async graceMs => {
      await running.stop(graceMs);
      folder.remove();
    },
  };
}

async function startOn(host: string, options: ServerOptions, client: Client): Promise<Running> {
  const reports: string[] = [];
  const server = createServer({ host, port: 0, onReport: line => reports.push(line), ...options });
  const addresses = await server.start();
  const [address] = addresses;
  if (address === undefined) throw new Error('the server listens nowhere');
  const place = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  const { exchange, leave } = client(place);
  const stop = async (graceMs = 0): Promise<void> => {
    leave();
    await server.stop(graceMs);
    if (address.kind === 'unix') rmSync(address.path, { force: true });
  };
  return { exchange, place, addresses, reports, stop };
}

/** Over bare sockets. */
async function startSession(options: ServerOptions): Promise<Running> {
  const server = await startH2(options);
  const place = { host: '127.0.0.1', port: server.port };
  const { exchange, leave } = inSession(place);
  const stop = (graceMs?: number): Promise<void> => {
    leave();
    return server.stop(graceMs);
  };
  return { ...server, place, exchange, stop };
}

/** The command itself, with the options that have a flag. */
async function startWorkers(options: ServerOptions, client: Client): Promise<Running> {
  const { root = '.', listing, cleanUrls, compress, revalidateMs, env = [], limits = {} } = options;
  const flags = [
    ...ruleFlags(options),
    ...(listing === false ? ['--no-listing'] : []),
    ...(cleanUrls === false ? ['--no-clean-urls'] : []),
    ...(compress === false ? ['--no-compress'] : []),
    ...[env].flat().flatMap(prefix => ['--env', prefix]),
    ...(revalidateMs === undefined ? [] : ['--revalidate', `${revalidateMs}ms`]),
    ...Object.entries(limits).flatMap(([name, value]) => ['--limit', `${name}=${value}`]),
  ];
  const variables = Object.entries(process.env).filter(([name]) => name.startsWith('PLINTH_'));
  const environment = Object.fromEntries(variables.map(([name, value]) => [name, String(value)]));
  const argv = [root, '0', '-q', '-w', '2', '-H', '127.0.0.1', ...flags];
  const { run, port } = await serving(argv, environment);
  const place = { host: '127.0.0.1', port };
  const reports: string[] = [];
  const { exchange, leave } = client(place);
  const stop = async (): Promise<void> => {
    leave();
    const { code, stderr } = await run.stop();
    assert.equal(code, 0);
    // Neither the banner, nor what is said of the folder, nor that the end of the last connection is waited for.
    const isReport = /^(?!plinth \d|plinth: (?:note:|warning:|finishing the answers))./;
    reports.push(...stderr.split('\n').filter(line => isReport.test(line)));
  };
  return { exchange, place, addresses: [], reports, stop };
}

/** The flags that say what these options say. */
function ruleFlags({
  spa,
  cache = [],
  dialect,
  variants,
  languages,
  cors,
}: ServerOptions): readonly string[] {
  return [
    ...(spa === undefined || spa === false ? [] : [spa === true ? '--spa' : `--spa=${spa}`]),
    ...[cache].flat().map(rule => `--cache=${rule}`),
    ...(dialect === undefined ? [] : ['--dialect', dialect]),
    ...(typeof cors === 'string' ? ['--cors', cors] : []),
    ...(variants === true ? ['--variants'] : []),
    ...(languages === undefined ? [] : ['--languages', [languages].flat().join(',')]),
  ];
}

/** Asks to close, so that anything after the answer shows. */
export const oneByOne: Client = place => ({
  exchange: async request => {
    const connection = await RawConnection.open(place);
    connection.write(requestBytes(closing(request)));
    const response = await connection.response(request.method);
    await connection.expectEnd();
    return response;
  },
  leave: () => {},
});

/** Octets come a few at a time, so that no border of a read is a border of the message. */
const inPieces: Client = place => ({
  exchange: async request => {
    const connection = await RawConnection.open(place);
    const bytes = requestBytes(closing(request));
    for (let at = 0; at < bytes.length && connection.ending === undefined; at += pieceBytes) {
      connection.write(bytes.subarray(at, at + pieceBytes));
      await new Promise(setImmediate);
    }
    const response = await connection.response(request.method);
    await connection.expectEnd();
    return response;
  },
  leave: () => {},
});

const pieceBytes = 11;

/** One request after the other; a new connection only where the server has ended the old one. */
const keptAlive: Client = place => {
  let connection: Promise<RawConnection> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const ask = async (request: WireRequest): Promise<WireResponse> => {
    connection ??= RawConnection.open(place);
    const open = await connection;
    open.write(requestBytes(request));
    const response = await open.response(request.method);
    if (field(response, 'connection') === 'close') {
      connection = undefined;
      await open.expectEnd();
    }
    return response;
  };
  return {
    exchange: request => {
      const answer = turn.then(() => ask(request));
      turn = answer.catch(() => {
        connection = undefined;
      });
      return answer;
    },
    leave: () => void connection?.then(open => open.destroy()),
  };
};

/** HTTP/2 with node:http2 for a client; a new session only where the server has ended the old one. */
const inSession: Client = place => {
  assert.ok('port' in place);
  let session = openSession(place.port, place.authority);
  return {
    exchange: request => {
      if (session.closed || session.destroyed) session = openSession(place.port, place.authority);
      return exchange(session, request);
    },
    leave: () => session.destroy(),
  };
};

/** Files that have just changed are not remembered; so long it takes until they are. */
const settledMs = 1100;

/** Equal requests get equal answers, whether they are made or remembered. */
export function repeated(exchange: Running['exchange']): Running['exchange'] {
  const settled = new Promise(resolve => setTimeout(resolve, settledMs));
  return async request => {
    await settled;
    const first = await exchange(request);
    assertAlike(await exchange(request), first);
    const last = await exchange(request);
    assertAlike(last, first);
    return last;
  };
}

/** Only the date may be another; and what was coded in haste, under a weak tag, may have been coded better meanwhile. */
function assertAlike(one: WireResponse, other: WireResponse): void {
  const [tag, otherTag] = [field(one, 'etag'), field(other, 'etag')];
  const isBetter = tag !== otherTag && tag?.replace(/^W\//, '') === otherTag?.replace(/^W\//, '');
  const volatile = isBetter ? ['Date', 'ETag', 'Content-Length'] : ['Date'];
  const shown = ({ status, lines, content }: WireResponse): unknown => ({
    status,
    lines: lines.filter(([name]) => !volatile.includes(name)),
    content: isBetter && content.length > 0 ? decoded(content, field(one, 'content-encoding')) : content,
  });
  assert.deepEqual(shown(one), shown(other));
}

function decoded(content: Buffer, coding: string | undefined): Buffer {
  if (coding === 'br') return brotliDecompressSync(content);
  return coding === 'gzip' ? gunzipSync(content) : content;
}

const thrice: Client = place => {
  const { exchange, leave } = keptAlive(place);
  return { leave, exchange: repeated(exchange) };
};

function closing(request: WireRequest): WireRequest {
  return { ...request, fields: [...request.fields, ['Connection', 'close']] };
}

let sockets = 0;

function socketPath(): string {
  return join(tmpdir(), `plinth-wire-${process.pid}-${sockets++}.sock`);
}
