import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finisher, Gate, Rewrite } from '../../src/features/feature.ts';
import { methods } from '../../src/features/methods.ts';
import { Fields } from '../../src/http/fields.ts';
import { noContent } from '../../src/http/message.ts';
import { createHandler, type HandlerParts } from '../../src/server/handler.ts';
import { Watch } from '../../src/watch/watch.ts';
import { nowMs, siteOf } from '../site/fixture.ts';

const setting =
  (name: string, value: string): Finisher =>
  (_request, response) => ({
    ...response,
    fields: [...response.fields.filter(([other]) => other !== name), [name, value]],
  });

async function watched(parts: Partial<HandlerParts>, target = '/a.txt', acceptEncoding = 'identity') {
  const watch = new Watch();
  const whole = {
    site: siteOf({ 'a.txt': 'a'.repeat(2000), 'b.txt': 'b' }),
    gates: [],
    rewrites: [],
    finishers: [],
    windows: false,
    now: () => nowMs,
    ...parts,
  };
  const head = {
    method: 'GET',
    target,
    version: '1.1' as const,
    authority: 'h',
    fields: new Fields([['Accept-Encoding', acceptEncoding]]),
  };
  const client = { address: '127.0.0.1', port: 1 };
  const response = await createHandler(watch.over(whole)).respond(head, client);
  const bare = await createHandler(whole).respond(head, client);
  assert.deepEqual(response, bare, 'who is watched does the same');
  return { watch, response };
}

test('features are told of by their titles, else by their places, with what they did', async () => {
  const teapot: Gate = Object.assign(() => ({ status: 418, fields: [], content: noContent }), {
    title: 'tea',
  });
  const { watch } = await watched({ gates: [methods, () => undefined, teapot, () => undefined] });
  assert.deepEqual(watch.gates, [
    { name: 'methods', did: undefined },
    { name: 'gate 2', did: undefined },
    { name: 'tea', did: 'answers 418' },
  ]);
  const to: Rewrite = target => (target.kind === 'path' ? { ...target, segments: ['b.txt'] } : target);
  const moved = await watched({ rewrites: [target => target, to] });
  assert.deepEqual(moved.watch.rewrites, [
    { name: 'rewrite 1', did: undefined },
    { name: 'rewrite 2', did: 'leads to /b.txt' },
  ]);
  assert.deepEqual(moved.watch.looks, [{ path: '/b.txt', found: 'file', why: undefined }]);
});

test('a gate that answers a promise is waited for, and guards come before gates', async () => {
  const late: Gate = async ({ target }) =>
    target.kind === 'path' && target.segments[0] === 'b.txt'
      ? { status: 418, fields: [['X-Tea', '1']], content: noContent }
      : undefined;
  const parts = { guards: [late], gates: [methods, late] };
  const { watch } = await watched(parts);
  assert.deepEqual(watch.guards, [{ name: 'guard 1', did: undefined }]);
  assert.deepEqual(watch.gates, [
    { name: 'methods', did: undefined },
    { name: 'gate 2', did: undefined },
  ]);
  const refused = await watched(parts, '/b.txt');
  assert.deepEqual(refused.watch.guards, [{ name: 'guard 1', did: 'answers 418' }]);
  assert.deepEqual(refused.watch.gates, []);
  const [tea] = refused.watch.signed(refused.response.fields);
  assert.deepEqual(tea, { name: 'X-Tea', value: '1', from: 'guard 1' });
});

test('what is out of reach is told of, though nobody looks there', async () => {
  const reach = () => (segments: readonly string[]) => segments[0] !== 'a.txt';
  const { watch, response } = await watched({ reach });
  assert.equal(response.status, 404);
  const why = 'it is behind a guard';
  assert.deepEqual(watch.looks[0], { path: '/a.txt', found: 'denied', why });
});

test('each field bears the name of who set it last', async () => {
  const finishers = [
    setting('X-One', '1'),
    setting('X-One', '2'),
    setting('X-Two', '1'),
    setting('X-One', '2'),
  ];
  const { watch, response } = await watched({ finishers });
  assert.deepEqual(
    watch
      .signed(response.fields)
      .map(({ name, value, from }) => `${name}: ${value} (${from})`)
      .filter(line => /^(X|Content)-/.test(line)),
    ['Content-Type: text/plain; charset=utf-8 (site)', 'X-Two: 1 (finisher 3)', 'X-One: 2 (finisher 2)'],
  );
});

test('an answer that is made once more, since it must not be transformed, is told of once', async () => {
  const site = siteOf({ 'a.txt': 'a'.repeat(2000) });
  const coding = { ...site, codings: { ...site.codings, stored: false, made: ['gzip' as const] } };
  const { watch } = await watched(
    { site: coding, finishers: [setting('Cache-Control', 'no-transform')] },
    '/a.txt',
    'gzip',
  );
  assert.deepEqual(watch.looks, [{ path: '/a.txt', found: 'file', why: undefined }]);
  assert.ok(watch.selected?.kind === 'form');
  assert.equal(watch.selected.form.to, 'identity');
});
