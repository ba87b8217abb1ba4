// Folders as archives, made while they are sent.
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Gate, ServerOptions } from '../../src/index.ts';
import { type Found, readTar, readZip } from '../archive/reading.ts';
import { until } from '../faults/until.ts';
import { field, RawConnection, requestBytes } from './client.ts';
import { startRaw } from './transports.ts';

const forms = [
  ['zip', 'application/zip', readZip],
  ['tar', 'application/x-tar', readTar],
] as const;
const oddNames = ['a&b=c #?%.txt', 'two\nlines', '读我.txt', '"quoted"', ' ', '+', 'x'.repeat(255)];
let root: string;
let outside: string;
let server: Awaited<ReturnType<typeof startRaw>>;

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'plinth-archives-'));
  outside = mkdtempSync(join(tmpdir(), 'plinth-outside-'));
  writeFileSync(join(outside, 'secret'), 'secret');
  mkdirSync(join(root, 'docs/deep/er'), { recursive: true });
  mkdirSync(join(root, 'docs/empty'));
  mkdirSync(join(root, 'docs/.git'));
  writeFileSync(join(root, 'docs/a.txt'), 'first');
  utimesSync(join(root, 'docs/a.txt'), 1_700_000_000, 1_700_000_000);
  writeFileSync(join(root, 'docs/big.bin'), Buffer.alloc(700_000, 'big '));
  writeFileSync(join(root, 'docs/deep/er/b.txt'), 'deep');
  for (const name of ['docs/.env', 'docs/.git/config']) writeFileSync(join(root, name), 'secret');
  symlinkSync(outside, join(root, 'docs/way-out'));
  symlinkSync(join(outside, 'secret'), join(root, 'docs/secret'));
  symlinkSync('.', join(root, 'docs/loop'));
  symlinkSync('../..', join(root, 'docs/deep/up'));
  symlinkSync('nowhere', join(root, 'docs/broken'));
  symlinkSync('a.txt', join(root, 'docs/linked.txt'));
  mkdirSync(join(root, 'odd'));
  for (const name of oddNames) writeFileSync(join(root, 'odd', name), `content of ${name}`);
  server = await startRaw({ root });
});
after(async () => {
  await server.stop();
  for (const folder of [root, outside]) rmSync(folder, { recursive: true });
});

const whole = [
  'docs/a.txt',
  'docs/big.bin',
  'docs/deep/',
  'docs/deep/er/',
  'docs/deep/er/b.txt',
  'docs/empty/',
  'docs/linked.txt',
];

for (const [form, mediaType, read] of forms) {
  const get = async (target: string): Promise<readonly Found[]> => {
    const answer = await server.exchange({ method: 'GET', target, fields: [] });
    assert.equal(answer.status, 200, target);
    assert.equal(field(answer, 'content-type'), mediaType);
    assert.equal(field(answer, 'content-length'), String(answer.content.length));
    return read(answer.content);
  };

  test(`a folder comes as a ${form} of all that can be had below it, and of nothing else`, async () => {
    const found = await get(`/docs/?download=${form}`);
    assert.deepEqual(pathsOf(found).sort(), whole);
    const contents = new Map(found.map(({ path, content }) => [path, content]));
    assert.equal(contents.get('docs/a.txt')?.toString(), 'first');
    assert.equal(contents.get('docs/linked.txt')?.toString(), 'first');
    assert.deepEqual(contents.get('docs/big.bin'), Buffer.alloc(700_000, 'big '));
    assert.equal(found.find(({ path }) => path === 'docs/a.txt')?.modifiedMs, 1_700_000_000_000);
  });

  test(`members that are named come as a ${form}, folders with all that is in them`, async () => {
    const rows: readonly (readonly [names: string, paths: readonly string[]])[] = [
      ['name=a.txt', ['docs/a.txt']],
      [
        'name=deep&name=a.txt&name=other',
        ['docs/a.txt', 'docs/deep/', 'docs/deep/er/', 'docs/deep/er/b.txt'],
      ],
    ];
    for (const [names, paths] of rows)
      assert.deepEqual(pathsOf(await get(`/docs/?download=${form}&${names}`)).sort(), paths, names);
    for (const name of ['.env', 'secret', 'way-out', '..', '../docs', 'deep/er', 'loop']) {
      const target = `/docs/?download=${form}&name=${encodeURIComponent(name)}`;
      const answer = await server.exchange({ method: 'GET', target, fields: [] });
      assert.ok(answer.status === 404 || read(answer.content).length === 0, name);
    }
  });

  test(`miniserve#1294 odd names go into a ${form} and are chosen as a form sends them`, async () => {
    assert.deepEqual(
      pathsOf(await get(`/odd/?download=${form}`)).sort(),
      oddNames.map(name => `odd/${name}`).sort(),
    );
    for (const name of oddNames) {
      const chosen = new URLSearchParams([['name', name.replace('\n', '\r\n')]]);
      const [found, ...others] = await get(`/odd/?download=${form}&${chosen}`);
      assert.equal(found?.content.toString(), `content of ${name}`);
      assert.deepEqual(others, []);
    }
  });

  test(`HEAD tells of a ${form} what GET does, and the root has a name of its own`, async () => {
    const [head, answer] = [
      await server.exchange({ method: 'HEAD', target: `/?download=${form}`, fields: [] }),
      await server.exchange({ method: 'GET', target: `/?download=${form}`, fields: [] }),
    ];
    const lines = ({ lines }: typeof head) => lines.filter(([name]) => name !== 'Date');
    assert.deepEqual(lines(head), lines(answer));
    assert.equal(field(answer, 'content-disposition'), `attachment; filename="site.${form}"`);
    assert.ok(pathsOf(read(answer.content)).every(path => path.startsWith('site/')));
  });
}

test('an archive is no way around a gate: it holds what its reader could get one by one', async t => {
  const guard: Gate = ({ target }) =>
    target.kind === 'path' && (target.segments[1] === 'deep' || target.segments.at(-1) === 'a.txt')
      ? { status: 401, fields: [], content: { kind: 'none' } }
      : undefined;
  const guarded = await startRaw({ root, gates: [guard] });
  t.after(() => guarded.stop());
  const { content } = await guarded.exchange({ method: 'GET', target: '/docs/?download=zip', fields: [] });
  assert.deepEqual(pathsOf(readZip(content)).sort(), ['docs/big.bin', 'docs/empty/', 'docs/linked.txt']);
});

test('a precondition is asked of an archive as of a listing', async () => {
  for (const [name, value, status] of [
    ['If-Match', '"other"', 412],
    ['If-Match', '*', 200],
    ['If-None-Match', '*', 304],
    ['If-None-Match', '"other"', 200],
  ] as const) {
    for (const target of ['/docs/', '/docs/?download=zip']) {
      const answer = await server.exchange({ method: 'GET', target, fields: [[name, value]] });
      assert.equal(answer.status, status, `${target} ${name}: ${value}`);
    }
  }
});

test('an archive is no way around the rules of a site', async t => {
  const refusing = { redirects: [{ from: '/docs/deep/**', to: '/elsewhere', force: true }] };
  const rows: readonly (readonly [rules: ServerOptions, left: readonly string[]])[] = [
    [{ rules: refusing }, ['docs/a.txt', 'docs/big.bin', 'docs/empty/', 'docs/linked.txt']],
    [
      { rules: { listing: [{ from: '/docs/deep/**', on: false }] } },
      ['docs/a.txt', 'docs/big.bin', 'docs/empty/', 'docs/linked.txt'],
    ],
    [
      { listing: false, rules: { listing: [{ from: '/docs/', on: true }] } },
      ['docs/a.txt', 'docs/big.bin', 'docs/linked.txt'],
    ],
    [{ rules: { redirects: [{ from: '/docs/a.txt', to: '/elsewhere', force: false }] } }, whole],
  ];
  for (const [options, left] of rows) {
    const ruled = await startRaw({ root, ...options });
    t.after(() => ruled.stop());
    const { content } = await ruled.exchange({ method: 'GET', target: '/docs/?download=zip', fields: [] });
    assert.deepEqual(pathsOf(readZip(content)).sort(), left, JSON.stringify(options));
  }
});

test('nor around a rule: what a rule answers in the stead of a file, or keeps from being listed, is not in it', async t => {
  const ruled = mkdtempSync(join(tmpdir(), 'plinth-archives-'));
  t.after(() => rmSync(ruled, { recursive: true }));
  const rules = {
    redirects: [
      '/gone/* /gone.html 404!',
      '/left/* /elsewhere 302!',
      '/led/* /other 302',
      '/open/a.txt /b 302',
    ],
  };
  for (const folder of ['gone', 'left', 'led', 'quiet', 'open']) {
    mkdirSync(join(ruled, folder));
    writeFileSync(join(ruled, folder, 'a.txt'), folder);
  }
  writeFileSync(join(ruled, '_redirects'), rules.redirects.join('\n'));
  writeFileSync(join(ruled, 'serve.json'), '{"directoryListing": ["!/quiet"]}');
  const held = await startRaw({ root: ruled });
  t.after(() => held.stop());
  const { content } = await held.exchange({ method: 'GET', target: '/?download=zip', fields: [] });
  assert.deepEqual(pathsOf(readZip(content)), ['site/open/', 'site/open/a.txt']);
});

test('of a folder whose page hides its listing, only the page is in an archive', async t => {
  const paged = mkdtempSync(join(tmpdir(), 'plinth-archives-'));
  t.after(() => rmSync(paged, { recursive: true }));
  const files = [
    'plain/a.txt',
    'app/index.html',
    'app/unlinked.txt',
    'app/below/b.txt',
    'old/index.htm',
    'old/x.txt',
    'coded/index.html.gz',
    'coded/x.txt',
    'plain/app/index.html',
    'plain/app/x.txt',
  ];
  for (const file of files) {
    mkdirSync(join(paged, file, '..'), { recursive: true });
    writeFileSync(join(paged, file), 'x');
  }
  const held = await startRaw({ root: paged });
  t.after(() => held.stop());
  const get = async (target: string): Promise<string[]> => {
    const { status, content } = await held.exchange({ method: 'GET', target, fields: [] });
    assert.equal(status, 200);
    return pathsOf(readTar(content)).sort();
  };
  assert.deepEqual(await get('/?download=tar'), [
    'site/app/',
    'site/app/index.html',
    'site/coded/',
    'site/old/',
    'site/old/index.htm',
    'site/plain/',
    'site/plain/a.txt',
    'site/plain/app/',
    'site/plain/app/index.html',
  ]);
  assert.deepEqual(await get('/?download=tar&name=app'), ['site/app/', 'site/app/index.html']);
});

test('walks for archives that are not sent yet share the memory of those that are', async t => {
  const limits = { streamBytesMax: 100_000 };
  const narrow = await startRaw({ root, limits });
  t.after(() => narrow.stop());
  const get = (target: string) => narrow.exchange({ method: 'GET', target, fields: [] });
  // The first is let in whatever it holds.
  assert.equal((await get('/docs/?download=zip')).status, 200);
  const path = join(root, 'held');
  mkdirSync(path);
  t.after(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, 'sparse.bin'), '');
  truncateSync(join(path, 'sparse.bin'), 2 ** 30);
  const connection = await RawConnection.open(narrow.place);
  connection.write(requestBytes({ method: 'GET', target: '/held/?download=zip', fields: [] }));
  await connection.atLeast(1);
  connection.pause();
  for (const method of ['GET', 'HEAD'])
    assert.equal((await narrow.exchange({ method, target: '/docs/?download=zip', fields: [] })).status, 503);
  connection.destroy();
  let [last, rounds] = [503, 0];
  for (; last === 503 && rounds < 1000; rounds++) last = (await get('/docs/?download=zip')).status;
  assert.equal(last, 200);
});

test('dufs#87 a tree of a hundred folders within each other goes into an archive, one of a thousand is 403', async t => {
  const path = join(root, 'tower');
  t.after(() => rmSync(path, { recursive: true }));
  for (const [depth, status] of [
    [100, 200],
    [1000, 403],
  ] as const) {
    mkdirSync(join(path, ...Array.from({ length: depth }, () => 'd')), { recursive: true });
    const answer = await server.exchange({ method: 'GET', target: '/tower/?download=tar', fields: [] });
    assert.equal(answer.status, status);
    if (status === 200) assert.equal(readTar(answer.content).length, depth);
  }
});

test('a folder of more than an archive may hold is 403, and a listing all the same', async t => {
  const narrow = await startRaw({ root, limits: { archiveEntriesMax: 3 } });
  t.after(() => narrow.stop());
  for (const [target, status] of [
    ['/docs/?download=zip', 403],
    ['/docs/?download=zip&name=a.txt', 200],
    ['/docs/', 200],
  ] as const)
    assert.equal((await narrow.exchange({ method: 'GET', target, fields: [] })).status, status, target);
});

test('ten gigabytes are told and sent without being held', async t => {
  const path = join(root, 'huge');
  mkdirSync(path);
  t.after(() => rmSync(path, { recursive: true }));
  writeFileSync(join(path, 'sparse.bin'), '');
  truncateSync(join(path, 'sparse.bin'), 10 * 2 ** 30);
  const head = await server.exchange({ method: 'HEAD', target: '/huge/?download=zip', fields: [] });
  assert.ok(Number(field(head, 'content-length')) > 10 * 2 ** 30);
  const before = process.memoryUsage().arrayBuffers;
  const connection = await RawConnection.open(server.place);
  t.after(() => connection.destroy());
  connection.write(requestBytes({ method: 'GET', target: '/huge/?download=zip', fields: [] }));
  const { bytes } = await connection.rest(64 * 2 ** 20);
  assert.ok(bytes.length >= 64 * 2 ** 20);
  assert.ok(
    process.memoryUsage().arrayBuffers - before < 600 * 2 ** 20,
    'what this client took, and little else',
  );
});

test('a file that changes while its archive is sent ends the connection, and nothing looks whole', async t => {
  const path = join(root, 'restless');
  mkdirSync(path);
  t.after(() => rmSync(path, { recursive: true }));
  const changes: readonly (readonly [name: string, change: (file: string) => void])[] = [
    ['shrinks', file => truncateSync(file, 1000)],
    ['is rewritten', file => utimesSync(file, 5, 5)],
    ['is removed', file => rmSync(file)],
  ];
  for (const [name, change] of changes) {
    const changing = join(path, 'z.bin');
    for (const file of [join(path, 'a.bin'), changing]) {
      writeFileSync(file, '');
      truncateSync(file, 48 * 2 ** 20);
    }
    const connection = await RawConnection.open(server.place);
    connection.write(requestBytes({ method: 'GET', target: '/restless/?download=tar', fields: [] }));
    await connection.atLeast(1);
    connection.pause();
    const before = server.reports.length;
    change(changing);
    connection.resume();
    const { bytes } = await connection.rest();
    assert.ok(bytes.length < 96 * 2 ** 20, `${name}: ${bytes.length}`);
    await until(() => String(server.reports.length - before), '1');
    assert.match(
      server.reports.at(-1) ?? '',
      /^\/restless\/\?download=tar: a file .*; connection closed$/,
      name,
    );
  }
});

function pathsOf(found: readonly Found[]): string[] {
  return found.map(({ path, kind }) => (kind === 'folder' ? `${path}/` : path));
}
