// The plugin in Fastify.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { type Exchange, type FastifyOptions, fastifyPlugin, memoryStore } from '../../src/index.ts';
import { until } from '../faults/until.ts';
import { field, RawConnection, requestBytes, text, type WireResponse } from '../wire/client.ts';
import { paths } from '../wire/rows/threats.ts';
import { big, type Folder, hashOf, makeFolder } from './folder.ts';

let folder: Folder;
before(() => {
  folder = makeFolder();
});
after(() => folder.remove());

interface Asked {
  readonly app: FastifyInstance;
  readonly ask: (
    target: string,
    method?: string,
    fields?: readonly (readonly [string, string])[],
  ) => Promise<WireResponse>;
  readonly open: () => Promise<RawConnection>;
}

async function serving(
  options: FastifyOptions,
  prepare: (app: FastifyInstance) => void = () => {},
  program: FastifyServerOptions = {},
): Promise<Asked> {
  const app = fastify(program);
  app.register(fastifyPlugin, { root: folder.root, ...options });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send(`program: ${request.method} ${request.url}`);
  });
  prepare(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const open = (): Promise<RawConnection> =>
    RawConnection.open({ host: '127.0.0.1', port: (app.server.address() as AddressInfo).port });
  const ask: Asked['ask'] = async (target, method = 'GET', fields = []) => {
    const connection = await open();
    connection.write(requestBytes({ method, target, fields: [...fields, ['Connection', 'close']] }));
    const response = await connection.response(method);
    await connection.expectEnd();
    return response;
  };
  return { app, ask, open };
}

test('files, redirects and what is not there, below a prefix and without one', async t => {
  for (const prefix of ['', '/site', '/site/']) {
    const path = prefix.replace(/\/$/, '');
    const { app, ask } = await serving(prefix === '' ? {} : { prefix });
    t.after(() => app.close());
    const rows: readonly (readonly [target: string, status: number, content?: string, location?: string])[] =
      [
        ['/a.txt', 200, 'content of a'],
        ['/', 200, 'home'],
        ['/docs/', 200, 'docs index'],
        ['/docs?q=1', 308, '', `${path}/docs/?q=1`],
        ['/old', 301, '', `${path}/docs/`],
        ['/%61.txt', 308, '', `${path}/a.txt`],
        ['/private/../a.txt', 308, '', `${path}/a.txt`],
        ['/none', 404, `program: GET ${path}/none`],
        ['/.env', 404, `program: GET ${path}/.env`],
        ['/bare/', 404, `program: GET ${path}/bare/`],
      ];
    for (const [target, status, content, location] of rows) {
      const response = await ask(`${path}${target}`);
      assert.equal(response.status, status, `${prefix} ${target}`);
      assert.equal(text(response), content, `${prefix} ${target}`);
      assert.equal(field(response, 'location'), location);
    }
    const head = await ask(`${path}/a.txt`, 'HEAD');
    assert.deepEqual([head.status, field(head, 'content-length')], [200, '12']);
    assert.equal((await ask(`${path}/a.txt`, 'POST')).status, 404);
    if (prefix !== '') {
      const bare = await ask(`${path}?q=/x`);
      const wanted = prefix === path ? [308, `${path}/?q=/x`] : [404, undefined];
      assert.deepEqual([bare.status, field(bare, 'location')], wanted);
      assert.equal((await ask('/a.txt')).status, 404);
    }
  }
});

test('a prefix that lacks its slash is led to it when something stands there, and told of', async t => {
  const told: string[] = [];
  const observers = [({ status }: Exchange) => told.push(String(status))];
  const { app, ask } = await serving({ prefix: '/site', observers });
  const { app: bare, ask: askBare } = await serving({
    prefix: '/site',
    store: memoryStore({ 'a.txt': 'a' }),
  });
  t.after(() => Promise.all([app.close(), bare.close()]));
  assert.equal((await ask('/site')).status, 308);
  await until(() => told.join(), '308');
  const response = await askBare('/site');
  assert.deepEqual([response.status, text(response)], [404, 'program: GET /site']);
});

test('a prefix with parameters is refused when the plugin is registered', async () => {
  for (const prefix of ['/:tenant', '/a/:id(\\d+)', '/*']) {
    const app = fastify();
    app.register(fastifyPlugin, { root: folder.root, prefix });
    const message = `option prefix: found ${JSON.stringify(prefix)}, wanted a path without parameters`;
    await assert.rejects(async () => app.ready(), { name: 'OptionError', message });
    await app.close();
  }
});

test('what is told of bears the path that the client asked for', async t => {
  const told: string[] = [];
  const observers = [({ head, status }: Exchange) => told.push(`${head?.target} ${status}`)];
  const { app, ask } = await serving({ prefix: '/site', observers });
  t.after(() => app.close());
  for (const target of ['/site/a.txt?x=1', '/site/a.txt?x=1', '/site?q']) await ask(target);
  await until(() => told.join(), '/site/a.txt?x=1 200,/site/a.txt?x=1 200,/site?q 308');
});

test('a program that takes a path for the same with a slash behind it is not led in circles', async t => {
  const routerOptions = { ignoreTrailingSlash: true };
  const { app, ask } = await serving({ prefix: '/site' }, undefined, { routerOptions });
  t.after(() => app.close());
  const rows: readonly (readonly [target: string, status: number, location?: string])[] = [
    ['/site', 308, '/site/'],
    ['/site/', 200],
    ['/site/docs', 308, '/site/docs/'],
    ['/site/docs/', 200],
  ];
  for (const [target, status, location] of rows) {
    const response = await ask(target);
    assert.deepEqual([response.status, field(response, 'location')], [status, location], target);
  }
});

test('a large file comes byte for byte, in ranges too, and 304 and 416 as they should', async t => {
  const told: Exchange[] = [];
  const { app, ask } = await serving({ prefix: '/site', observers: [exchange => told.push(exchange)] });
  t.after(() => app.close());
  const whole = await ask('/site/big.bin');
  assert.equal(hashOf(whole.content), hashOf(big));
  assert.equal(field(whole, 'content-type'), 'application/octet-stream');
  const part = await ask('/site/big.bin', 'GET', [['Range', 'bytes=1000001-3000000']]);
  assert.equal(part.status, 206);
  assert.equal(hashOf(part.content), hashOf(big.subarray(1_000_001, 3_000_001)));
  const etag = field(whole, 'etag') ?? '';
  assert.equal((await ask('/site/big.bin', 'GET', [['If-None-Match', etag]])).status, 304);
  assert.equal((await ask('/site/big.bin', 'GET', [['Range', 'bytes=99999999-']])).status, 416);
  const wanted = [`200 ${big.length}`, '206 2000000', '304 0', '416'].join();
  await until(
    () =>
      told.map(({ status, contentBytes }) => (status === 416 ? '416' : `${status} ${contentBytes}`)).join(),
    wanted,
  );
  assert.ok(told.every(({ outcome }) => outcome === 'completed'));
});

test('what the program has said before stands, but for what describes the content', async t => {
  const { app, ask } = await serving({}, instance => {
    instance.addHook('onRequest', async (_request, reply) => {
      reply
        .header('Cache-Control', 'private')
        .header('Content-Type', 'text/x-wrong')
        .header('Content-Encoding', 'x-wrong')
        .header('Vary', 'Origin');
      reply.raw.setHeader('Content-Range', 'bytes 0-1/2');
      reply.raw.setHeader('X-Content-Type-Options', 'theirs');
    });
  });
  t.after(() => app.close());
  const response = await ask('/a.txt');
  for (const [name, value] of [
    ['cache-control', 'private'],
    ['content-type', 'text/plain; charset=utf-8'],
    ['content-encoding', undefined],
    ['content-range', undefined],
    ['vary', 'Origin, Accept-Encoding'],
    ['x-content-type-options', 'theirs'],
  ] as const)
    assert.equal(field(response, name), value, name);
});

test('CVE-2026-7120 a hook of the program is not gone around by another way of writing a path', async t => {
  const { app, ask } = await serving({ prefix: '/site' }, instance => {
    instance.get('/site/private/*', async (_request, reply) => reply.code(401).send('stop'));
  });
  t.after(() => app.close());
  assert.equal((await ask('/site/private/page.html')).status, 401);
  for (const target of [
    '/x/../private/page.html',
    '/./private/page',
    '/x/%2e%2e/private/page',
    '//private/page.html',
    '/%70rivate/page.html',
  ])
    assert.doesNotMatch(text(await ask(`/site${target}`)), /private page/, target);
});

test('the probes of paths show nothing through Fastify', async t => {
  const { app, open } = await serving({ listing: true });
  t.after(() => app.close());
  for (const [target] of paths.flatMap(([, rows]) => rows)) {
    const client = await open();
    client.write(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    const { bytes } = await client.rest();
    client.destroy();
    const answer = bytes.toString('latin1');
    assert.doesNotMatch(answer, /TOP-SECRET|root:x:0/, target);
    assert.doesNotMatch(answer, /^HTTP\/1\.1 5/, target);
    assert.doesNotMatch(answer, /^Location: (?!\/(?![/\\]))/im, target);
  }
});

test('a client that leaves gives the file back, and closing the program closes the site', async () => {
  const { app, open } = await serving({});
  const client = await open();
  client.write('GET /big.bin HTTP/1.1\r\nHost: h\r\n\r\n');
  await client.atLeast(1000);
  client.destroy();
  await app.close();
  await until(() => String(folder.descriptors()), '0');
});
