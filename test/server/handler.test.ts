import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identity } from '../../src/features/identity.ts';
import { methods } from '../../src/features/methods.ts';
import { Fields, fieldValue } from '../../src/http/fields.ts';
import { noContent, type RequestHead, type Response } from '../../src/http/message.ts';
import type { PathTarget } from '../../src/http/target.ts';
import { createHandler, type HandlerParts } from '../../src/server/handler.ts';
import type { Look } from '../../src/store/store.ts';
import { nowMs, siteOf, textOf } from '../site/fixture.ts';

const client = { address: '127.0.0.1', port: 1 };

function handlerOf(parts: Partial<HandlerParts> = {}) {
  const site = siteOf({ 'a.txt': 'a', 'b.txt': 'b', '401.html': 'please sign in' });
  return createHandler({
    site,
    gates: [],
    rewrites: [],
    finishers: [],
    windows: false,
    now: () => nowMs,
    ...parts,
  });
}

function head(target: string, method = 'GET', accept = 'text/html'): RequestHead {
  return { method, target, version: '1.1', authority: 'h', fields: new Fields([['Accept', accept]]) };
}

function location({ content }: Response): string | undefined {
  return content.kind === 'stored' ? content.file.location : undefined;
}

test('gates are asked in order, and the first that answers is the last that is asked', async () => {
  const asked: string[] = [];
  const gate = (name: string, status?: number) => (): Response | undefined => {
    asked.push(name);
    return status === undefined ? undefined : { status, fields: [], content: noContent };
  };
  const handler = handlerOf({ gates: [gate('first'), gate('second', 204), gate('third', 500)] });
  assert.equal((await handler.respond(head('/a.txt'), client)).status, 204);
  assert.deepEqual(asked, ['first', 'second']);
});

test('an error of a gate without content gets the page of the site, one with content keeps it', async () => {
  const bare = handlerOf({ gates: [() => ({ status: 401, fields: [], content: noContent })] });
  assert.equal(location(await bare.respond(head('/a.txt'), client)), '401.html');
  const content = { kind: 'bytes', bytes: Buffer.from('no') } as const;
  const own = handlerOf({ gates: [() => ({ status: 401, fields: [], content })] });
  assert.equal(textOf(await own.respond(head('/a.txt'), client)), 'no');
});

test('rewrites apply one after the other, behind the gates and before the look-up', async () => {
  const seen: string[] = [];
  const to = (name: string) => (target: PathTarget) => ({ ...target, segments: [...target.segments, name] });
  const handler = handlerOf({
    gates: [
      ({ target }) => {
        seen.push(target.kind === 'path' ? target.segments.join('/') : target.kind);
        return undefined;
      },
    ],
    rewrites: [
      target => (target.kind === 'path' ? to('x')(target) : target),
      target =>
        target.kind === 'path' ? { ...target, segments: [`${target.segments.length}.txt`] } : target,
      target =>
        target.kind === 'path' && target.segments[0] === '2.txt'
          ? { ...target, segments: ['b.txt'] }
          : target,
    ],
  });
  assert.equal(location(await handler.respond(head('/a.txt'), client)), 'b.txt');
  assert.deepEqual(seen, ['a.txt']);
});

test('finishers apply in order to every answer: of the site, of a gate, to what could not be read', async () => {
  const add = (value: string) => (_request: unknown, response: Response) => ({
    ...response,
    fields: [...response.fields, ['X-Order', value] as const],
  });
  const handler = handlerOf({ gates: [methods], finishers: [identity, add('1'), add('2')] });
  const answers = [
    await handler.respond(head('/a.txt'), client),
    await handler.respond(head('/none'), client),
    await handler.respond(head('/a.txt', 'PUT'), client),
    await handler.respond(head('/%00'), client),
    handler.refuse({ status: 431, why: 'too long' }, undefined),
  ];
  assert.deepEqual(
    answers.map(answer => answer.status),
    [200, 404, 405, 400, 431],
  );
  for (const { fields } of answers) {
    assert.equal(fieldValue(fields, 'server'), 'plinth');
    assert.deepEqual(
      fields.filter(([name]) => name === 'X-Order').map(([, value]) => value),
      ['1', '2'],
    );
  }
});

test('a finisher knows the request, unless there is none that could be read', async () => {
  const seen: (string | undefined)[] = [];
  const handler = handlerOf({
    finishers: [
      (request, response) => {
        seen.push(request?.method);
        return response;
      },
    ],
  });
  await handler.respond(head('/a.txt', 'HEAD'), client);
  await handler.respond(head('/%00'), client);
  handler.refuse({ status: 400, why: '' }, head('/'));
  assert.deepEqual(seen, ['HEAD', undefined, undefined]);
});

test('a refusal comes in the form that the head asks for, says why to the log, and 503 when to come again', () => {
  const handler = handlerOf();
  const page = handler.refuse({ status: 400, why: 'no Host' }, head('/'));
  assert.equal(fieldValue(page.fields, 'content-type'), 'text/html; charset=utf-8');
  assert.equal(page.note, 'no Host');
  const line = handler.refuse({ status: 503, why: 'no descriptor' }, undefined);
  assert.equal(fieldValue(line.fields, 'content-type'), 'text/plain; charset=utf-8');
  assert.equal(fieldValue(line.fields, 'retry-after'), '1');
  assert.ok(!textOf(line).includes('descriptor'));
});

/** What a finisher says of the cache; whether the content is coded. */
const directives: readonly (readonly [value: string, isCoded: boolean])[] = [
  ['no-cache', true],
  ['no-transform', false],
  ['public, No-Transform ,max-age=5', false],
  ['max-age=5,no-transform', false],
  ['no-transformation, x-no-transform', true],
];

for (const [value, isCoded] of directives) {
  test(`with Cache-Control: ${value} a coding is ${isCoded ? '' : 'not '}made`, async () => {
    let asked = 0;
    const handler = handlerOf({
      site: siteOf({ 'a.js': 'x'.repeat(2000) }),
      gates: [() => void asked++],
      finishers: [
        (_request, response) => ({ ...response, fields: [...response.fields, ['cache-control', value]] }),
      ],
    });
    const fields = new Fields([['Accept-Encoding', 'br']]);
    const plain = await handler.respond({ ...head('/a.js'), fields: new Fields([]) }, client);
    const response = await handler.respond({ ...head('/a.js'), fields }, client);
    assert.equal(response.content.kind, isCoded ? 'coded' : 'stored');
    assert.equal(fieldValue(response.fields, 'content-encoding'), isCoded ? 'br' : undefined);
    assert.equal(fieldValue(response.fields, 'vary'), 'Accept-Encoding');
    assert.equal(fieldValue(plain.fields, 'etag') === fieldValue(response.fields, 'etag'), !isCoded);
    assert.equal(asked, 2);
  });
}

test('names are judged by the rules of the system that holds them', async () => {
  const posix = await handlerOf().respond(head('/a%5cb'), client);
  const windows = await handlerOf({ windows: true }).respond(head('/a%5cb'), client);
  assert.deepEqual([posix.status, windows.status], [404, 400]);
});

test('whom a guard does not let pass is shown no page of the site', async () => {
  const site = siteOf({
    'a.txt': 'a',
    '400.html': 'of the site',
    '401.html': 'of the site',
    '405.html': 'of the site',
  });
  const refusing = () => ({ status: 401, fields: [], content: noContent, explanation: 'Say who you are.' });
  const handler = handlerOf({ site, guards: [refusing], gates: [methods] });
  const rows: readonly (readonly [RequestHead, number])[] = [
    [head('/a.txt'), 401],
    [head('/none'), 401],
    [head('/a.txt', 'POST'), 401],
    [head('/%00'), 400],
  ];
  for (const [asked, status] of rows) {
    const response = await handler.respond(asked, client);
    assert.equal(response.status, status);
    assert.equal(response.content.kind, 'bytes');
    assert.doesNotMatch(textOf(response), /of the site/);
    if (status === 401) assert.match(textOf(response), /Say who you are\./);
  }
});

test('what leads out of reach, a rewrite or the search for a page, finds nothing there', async () => {
  const site = siteOf({ 'a.txt': 'a', 'in/b.txt': 'b', 'in/404.html': 'guarded page', '404.html': 'page' });
  const handler = handlerOf({
    site,
    rewrites: [
      target =>
        target.kind === 'path' && target.segments[0] === 'x'
          ? { ...target, segments: ['in', 'b.txt'] }
          : target,
    ],
    reach: ({ target }) => {
      const isWithin = target.kind === 'path' && target.segments[0] === 'in';
      return segments => isWithin || segments[0] !== 'in';
    },
  });
  const rows: readonly (readonly [string, number, string])[] = [
    ['/in/b.txt', 200, 'in/b.txt'],
    ['/in/none', 404, 'in/404.html'],
    ['/x', 404, '404.html'],
    ['/a.txt', 200, 'a.txt'],
  ];
  for (const [asked, status, found] of rows) {
    const response = await handler.respond(head(asked), client);
    assert.equal(response.status, status, asked);
    assert.equal(location(response), found, asked);
  }
});

test('a gate may answer later, and what it rejects with is a bug', async () => {
  const late = handlerOf({
    gates: [async () => undefined, async () => ({ status: 204, fields: [], content: noContent })],
  });
  assert.equal((await late.respond(head('/a.txt'), client)).status, 204);
  const broken = handlerOf({ gates: [() => Promise.reject(new Error('broken'))] });
  await assert.rejects(broken.respond(head('/a.txt'), client), /broken/);
});

test('what features read and can change is one look for all answers, until it changes', async () => {
  let revision = 0;
  const gate = Object.assign(() => undefined, { reads: [], revision: () => revision });
  const handler = handlerOf({ guards: [gate] });
  const looksOf = async (target: string) => {
    const looks: Look[] = [];
    await handler.respond(head(target), client, looks);
    return looks;
  };
  const [first] = await looksOf('/a.txt');
  const [second] = await looksOf('/b.txt');
  assert.ok(first !== undefined && first === second && first.isFresh(0));
  revision = 1;
  const [third] = await looksOf('/a.txt');
  assert.ok(third !== undefined && third !== first);
  assert.deepEqual([first.isFresh(0), third.isFresh(0)], [false, true]);
});
