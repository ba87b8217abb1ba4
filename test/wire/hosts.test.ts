// One server with several sites, each under its own names. With answers remembered, not, and hardly.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { memoryStore, type ServerOptions } from '../../src/index.ts';
import { plinth, serving } from '../cli/command.ts';
import { field, RawConnection, text, type WireResponse } from './client.ts';
import { type Running, startRaw } from './transports.ts';

const secret = 'TOP-SECRET-77aa';
let above: string;

before(() => {
  above = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-hosts-')));
  const files: Readonly<Record<string, string>> = {
    'main/a.txt': 'main',
    'main/only.txt': 'only main',
    'main/index.html': '<p>main',
    'main/.dot': 'dot of main',
    'one/a.txt': 'one',
    'one/404.html': 'nothing in one',
    'one/_redirects': '/old /a.txt 302\n',
    'one/.dot': 'dot of one',
    'one/list/x.txt': 'x',
    'two/a.txt': 'two',
    'two/index.html': '<p>two',
    'docs/d.txt': 'docs',
    'big/b.bin': 'b'.repeat(300_000),
    'shared/_redirects': '/x /y 301\nnonsense\n',
    users: 'ann:$2y$04$9YKaZmTvrYv60ljsrGDwhOozewxBMOOP5cMnVN2KY1KJbcQpdd4a.\n',
    'locked/s.txt': secret,
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(above, path)), { recursive: true });
    writeFileSync(join(above, path), content);
  }
  symlinkSync(join(above, 'locked', 's.txt'), join(above, 'main', 'link.txt'));
});
after(() => rmSync(above, { recursive: true, force: true }));

async function ask(
  { place }: Pick<Running, 'place'>,
  host: string,
  target: string,
  lines: readonly (readonly [string, string])[] = [],
): Promise<WireResponse> {
  const client = await RawConnection.open(place);
  const section = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  client.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${section}\r\n`);
  const response = await client.response('GET');
  await client.expectEnd();
  return response;
}

function sites(): ServerOptions {
  return {
    root: join(above, 'main'),
    hosts: {
      'one.example, www.one.example': {
        root: join(above, 'one'),
        mounts: { '/docs': join(above, 'docs'), '/big': join(above, 'big') },
        dotfiles: true,
        rules: { fields: [{ from: '/**', set: { 'X-Site': 'one' } }] },
      },
      '*.two.example': { root: join(above, 'two'), base: '/app', spa: true, listing: false },
      'x.two.example': { root: join(above, 'docs') },
      '[::1]': { root: join(above, 'docs') },
      'locked.example': { root: join(above, 'locked'), auth: join(above, 'users') },
    },
  };
}

const memories: readonly (readonly [string, ServerOptions])[] = [
  ['everything remembered', {}],
  ['nothing remembered', { revalidateMs: 0 }],
  ['hardly anything remembered', { limits: { cacheBytesMax: 4000 } }],
];

for (const [memory, options] of memories) {
  describe(`hosts, ${memory}`, () => {
    let server: Running;
    before(async () => {
      server = await startRaw({ ...sites(), ...options });
    });
    after(async () => {
      await server.stop();
      assert.deepEqual(server.reports, []);
    });

    test('each host gets its own site, and every other one the site of the server', async () => {
      const rows: readonly (readonly [host: string, target: string, status: number, what?: string])[] = [
        ['main.example', '/a.txt', 200, 'main'],
        ['one.example', '/a.txt', 200, 'one'],
        ['ONE.example.:8080', '/a.txt', 200, 'one'],
        ['www.one.example', '/a.txt', 200, 'one'],
        ['sub.one.example', '/a.txt', 200, 'main'],
        ['one.example.evil.example', '/a.txt', 200, 'main'],
        ['a.two.example', '/app/a.txt', 200, 'two'],
        ['a.b.two.example', '/app/a.txt', 200, 'two'],
        ['a.two.example', '/a.txt', 404],
        ['a.two.example', '/app/some/view', 200, '<p>two'],
        ['two.example', '/a.txt', 200, 'main'],
        ['x.two.example', '/d.txt', 200, 'docs'],
        ['[::1]:1', '/d.txt', 200, 'docs'],
        ['[0:0::1]', '/d.txt', 200, 'docs'],
        ['main.example', 'http://one.example/a.txt', 200, 'one'],
        ['one.example', 'http://main.example/a.txt', 200, 'main'],
        ['one.example', '/only.txt', 404, 'nothing in one'],
        ['one.example', '/docs/d.txt', 200, 'docs'],
        ['main.example', '/docs/d.txt', 404],
        ['one.example', '/old', 302, '/a.txt'],
        ['main.example', '/old', 404],
        ['one.example', '/.dot', 200, 'dot of one'],
        ['main.example', '/.dot', 404],
        ['one.example', '/list/', 200],
        ['a.two.example', '/app/list/', 200, '<p>two'],
        ['one.example', '/big/b.bin', 200, 'b'.repeat(300_000)],
        ['main.example', '/link.txt', 404],
        ['locked.example', '/s.txt', 401],
        ['main.example', '/s.txt', 404],
        ['one.example', '/%00', 400],
      ];
      for (let round = 0; round < 3; round++) {
        for (const [host, target, status, what] of rows) {
          const answer = await ask(server, host, target, [['Accept', 'text/html']]);
          const told = `${host}${target} in round ${round}: ${text(answer).slice(0, 80)}`;
          assert.equal(answer.status, status, told);
          if (what !== undefined)
            assert.equal(status === 302 ? field(answer, 'location') : text(answer), what, told);
          assert.ok(!text(answer).includes(secret), told);
        }
      }
      for (const [host, site] of [
        ['one.example', 'one'],
        ['main.example', undefined],
        ['x.two.example', undefined],
      ] as const)
        assert.equal(field(await ask(server, host, '/'), 'x-site'), site, host);
      const ann = ['Authorization', `Basic ${btoa('ann:apple')}`] as const;
      assert.equal(text(await ask(server, 'locked.example', '/s.txt', [ann])), secret);
    });
  });
}

test('a list of allowed hosts holds for all, and those that have a site are on it', async () => {
  const server = await startRaw({ ...sites(), allowedHosts: 'main.example' });
  try {
    const rows = [
      ['main.example', 200],
      ['one.example', 200],
      ['evil.example', 403],
    ] as const;
    for (const [host, status] of rows) assert.equal((await ask(server, host, '/a.txt')).status, status, host);
  } finally {
    await server.stop();
  }
});

test('sites that are worked on follow their own files, under their own names', async () => {
  const server = await startRaw({ ...sites(), dev: true });
  try {
    const rows = [
      ['localhost', '/', 200, '<script src="/.plinth/live.js"'],
      ['localhost', '/.plinth/live.js', 200, 'events'],
      ['one.example', '/.plinth/live.js', 200, 'events'],
      ['a.two.example', '/app/', 200, '<script src="/app/.plinth/live.js"'],
      ['a.two.example', '/app/.plinth/live.js', 200, 'events'],
      ['evil.example', '/', 403, ''],
    ] as const;
    for (const [host, target, status, part] of rows) {
      const answer = await ask(server, host, target);
      assert.equal(answer.status, status, `${host}${target}`);
      assert.ok(text(answer).includes(part), `${host}${target}: ${text(answer)}`);
    }
  } finally {
    await server.stop();
  }
});

test('a host beside a store of files is served from its folder', async () => {
  const { hosts } = sites();
  const server = await startRaw({ store: memoryStore({ 'a.txt': 'in memory' }), hosts });
  try {
    for (let round = 0; round < 2; round++) {
      assert.equal(text(await ask(server, 'h', '/a.txt')), 'in memory');
      assert.equal(text(await ask(server, 'one.example', '/a.txt')), 'one');
      assert.equal((await ask(server, 'one.example', '/big/b.bin')).status, 200);
    }
  } finally {
    await server.stop();
  }
});

test('passwords of all sites are checked in one thread', async () => {
  let begun = 0;
  const count = (): void => void begun++;
  process.on('worker', count);
  const server = await startRaw({ ...sites(), auth: join(above, 'users') });
  try {
    const wrong = ['Authorization', `Basic ${Buffer.from('ann:wrong').toString('base64')}`] as const;
    for (const host of ['main.example', 'one.example', 'locked.example'])
      assert.equal((await ask(server, host, '/', [wrong])).status, 401, host);
    assert.equal(begun, 1);
  } finally {
    process.off('worker', count);
    await server.stop();
  }
});

test('what is reported of a host names it, and a password file may lie in no folder that is served', async () => {
  const server = await startRaw({
    root: join(above, 'main'),
    hosts: { 'r.example': { root: join(above, 'shared') } },
  });
  await server.stop();
  assert.equal(server.reports.length, 1);
  assert.match(server.reports[0] ?? '', /^r\.example: _redirects:2: /);
  writeFileSync(join(above, 'two', 'passwords'), 'ann:x\n');
  const options = { ...sites(), auth: join(above, 'two', 'passwords') };
  await assert.rejects(async () => startRaw(options), /lies in the folder that is served/);
});

test('the command reads hosts from its file, tells of them, and checks and explains them', {
  timeout: 60_000,
}, async () => {
  const file = join(above, 'plinth.config.json');
  writeFileSync(
    file,
    JSON.stringify({
      root: 'main',
      hosts: { 'one.example': { root: 'one' }, '*.s.example': { root: 'shared' } },
    }),
  );
  const { run, port } = await serving(['-c', file, '-p', '0', '-q', '-w', '2', '-H', '127.0.0.1'], {});
  const place = { host: '127.0.0.1', port };
  assert.equal(text(await ask({ place }, 'one.example', '/a.txt')), 'one');
  assert.equal(text(await ask({ place }, 'h', '/a.txt')), 'main');
  const { code, stderr } = await run.stop();
  assert.equal(code, 0);
  assert.ok(stderr.includes(`serving one.example from ${join(above, 'one')}\n`), stderr);
  const checked = await plinth(['check', '-c', file]).ended;
  assert.match(checked.stdout, /^fault {5}\S*shared\/_redirects:2: found "[^"]*", wanted from, to/m);
  assert.equal(checked.code, 1);
  const explained = await plinth(['explain', '/old', '-c', file, '--header', 'Host: one.example']).ended;
  assert.ok(explained.stdout.includes(`in ${join(above, 'one')}, which is one.example\n`), explained.stdout);
  assert.match(explained.stdout, /302 Found/);
  writeFileSync(file, JSON.stringify({ root: 'main', hosts: { 'one.example': { root: 'none' } } }));
  const absent = await plinth(['-c', file, '-p', '0']).ended;
  assert.deepEqual(
    [absent.code, absent.stderr],
    [2, `plinth: ${file}:1: one.example: folder ${JSON.stringify(join(above, 'none'))} does not exist\n`],
  );
});
