import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Fields, fieldValue } from '../../src/http/fields.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import type { RequestHead } from '../../src/http/message.ts';
import { Background } from '../../src/server/background.ts';
import { Coder } from '../../src/server/coding.ts';
import { createHandler } from '../../src/server/handler.ts';
import { prepare, refused } from '../../src/server/prepare.ts';
import type { OpenFailure, Store } from '../../src/store/store.ts';
import { nowMs, siteOf } from '../site/fixture.ts';

const client = { address: '127.0.0.1', port: 1 };
/** What any client may ask for. */
const files = { 'a.txt': 'content' };

function head(method = 'GET', target = '/a.txt'): RequestHead {
  return { method, target, version: '1.1', authority: 'h', fields: new Fields([]) };
}

/** A service whose store fails to open so many times, and how often it was asked to. */
function serviceOf(
  failure: OpenFailure | Error,
  times: number,
  others: Readonly<Record<string, string | Buffer>> = {},
) {
  const site = siteOf({ ...files, ...others });
  const reports: string[] = [];
  const opened = { count: 0 };
  const store: Store = {
    ...site.store,
    find: segments => site.store.find(segments),
    open: async file => {
      opened.count++;
      if (opened.count > times) return site.store.open(file);
      if (failure instanceof Error) throw failure;
      return failure;
    },
  };
  const handler = createHandler({
    site: { ...site, store },
    gates: [],
    rewrites: [],
    finishers: [],
    windows: false,
    now: () => nowMs,
  });
  const coder = new Coder({
    limits: { ...defaultLimits, decodedBytesMax: 5000 },
    now: () => nowMs,
    background: new Background(assert.fail),
  });
  return { handler, store, coder, report: (line: string) => void reports.push(line), reports, opened };
}

const rows: readonly (readonly [failure: OpenFailure, times: number, status: number, opened: number])[] = [
  ['changed', 0, 200, 1],
  ['changed', 1, 200, 2],
  ['changed', 7, 200, 8],
  ['changed', 8, 503, 8],
  ['absent', 1, 200, 2],
  ['absent', 100, 503, 8],
  ['denied', 1, 404, 1],
  ['busy', 1, 503, 1],
];

for (const [failure, times, status, opened] of rows) {
  test(`a file that is ${failure} at ${times} openings is answered ${status}`, async () => {
    const service = serviceOf(failure, times);
    const { response, body } = await prepare(head(), client, service);
    assert.equal(response.status, status);
    assert.equal(service.opened.count, opened);
    assert.ok(body.kind === 'bytes');
    if (status === 200) assert.equal(Buffer.from(body.bytes).toString(), 'content');
    else assert.ok(body.bytes.length > 0);
    assert.equal(fieldValue(response.fields, 'retry-after'), status === 503 ? '1' : undefined);
    assert.deepEqual(service.reports, []);
  });
}

test('a HEAD opens nothing', async () => {
  const service = serviceOf('busy', 100);
  const { response, body } = await prepare(head('HEAD'), client, service);
  assert.equal(response.status, 200);
  assert.ok(body.kind === 'bytes' && body.bytes.length === 0);
  assert.equal(service.opened.count, 0);
});

for (const [stored, status] of [
  [gzipSync(Buffer.alloc(10_000)), 406],
  ['not in gzip', 500],
] as const) {
  test(`a stored coding that cannot be undone is answered ${status}, which another client need not get`, async () => {
    const service = serviceOf('busy', 0, { 'b.txt.gz': stored });
    const { response } = await prepare(head('GET', '/b.txt'), client, service);
    assert.equal(response.status, status);
    assert.equal(fieldValue(response.fields, 'vary'), 'Accept, Accept-Encoding');
  });
}

test('a bug is a 500 that tells the operator and not the client', async () => {
  const service = serviceOf(new Error('out of cheese'), 1);
  const { response, body } = await prepare(head(), client, service);
  assert.equal(response.status, 500);
  assert.ok(body.kind === 'bytes' && !Buffer.from(body.bytes).includes('cheese'));
  assert.match(service.reports.join(), /^bug: Error: out of cheese/);
});

test('a refusal has its body in memory', () => {
  const { response, body } = refused(serviceOf('busy', 0).handler, undefined, 400, 'no Host');
  assert.equal(response.status, 400);
  assert.ok(body.kind === 'bytes' && Buffer.from(body.bytes).includes('Bad Request'));
});
