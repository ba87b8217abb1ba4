// Who may see what, over the wire: passwords, hosts, addresses, proxies. With answers remembered, not, and hardly.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Exchange, FieldLine } from '../../src/http/message.ts';
import type { Finisher, Gate, ServerOptions } from '../../src/index.ts';
import { askOnce as ask, field, text, type WireResponse } from './client.ts';
import { neighbours } from './neighbours.ts';
import { guards } from './rows/threats.ts';
import { addLinks, makeSite, type SiteFolder, secret } from './site.ts';
import { type Running, startRaw } from './transports.ts';

/** Made with `htpasswd`: ann has the password "apple", bob "bánana:1". */
const bcryptOfApple = '$2y$04$9YKaZmTvrYv60ljsrGDwhOozewxBMOOP5cMnVN2KY1KJbcQpdd4a.';
/** The same at a cost at which more come than can be checked. */
const slowBcryptOfApple = '$2y$09$i0P0P2x9xOFdEaBI0i2Oge8C.8B2en009E2kR44F9z0NQNkCEtNv2';
const apr1OfBanana = '$apr1$abcdefgh$E.SJMKbYww5yqF0f8M8mg0';

let site: SiteFolder;
let users: string;
let admins: string;

before(() => {
  site = makeSite();
  addLinks(site);
  mkdirSync(join(site.root, 'private', 'inner'));
  writeFileSync(join(site.root, 'private', 'secret'), secret);
  writeFileSync(join(site.root, 'private', '404.html'), secret);
  writeFileSync(join(site.root, 'private', '405.html'), secret);
  writeFileSync(join(site.root, 'private', 'inner', 'page.html'), secret);
  symlinkSync('secret', join(site.root, 'private', 'way'));
  symlinkSync('inner/page.html', join(site.root, 'private', 'deeper.html'));
  writeFileSync(join(site.root, 'report.html'), secret);
  writeFileSync(join(site.root, 'report.html.gz'), secret);
  mkdirSync(join(site.root, 'assets'), { recursive: true });
  writeFileSync(join(site.root, 'assets', 'index-BxK3a9Qz.js'), 'x');
  users = join(site.above, 'users');
  admins = join(site.above, 'admins');
  writeFileSync(users, `# people\nann:${bcryptOfApple}\nbob:${apr1OfBanana}\n`);
  writeFileSync(admins, `root:${bcryptOfApple}\n`);
});
after(() => site.remove());

function basic(name: string, password: string): FieldLine {
  return ['Authorization', `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`];
}

/** Waits for what must come. */
async function until(hasCome: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 200; round++) {
    if (await hasCome()) return;
    await pause(100);
  }
  assert.fail('it did not come');
}

const memories: readonly (readonly [string, ServerOptions])[] = [
  ['everything remembered', {}],
  ['nothing remembered', { revalidateMs: 0 }],
  ['hardly anything remembered', { limits: { cacheBytesMax: 4000 } }],
];

for (const [memory, options] of memories) {
  describe(`passwords, ${memory}`, () => {
    let server: Running;
    before(async () => {
      server = await startRaw({
        ...options,
        root: site.root,
        auth: [`/private=${users}`, `/report.html=${users}`, `/private/inner=${admins}`],
        listing: true,
      });
    });
    after(async () => {
      await server.stop();
      assert.deepEqual(server.reports, []);
    });

    test('a guarded place is for its users, however often and in whatever order it is asked for', async () => {
      const rows: readonly (readonly [string, readonly FieldLine[], number])[] = [
        ['/private/secret', [], 401],
        ['/private/secret', [basic('ann', 'apple')], 200],
        ['/private/secret', [basic('bob', 'bánana:1')], 200],
        ['/private/secret', [basic('bob', 'apple')], 401],
        ['/private/secret', [basic('eve', 'apple')], 401],
        ['/private/secret', [basic('ann', '')], 401],
        ['/private/secret', [basic('', 'apple')], 401],
        ['/private/secret', [['Authorization', 'Bearer abc']], 401],
        ['/private/secret', [['Authorization', 'Basic !']], 401],
        ['/private/secret', [basic('ann', 'apple'), basic('ann', 'apple')], 401],
        ['/private/secret', [['Authorization', `bAsIc  ${btoa('ann:apple')}`]], 200],
        ['/private/inner/page', [basic('ann', 'apple')], 401],
        ['/private/inner/page', [basic('root', 'apple')], 200],
        ['/private/secret', [basic('root', 'apple')], 401],
        ['/private/none', [], 401],
        ['/private/none', [basic('ann', 'apple')], 404],
        ['/private', [], 401],
        ['/private', [basic('ann', 'apple')], 308],
        ['/private/', [], 401],
        ['/private/', [basic('ann', 'apple')], 200],
        ['/privately', [], 404],
        ['/a.txt', [], 200],
      ];
      for (let round = 0; round < 3; round++) {
        for (const [target, lines, status] of rows) {
          for (const method of ['GET', 'HEAD']) {
            const response = await ask(server, target, lines, method);
            assert.equal(response.status, status, `${method} ${target} ${lines.join()}`);
            const challenge = field(response, 'www-authenticate');
            if (status !== 401) assert.equal(challenge, undefined);
            else assert.match(challenge ?? '', /^Basic realm="\/private(\/inner)?", charset="UTF-8"$/);
            if (status === 401) assert.ok(!text(response).includes(secret));
          }
        }
      }
    });

    test('neither page nor method of a guarded place shows to whom is not let in', async () => {
      for (const lines of [
        [],
        [['Accept', 'text/html'] as const],
        [['Accept', 'application/json'] as const],
      ]) {
        for (const method of ['GET', 'POST', 'OPTIONS', 'BREW']) {
          const response = await ask(server, '/private/none', lines, method);
          assert.equal(response.status, 401);
          assert.ok(!text(response).includes(secret));
          assert.equal(field(response, 'allow'), undefined);
        }
      }
      const page = await ask(server, '/private/none', [basic('ann', 'apple'), ['Accept', 'text/html']]);
      assert.deepEqual([page.status, text(page)], [404, secret]);
    });

    test('a name is guarded in all its forms', async () => {
      const targets = ['/report', '/report.html', '/report.html.gz', '/REPORT.HTML', '/report.zh.html'];
      for (const target of [...targets, ...targets.flatMap(neighbours)]) {
        const response = await ask(server, target, [['Accept-Encoding', 'gzip']]);
        assert.ok(!text(response).includes(secret), target);
      }
      const response = await ask(server, '/report', [basic('ann', 'apple')]);
      assert.deepEqual([response.status, text(response)], [200, secret]);
    });

    test('a link within the root leads to no guarded place but from within it', async () => {
      for (const target of [
        '/links/root/private/secret',
        // Not even the names in there are told.
        '/links/root/private',
        '/links/root/private/',
        '/links/root/private/?download=tar',
        '/links/root/private/inner/',
        '/links/root/report',
        '/links/root/links/root/report.html',
      ]) {
        for (const lines of [[], [basic('ann', 'apple')]]) {
          const response = await ask(server, target, lines);
          assert.deepEqual([response.status, text(response).includes(secret)], [404, false], target);
        }
      }
      for (const query of ['', '?download=tar']) {
        const folder = await ask(server, `/links/root/private/${query}`);
        assert.deepEqual([folder.status, text(folder).includes('inner')], [404, false], query);
      }
      assert.equal((await ask(server, '/links/root/team/')).status, 200);
      assert.equal((await ask(server, '/links/root/a.txt')).status, 200);
      const within = await ask(server, '/private/way', [basic('ann', 'apple')]);
      assert.deepEqual([within.status, text(within)], [200, secret]);
      const deeper = await ask(server, '/private/deeper.html', [basic('ann', 'apple')]);
      assert.equal(deeper.status, 404, 'that page is for others');
    });

    test('what somebody was let in for is kept out of shared caches', async () => {
      const lines = [basic('ann', 'apple')];
      const full = await ask(server, '/private/secret', lines);
      assert.equal(field(full, 'cache-control'), 'private, no-cache');
      const tag = field(full, 'etag') ?? '';
      const again = await ask(server, '/private/secret', [...lines, ['If-None-Match', tag]]);
      assert.deepEqual([again.status, field(again, 'cache-control')], [304, 'private, no-cache']);
      assert.equal(field(await ask(server, '/a.txt'), 'cache-control'), 'no-cache');
    });

    for (const [ids, target, status] of guards) {
      // Compared as the widest of file systems would: these two are names of the guarded folder somewhere.
      const expected = ['/PRIVATE/secret', '/private./secret'].includes(target) ? 401 : status;
      test(`${ids}: without a password, ${target} is ${expected}, and its neighbours show nothing`, async () => {
        assert.equal((await ask(server, target)).status, expected);
        for (const neighbour of [target, ...neighbours(target)]) {
          await ask(server, neighbour, [basic('ann', 'apple')]);
          const response = await ask(server, neighbour);
          assert.ok(!text(response).includes(secret), neighbour);
          const location = field(response, 'location');
          if (location !== undefined) {
            assert.ok(!text(await ask(server, location)).includes(secret), location);
          }
        }
      });
    }
  });

  test(`${memory}: hosts, addresses and what proxies say decide each request anew`, async t => {
    const server = await startRaw({
      ...options,
      root: site.root,
      allowedHosts: ['example.com', '*.example.com,[::1]'],
      allow: '192.0.2.0/24,2001:db8::/32',
      deny: ['192.0.2.66', '2001:db8:6::/48'],
      trustProxy: '127.0.0.1',
    });
    t.after(() => server.stop());
    const hosts: readonly (readonly [string, number])[] = [
      ['example.com', 200],
      ['EXAMPLE.com.:8080', 200],
      ['a.b.example.com', 200],
      ['[0:0::1]:80', 200],
      ['example.com.evil.example', 403],
      ['notexample.com', 403],
      ['.example.com', 403],
      ['localhost', 403],
    ];
    const clients: readonly (readonly [string, number])[] = [
      ['192.0.2.1', 200],
      ['::ffff:192.0.2.1', 200],
      ['2001:db8::1', 200],
      ['192.0.2.66', 403],
      ['::ffff:192.0.2.66', 403],
      ['2001:db8:6::1', 403],
      ['198.51.100.1', 403],
      ['192.0.2.1, 198.51.100.1', 403],
      ['198.51.100.1, 192.0.2.1', 200],
      ['unknown', 403],
      ['192.0.2.1, rubbish', 403],
    ];
    for (let round = 0; round < 3; round++) {
      for (const [host, status] of hosts) {
        const lines: readonly FieldLine[] = [
          ['Host', host],
          ['X-Forwarded-For', '192.0.2.1'],
        ];
        const response = await ask(server, '/a.txt', lines);
        assert.equal(response.status, status, host);
        if (status === 403) assert.match(text(response), /--hosts/);
      }
      for (const [client, status] of clients) {
        const lines: readonly FieldLine[] = [
          ['Host', 'example.com'],
          ['X-Forwarded-For', client],
        ];
        assert.equal((await ask(server, '/a.txt', lines)).status, status, client);
      }
      // The proxy asks for itself, from an address that is not served.
      assert.equal((await ask(server, '/a.txt', [['Host', 'example.com']])).status, 403);
    }
    const absolute = await ask(server, 'http://evil.example/a.txt', [
      ['Host', 'example.com'],
      ['X-Forwarded-For', '192.0.2.1'],
    ]);
    assert.equal(absolute.status, 403, 'the authority of the target counts');
  });

  test(`${memory}: only named origins may read, and each answer says for whom it is`, async t => {
    const server = await startRaw({
      ...options,
      root: site.root,
      auth: `/private=${users}`,
      cors: {
        origins: ['https://app.example', 'tauri://app'],
        credentials: true,
        requestFields: ['X-Trace'],
      },
    });
    t.after(() => server.stop());
    const origins: readonly (readonly [string | undefined, boolean])[] = [
      ['https://app.example', true],
      ['tauri://app', true],
      ['null', false],
      ['https://app.example:8443', false],
      ['http://app.example', false],
      ['https://evil.example', false],
      [undefined, false],
    ];
    for (let round = 0; round < 3; round++) {
      for (const [origin, isNamed] of origins) {
        for (const target of ['/a.txt', '/none', '/private/secret']) {
          const response = await ask(server, target, origin === undefined ? [] : [['Origin', origin]]);
          assert.equal(field(response, 'access-control-allow-origin'), isNamed ? origin : undefined);
          assert.equal(field(response, 'access-control-allow-credentials'), isNamed ? 'true' : undefined);
          assert.match(field(response, 'vary') ?? '', /\bOrigin\b/);
        }
      }
    }
    const preflight = (origin: string): Promise<WireResponse> =>
      ask(
        server,
        '/private/secret',
        [
          ['Origin', origin],
          ['Access-Control-Request-Method', 'GET'],
          ['Access-Control-Request-Headers', 'authorization'],
          ['Access-Control-Request-Private-Network', 'true'],
        ],
        'OPTIONS',
      );
    const granted = await preflight('https://app.example');
    assert.equal(granted.status, 204, 'a preflight never bears a password');
    assert.equal(field(granted, 'access-control-allow-methods'), 'GET, HEAD');
    assert.match(field(granted, 'access-control-allow-headers') ?? '', /Range, Authorization, X-Trace$/);
    assert.equal(field(granted, 'access-control-max-age'), '7200');
    assert.equal(field(granted, 'access-control-allow-private-network'), undefined);
    const refused = await preflight('https://evil.example');
    assert.equal(refused.status, 401);
    assert.ok(!refused.lines.some(([name]) => /^access-control/i.test(name)));
  });
}

test('SWS#714 SWS#718: what the server makes itself stands behind the guards as well', async t => {
  const options: ServerOptions = { root: site.root, dev: true, secure: true, env: ['PUBLIC_'] };
  const open = await startRaw(options);
  t.after(() => open.stop());
  const local: FieldLine = ['Host', 'localhost'];
  const listing = text(await ask(open, '/private/', [local, ['Accept', 'text/html']]));
  const sheets = [...listing.matchAll(/(?:href|src)="([^"]*\/\.plinth\/[^"]*)"/g)].map(found =>
    (found[1] ?? '').replace('..', ''),
  );
  assert.ok(sheets.length >= 2, listing);
  const targets = [
    '/.plinth/live.js',
    '/.plinth/events',
    '/',
    '/missing',
    '/private/?download=zip',
    ...sheets,
  ];
  const guards: readonly (readonly [ServerOptions, number, FieldLine])[] = [
    [{ auth: users }, 401, local],
    [{ deny: '127.0.0.1' }, 403, local],
    [{}, 403, ['Host', 'evil.example']],
  ];
  for (const [guard, status, host] of guards) {
    const server = await startRaw({ ...options, ...guard });
    t.after(() => server.stop());
    for (const target of targets) {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST'])
        assert.equal((await ask(server, target, [host], method)).status, status, `${method} ${target}`);
    }
  }
});

test('what only some clients may have is for no shared cache, unless the owner says so', async t => {
  const name = '/assets/index-BxK3a9Qz.js';
  const year = 'max-age=31536000, immutable';
  const rows: readonly (readonly [ServerOptions, string, readonly FieldLine[]])[] = [
    [{}, `public, ${year}`, []],
    [{ allow: '127.0.0.1' }, `private, ${year}`, []],
    [{ deny: '192.0.2.1' }, `private, ${year}`, []],
    [{ deny: '192.0.2.1', variants: true }, `private, ${year}`, []],
    [{ deny: '192.0.2.1', cache: '/assets/*=public, max-age=60' }, 'public, max-age=60', []],
    [{ auth: `/assets=${users}` }, `private, ${year}`, [basic('ann', 'apple')]],
    [{ auth: `/private=${users}` }, `public, ${year}`, []],
  ];
  for (const [options, expected, lines] of rows) {
    const server = await startRaw({ ...options, root: site.root });
    t.after(() => server.stop());
    for (let round = 0; round < 3; round++) {
      const response = await ask(server, name, lines);
      assert.deepEqual([response.status, field(response, 'cache-control')], [200, expected]);
    }
  }
});

test('a password file is watched from the start, and not from the first that asks for it', async t => {
  const file = join(site.above, 'unasked');
  writeFileSync(file, `ann:${bcryptOfApple}\n`);
  const server = await startRaw({ root: site.root, auth: file });
  t.after(() => server.stop());
  writeFileSync(file, 'bob:apple\n');
  await until(() => server.reports.some(line => line.includes('unasked:1: a password in plain text')));
});

test('whoever is no longer a user is let in no longer, and a broken file changes nothing', async t => {
  const file = join(site.above, 'changing');
  writeFileSync(file, `ann:${bcryptOfApple}\n`);
  const servers = await Promise.all(
    // What is remembered for an hour ends as well.
    [...memories.map(([, options]) => options), { revalidateMs: 3_600_000 }].map(options =>
      startRaw({ ...options, root: site.root, auth: file }),
    ),
  );
  t.after(() => Promise.all(servers.map(server => server.stop())));
  /** What ann and bob get from every server. */
  const statuses = async (): Promise<string> => {
    const all = servers.map(async server => {
      const ann = await ask(server, '/a.txt', [basic('ann', 'apple')]);
      const bob = await ask(server, '/a.txt', [basic('bob', 'apple')]);
      return `${ann.status} ${bob.status}`;
    });
    return [...new Set(await Promise.all(all))].join();
  };
  const areTold = (pattern: RegExp) => () =>
    servers.every(({ reports }) => reports.some(line => pattern.test(line)));
  for (let round = 0; round < 3; round++) assert.equal(await statuses(), '200 401');
  writeFileSync(file, `bob:${bcryptOfApple}\n`);
  await until(async () => (await statuses()) === '401 200');
  writeFileSync(file, 'bob:apple\n');
  await until(areTold(/changing:1: a password in plain text.*stay as they were$/));
  rmSync(file);
  await until(areTold(/changing: cannot be read.*stay as they were$/));
  assert.equal(await statuses(), '401 200');
  for (const { reports } of servers) assert.equal(reports.length, 2, reports.join());
  writeFileSync(file, `ann:${bcryptOfApple}\n`);
  await until(async () => (await statuses()) === '200 401');
});

test('the log has the client that a trusted proxy names, and says when it could not be believed', async t => {
  const seen: Exchange[] = [];
  const server = await startRaw({
    root: site.root,
    trustProxy: ['127.0.0.1'],
    observers: [exchange => seen.push(exchange)],
  });
  t.after(() => server.stop());
  const rows: readonly (readonly [lines: readonly FieldLine[], address: string, hasNote: boolean])[] = [
    [[], '127.0.0.1', false],
    [[['X-Forwarded-For', '192.0.2.7']], '192.0.2.7', false],
    [[['Forwarded', 'for="[2001:db8::7]:1"']], '2001:db8::7', false],
    [[['X-Forwarded-For', 'x']], 'unknown', true],
  ];
  for (let round = 0; round < 3; round++) {
    for (const [lines, address, hasNote] of rows) {
      seen.length = 0;
      await ask(server, '/a.txt', lines);
      await until(() => seen.length === 1);
      assert.deepEqual([seen[0]?.client.address, seen[0]?.note !== undefined], [address, hasNote]);
    }
  }
});

test('serve -C: a wildcard opens the site to all pages, without credentials and without varying', async t => {
  const server = await startRaw({ root: site.root, cors: '*' });
  t.after(() => server.stop());
  for (const origin of ['https://evil.example', 'null']) {
    const response = await ask(server, '/a.txt', [['Origin', origin]]);
    assert.equal(field(response, 'access-control-allow-origin'), '*');
    assert.equal(field(response, 'access-control-allow-credentials'), undefined);
    assert.doesNotMatch(field(response, 'vary') ?? '', /Origin/);
  }
});

test('--secure adds its fields to every answer and replaces none', async t => {
  const gate: Gate = ({ target }) =>
    target.kind === 'path' && target.segments[0] === 'own'
      ? { status: 200, fields: [['referrer-policy', 'no-referrer']], content: { kind: 'none' } }
      : undefined;
  const server = await startRaw({ root: site.root, secure: true, gates: [gate] });
  t.after(() => server.stop());
  for (const target of ['/a.txt', '/', '/none', '/docs', '/%00', '/list/']) {
    const response = await ask(server, target);
    for (const name of [
      'referrer-policy',
      'x-frame-options',
      'permissions-policy',
      'cross-origin-opener-policy',
      'content-security-policy',
      'x-content-type-options',
    ]) {
      assert.notEqual(field(response, name), undefined, `${target} ${name}`);
    }
    assert.equal(field(response, 'strict-transport-security'), undefined);
  }
  assert.equal(field(await ask(server, '/own'), 'referrer-policy'), 'no-referrer');
});

test('rules of the site and finishers of its owner have the last word over the fields of --secure', async t => {
  const finisher: Finisher = (_request, response) => ({
    ...response,
    fields: [...response.fields, ['referrer-policy', 'no-referrer']],
  });
  const fields = [
    { from: '/docs/**', set: { 'Permissions-Policy': 'midi=()' }, remove: ['X-Frame-Options'] },
    { from: '/docs/**', append: { 'Content-Security-Policy': "img-src 'self'" } },
  ];
  const server = await startRaw({ root: site.root, secure: true, finishers: [finisher], rules: { fields } });
  t.after(() => server.stop());
  const told = ['referrer-policy', 'x-frame-options', 'permissions-policy', 'content-security-policy'];
  const lines = async (target: string): Promise<readonly string[]> => {
    const response = await ask(server, target);
    return response.lines
      .filter(([name]) => told.includes(name.toLowerCase()))
      .map(([name, value]) => `${name}: ${value}`);
  };
  const own = "base-uri 'self'; object-src 'none'; frame-ancestors 'self'";
  assert.deepEqual(await lines('/docs/none'), [
    'Permissions-Policy: midi=()',
    `Content-Security-Policy: ${own}, img-src 'self'`,
    'referrer-policy: no-referrer',
  ]);
  const [frame, permissions, policy, referrer, ...more] = await lines('/a.txt');
  assert.deepEqual(
    [frame, policy, referrer, more],
    ['X-Frame-Options: SAMEORIGIN', `Content-Security-Policy: ${own}`, 'referrer-policy: no-referrer', []],
  );
  assert.match(permissions ?? '', /^Permissions-Policy: camera/);
});

test('wrong passwords that pour in stop neither who is let in already nor what nobody guards', async t => {
  const slow = join(site.above, 'slow');
  writeFileSync(slow, `ann:${slowBcryptOfApple}\n`);
  const server = await startRaw({ root: site.root, auth: `/private=${slow}` });
  t.after(() => server.stop());
  const right = [basic('ann', 'apple')];
  assert.equal((await ask(server, '/private/secret', right)).status, 200);
  const flood = Array.from({ length: 100 }, (_, n) =>
    ask(server, '/private/secret', [basic('ann', `wrong${n}`)]),
  );
  const [known, open] = await Promise.all([ask(server, '/private/secret', right), ask(server, '/a.txt')]);
  assert.deepEqual([known.status, open.status], [200, 200]);
  const statuses = new Set((await Promise.all(flood)).map(({ status }) => status));
  assert.deepEqual(
    [...statuses].filter(status => status !== 401 && status !== 503),
    [],
  );
  assert.ok(statuses.has(503), 'more than may wait are told to come again');
});

test('a file of users that cannot be used, or that anyone could read, starts nothing', async () => {
  const bad = join(site.above, 'bad');
  writeFileSync(bad, 'ann:apple\n');
  writeFileSync(join(site.root, 'users'), `ann:${bcryptOfApple}\n`);
  writeFileSync(join(site.root, '.htpasswd'), `ann:${bcryptOfApple}\n`);
  symlinkSync(users, join(site.root, 'linked'));
  const rows: readonly (readonly [ServerOptions, RegExp])[] = [
    [{ auth: bad }, /^--auth: .*bad:1: a password in plain text; make it anew with htpasswd -B$/],
    [{ auth: join(site.above, 'none') }, /none: cannot be read: ENOENT/],
    [{ auth: site.above }, /is not a file/],
    [{ auth: join(site.root, 'users') }, /lies in the folder that is served/],
    [{ auth: join(site.root, 'linked') }, /lies in the folder that is served/],
    [{ auth: join(site.root, '.htpasswd'), dotfiles: true }, /lies in the folder that is served/],
  ];
  for (const [options, message] of rows) {
    await assert.rejects(startRaw({ root: site.root, ...options }), { name: 'OptionError', message });
  }
  const hidden = await startRaw({ root: site.root, auth: join(site.root, '.htpasswd') });
  assert.equal((await ask(hidden, '/a.txt', [basic('ann', 'apple')])).status, 200);
  await hidden.stop();
});
