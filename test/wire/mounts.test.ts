// Several folders as one site, and a site below a base: what is reached where, and what is kept from whom. With answers
// remembered, not, and hardly.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createServer, memoryStore, type ServerOptions } from '../../src/index.ts';
import { serving } from '../cli/command.ts';
import { field, RawConnection, text, type WireResponse } from './client.ts';
import { neighbours } from './neighbours.ts';
import { type Running, startRaw } from './transports.ts';

const secret = 'TOP-SECRET-9c4d';
const page = `<!doctype html><title>t</title>${'again and again. '.repeat(100)}`;
let above: string;

before(() => {
  above = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-mounts-')));
  const files: Readonly<Record<string, string | Buffer>> = {
    'site/index.html': page,
    'site/a.txt': 'root',
    'site/404.html': 'nothing here',
    'site/docs/hidden.txt': secret,
    'site/private/s.txt': secret,
    'site/private/pub/p.txt': secret,
    'site/_redirects': '/old /a.txt 302\n/away https://example.org/x 301\n/shown /docs/d.txt 200\n',
    'site/_headers': '/docs/*\n  X-Docs: yes\n',
    'docs/d.txt': 'docs',
    'docs/page.html': page,
    'docs/app.js': 'let a = 1;',
    'docs/app.js.gz': gzipSync('let a = 1;'),
    'docs/_headers': secret,
    'docs/plinth.config.json': secret,
    'docs/.env': secret,
    'docs/secret/s.txt': secret,
    'docs/secret/404.html': secret,
    'docs/list/one.txt': '1',
    'outside/s.txt': secret,
    users: 'ann:$2y$04$9YKaZmTvrYv60ljsrGDwhOozewxBMOOP5cMnVN2KY1KJbcQpdd4a.\n',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(above, path)), { recursive: true });
    writeFileSync(join(above, path), content);
  }
  const links: Readonly<Record<string, string>> = {
    'docs/out.txt': join(above, 'outside', 's.txt'),
    'docs/to-root.txt': join(above, 'site', 'a.txt'),
    'docs/way': 'secret',
    'docs/way.txt': 'secret/s.txt',
    'docs/app.css.gz': join(above, 'outside', 's.txt'),
    'site/to-docs': join(above, 'docs'),
  };
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(above, path));
});
after(() => rmSync(above, { recursive: true, force: true }));

const ann = ['Authorization', `Basic ${btoa('ann:apple')}`] as const;
type Lines = readonly (readonly [string, string])[];

/** Sends exactly these octets as the target, with these fields. */
async function ask({ place }: Running, target: string, lines: Lines = []): Promise<WireResponse> {
  const client = await RawConnection.open(place);
  const section = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  client.write(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${section}\r\n`);
  const response = await client.response('GET');
  await client.expectEnd();
  return response;
}

/** All that has come, once it holds this. */
async function upTo(connection: RawConnection, wanted: string): Promise<string> {
  let bytes = await connection.atLeast(1);
  while (!bytes.includes(wanted)) bytes = await connection.atLeast(bytes.length + 1);
  return bytes.toString();
}

type Row = readonly [target: string, status: number, what?: string];

async function holdRows(server: Running, rows: readonly Row[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    for (const [target, status, what] of rows) {
      const answer = await ask(server, target, [['Accept', 'text/html']]);
      const told = `${target} in round ${round}: ${text(answer).slice(0, 80)}`;
      assert.equal(answer.status, status, told);
      if (what === undefined) continue;
      assert.equal(status >= 300 && status < 400 ? field(answer, 'location') : text(answer), what, told);
    }
  }
}

const memories: readonly (readonly [string, ServerOptions])[] = [
  ['everything remembered', {}],
  ['nothing remembered', { revalidateMs: 0 }],
  ['hardly anything remembered', { limits: { cacheBytesMax: 4000 } }],
];

for (const [memory, options] of memories) {
  describe(`mounts, ${memory}`, () => {
    let server: Running;
    let below: Running;
    let guarded: Running;
    before(async () => {
      const root = join(above, 'site');
      const mounts = {
        '/docs': join(above, 'docs'),
        '/no/where/near': join(above, 'docs', 'list'),
        '/pub': join(above, 'site', 'private', 'pub'),
      };
      server = await startRaw({ ...options, root, mounts });
      below = await startRaw({ ...options, root, mounts, base: '/my app' });
      const auth = [`/private=${join(above, 'users')}`, `/docs/secret=${join(above, 'users')}`];
      const twice = { ...mounts, '/again': join(above, 'docs'), '/in': join(above, 'docs', 'secret') };
      guarded = await startRaw({ ...options, root, mounts: twice, auth });
    });
    after(async () => {
      for (const one of [server, below, guarded]) {
        await one.stop();
        assert.deepEqual(one.reports, []);
      }
    });

    test('a folder is found at its path, and the one of the root that it hides is not', async () => {
      await holdRows(server, [
        ['/a.txt', 200, 'root'],
        ['/docs', 308, '/docs/'],
        ['/docs?x', 308, '/docs/?x'],
        ['/docs/', 200],
        ['/docs/d.txt', 200, 'docs'],
        ['/docs/page', 200, page],
        ['/docs/hidden.txt', 404, 'nothing here'],
        ['/docs../d.txt', 404],
        ['/docs%2fd.txt', 400],
        ['/docs/../a.txt', 200, 'root'],
        ['/docs/../../a.txt', 400],
        ['//docs//d.txt', 308, '/docs/d.txt'],
        ['/no', 308, '/no/'],
        ['/no/where/near/one.txt', 200, '1'],
        ['/no/where/', 200],
        ['/docs/_headers', 404],
        ['/docs/plinth.config.json', 404],
        ['/docs/.env', 404],
        ['/docs/out.txt', 404],
        ['/docs/app.css', 404],
        ['/docs/to-root.txt', 404],
        ['/to-docs/d.txt', 404],
        ['/old', 302, '/a.txt'],
        ['/shown', 200, 'docs'],
      ]);
    });

    test('listings tell of what is mounted, as pages, as JSON and in archives', async () => {
      const names = async (target: string): Promise<readonly string[]> => {
        const listing = JSON.parse(text(await ask(server, target, [['Accept', 'application/json']])));
        return listing.entries.map(({ name }: { name: string }) => name);
      };
      assert.deepEqual(await names('/no/'), ['where']);
      assert.deepEqual(await names('/no/where/'), ['near']);
      assert.deepEqual(await names('/pub/'), ['p.txt']);
      assert.ok(!(await names('/docs/')).includes('_headers'));
      assert.match(
        text(await ask(server, '/no/', [['Accept', 'text/html']])),
        /<a class="go" href="\.\/where\/">/,
      );
      const archive = text(await ask(server, '/no/?download=tar'));
      assert.ok(archive.includes('no/where/near/one.txt'));
    });

    test('what holds for files holds in every folder: codings, ranges, conditions, fields', async () => {
      const coded = await ask(server, '/docs/app.js', [['Accept-Encoding', 'gzip']]);
      assert.equal(field(coded, 'content-encoding'), 'gzip');
      assert.equal(field(coded, 'x-docs'), 'yes');
      const part = await ask(server, '/docs/d.txt', [['Range', 'bytes=1-2']]);
      assert.deepEqual([part.status, text(part)], [206, 'oc']);
      const tag = field(part, 'etag') ?? '';
      assert.equal((await ask(server, '/docs/d.txt', [['If-None-Match', tag]])).status, 304);
      const made = await ask(server, '/docs/page', [['Accept-Encoding', 'gzip']]);
      assert.equal(field(made, 'content-encoding'), 'gzip');
    });

    test('a site below a base is complete there, and there is nothing else', async () => {
      const app = '/my%20app';
      await holdRows(below, [
        ['/', 404, 'nothing here'],
        ['/a.txt', 404, 'nothing here'],
        ['/docs/d.txt', 404],
        ['/old', 404],
        ['/my', 404],
        [app, 308, `${app}/`],
        [`${app}?x=1`, 308, `${app}/?x=1`],
        [`${app}/`, 200, page],
        [`${app}/a.txt`, 200, 'root'],
        [`${app}/docs/d.txt`, 200, 'docs'],
        [`${app}/old`, 302, `${app}/a.txt`],
        [`${app}/old?x`, 302, `${app}/a.txt?x`],
        [`${app}/away`, 301, 'https://example.org/x'],
        [`${app}/shown`, 200, 'docs'],
        [`${app}/_redirects`, 404],
        [`${app}/docs/_headers`, 404],
        [`${app}/x.png`, 404, 'nothing here'],
        [`${app}/../a.txt`, 404],
        [`${app}//a.txt`, 308, `${app}/a.txt`],
        [`${app}/%2e%2e/%2e%2e/a.txt`, 400],
      ]);
      assert.equal(field(await ask(below, `${app}/docs/d.txt`), 'x-docs'), 'yes');
      const listing = text(await ask(below, `${app}/no/`, [['Accept', 'text/html']]));
      const [, sheet = ''] = /href="([^"]*\.plinth\/[^"]*\.css)"/.exec(listing) ?? [];
      const address = new URL(sheet, `http://h${app}/no/`).pathname;
      assert.ok(address.startsWith(`${app}/.plinth/`), address);
      assert.equal((await ask(below, address)).status, 200);
      const top = text(await ask(below, `${app}/docs/`, [['Accept', 'text/html']]));
      assert.match(top, /<li><a href="\.\.\/">/, 'the first crumb is the top of the site');
      assert.doesNotMatch(top, /<a href="\.\.\/\.\.\/">/);
    });

    test('CVE-2026-29087, CVE-2026-39406: a guard holds whatever path and whatever folder leads behind it', async () => {
      const rows: readonly Row[] = [
        ['/docs/secret/s.txt', 401],
        ['/docs/secret/', 401],
        ['/private/s.txt', 401],
        ['/private/pub/p.txt', 401],
        // By another way than the one that is guarded nothing is to be seen, not even a page for errors.
        ['/docs/way.txt', 404],
        ['/docs/way/s.txt', 404],
        ['/docs/way/', 404],
        ['/docs/way/none', 404],
        ['/again/secret/s.txt', 404],
        ['/again/secret/', 404],
        ['/again/way.txt', 404],
        ['/in/s.txt', 404],
        ['/in/', 404],
        ['/in/none', 404],
        ['/pub/p.txt', 404],
        ['/pub/', 404],
      ];
      for (let round = 0; round < 2; round++) {
        for (const [target, status] of rows) {
          for (const spelled of round === 0 ? [target, ...neighbours(target)] : [target]) {
            const answer = await ask(guarded, spelled, [['Accept', 'text/html']]);
            if (spelled === target) assert.equal(answer.status, status, target);
            assert.ok(!text(answer).includes(secret), spelled);
          }
        }
      }
      for (const target of [
        '/?download=tar',
        '/docs/?download=tar',
        '/again/?download=tar',
        '/in/?download=tar',
      ])
        assert.ok(!text(await ask(guarded, target)).includes(secret), target);
      assert.equal(text(await ask(guarded, '/docs/secret/s.txt', [ann])), secret);
      assert.equal(text(await ask(guarded, '/docs/d.txt')), 'docs');
      assert.equal(text(await ask(guarded, '/again/d.txt')), 'docs');
    });
  });
}

test('the files of rules of one folder are not to be seen through another that holds it', async t => {
  const overlapping = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-overlap-')));
  t.after(() => rmSync(overlapping, { recursive: true, force: true }));
  for (const folder of ['dist/one', 'dist/rules']) mkdirSync(join(overlapping, folder), { recursive: true });
  writeFileSync(join(overlapping, 'dist/a.txt'), 'a');
  // The rules of the root are behind a link, as in some set-ups; they are read all the same.
  writeFileSync(join(overlapping, 'dist/rules/list.txt'), '/old /a.txt 302\n');
  symlinkSync('rules/list.txt', join(overlapping, 'dist/_redirects'));
  writeFileSync(join(overlapping, 'dist/_headers'), '/*\n  X-Top: yes\n');
  writeFileSync(join(overlapping, 'dist/_headers.gz'), gzipSync(secret));
  writeFileSync(join(overlapping, 'dist/one/_headers'), '/*\n  X-One: yes\n');
  symlinkSync('dist', join(overlapping, 'current'));
  const running = await startRaw({
    root: join(overlapping, 'current'),
    mounts: { '/up': overlapping, '/again': join(overlapping, 'dist') },
    hosts: { 'one.example': { root: join(overlapping, 'dist/one') } },
  });
  t.after(() => running.stop());
  for (const target of [
    '/up/dist/_headers',
    '/up/dist/_headers.gz',
    '/up/dist/_redirects',
    '/up/current/_headers',
    '/up/current/_redirects',
    '/up/dist/one/_headers',
    '/again/_headers',
    '/one/_headers',
  ])
    assert.equal((await ask(running, target)).status, 404, target);
  assert.doesNotMatch(
    text(await ask(running, '/up/dist/', [['Accept', 'text/plain']])),
    /_headers|_redirects/,
  );
  const moved = await ask(running, '/old');
  assert.equal(field(moved, 'location'), '/a.txt');
  assert.equal(field(moved, 'x-top'), 'yes');
  const client = await RawConnection.open(running.place);
  client.write('GET / HTTP/1.1\r\nHost: one.example\r\nConnection: close\r\n\r\n');
  assert.equal(field(await client.response('GET'), 'x-one'), 'yes');
  await client.expectEnd();
});

test('a site below a base is guarded below it, and the whole of it with what is around it', async () => {
  const root = join(above, 'site');
  const users = join(above, 'users');
  for (const [auth, rows] of [
    [
      `/private=${users}`,
      [
        ['/app/private/s.txt', 401],
        ['/private/s.txt', 404],
        ['/app/a.txt', 200],
      ],
    ],
    [
      users,
      [
        ['/app/a.txt', 401],
        ['/', 401],
        ['/app', 401],
        ['/none', 401],
      ],
    ],
  ] as const) {
    const server = await startRaw({ root, base: '/app', auth });
    try {
      await holdRows(server, rows);
    } finally {
      await server.stop();
    }
  }
});

test('files that are given in another way than by folders have a base, and no mounts', async () => {
  const store = memoryStore({ 'a.txt': 'in memory', 'old/x.txt': 'x' });
  const server = await startRaw({
    store,
    base: '/app',
    rules: { redirects: [{ from: '/x', to: '/a.txt' }] },
  });
  try {
    await holdRows(server, [
      ['/app/a.txt', 200, 'in memory'],
      ['/a.txt', 404],
      ['/app/old', 308, '/app/old/'],
      ['/app/x', 301, '/app/a.txt'],
    ]);
  } finally {
    await server.stop();
  }
  assert.throws(
    () => createServer({ store, mounts: { '/docs': above } }),
    /^OptionError: option mounts: found a store as well, wanted one of them$/,
  );
  assert.throws(
    () => createServer({ root: above, mounts: { '/docs': join(above, 'none') } }),
    /cannot serve .*none: nothing is there; wanted a folder that this user may read/,
  );
});

test('a page of an application, and rules of a configuration, count from the base', async () => {
  const root = join(above, 'site');
  const server = await startRaw({
    root,
    base: '/app',
    spa: true,
    cache: '/a.txt=max-age=7',
    rules: {
      redirects: [{ from: '/', to: '/a.txt', status: 302 }],
      refusals: [{ from: '/index.html', status: 410 }],
      errorPages: { 400: '/a.txt', 404: '/a.txt', 410: '/a.txt' },
    },
  });
  try {
    await holdRows(server, [
      ['/app/some/view', 200, page],
      ['/app', 302, '/app/a.txt'],
      ['/app/', 302, '/app/a.txt'],
      ['/app/index.html', 410, 'root'],
      ['/some/view', 404, 'root'],
      ['/', 404, 'root'],
      ['/app/%zz', 400, 'root'],
    ]);
    assert.equal(field(await ask(server, '/app/a.txt'), 'cache-control'), 'max-age=7');
  } finally {
    await server.stop();
  }
});

test('while a site is worked on, each change is told by the path at which it is seen', {
  timeout: 20_000,
}, async () => {
  const [root, docs] = [join(above, 'dev-site'), join(above, 'dev-docs')];
  for (const folder of [root, docs]) mkdirSync(folder);
  writeFileSync(join(root, 'index.html'), '<p>one');
  writeFileSync(join(docs, 'd.html'), '<p>one');
  const server = await startRaw({
    root,
    mounts: { '/docs': docs },
    base: '/app',
    dev: true,
    allowedHosts: 'h',
  });
  const events = await RawConnection.open(server.place);
  try {
    const html: Lines = [['Accept', 'text/html']];
    assert.match(text(await ask(server, '/app/')), /<script src="\/app\/\.plinth\/live\.js"/);
    assert.equal((await ask(server, '/app/.plinth/live.js')).status, 200);
    assert.equal((await ask(server, '/.plinth/live.js')).status, 404);
    assert.match(
      text(await ask(server, '/docs/d.html', html)),
      /Did you mean <a href="\/app\/docs\/d\.html">.* The site is below \/app\//,
    );
    assert.match(
      text(await ask(server, '/x', html)),
      /Did you mean <a href="\/app\/">.* The site is below \/app\//,
    );
    assert.match(text(await ask(server, '/app/D/d.html', html)), /404/);
    assert.match(text(await ask(server, '/app/d.html', html)), /href="\/app\/docs\/d\.html"/);
    assert.equal((await ask(server, '/app/docs/d.html')).status, 200);
    events.write('GET /app/.plinth/events HTTP/1.1\r\nHost: h\r\n\r\n');
    await upTo(events, 'id: ');
    writeFileSync(join(docs, 'd.html'), '<p>two');
    assert.match(await upTo(events, '.html"]'), /\ndata: \["\/app\/docs\/d\.html"\]/);
  } finally {
    events.destroy();
    await server.stop();
  }
});

test('pages are told no name that a guard hides at another path', { timeout: 20_000 }, async () => {
  const [root, docs] = [join(above, 'told-site'), join(above, 'told-docs')];
  for (const folder of [root, join(docs, 'secret')]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(docs, 'secret', 'name.txt'), 'one');
  writeFileSync(join(docs, 'open.txt'), 'one');
  const server = await startRaw({
    root,
    mounts: { '/docs': docs, '/again': docs },
    auth: `/docs/secret=${join(above, 'users')}`,
    dev: true,
    allowedHosts: 'h',
  });
  const events = await RawConnection.open(server.place);
  try {
    assert.equal((await ask(server, '/again/secret/name.txt')).status, 404);
    assert.equal((await ask(server, '/again/open.txt')).status, 200);
    events.write('GET /.plinth/events HTTP/1.1\r\nHost: h\r\n\r\n');
    await upTo(events, 'id: ');
    writeFileSync(join(docs, 'secret', 'name.txt'), 'two');
    assert.match(await upTo(events, '"]'), /\ndata: \["\/"\]/);
    writeFileSync(join(docs, 'open.txt'), 'two');
    const heard = await upTo(events, '/again/open.txt"');
    assert.ok(!heard.includes('name.txt'), heard);
  } finally {
    events.destroy();
    await server.stop();
  }
});

test('the command serves what it is told to, and says where', { timeout: 30_000 }, async () => {
  const docs = join(above, 'docs');
  const { run, port } = await serving(
    [
      join(above, 'site'),
      '0',
      '-q',
      '-w',
      '2',
      '-H',
      '127.0.0.1',
      '--mount',
      `/docs=${docs}`,
      '--base',
      '/app',
    ],
    {},
  );
  const place = { host: '127.0.0.1', port };
  const client = await RawConnection.open(place);
  client.write('GET /app/docs/d.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  assert.equal(text(await client.response('GET')), 'docs');
  const { code, stderr } = await run.stop();
  assert.equal(code, 0);
  assert.match(stderr, /listening on http:\/\/127\.0\.0\.1:\d+\/app\/\n/);
  assert.ok(stderr.includes(`serving /app/docs from ${docs}\n`), stderr);
  assert.match(stderr, /not served, as dotfiles are off: \/app\/docs\/\.env/);
});
