// Thousands of generated field lists go both ways between us and nghttp2, the HTTP/2 of node:http2.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { HeadBlock, Vocabulary } from '../../src/h2/head-block.ts';
import { HpackDecoder } from '../../src/h2/hpack-decoder.ts';
import { HpackEncoder } from '../../src/h2/hpack-encoder.ts';
import type { FieldLine } from '../../src/http/message.ts';
import { randomFrom } from '../h1/transcript.ts';
import { clientPreface, type Frame, frame, readFrames } from './frames.ts';
import { unknownLength } from './transcript.ts';

const connections = 8;
const exchangesEach = 500;
const date = 'Mon, 23 Nov 2026 02:00:00 GMT';

for (let seed = 1; seed <= connections; seed++) {
  test(`${exchangesEach} exchanges of seed ${seed} arrive as they were sent`, async () => {
    const random = randomFrom(seed);
    const asked = Array.from({ length: exchangesEach }, () => generated(random));
    const answered = Array.from({ length: exchangesEach }, () => generated(random));
    const heard: (readonly FieldLine[])[] = [];
    // Tables of the usual size, of none, of a little, and of more than we use.
    const tableBytes = [4096, 4096, 0, 100, 65_536][seed % 5] ?? 4096;
    const server = createServer(socket => {
      const encoder = new HpackEncoder(vocabulary, 4096);
      encoder.resize(tableBytes);
      const decoder = new HpackDecoder(4096, { bytesMax: 1e6, linesMax: 1000 });
      serve(socket, decoder, encoder, heard, answered);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const session = connect(`http://127.0.0.1:${port}`, { settings: { headerTableSize: tableBytes } });
    try {
      for (let at = 0; at < exchangesEach; at += 50) {
        const batch = asked.slice(at, at + 50);
        const lists = await Promise.all(batch.map(lines => exchange(session, lines)));
        for (const [n, list] of lists.entries())
          assert.deepEqual(list, expected([[':status', '200'], ['date', date], ...(answered[at + n] ?? [])]));
      }
      for (const [n, lines] of asked.entries()) {
        const regular = (heard[n] ?? []).filter(([name]) => !name.startsWith(':'));
        assert.deepEqual(expected(regular), expected(lines));
      }
    } finally {
      session.destroy();
      server.close();
    }
  });
}

const vocabulary = new Vocabulary();

/** Sends a request with these lines, and answers the lines of its answer. */
function exchange(session: ClientHttp2Session, lines: readonly FieldLine[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string[]> = {};
    for (const [name, value] of lines) headers[name] = [...(headers[name] ?? []), value];
    const stream = session.request({ ':path': '/', ...headers });
    stream.on('error', reject);
    stream.on('response', (...given: unknown[]) => {
      const raw = given[2] as readonly string[];
      const arrived: FieldLine[] = [];
      for (let n = 0; n < raw.length; n += 2) arrived.push([raw[n] ?? '', raw[n + 1] ?? '']);
      resolve(expected(arrived));
    });
    stream.resume();
  });
}

/** Answers each request with the next of the lists. */
function serve(
  socket: Socket,
  decoder: HpackDecoder,
  encoder: HpackEncoder,
  heard: (readonly FieldLine[])[],
  answered: readonly (readonly FieldLine[])[],
): void {
  let received: Buffer = Buffer.alloc(0);
  let block: Buffer = Buffer.alloc(0);
  let hasPreface = false;
  socket.write(frame(4, 0, 0));
  socket.on('error', () => {});
  socket.on('data', bytes => {
    received = Buffer.concat([received, bytes]);
    if (!hasPreface) {
      if (received.length < clientPreface.length) return;
      received = received.subarray(clientPreface.length);
      hasPreface = true;
    }
    const { frames, rest } = readFrames(received);
    received = rest;
    for (const read of frames) {
      if (read.type === 4 && read.flags === 0) socket.write(frame(4, 1, 0));
      if (read.type !== 1 && read.type !== 9) continue;
      block = Buffer.concat([block, fragmentOf(read)]);
      if ((read.flags & 4) === 0) continue;
      const decoded = decoder.decode(block);
      block = Buffer.alloc(0);
      assert.ok(decoded.kind === 'block', JSON.stringify(decoded));
      heard.push(decoded.lines);
      const fields = answered[heard.length - 1] ?? [];
      const head = new HeadBlock({ status: 200, fields, content: unknownLength }, vocabulary);
      const buffer = Buffer.alloc(encoder.bytesMaxOf(head));
      const end = encoder.write(head, date, buffer, 0);
      socket.write(frame(1, 5, read.stream, buffer.subarray(0, end)));
    }
  });
}

function fragmentOf({ type, flags, payload }: Frame): Buffer {
  if (type === 9) return payload;
  const padding = flags & 8 ? (payload[0] ?? 0) : 0;
  const start = (flags & 8 ? 1 : 0) + (flags & 0x20 ? 5 : 0);
  return payload.subarray(start, payload.length - padding);
}

/** Values of one name keep their order; nghttp2 and node put names in another one. */
function expected(lines: readonly FieldLine[]): readonly string[] {
  return [...lines]
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
    .map(([name, value]) => `${name}: ${value}`);
}

const commonLines: readonly FieldLine[] = [
  ['content-type', 'text/html; charset=utf-8'],
  ['content-type', 'image/avif'],
  ['cache-control', 'no-cache'],
  ['cache-control', 'public, max-age=31536000, immutable'],
  ['vary', 'Accept-Encoding'],
  ['server', 'plinth'],
  ['etag', '"16f-b2"'],
  ['last-modified', 'Sun, 22 Nov 2026 12:00:00 GMT'],
  ['x-content-type-options', 'nosniff'],
  ['accept-encoding', 'gzip, deflate'],
];

/** Lines that come again and lines that do not, names of one, values with octets beyond ASCII. */
function generated(random: () => number): readonly FieldLine[] {
  const lines = new Map<string, string>();
  const count = Math.floor(random() * 10);
  for (let n = 0; n < count; n++) {
    const [name, value] =
      random() < 0.6
        ? (commonLines[Math.floor(random() * commonLines.length)] ?? ['a', 'b'])
        : [text(random, 1 + random() * 20, nameOctets), text(random, random() ** 3 * 300, valueOctets)];
    lines.set(name, value);
  }
  return [...lines];
}

const nameOctets = 'abcdefghijklmnopqrstuvwxyz0123456789-_.';
const valueOctets = ` !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_\`abcdefghijklmnopqrstuvwxyz{|}~\xa0\xe9\xff`;

function text(random: () => number, length: number, octets: string): string {
  let made = '';
  for (let n = 0; n < length; n++) made += octets[Math.floor(random() * octets.length)] ?? '';
  return `x${made.trim()}`;
}
