// The rules of a site over real sockets: its files of rules, and what a flag says.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FieldLine } from '../../src/http/message.ts';
import { createHandler, type ServerOptions } from '../../src/index.ts';
import { until } from '../faults/until.ts';
import { field, text, type WireResponse } from './client.ts';
import { browser, curl, html, json } from './rows/row.ts';
import { type RuleSite, ruleRows, ruleSites } from './rows/rules.ts';
import { type Running, startRaw, transports } from './transports.ts';

const folders: string[] = [];

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-rules-'));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    // Long ago, so that answers are remembered from the first second on.
    utimesSync(join(folder, path), new Date(1e12), new Date(1e12));
  }
  return folder;
}

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function ask(
  server: Running,
  target: string,
  fields: readonly (readonly [string, string])[] = [],
): Promise<WireResponse> {
  return server.exchange({ method: 'GET', target, fields });
}

// Of the processes one row is enough: what they share is proved elsewhere.
const rows = transports.filter(
  ({ name }) => !name.includes('worker') || name.endsWith('hardly anything remembered'),
);

for (const transport of rows) {
  describe(transport.name, () => {
    const servers = new Map<string, Running>();

    before(async () => {
      const sites: readonly (readonly [string, RuleSite])[] = Object.entries(ruleSites);
      for (const [name, { files, options }] of sites)
        servers.set(name, await transport.start({ root: folderOf(files), ...options }));
    });
    after(async () => {
      for (const server of servers.values()) {
        await server.stop();
        assert.deepEqual(server.reports, []);
      }
    });

    for (const row of ruleRows) {
      test(`${row.site}: ${row.ask}, ${row.name}`, async () => {
        const server = servers.get(row.site);
        assert.ok(server !== undefined);
        const response = await ask(server, row.ask, row.fields);
        assert.equal(response.status, row.status);
        for (const [name, value] of Object.entries(row.has ?? {})) {
          if (value instanceof RegExp) assert.match(field(response, name) ?? '', value, name);
          else assert.equal(field(response, name), value, name);
        }
        if (row.content !== undefined) assert.equal(text(response), row.content);
        // A HEAD is answered like the GET, and ranges are for GET only.
        if (row.status === 206) return;
        const head = await server.exchange({ method: 'HEAD', target: row.ask, fields: row.fields ?? [] });
        assert.equal(head.status, row.status);
        assert.equal(field(head, 'location'), field(response, 'location'));
      });
    }
  });
}

/** Starts on a folder and stops with the test. */
async function start(
  t: { after: (end: () => Promise<void>) => void },
  files: Readonly<Record<string, string>>,
  options: ServerOptions = {},
): Promise<{ readonly server: Running; readonly root: string }> {
  const root = folderOf(files);
  const server = await startRaw({ root, ...options });
  t.after(() => server.stop());
  return { server, root };
}

test('what cannot be kept is reported at the start with file and line, once, and the rest holds', async t => {
  const { server } = await start(t, {
    _redirects: '/a /b\n/c /d 302 Country=se\n/e /f',
    _headers: '/*\n  Content-Length: 5\n  X-A: 1',
    'serve.json': '{"rewrites": [{"source": "/[x]", "destination": "/y"}], "trailingslash": true}',
  });
  assert.deepEqual(
    server.reports.map(line => line.replace(/;.*/, '')),
    [
      '_headers:2: Content-Length cannot be set by a rule: it belongs to the connection',
      '_redirects:2: the condition Country cannot be kept here, so the rule is left out',
      'serve.json:1: rewrites[0]: "/[x]" uses what is not known here',
      'serve.json:1: trailingslash: no key is called so',
    ],
  );
  const told = server.reports.length;
  assert.equal(field(await ask(server, '/e'), 'location'), '/f');
  assert.equal(field(await ask(server, '/c'), 'x-a'), '1');
  assert.equal(server.reports.length, told);
});

test('a file of rules that changes holds without a restart, also when it comes and goes', async t => {
  for (const revalidateMs of [0, 1000]) {
    const { server, root } = await start(t, { 'b.txt': 'b', 'c.txt': 'c' }, { revalidateMs });
    const leads = async (location: string | undefined): Promise<void> => {
      for (let looks = 0; field(await ask(server, '/a'), 'location') !== location; looks++) {
        assert.ok(looks < 500, `never ${location}`);
        await new Promise(resolve => setTimeout(resolve, 20));
      }
    };
    const write = (content: string): void => {
      writeFileSync(join(root, 'new'), content);
      renameSync(join(root, 'new'), join(root, '_redirects'));
    };
    await leads(undefined);
    write('/a /b.txt');
    await leads('/b.txt');
    write('/a /c.txt');
    await leads('/c.txt');
    write('/a x');
    await leads(undefined);
    await until(() => String(server.reports.length > 0), 'true');
    assert.match(server.reports.join(), /^_redirects:1: found "\/a x", wanted from, to/);
    write('/a /b.txt');
    await leads('/b.txt');
    rmSync(join(root, '_redirects'));
    await leads(undefined);
  }
});

test('a file of rules in thousands of lines tells the first faults and counts the others', async t => {
  const { server } = await start(t, { _redirects: '/a\n'.repeat(3000) });
  assert.equal(server.reports.length, 21);
  assert.equal(server.reports.at(-1), '_redirects: 2980 more lines cannot be kept');
});

test('a file of rules that is too large, a folder or a link out of the root is not read, and is not served', async t => {
  const { server, root } = await start(t, {
    _redirects: `/a /b\n${'#'.repeat(1024 * 1024)}`,
    '_headers/x': 'x',
    'x.txt': 'x',
  });
  assert.deepEqual(server.reports, ['_redirects: the file cannot be read: it is larger than 1048576 bytes']);
  assert.equal((await ask(server, '/a')).status, 404);
  const outside = folderOf({ rules: '/* /x.txt 200!' });
  const linked = folderOf({ 'x.txt': 'x' });
  symlinkSync(join(outside, 'rules'), join(linked, '_redirects'));
  const other = await startRaw({ root: linked });
  t.after(() => other.stop());
  assert.match(other.reports.join(), /^_redirects: the file cannot be read: /);
  for (const target of ['/_redirects', '/any']) assert.equal((await ask(other, target)).status, 404);
  assert.ok(root !== linked);
});

test('the files of rules are never served, whatever their name is dressed as', async t => {
  const { server } = await start(t, {
    _headers: '/*\n  X-A: 1',
    '_headers.br': 'x',
    _redirects: '/from /_redirects 200!\n/error /_headers 404!',
    '_redirects.gz': 'x',
    'serve.json': '{}',
    'serve.json.zst': 'x',
    _REDIRECTS: 'x',
    'Serve.JSON': 'x',
    _redirectſ: 'x',
    '_head\u200cers': 'x',
    'sub/_redirects': 'a file like any other',
    'a.txt': 'a',
  });
  const names = [
    '_headers',
    '_headers.br',
    '_headers.gz',
    '_redirects',
    '_redirects.gz',
    '_redirects/',
    '_redirects/x',
    '%5Fredirects',
    './_redirects',
    'sub/../_redirects',
    '/_redirects',
    'serve.json',
    'serve.json.zst',
    'serve',
    '_REDIRECTS',
    '_Headers',
    'Serve.JSON',
    'SERVE.JSON',
    '_redirect%C5%BF',
    '_head%E2%80%8Cers',
    'from',
    'error',
  ];
  for (const name of names) {
    const response = await ask(server, `/${name}`, [['Accept-Encoding', 'br, gzip, zstd']]);
    const isLed = response.status === 308 && field(response, 'location') === '/_redirects';
    assert.ok(response.status === 404 || isLed, `${name}: ${response.status}`);
  }
  assert.equal(text(await ask(server, '/sub/_redirects')), 'a file like any other');
  const listing = text(await ask(server, '/', [json]));
  assert.deepEqual(
    [...listing.matchAll(/"name": "([^"]*)"/g)].map(match => match[1]),
    ['sub', 'a.txt'],
  );
});

test('threats: whatever is asked, what a rule fills in splits no answer and names no other host', async t => {
  const { server } = await start(t, {
    _redirects:
      '/out/* /:splat 302\n/part* /:splat/x 302\n/q v=:v /:v 302\n/in/* /files/:splat 200\n/inq v=:v /files/:v 200',
    _headers: '/*\n  X-A: 1',
    'files/a.txt': 'a',
    'files/.secret': 'TOP-SECRET',
    '.env': 'TOP-SECRET',
    'docs/a.txt': 'a',
  });
  const targets = [
    '/out//evil.example',
    '/out/%5Cevil.example',
    '/out/%5C%5Cevil.example',
    '/out/%09/evil.example',
    '/out/%0d%0aSet-Cookie:%20x=1',
    '/out/%E5%98%8D%E5%98%8ASet-Cookie:x',
    '/part//evil.example',
    '/part%5C',
    '/part:',
    '/part.',
    '/part..',
    '/q?v=//evil.example',
    '/q?v=%2F%2Fevil.example',
    '/q?v=%5C%5Cevil.example',
    '/q?v=https://evil.example',
    '/q?v=%0d%0aSet-Cookie:x',
    '/q?v=..',
    '/in/.secret',
    '/in/%2esecret',
    '/in/../.env',
    '/inq?v=.secret',
    '/inq?v=..%2F.env',
    '/inq?v=../.env',
    '/inq?v=%2e%2e/.env',
    '/inq?v=a.txt%00',
    '/in../.env',
    '/docs../.env',
  ];
  for (const target of targets) {
    const response = await ask(server, target);
    const location = field(response, 'location');
    assert.equal(field(response, 'set-cookie'), undefined, target);
    assert.doesNotMatch(text(response), /TOP-SECRET/, target);
    if (location !== undefined)
      assert.equal(new URL(location, 'http://here.example/').host, 'here.example', target);
    else assert.ok([400, 404].includes(response.status), `${target}: ${response.status}`);
  }
  assert.equal(text(await ask(server, '/in/a.txt')), 'a');
  assert.equal(text(await ask(server, '/inq?v=a.txt')), 'a');
});

test('the page of an application is for navigations, and says that it depends on what is accepted', async t => {
  const { server } = await start(
    t,
    { 'index.html': 'app', 'app.js': 'x', 'sub/a.txt': 'a', '.env': 'x' },
    { spa: true, listing: false },
  );
  const rows: readonly (readonly [
    target: string,
    fields: readonly (readonly [string, string])[],
    status: number,
  ])[] = [
    ['/', [browser], 200],
    ['/deep/link?x', [browser], 200],
    ['/deep/link/', [browser], 200],
    ['/deep/link', [curl], 200],
    ['/deep/link', [], 200],
    ['/deep/link', [json], 404],
    ['/deep/link', [['Accept', 'image/*']], 404],
    ['/deep/gone.js', [browser], 404],
    ['/v1.2/notes', [browser], 200],
    ['/.env', [browser], 404],
    ['/sub/', [browser], 200],
    ['/sub/a.txt', [browser], 200],
    ['/%00', [browser], 400],
  ];
  for (const [target, fields, status] of rows) {
    const response = await ask(server, target, fields);
    assert.equal(response.status, status, target);
    if (status === 200 && target.startsWith('/deep')) {
      assert.equal(text(response), 'app');
      assert.equal(field(response, 'content-type'), html);
      assert.match(field(response, 'vary') ?? '', /Accept(?:,|$)/);
      const again = await ask(server, target, [...fields, ['If-None-Match', field(response, 'etag') ?? '']]);
      assert.equal(again.status, 304);
      assert.match(field(again, 'vary') ?? '', /Accept(?:,|$)/);
    }
  }
  assert.equal((await server.exchange({ method: 'POST', target: '/deep', fields: [browser] })).status, 405);
});

test('--cache says how long files may be kept, and not how long errors may', async t => {
  const files = {
    'a.txt': 'a',
    'img/b.png': 'b',
    'assets/c-BxK3a9Qz.js': 'c',
    _headers: '/a.txt\n  Cache-Control: max-age=1',
  };
  const { server } = await start(t, files, { cache: ['max-age=60', '/img/**=no-store'] });
  const caching = async (target: string): Promise<string | undefined> =>
    field(await ask(server, target), 'cache-control');
  assert.equal(await caching('/a.txt'), 'max-age=60');
  assert.equal(await caching('/img/b.png'), 'no-store');
  assert.equal(await caching('/assets/c-BxK3a9Qz.js'), 'max-age=60');
  assert.equal(await caching('/none'), 'no-cache');
});

test('what a listing names is there, also where only a rule has folders listed', async t => {
  const options = { listing: false } as const;
  const rules = { listing: [{ from: '/files/**', on: true }] };
  const files = { 'files/deep/a.txt': 'a' };
  const root = folderOf(files);
  const byFile = folderOf({ ...files, 'serve.json': JSON.stringify({ directoryListing: true }) });
  const sites: readonly (readonly [path: string, options: ServerOptions])[] = [
    ['/files/', { ...options, root, rules }],
    ['/files/deep/', { ...options, root, rules }],
    ['/app/files/', { ...options, root, rules, base: '/app' }],
    ['/files/', { ...options, root: byFile }],
    ['/files/', { root }],
  ];
  for (const [path, given] of sites) {
    const server = await startRaw(given);
    t.after(() => server.stop());
    await holdFiles(path, async target => {
      const answer = await ask(server, target, [browser]);
      return [answer.status, text(answer)];
    });
  }
  await using handler = createHandler({ root, rules });
  await holdFiles('/files/', async target => {
    const answer = await handler(new Request(`http://a.example${target}`, { headers: [[...browser]] }));
    return [answer.status, await answer.text()];
  });
});

test('each status that may have a page by a rule shows it', async t => {
  const asked: readonly (readonly [status: number, target: string, method?: string, field?: FieldLine])[] = [
    [400, '/%zz'],
    [403, '/list/?download=zip'],
    [404, '/none'],
    [405, '/a.txt', 'POST'],
    [406, '/a.txt', 'GET', ['Accept-Encoding', 'identity;q=0, *;q=0']],
    [410, '/gone'],
    [412, '/a.txt', 'GET', ['If-Match', '"none"']],
    [416, '/a.txt', 'GET', ['Range', 'bytes=9-']],
    [501, '/a.txt', 'BREW'],
    [421, '/421'],
    [429, '/429'],
    [451, '/451'],
  ];
  const pages = Object.fromEntries(asked.map(([status]) => [status, '/pages/error.html']));
  const { server } = await start(
    t,
    { 'a.txt': 'a', 'list/a': '', 'list/b': '', 'pages/error.html': 'our page' },
    {
      rules: { errorPages: pages, refusals: [{ from: '/gone', status: 410 }] },
      limits: { archiveEntriesMax: 1 },
      gates: [
        ({ target }) => {
          const status = target.kind === 'path' ? Number(/^4\d\d$/.exec(target.segments[0] ?? '')) : 0;
          return status > 0 ? { status, fields: [], content: { kind: 'none' } } : undefined;
        },
      ],
    },
  );
  for (const [status, target, method = 'GET', field] of asked) {
    const answer = await server.exchange({ method, target, fields: [browser, ...(field ? [field] : [])] });
    assert.deepEqual([answer.status, text(answer)], [status, 'our page'], target);
  }
});

/** Asks for a listing, then for each sheet and script that it names. */
async function holdFiles(
  path: string,
  get: (target: string) => Promise<readonly [status: number, content: string]>,
): Promise<void> {
  const [status, page] = await get(path);
  assert.equal(status, 200);
  const named = [...page.matchAll(/<(?:link|script)[^>]* (?:href|src)="([^"]*)"/g)].map(
    match => match[1] ?? '',
  );
  assert.deepEqual(named.map(href => href.replace(/^.*\./, '')).sort(), ['css', 'js'], page);
  for (const href of named)
    assert.equal((await get(new URL(href, `http://a${path}`).pathname))[0], 200, `${path} ${href}`);
}

test('threats: no rule leads around a password, also where another folder stands in the stead of the root', async t => {
  const users = join(
    folderOf({ users: `u:{SHA}${createHash('sha1').update('p').digest('base64')}\n` }),
    'users',
  );
  for (const folder of ['', 'dist/']) {
    const root = folderOf({
      'serve.json': JSON.stringify(folder === '' ? {} : { public: folder }),
      _redirects:
        '/open/* /admin/:splat 200\n/forced/* /admin/:splat 200!\n/error /admin/s.txt 404!\n/away/* /admin/:splat 302\n',
      [`${folder}admin/s.txt`]: 'TOP-SECRET',
      [`${folder}a.txt`]: 'a',
    });
    symlinkSync('admin/s.txt', join(root, folder, 'link.txt'));
    const server = await startRaw({ root, auth: `/admin=${users}` });
    t.after(() => server.stop());
    const targets = [
      '/admin/s.txt',
      '/open/s.txt',
      '/forced/s.txt',
      '/error',
      '/link.txt',
      '/away/s.txt',
      '/%61dmin/s.txt',
    ];
    for (const target of targets) {
      const response = await ask(server, target);
      assert.ok([302, 401, 404].includes(response.status), `${folder} ${target}: ${response.status}`);
      assert.ok(!text(response).includes('TOP-SECRET'), `${folder} ${target}`);
    }
    assert.equal(text(await ask(server, '/a.txt')), 'a');
    const signed = await ask(server, '/admin/s.txt', [['Authorization', `Basic ${btoa('u:p')}`]]);
    assert.equal(text(signed), 'TOP-SECRET');
  }
});
