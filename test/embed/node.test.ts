// The middleware in node:http, node:http2, Express and Connect: what is the site's, what is the program's.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect as openSocket, type TcpNetConnectOpts } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import connect from 'connect';
import express from 'express';
import {
  createMiddleware,
  type Exchange,
  type MiddlewareOptions,
  memoryStore,
  type NodeMiddleware,
  type Store,
} from '../../src/index.ts';
import { until } from '../faults/until.ts';
import { field, RawConnection, text, type WireResponse } from '../wire/client.ts';
import { listening } from '../wire/programs.ts';
import { paths } from '../wire/rows/threats.ts';
import { big, bigBytes, type Folder, hashOf, makeFolder } from './folder.ts';

let folder: Folder;
before(() => {
  folder = makeFolder();
});
after(() => folder.remove());

function made(options: MiddlewareOptions = {}): NodeMiddleware {
  return createMiddleware({ root: folder.root, ...options });
}

type Program = Awaited<ReturnType<typeof listening>>;

/** What the program answers where the site does not. */
const own: RequestListener = (request, response) => {
  const content = `program: ${request.method} ${request.url}`;
  response.writeHead(299, { 'Content-Length': content.length }).end(content);
};

function ask(
  { exchange }: Program,
  target: string,
  fields: readonly (readonly [string, string])[] = [],
  method = 'GET',
): Promise<WireResponse> {
  return exchange({ method, target, fields });
}

test('what is not there, and what no file could answer, is the program’s', async t => {
  const files = made();
  const program = await listening(connect().use(files).use(own));
  t.after(() => Promise.all([program.stop(), files.close()]));
  const rows: readonly (readonly [ask: string, status: number])[] = [
    ['GET /a.txt', 200],
    ['HEAD /a.txt', 200],
    ['GET /', 200],
    ['GET /docs', 308],
    ['GET /old', 301],
    ['GET /none', 299],
    ['HEAD /none', 299],
    ['GET /.env', 299],
    ['GET /way-out', 299],
    ['GET /bare/', 299],
    ['POST /a.txt', 299],
    ['OPTIONS /a.txt', 299],
    ['DELETE /none', 299],
    ['GET /users/a%2Fb', 299],
    ['GET /proxy/http://example.org/', 299],
    ['GET /%61.txt', 299],
    ['GET /private/../a.txt', 299],
    ['GET /%00', 299],
    ['GET /../a.txt', 299],
  ];
  for (const [asked, status] of rows) {
    const [method = '', target = ''] = asked.split(' ');
    const response = await ask(program, target, [], method);
    assert.equal(response.status, status, asked);
    if (status === 299 && method !== 'HEAD') assert.equal(text(response), `program: ${asked}`);
  }
});

test('without fallthrough, and without anybody to leave it to, everything is answered', async t => {
  const [alone, whole] = [made(), made({ fallthrough: false })];
  const programs = [await listening(alone), await listening(connect().use(whole).use(own))];
  t.after(() => Promise.all([...programs.map(({ stop }) => stop()), alone.close(), whole.close()]));
  for (const program of programs) {
    const rows: readonly (readonly [ask: string, status: number])[] = [
      ['GET /none', 404],
      ['POST /a.txt', 405],
      ['OPTIONS /a.txt', 204],
      ['GET /%61.txt', 308],
      ['GET //a.txt', 308],
      ['GET /%00', 400],
      ['GET http://h/a.txt', 200],
    ];
    for (const [asked, status] of rows) {
      const [method = '', target = ''] = asked.split(' ');
      assert.equal((await ask(program, target, [], method)).status, status, asked);
    }
    assert.equal(text(await ask(program, '/none')), 'not here');
  }
});

test('below a path of the program, redirects lead to below that path', async t => {
  const files = made({ rules: { redirects: [{ from: '/away', to: '//cdn.example/x', status: 302 }] } });
  const programs = [
    await listening(express().use('/static', files)),
    await listening(connect().use('/static', files)),
    await listening(express().use('/static', express.Router().use('/', files))),
  ];
  t.after(() => Promise.all([...programs.map(({ stop }) => stop()), files.close()]));
  for (const program of programs) {
    const rows: readonly (readonly [target: string, status: number, location?: string])[] = [
      ['/static/a.txt', 200],
      ['/static/', 200],
      ['/static', 308, '/static/'],
      ['/static?q=/x', 308, '/static/?q=/x'],
      ['/static/docs?q=1', 308, '/static/docs/?q=1'],
      ['/static/old', 301, '/static/docs/'],
      ['/static/away', 302, '//cdn.example/x'],
      ['/a.txt', 404],
      ['/staticky', 404],
    ];
    for (const [target, status, location] of rows) {
      const response = await ask(program, target);
      assert.equal(response.status, status, target);
      assert.equal(field(response, 'location'), location, target);
    }
  }
});

test('a path that lacks its slash is told of as what it was answered with, whatever stands there', async t => {
  for (const bytes of [10, bigBytes]) {
    const told: string[] = [];
    const store = memoryStore({ 'index.html': new Uint8Array(bytes) });
    const files = made({
      store,
      observers: [
        ({ head, status, contentBytes, outcome }) =>
          told.push(`${head?.target} ${status} ${contentBytes} ${outcome}`),
      ],
    });
    const program = await listening(connect().use('/static', files));
    t.after(() => Promise.all([program.stop(), files.close()]));
    assert.equal((await ask(program, '/static')).status, 308);
    await until(() => told.join(), '/static 308 0 completed');
  }
});

test('below a path of the program, the site may have a base of its own', async t => {
  const files = made({ base: '/app' });
  const program = await listening(connect().use('/outer', files));
  t.after(() => Promise.all([program.stop(), files.close()]));
  for (const [target, status, location] of [
    ['/outer/app/a.txt', 200, undefined],
    ['/outer/app/docs', 308, '/outer/app/docs/'],
    ['/outer/app', 308, '/outer/app/'],
    ['/outer/a.txt', 404, undefined],
  ] as const) {
    const response = await ask(program, target);
    assert.deepEqual([response.status, field(response, 'location')], [status, location], target);
  }
});

test('CVE-2021-28861 no URL that a program hands on becomes a redirect to another host', async t => {
  const files = made();
  const program = await listening((request, response) => {
    const given = request as IncomingMessage & { originalUrl?: string };
    given.originalUrl = request.url ?? '';
    given.url = '/docs';
    files(given, response);
  });
  t.after(() => Promise.all([program.stop(), files.close()]));
  for (const target of ['//evil.example/docs', '/\\evil.example/docs', '//evil.example', '/x//evil/docs'])
    assert.equal(field(await ask(program, target), 'location'), '/docs/', target);
  assert.equal(field(await ask(program, '/app/docs'), 'location'), '/app/docs/');
});

test('CVE-2026-29087 CVE-2026-7120 what a program guards is not found by another way of writing it', async t => {
  for (const fallthrough of [true, false]) {
    const files = made({ fallthrough });
    const program = await listening(
      express()
        .use('/private', (_request, response) => void response.status(401).end('stop'))
        .use(files),
    );
    t.after(() => Promise.all([program.stop(), files.close()]));
    for (const target of [
      '/private/page.html',
      '/private/page',
      '/%70rivate/page.html',
      '/x/../private/page.html',
      '/x/%2e%2e/private/page',
      '//private/page.html',
      '/./private/page.html',
      '/docs/..//private/page',
      '/privat%65/page.html',
    ]) {
      const response = await ask(program, target);
      assert.doesNotMatch(text(response), /private page/, target);
      if (response.status === 308)
        assert.match(field(response, 'location') ?? '', /^\/private\/page/, target);
    }
    assert.equal((await ask(program, '/private/page.html')).status, 401);
  }
});

test('the probes of paths show nothing through a program', async t => {
  const files = made({ fallthrough: false, listing: true });
  const program = await listening(express().use(files));
  t.after(() => Promise.all([program.stop(), files.close()]));
  for (const [target] of paths.flatMap(([, rows]) => rows)) {
    const client = await RawConnection.open(program.place);
    client.write(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    const { bytes } = await client.rest();
    client.destroy();
    const answer = bytes.toString('latin1');
    assert.doesNotMatch(answer, /TOP-SECRET|root:x:0/, target);
    assert.doesNotMatch(answer, /^HTTP\/1\.1 5/, target);
    assert.doesNotMatch(answer, /^Location: (?!\/(?![/\\]))/im, target);
  }
});

test('what the program has said before stands, but for what describes the content', async t => {
  const files = made();
  const app = connect()
    .use((_request, response, next) => {
      response.setHeader('Cache-Control', 'private, no-store');
      response.setHeader('Content-Type', 'text/x-wrong');
      response.setHeader('Content-Encoding', 'x-wrong');
      response.setHeader('X-Content-Type-Options', 'theirs');
      response.setHeader('Content-Security-Policy', "default-src 'self'");
      response.setHeader('Vary', 'Origin, accept-encoding');
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      next();
    })
    .use(files);
  const program = await listening(app, place => ({
    exchange: async ({ target }) => {
      if (!('port' in place)) throw new Error('no port');
      const [response] = (await once(get({ ...place, path: target, agent: false }), 'response')) as [
        IncomingMessage,
      ];
      const lines = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
      response.resume();
      return { status: response.statusCode ?? 0, lines, content: Buffer.alloc(0) };
    },
    leave: () => {},
  }));
  t.after(() => Promise.all([program.stop(), files.close()]));
  const response = await ask(program, '/a.txt');
  const rows = {
    'cache-control': 'private, no-store',
    'content-type': 'text/plain; charset=utf-8',
    'content-encoding': undefined,
    'x-content-type-options': 'theirs',
    'content-security-policy': "default-src 'self'",
    vary: 'Origin, accept-encoding',
    'set-cookie': 'a=1,b=2',
    'content-length': '12',
    server: 'plinth',
  };
  for (const [name, value] of Object.entries(rows)) assert.equal(field(response, name), value, name);
});

test('a large file goes to a reader that pauses byte for byte, and little of it is held meanwhile', async t => {
  const files = made();
  const responses: ServerResponse[] = [];
  const program = await listening((request, response) => {
    responses.push(response);
    files(request, response);
  });
  t.after(() => Promise.all([program.stop(), files.close()]));
  const socket = openSocket(program.place as TcpNetConnectOpts);
  socket.write('GET /big.bin HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await once(socket, 'readable');
  const held = (): number => responses.reduce((sum, { writableLength }) => sum + writableLength, 0);
  const written = (): number => responses[0]?.socket?.bytesWritten ?? 0;
  // It has stopped once nothing more has left for a while; sooner, less has.
  for (let before = -1; written() !== before; ) {
    before = written();
    await pause(100);
  }
  assert.ok(held() < 2 ** 20, `${held()} octets wait for the reader`);
  assert.ok(written() < bigBytes, 'the rest has not been read');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const message = Buffer.concat(chunks);
  assert.equal(hashOf(message.subarray(message.indexOf('\r\n\r\n') + 4)), hashOf(big));
});

test('a client that leaves gives the file back, and the exchange is aborted', async t => {
  const told: Exchange[] = [];
  const files = made({ observers: [exchange => told.push(exchange)] });
  const program = await listening(files);
  t.after(() => program.stop());
  const client = await RawConnection.open(program.place);
  client.write('GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n');
  await client.atLeast(1000);
  client.destroy();
  await until(() => told.map(({ outcome }) => outcome).join(), 'aborted');
  assert.ok((told[0]?.contentBytes ?? bigBytes) < bigBytes);
  await files.close();
  await until(() => String(folder.descriptors()), '0');
});

test('a client that has left before it is answered is told nothing, and holds nothing', async t => {
  const told: Exchange[] = [];
  let release = (): void => {};
  const gone = new Promise<void>(resolve => {
    release = resolve;
  });
  const files = made({
    gates: [() => gone.then(() => undefined)],
    observers: [exchange => told.push(exchange)],
  });
  const responses: ServerResponse[] = [];
  const program = await listening((request, response) => {
    responses.push(response);
    files(request, response);
  });
  t.after(() => program.stop());
  for (const target of ['/big.bin', '/a.txt']) {
    const client = await RawConnection.open(program.place);
    client.write(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await until(() => String(responses.some(({ req }) => req.url === target)), 'true');
    client.destroy();
  }
  await until(() => String(responses.every(({ destroyed }) => destroyed)), 'true');
  release();
  await until(
    () => told.map(({ outcome, contentBytes }) => `${outcome} ${contentBytes}`).join(),
    'aborted 0,aborted 0',
  );
  await files.close();
  await until(() => String(folder.descriptors()), '0');
});

test('a file that changes while it is sent ends the connection', async t => {
  const { truncateSync, writeFileSync } = await import('node:fs');
  const path = `${folder.root}/changing.bin`;
  writeFileSync(path, big);
  const reports: string[] = [];
  const files = made({ onReport: line => reports.push(line) });
  const program = await listening(files);
  t.after(() => Promise.all([program.stop(), files.close()]));
  const client = await RawConnection.open(program.place);
  client.write('GET /changing.bin HTTP/1.1\r\nHost: h\r\n\r\n');
  await client.atLeast(1000);
  truncateSync(path, 10);
  const { bytes } = await client.rest();
  client.destroy();
  assert.ok(bytes.length < bigBytes, 'it must not look whole');
  await until(
    () => String(/^\/changing\.bin: the file (shrank|changed) while/.test(reports.join('\n'))),
    'true',
  );
});

test('what has to be known first and cannot be read is an error of the program, until it can', async t => {
  let isBroken = true;
  const store = memoryStore({ 'a.txt': 'content of a' });
  const failing: Store = {
    ...store,
    find: segments => (isBroken ? Promise.reject(new Error('out of order')) : store.find(segments)),
    list: segments => store.list(segments),
    open: file => store.open(file),
  };
  const [files, alone] = [made({ store: failing }), made({ store: failing })];
  const errors: unknown[] = [];
  const app = connect()
    .use(files)
    .use((error: unknown, _request: IncomingMessage, response: ServerResponse, _next: () => void) => {
      errors.push(error);
      response.writeHead(500, { 'Content-Length': 0 }).end();
    });
  const programs = [await listening(app), await listening(alone)];
  t.after(() => Promise.all([...programs.map(({ stop }) => stop()), files.close(), alone.close()]));
  for (const program of programs) assert.equal((await ask(program, '/a.txt')).status, 500);
  assert.match(String(errors), /^Error: out of order$/);
  isBroken = false;
  for (const program of programs) assert.equal(text(await ask(program, '/a.txt')), 'content of a');
});

test('the same over HTTP/2', async t => {
  const told: Exchange[] = [];
  const files = made({ observers: [exchange => told.push(exchange)] });
  const server = createHttp2Server(files);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(async () => {
    session.close();
    await new Promise(resolve => server.close(resolve));
    await files.close();
  });
  const exchange = async (
    fields: Record<string, string>,
  ): Promise<readonly [Record<string, unknown>, Buffer]> => {
    const stream = session.request(fields);
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return [headers, Buffer.concat(chunks)];
  };
  const [whole, content] = await exchange({ ':path': '/big.bin' });
  assert.equal(whole[':status'], 200);
  assert.equal(whole['content-length'], String(bigBytes));
  assert.equal(hashOf(content), hashOf(big));
  const [small, octets] = await exchange({ ':path': '/a.txt', range: 'bytes=0-6' });
  assert.deepEqual([small[':status'], String(octets)], [206, 'content']);
  const [head, none] = await exchange({ ':path': '/a.txt', ':method': 'HEAD' });
  assert.deepEqual([head[':status'], head['content-length'], none.length], [200, '12', 0]);
  const [moved] = await exchange({ ':path': '/docs' });
  assert.deepEqual([moved[':status'], moved.location], [308, '/docs/']);
  const wanted = [`200 ${bigBytes}`, '206 7', '200 0', '308 0'].map(text => `${text} completed`);
  await until(
    () => told.map(({ status, contentBytes, outcome }) => `${status} ${contentBytes} ${outcome}`).join(),
    wanted.join(),
  );
});

test('a program that has answered already is left alone', async t => {
  const files = made();
  const server = createServer((request, response) => {
    response.end('answered');
    files(request, response, error => void error);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    await new Promise(resolve => server.close(resolve));
    await files.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.txt`;
  assert.equal(await (await fetch(url, { headers: { Connection: 'close' } })).text(), 'answered');
});
