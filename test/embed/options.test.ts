// What a site in a program is made from, and what it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createHandler,
  createMiddleware,
  createServer,
  defaultLimits,
  fastifyPlugin,
  memoryStore,
  OptionError,
} from '../../src/index.ts';

test('what belongs to a server that listens is refused by its name', () => {
  const rows: readonly (readonly [options: object, message: RegExp])[] = [
    [{ port: 8080 }, /^option port: only a server that listens has it$/],
    [{ host: '*' }, /^option host: only/],
    [{ sockets: [3] }, /^option sockets: only/],
    [{ graceMs: 1 }, /^option graceMs: only/],
    [{ throttle: '*=fast-3g' }, /^option throttle: only/],
    [{ workers: 2 }, /^option workers: only/],
    [{ tls: true }, /^option tls: only/],
    [{ limits: { headTimeoutMs: 1 } }, /^option limits: only a server that listens has headTimeoutMs$/],
    [{ limits: { cacheByteMax: 1 } }, /cacheByteMax.*did you mean cacheBytesMax/],
    [{ rooot: '.' }, /^unknown option "rooot"; did you mean root\?$/],
    [{ listing: 'yes' }, /^option listing: /],
    [{ rules: { redirects: [{ from: 1 }] } }, /^option rules/],
    [{ gates: 1 }, /^option gates: /],
  ];
  for (const create of [createHandler, createMiddleware]) {
    for (const [options, message] of rows)
      assert.throws(() => create(options), { name: 'OptionError', message }, JSON.stringify(options));
  }
  assert.throws(() => createMiddleware({ fallthrough: 'no' as never }), OptionError);
});

test('what is no object of options is named, and what is wanted instead', async () => {
  const rows: readonly (readonly [given: unknown, named: string, example: string])[] = [
    ['dist', '"dist"', '"dist"'],
    [new URL('file:///srv'), '"file:///srv"', '"file:///srv"'],
    [null, 'null', '"dist"'],
    [['dist'], 'an array', '"dist"'],
    [8080, '8080', '"dist"'],
    [() => {}, 'a function', '"dist"'],
  ];
  for (const [given, named, example] of rows) {
    const message = `found ${named} where the options are, wanted an object of them, such as { root: ${example} }`;
    for (const create of [createServer, createHandler, createMiddleware])
      assert.throws(() => create(given as object), { name: 'OptionError', message });
    await assert.rejects(fastifyPlugin({ prefix: '' } as never, given as object), {
      name: 'OptionError',
      message,
    });
  }
});

test('an option that is undefined is not given', async () => {
  await createHandler({
    store: memoryStore({}),
    port: undefined,
    limits: { backlog: undefined },
  } as object).close();
});

test('the types say so too', () => {
  // @ts-expect-error: it has no socket
  assert.throws(() => createHandler({ port: 0 }));
  // @ts-expect-error: nor a connection
  assert.throws(() => createHandler({ limits: { idleTimeoutMs: 1 } }));
});

test('every limit is one of sockets or one of contents', async () => {
  const store = memoryStore({});
  const kinds = await Promise.all(
    Object.entries(defaultLimits).map(async ([name, value]) => {
      try {
        const handler = createHandler({ store, limits: { [name]: value } });
        await handler.close();
        return [name, 'contents'] as const;
      } catch {
        return [name, 'sockets'] as const;
      }
    }),
  );
  const ofContents = kinds.filter(([, kind]) => kind === 'contents').map(([name]) => name);
  assert.deepEqual(
    ofContents.filter(name => !/^(?:open|cache|coded|decoded|hashed|stream|archive)/.test(name)),
    [],
  );
  assert.equal(ofContents.length, 10);
});

test('a root that is not there is refused at once', () => {
  assert.throws(() => createHandler({ root: '/nowhere/at/all' }), /nowhere/);
});
