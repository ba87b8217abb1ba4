// Who may see what by path, over the wire: rules for some paths and what is beside them. Remembered, not, and hardly.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FieldLine } from '../../src/http/message.ts';
import type { ServerOptions } from '../../src/index.ts';
import { askOnce as ask, field, type WireResponse } from './client.ts';
import { type Running, startRaw } from './transports.ts';

const files: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><title>home</title><script>home()</script>',
  'a.txt': 'a',
  'api/data.json': '{}',
  'api/open/data.json': '{}',
  'api/shut/data.json': '{}',
  'app/page.html': '<!doctype html><title>page</title><script>page()</script>',
  'app/plain/page.html': '<!doctype html><title>plain</title><script>plain()</script>',
  _headers: '/api/said.json\n  Access-Control-Allow-Origin: https://said.example\n',
  'api/said.json': '{}',
  'intern/index.html': 'SECRET',
  'intern/404.html': 'SECRET',
  'intern/plan.txt': 'SECRET',
  'intern/deep/plan.txt': 'SECRET',
  'intern.html': 'SECRET',
  'internal.txt': 'open',
  'assets/index-BxK3a9Qz.js': 'built',
  'docs/a.txt': 'open',
  'docs/a.pdf': 'SECRET',
  'docs/a.pdf.gz': 'SECRET',
  'docs/only.html': 'SECRET',
  'docs/only.zh.html': 'SECRET',
  'docs/only.html.br': 'SECRET',
  _redirects: '/way /intern/plan.txt 200\n/way2/* /intern/:splat 200\n/lost /intern/404.html 404\n',
};

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'plinth-paths-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  mkdirSync(join(root, 'links'));
  symlinkSync('../intern', join(root, 'links', 'folder'));
  symlinkSync('../intern/plan.txt', join(root, 'links', 'file.txt'));
  symlinkSync('../docs', join(root, 'links', 'docs'));
});
after(() => rmSync(root, { recursive: true }));

const memories: readonly (readonly [string, ServerOptions])[] = [
  ['everything remembered', {}],
  ['nothing remembered', { revalidateMs: 0 }],
  ['hardly anything remembered', { limits: { cacheBytesMax: 4000 } }],
];

const a = 'https://a.example';
const b = 'https://b.example';

/** Target, host, origin; the origin that may read, whether it may bear credentials, whether the answer varies on Origin. */
type CorsRow = readonly [string, string, string | undefined, string | undefined, boolean, boolean];

const corsRows: readonly CorsRow[] = [
  ['/api/data.json', 'h', a, a, true, true],
  ['/%61pi/x/../data.json', 'h', a, a, true, true],
  ['/api/data.json', 'h', b, undefined, false, true],
  ['/api/data.json', 'h', undefined, undefined, false, true],
  ['/api/none', 'h', a, a, true, true],
  ['/api/open/data.json', 'h', b, '*', false, false],
  ['/api/open/data.json', 'h', a, '*', false, false],
  ['/api/frames/data.json', 'h', 'null', 'null', false, true],
  ['/api/frames/data.json', 'h', b, undefined, false, true],
  ['/api/data.json', 'h', 'null', undefined, false, true],
  ['/api/shut/data.json', 'h', a, undefined, false, false],
  ['/api/shut/data.json', 'b.example', b, b, false, true],
  ['/api/shut/data.json', 'b.example', a, undefined, false, true],
  ['/a.txt', 'h', b, undefined, false, false],
  ['/apis', 'h', a, undefined, false, false],
];

const corsRules: NonNullable<ServerOptions['rules']> = {
  cors: [
    { from: '/api/shut/**', host: 'b.example', origins: b },
    { from: '/api/shut/**', origins: [] },
    { from: '/api/open/**', origins: '*' },
    { from: '/api/frames/**', origins: [a, 'null'] },
    { from: '/api/**', origins: [a, 'https://c.example'], credentials: true, requestFields: ['X-Trace'] },
  ],
};

for (const [memory, options] of memories) {
  describe(`origins by path, ${memory}`, () => {
    let server: Running;
    before(async () => {
      server = await startRaw({ ...options, root, rules: corsRules });
    });
    after(() => server.stop());

    test('the first rule for a path says who may read; where none is, nobody may', async () => {
      for (let round = 0; round < 3; round++) {
        for (const [target, host, origin, reader, bears, varies] of corsRows) {
          const name = `${target} ${host} ${origin} ${round}`;
          const lines: readonly FieldLine[] = origin === undefined ? [] : [['Origin', origin]];
          const response = await ask(server, target, [['Host', host], ...lines]);
          assert.equal(field(response, 'access-control-allow-origin'), reader, name);
          assert.equal(field(response, 'access-control-allow-credentials'), bears ? 'true' : undefined, name);
          assert.equal(/\bOrigin\b/.test(field(response, 'vary') ?? ''), varies, name);
        }
      }
    });

    test('a preflight is answered by the same rule', async () => {
      for (const [target, host, origin, reader, bears] of corsRows) {
        if (origin === undefined) continue;
        const lines: readonly FieldLine[] = [
          ['Host', host],
          ['Origin', origin],
          ['Access-Control-Request-Method', 'GET'],
        ];
        const response = await ask(server, target, lines, 'OPTIONS');
        const isGranted = reader !== undefined;
        assert.equal(field(response, 'access-control-allow-origin'), reader, `${target} ${origin}`);
        const methods = field(response, 'access-control-allow-methods');
        assert.equal(methods, isGranted ? 'GET, HEAD' : undefined, `${target} ${origin}`);
        const allowed = field(response, 'access-control-allow-headers') ?? '';
        assert.equal(/Authorization, X-Trace$/.test(allowed), bears, `${target} ${origin}`);
      }
    });

    test('what _headers says of the origin stands', async () => {
      const response = await ask(server, '/api/said.json', [['Origin', a]]);
      assert.deepEqual(
        response.lines.filter(([name]) => name.toLowerCase() === 'access-control-allow-origin').length,
        1,
      );
      assert.equal(field(response, 'access-control-allow-origin'), 'https://said.example');
      assert.equal(field(response, 'access-control-allow-credentials'), undefined);
    });
  });
}

test('a rule goes over what holds for the whole site, and counts from the base', async t => {
  const server = await startRaw({ root, base: '/below', cors: b, rules: corsRules });
  t.after(() => server.stop());
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['/below/api/data.json', a, a],
    ['/below/api/data.json', b, undefined],
    ['/below/api/shut/data.json', b, undefined],
    ['/below/a.txt', b, b],
    ['/below/a.txt', a, undefined],
    ['/api/data.json', a, undefined],
    ['/api/data.json', b, b],
    ['/%00', b, undefined],
  ];
  for (const [target, origin, reader] of rows) {
    const response = await ask(server, target, [['Origin', origin]]);
    assert.equal(field(response, 'access-control-allow-origin'), reader, `${target} ${origin}`);
  }
});

/** What an answer bears of the preset: nothing, the fields, or with them the policy of a page that is known. */
function presetOf(response: WireResponse): string {
  const policy = field(response, 'content-security-policy') ?? '';
  if (field(response, 'x-frame-options') === undefined) return policy === '' ? 'nothing' : policy;
  return policy.includes("script-src 'self' 'sha256-") ? 'page' : 'fields';
}

for (const [memory, options] of memories) {
  test(`fields that keep pages from harm, by path, ${memory}`, async t => {
    const secure = [
      { from: '/app/plain/**', host: 'plain.example', on: false },
      { from: '/app/**', on: true },
      { from: '/index.html', on: true },
      { from: '/api/**', on: false },
    ];
    const rules = { secure };
    const rows: readonly (readonly [string, string, string, string])[] = [
      // Target, host; what it bears where nothing holds for the whole site, and where the preset does.
      ['/app/page.html', 'h', 'page', 'page'],
      ['/app/page', 'h', 'page', 'page'],
      ['/%61pp/page', 'h', 'page', 'page'],
      ['/app/none', 'h', 'fields', 'fields'],
      ['/app/plain/page', 'h', 'page', 'page'],
      ['/app/plain/page', 'plain.example', 'nothing', 'nothing'],
      ['/index.html', 'h', 'page', 'page'],
      ['/', 'h', 'nothing', 'page'],
      ['/a.txt', 'h', 'nothing', 'fields'],
      ['/api/data.json', 'h', 'nothing', 'nothing'],
      ['/%00', 'h', 'nothing', 'fields'],
    ];
    for (const whole of [false, true]) {
      const server = await startRaw({ ...options, root, secure: whole, rules });
      t.after(() => server.stop());
      for (let round = 0; round < 3; round++) {
        for (const [target, host, alone, within] of rows) {
          const response = await ask(server, target, [['Host', host]]);
          // Pages of errors have policies of their own, which are stricter.
          const seen =
            response.status >= 400 && field(response, 'x-frame-options') === undefined
              ? 'nothing'
              : presetOf(response);
          assert.equal(seen, whole ? within : alone, `${target} ${host} ${whole} ${round}`);
        }
      }
    }
  });
}

const inside: FieldLine = ['X-Forwarded-For', '10.1.2.3'];
const outside: FieldLine = ['X-Forwarded-For', '192.0.2.1'];
const nobody: FieldLine = ['X-Forwarded-For', 'unknown'];

const placeRules: NonNullable<ServerOptions['rules']> = {
  access: [
    { from: '/intern/**', allow: ['10.0.0.0/8'] },
    { from: '/intern/deep', deny: '10.1.0.0/16' },
    { from: '/docs/*.pdf', allow: '10.0.0.0/8' },
    { from: '/docs/only.html', deny: ['192.0.2.0/24'] },
    { from: '/app', host: 'app.example', allow: '10.0.0.0/8' },
  ],
  errorPages: [{ from: '/docs/**', status: 404, page: '/intern/404.html' }],
};

/** Target; what is answered to a client that is let in, and to one that is not. */
const placeRows: readonly (readonly [string, number, number])[] = [
  ['/intern/plan.txt', 200, 403],
  ['/intern/', 200, 403],
  ['/intern', 200, 403],
  ['/intern.html', 200, 403],
  ['/intern/none', 404, 403],
  ['/intern/deep/plan.txt', 403, 403],
  ['/%69ntern/plan.txt', 200, 403],
  ['/x/../intern/plan.txt', 200, 403],
  ['//intern//plan.txt', 308, 403],
  ['/intern%2fplan.txt', 400, 400],
  ['/INTERN/plan.txt', 404, 403],
  ['http://other/intern/plan.txt', 200, 403],
  ['/internal.txt', 200, 200],
  ['/docs/a.txt', 200, 200],
  ['/docs/a.pdf', 200, 403],
  ['/docs/a.pdf.gz', 200, 403],
  ['/docs/only', 200, 403],
  ['/docs/only.html', 200, 403],
  ['/docs/only.zh.html', 200, 403],
  ['/docs/only.html.br', 200, 403],
  ['/docs/none', 404, 404],
  ['/way', 200, 404],
  ['/way2/plan.txt', 200, 404],
  ['/way2/deep/plan.txt', 404, 404],
  ['/lost', 404, 404],
  ['/links/file.txt', 200, 404],
  ['/links/folder/plan.txt', 200, 404],
  ['/links/folder/', 200, 404],
  ['/links/folder/deep/plan.txt', 404, 404],
  ['/links/docs/a.pdf', 200, 404],
  ['/links/docs/a.txt', 200, 200],
  ['/links/docs/', 200, 200],
  ['/links/', 200, 200],
  ['/docs/', 200, 200],
  ['/docs/?download=tar', 200, 200],
  ['/links/?download=tar', 200, 200],
  ['/?download=tar', 200, 200],
  ['/app/page.html', 200, 200],
];

for (const [memory, options] of memories) {
  describe(`addresses by path, ${memory}`, () => {
    let server: Running;
    before(async () => {
      const more = { trustProxy: '127.0.0.1', listing: true, rules: placeRules };
      server = await startRaw({ ...options, ...more, root });
    });
    after(() => server.stop());

    test('a place and all below it is for its clients, whatever leads there, and its neighbours are for all', async () => {
      for (let round = 0; round < 3; round++) {
        for (const [target, served, refused] of placeRows) {
          for (const [client, status] of [
            [inside, served],
            [outside, refused],
          ] as const) {
            for (const accept of ['text/html', 'application/json', 'text/plain']) {
              const response = await ask(server, target, [client, ['Accept', accept]]);
              assert.equal(response.status, status, `${target} ${client[1]} ${round}`);
              const told = response.content.toString('latin1');
              if (client === inside) continue;
              assert.doesNotMatch(told, /SECRET/, target);
              // Its own path is in the page that refuses it.
              if (status === 200) assert.doesNotMatch(told, /plan\.txt|\.pdf|only|404\.html/, target);
            }
          }
        }
      }
    });

    test('a client whose address nobody knows is let in nowhere that is guarded', async () => {
      assert.equal((await ask(server, '/docs/only.html', [nobody])).status, 403);
      assert.equal((await ask(server, '/docs/a.txt', [nobody])).status, 200);
    });

    test('a rule for a host holds for that host', async () => {
      const rows = [
        ['h', outside, 200],
        ['app.example', outside, 403],
        ['APP.example.:80', outside, 403],
        ['app.example', inside, 200],
      ] as const;
      for (let round = 0; round < 3; round++)
        for (const [host, client, status] of rows)
          assert.equal((await ask(server, '/app/page', [['Host', host], client])).status, status, host);
    });

    test('listings show what a client may see, to each its own', async () => {
      for (let round = 0; round < 3; round++) {
        for (const [client, isShown] of [
          [inside, true],
          [outside, false],
        ] as const) {
          for (const folder of ['/docs/', '/links/docs/', '/links/']) {
            const listing = await ask(server, folder, [client, ['Accept', 'text/plain']]);
            const guarded = folder === '/links/' ? /folder|file\.txt/ : /a\.pdf|only\.html/;
            assert.equal(guarded.test(listing.content.toString()), isShown, `${folder} ${client[1]}`);
            assert.match(listing.content.toString(), folder === '/links/' ? /docs/ : /a\.txt/);
          }
        }
      }
    });
  });
}

test('guards by path count from the base, stand beside those of the whole site, and keep caches private', async t => {
  const more = { trustProxy: '127.0.0.1', deny: '10.9.0.0/16', rules: placeRules };
  const server = await startRaw({ root, base: '/below', ...more });
  t.after(() => server.stop());
  const rows: readonly (readonly [string, FieldLine, number])[] = [
    ['/below/intern/plan.txt', inside, 200],
    ['/below/intern/plan.txt', outside, 403],
    ['/below/intern/plan.txt', ['X-Forwarded-For', '10.9.0.1'], 403],
    ['/below/a.txt', ['X-Forwarded-For', '10.9.0.1'], 403],
    ['/below/a.txt', outside, 200],
    ['/intern/plan.txt', outside, 404],
  ];
  for (const [target, client, status] of rows)
    assert.equal((await ask(server, target, [client])).status, status, `${target} ${client[1]}`);
  const built = await ask(server, '/below/assets/index-BxK3a9Qz.js', [outside]);
  assert.match(field(built, 'cache-control') ?? '', /^private,/);
  const preflight: readonly FieldLine[] = [outside, ['Origin', a], ['Access-Control-Request-Method', 'GET']];
  assert.equal((await ask(server, '/below/intern/plan.txt', preflight, 'OPTIONS')).status, 403);
});
