// One server, one memory, two versions of HTTP: an answer is the same in both, whichever was asked first.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer, type FieldLine, type Finisher, type ServerOptions } from '../../src/index.ts';
import { field } from '../wire/client.ts';
import { exchange, openSession } from '../wire/h2.ts';
import { makeTlsFolder, type TlsFolder } from './tls-fixture.ts';

let root = '';
let tls: TlsFolder;
before(async () => {
  root = mkdtempSync(join(tmpdir(), 'plinth-both-'));
  mkdirSync(join(root, 'a'));
  writeFileSync(join(root, 'a', 'index.html'), '<!doctype html><p>page');
  writeFileSync(join(root, 'a', 'b.txt'), 'text');
  writeFileSync(join(root, 'big.bin'), Buffer.alloc(3_000_000, 'big content '));
  writeFileSync(join(root, '_headers'), '/a/*\n  X-Path: before :splat\n');
  tls = await makeTlsFolder();
  await tls.issue('server', ['127.0.0.1']);
});
after(() => {
  rmSync(root, { recursive: true });
  tls.remove();
});

interface Both {
  /** Status and X-A or X-Path. */
  readonly h1: (target: string) => Promise<string>;
  readonly h2: (target: string) => Promise<string>;
  readonly reports: readonly string[];
}

async function serve(t: TestContext, options: ServerOptions): Promise<Both> {
  const reports: string[] = [];
  const server = createServer({
    root,
    host: '127.0.0.1',
    port: 0,
    dialect: 'cloudflare',
    tlsCert: tls.path('server.crt'),
    tlsKey: tls.path('server.key'),
    onReport: line => reports.push(line),
    ...options,
  });
  const [address] = await server.start();
  t.after(() => server.stop(0));
  assert.ok(address?.kind === 'tcp');
  const { port } = address;
  const ca = tls.authority.cert;
  const session = openSession(port, ca);
  t.after(() => session.destroy());
  const h1 = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', path, ca, agent: false }, answer => {
        answer.resume();
        const { 'x-a': a, 'x-path': b } = answer.headers;
        answer.on('end', () => resolve(`${answer.statusCode} ${a ?? b ?? ''}`));
      }).on('error', reject);
    });
  const h2 = async (target: string): Promise<string> => {
    // Beside each a large one is under way, and has to come whole.
    const [answer, big] = await Promise.all(
      [target, '/big.bin'].map(each => exchange(session, { method: 'GET', target: each, fields: [] })),
    );
    assert.ok(answer !== undefined && big?.content.length === 3_000_000);
    return `${answer.status} ${field(answer, 'x-a') ?? field(answer, 'x-path') ?? ''}`;
  };
  return { h1, h2, reports };
}

/** Adds a line to what is not large. */
const adding = (line: FieldLine): Finisher => {
  const finish: Finisher = (request, response) =>
    request?.target.kind === 'path' && request.target.segments[0] === 'a'
      ? { ...response, fields: [...response.fields, line] }
      : response;
  return Object.assign(finish, { reads: [] });
};

const rows: readonly (readonly [
  what: string,
  options: ServerOptions,
  rows: Readonly<Record<string, string>>,
])[] = [
  ['a rule whose name stands for nothing', {}, { '/a/': '200 before', '/a/b.txt': '200 before b.txt' }],
  [
    'a value with a blank behind it',
    { finishers: [adding(['X-A', 'b '])] },
    { '/a/': '200 b', '/a/b.txt': '200 b' },
  ],
  [
    'a field about the connection',
    { finishers: [adding(['Connection', 'close'])] },
    { '/a/': '500 ', '/a/b.txt': '500 ' },
  ],
  [
    'a transfer coding',
    { finishers: [adding(['Transfer-Encoding', 'gzip'])] },
    { '/a/': '500 ', '/a/b.txt': '500 ' },
  ],
  ['a line that is two', { finishers: [adding(['X-A', 'a\nb'])] }, { '/a/': '500 ', '/a/b.txt': '500 ' }],
];
for (const [what, options, answers] of rows)
  for (const first of ['h1', 'h2'] as const)
    test(`${what} is answered alike in both versions, ${first} first, and harms no other stream`, async t => {
      const { [first]: one, [first === 'h1' ? 'h2' : 'h1']: other } = await serve(t, options);
      for (const [target, expected] of Object.entries(answers))
        for (const ask of [one, one, one, other, other, other, one])
          assert.equal(await ask(target), expected, target);
    });

/** Fields that can be read so many times and then throw. */
class WornFields extends Array<FieldLine> {
  #left: number;

  constructor(lines: readonly FieldLine[], times: number) {
    super();
    this.push(...lines);
    this.#left = times;
  }

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  override map<Value>(change: (line: FieldLine, index: number, lines: FieldLine[]) => Value): Value[] {
    this.#wear();
    return super.map(change);
  }

  override [Symbol.iterator](): ArrayIterator<FieldLine> {
    this.#wear();
    return super[Symbol.iterator]();
  }

  #wear(): void {
    this.#left -= 1;
    if (this.#left < 0) throw new Error('worn out');
  }
}

const wearing = (times: number): Finisher =>
  Object.assign(
    ((_request, response) => ({
      ...response,
      fields: new WornFields(response.fields, times),
    })) satisfies Finisher,
    { reads: [] },
  );

for (const times of [1, 2, 3, 4])
  test(`fields that can be read ${times} times are sent, and end no connection`, async t => {
    const { h1, h2, reports } = await serve(t, { finishers: [wearing(times)] });
    const isReported = times <= 2;
    // What has just changed is not kept yet.
    for (let round = 0; round < (isReported ? 200 : 4); round++) {
      // An error is kept with its fields, a file that is asked for now and then without.
      for (const ask of [h1, h2])
        for (const target of ['/none', '/none', '/none', '/a/b.txt', '/a/b.txt'])
          assert.match(await ask(target), /^(200|404) /, target);
      if (isReported && reports.length > 0) break;
      await pause(20);
    }
    assert.match(reports.join(), isReported ? /^bug: Error: worn out/ : /^$/);
  });
