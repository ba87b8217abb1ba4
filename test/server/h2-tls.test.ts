// What HTTP/2 is over TLS alone: its scheme, and its end when much of an answer is still under way.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { createServer } from '../../src/index.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { clientOctets } from '../h2/client-frames.ts';
import { readFrames } from '../h2/frames.ts';
import { openSession } from '../wire/h2.ts';
import { makeTlsFolder } from './tls-fixture.ts';

test('a stop waits for a slow reader to take the end of its answer', async t => {
  const root = mkdtempSync(join(tmpdir(), 'plinth-h2-tls-'));
  const folder = await makeTlsFolder();
  t.after(() => {
    rmSync(root, { recursive: true });
    folder.remove();
  });
  await folder.issue('server', ['127.0.0.1']);
  const size = 9_000_000;
  writeFileSync(join(root, 'big.bin'), Buffer.alloc(size, 'big content '));
  const server = createServer({
    root,
    host: '127.0.0.1',
    port: 0,
    tlsCert: folder.path('server.crt'),
    tlsKey: folder.path('server.key'),
    limits: { lingerTimeoutMs: 40 },
  });
  const [address] = await server.start();
  assert.ok(address?.kind === 'tcp');
  const port = address.port;
  const ca = folder.authority.cert;
  const readers = Array.from({ length: 14 }, (_, n) => slowReader({ port, ca, bytes: size - n * 65_500 }));
  await Promise.all(readers.map(({ begun }) => begun));
  const stopped = server.stop(60_000);
  assert.deepEqual(
    await Promise.all(readers.map(({ got }) => got)),
    readers.map((_, n) => size - n * 65_500),
  );
  await stopped;
});

test('over TLS only what is https is answered for, RFC 9110 section 7.4', async t => {
  const folder = await makeTlsFolder();
  t.after(() => folder.remove());
  await folder.issue('server', ['127.0.0.1']);
  const server = createServer({
    store: memoryStore({ 'a.txt': 'over TLS' }),
    host: '127.0.0.1',
    port: 0,
    tlsCert: folder.path('server.crt'),
    tlsKey: folder.path('server.key'),
  });
  const [address] = await server.start();
  t.after(() => server.stop(0));
  assert.ok(address?.kind === 'tcp');
  const session = openSession(address.port, folder.authority.cert);
  t.after(() => session.destroy());
  const rows = [
    ['https', 200],
    ['HTTPS', 200],
    ['http', 421],
    ['ftp', 421],
  ] as const;
  for (const [scheme, expected] of rows) {
    const [headers] = await once(session.request({ ':path': '/a.txt', ':scheme': scheme }), 'response');
    assert.equal(headers[':status'], expected, scheme);
  }
});

/** Asks for so many octets and takes them slowly; answers how many came. */
function slowReader({ port, ca, bytes }: { port: number; ca: string; bytes: number }): {
  readonly begun: Promise<void>;
  readonly got: Promise<number>;
} {
  const socket = connect({ port, host: '127.0.0.1', ca, ALPNProtocols: ['h2'] });
  const greeting = ['hello', 'SETTINGS 4=2147483647', 'WINDOW_UPDATE 0 2147418112', 'GET 1 /big.bin'];
  socket.write(clientOctets([...greeting, `  range: bytes=0-${bytes - 1}`], 'https'));
  let rest: Buffer = Buffer.alloc(0);
  let got = 0;
  socket.on('error', () => {});
  const begun = new Promise<void>(resolve => {
    socket.on('data', (octets: Buffer) => {
      const read = readFrames(Buffer.concat([rest, octets]));
      rest = read.rest;
      for (const { type, payload } of read.frames) {
        if (type === 0) got += payload.length;
        // The echo of the farewell.
        if (type === 6) socket.write(clientOctets([`frame 6 1 0 ${payload.toString('hex')}`]));
      }
      if (got > 0) resolve();
      if (got < 1_000_000) return;
      socket.pause();
      setTimeout(() => socket.resume(), 10);
    });
  });
  socket.on('end', () => socket.end());
  return { begun, got: new Promise(resolve => socket.on('close', () => resolve(got))) };
}
