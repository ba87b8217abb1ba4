// What --dev changes in answers, on the wire.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { field, RawConnection, text, type WireResponse } from './client.ts';
import { type Running, startRaw } from './transports.ts';

const guardMs = 20_000;
let root: string;
let server: Running;

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'plinth-development-'));
  writeFileSync(join(root, 'index.html'), '<!doctype html><p>one');
  writeFileSync(join(root, 'a.css'), 'p{}');
  server = await startRaw({
    root,
    dev: true,
    finishers: [
      (_request, response) => ({ ...response, fields: [...response.fields, ['Expires', '0'], policy] }),
    ],
  });
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
  assert.deepEqual(server.reports, []);
});

const policy = ['content-security-policy', "default-src 'none'"] as const;

function get(target: string, fields: Readonly<Record<string, string>> = {}): Promise<WireResponse> {
  return server.exchange({ method: 'GET', target, fields: Object.entries({ Host: 'localhost', ...fields }) });
}

test('no answer is to be kept, and each policy allows the script', async () => {
  for (const target of ['/', '/a.css', '/missing', '/.plinth/live.js']) {
    const answer = await get(target);
    assert.equal(field(answer, 'cache-control'), 'no-store', target);
    assert.equal(field(answer, 'expires'), undefined, target);
    assert.equal(
      field(answer, 'content-security-policy'),
      "default-src 'none'; script-src 'self'; connect-src 'self'",
    );
  }
  assert.match(
    text(await get('/')),
    /^<!doctype html><script src="\/\.plinth\/live\.js" nonce="[\w-]{22}"><\/script>/,
  );
});

test('what a rule says of files is not said of the script and the events of live reload', async t => {
  const ruled = mkdtempSync(join(tmpdir(), 'plinth-development-'));
  t.after(() => rmSync(ruled, { recursive: true, force: true }));
  writeFileSync(
    join(ruled, '_headers'),
    '/*\n  Content-Type: text/html\n  Cache-Control: max-age=9\n  X-A: 1\n',
  );
  const own = await startRaw({ root: ruled, dev: true });
  t.after(() => own.stop());
  for (const [method, target, type] of [
    ['GET', '/.plinth/live.js', 'text/javascript; charset=utf-8'],
    ['HEAD', '/.plinth/events', 'text/event-stream'],
  ] as const) {
    const answer = await own.exchange({ method, target, fields: [['Host', 'localhost']] });
    assert.equal(field(answer, 'content-type'), type);
    assert.equal(field(answer, 'cache-control'), 'no-store');
    assert.equal(field(answer, 'x-a'), '1');
  }
});

test('CVE-2025-24010: a host that is not of this machine gets nothing, whatever it asks for', async () => {
  const refused = [
    'attacker.com',
    'localhost.attacker.com',
    '127.0.0.1.attacker.com',
    'attacker.com:8080',
    'local',
  ];
  for (const Host of refused) {
    for (const target of ['/', '/a.css', '/.plinth/live.js', '/.plinth/events'])
      assert.equal((await get(target, { Host })).status, 403, `${Host} ${target}`);
  }
  for (const Host of [
    'localhost',
    'LOCALHOST:80',
    '127.0.0.1:1',
    '[::1]:8080',
    'app.localhost',
    'localhost.',
  ])
    assert.equal((await get('/a.css', { Host })).status, 200, Host);
});

test('CVE-2025-24010: a page of another origin is not told what changes', async () => {
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { Origin: 'http://attacker.com' },
    { Origin: 'null' },
    { Origin: 'http://localhost:81' },
    { Origin: 'http://localhost.attacker.com' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ];
  for (const fields of foreign) {
    for (const target of ['/.plinth/events', '/.plinth/live.js?x']) {
      const answer = await get(target, fields);
      assert.equal(answer.status, 403, JSON.stringify(fields));
      assert.equal(field(answer, 'access-control-allow-origin'), undefined);
    }
  }
  for (const Origin of ['http://localhost', 'https://LOCALHOST'])
    assert.equal((await get('/.plinth/live.js', { Origin })).status, 200, Origin);
});

test('events come as they happen, and a stop ends them at once', { timeout: guardMs }, async () => {
  const own = await startRaw({ root, dev: true, graceMs: guardMs * 10 });
  const connection = await RawConnection.open(own.place);
  const ask = (target: string): void => connection.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  ask('/a.css');
  assert.equal((await connection.response()).status, 200);
  ask('/.plinth/events');
  const head = await upTo(connection, 'id: ');
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(head, /\r\nContent-Type: text\/event-stream\r\n/);
  assert.match(head, /\r\nX-Accel-Buffering: no\r\n/);
  writeFileSync(join(root, 'a.css'), 'p{color:red}');
  await upTo(connection, 'event: change');
  const stopped = own.stop(guardMs * 10);
  const { bytes, ending } = await connection.rest();
  assert.match(bytes.toString(), /event: change\ndata: \["\/a\.css"\]\n\n/);
  assert.match(bytes.toString(), /\r\n0\r\n\r\n$/);
  assert.equal(ending, 'end');
  connection.end();
  await stopped;
});

test('pages are not told the names of what changes behind a guard, nor of what is hidden', {
  timeout: guardMs,
}, async t => {
  const base = mkdtempSync(join(tmpdir(), 'plinth-development-'));
  const guarded = join(base, 'site', 'private');
  mkdirSync(guarded, { recursive: true });
  writeFileSync(join(guarded, 'plan.txt'), 'one');
  writeFileSync(join(base, 'site', 'a.txt'), 'one');
  // The password is "apple".
  const user = 'ann:$2y$04$9YKaZmTvrYv60ljsrGDwhOozewxBMOOP5cMnVN2KY1KJbcQpdd4a.';
  writeFileSync(join(base, 'users'), user);
  const auth = [`/private=${join(base, 'users')}`];
  const own = await startRaw({ root: join(base, 'site'), dev: true, auth });
  t.after(async () => {
    await own.stop();
    rmSync(base, { recursive: true, force: true });
  });
  const credentials = `Basic ${Buffer.from('ann:apple').toString('base64')}`;
  const fields = Object.entries({ Host: 'localhost', Authorization: credentials });
  const answer = await own.exchange({ method: 'GET', target: '/private/plan.txt', fields });
  assert.equal(answer.status, 200);
  const connection = await RawConnection.open(own.place);
  t.after(() => connection.destroy());
  connection.write('GET /.plinth/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await upTo(connection, 'id: ');
  writeFileSync(join(guarded, 'plan.txt'), 'another');
  await upTo(connection, 'data: ["/private"]');
  assert.equal((await own.exchange({ method: 'GET', target: '/a.txt', fields })).status, 200);
  writeFileSync(join(base, 'site', '.hidden'), 'x');
  writeFileSync(join(base, 'site', 'a.txt'), 'another');
  assert.doesNotMatch(await upTo(connection, 'data: ["/a.txt"]'), /plan|hidden/);
});

test('what changes in a folder that stands in the stead of the root is told as it is seen, and nothing beside it', {
  timeout: guardMs,
}, async t => {
  const base = mkdtempSync(join(tmpdir(), 'plinth-development-'));
  const write = (path: string, content: string): void => {
    mkdirSync(join(base, path, '..'), { recursive: true });
    writeFileSync(join(base, path), content);
  };
  write('site/serve.json', '{"public":"out/dist"}');
  write('site/out/dist/a.txt', 'one');
  write('site/out/dist/private/plan.txt', 'one');
  write('docs/out/dist/b.txt', 'one');
  write('users', 'ann:$2y$04$9YKaZmTvrYv60ljsrGDwhOozewxBMOOP5cMnVN2KY1KJbcQpdd4a.');
  const own = await startRaw({
    root: join(base, 'site'),
    mounts: { '/docs': join(base, 'docs') },
    base: '/app',
    auth: [`/private=${join(base, 'users')}`],
    dev: true,
  });
  t.after(async () => {
    await own.stop();
    rmSync(base, { recursive: true, force: true });
  });
  const fields: readonly (readonly [string, string])[] = [
    ['Host', 'localhost'],
    ['Authorization', `Basic ${Buffer.from('ann:apple').toString('base64')}`],
  ];
  for (const target of ['/app/a.txt', '/app/private/plan.txt', '/app/docs/out/dist/b.txt'])
    assert.equal((await own.exchange({ method: 'GET', target, fields })).status, 200, target);
  const connection = await RawConnection.open(own.place);
  t.after(() => connection.destroy());
  connection.write('GET /app/.plinth/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await upTo(connection, 'id: ');
  const rows: readonly (readonly [beside: string, file: string, told: string])[] = [
    ['site/notes.txt', 'site/out/dist/a.txt', '/app/a.txt'],
    ['site/out/b.txt', 'site/out/dist/private/plan.txt', '/app/private'],
    ['site/out/c.txt', 'docs/out/dist/b.txt', '/app/docs/out/dist/b.txt'],
  ];
  for (const [beside, file, told] of rows) {
    write(beside, 'x');
    write(file, 'another');
    const heard = await upTo(connection, `data: ["${told}"]`);
    assert.doesNotMatch(heard, /notes|plan|\/dist\/a|[bc]\.txt","|app\/(?:out|[bc]\.txt)/, told);
  }
});

/** All that has come, once it holds this. */
async function upTo(connection: RawConnection, wanted: string): Promise<string> {
  let bytes = await connection.atLeast(1);
  while (!bytes.includes(wanted)) bytes = await connection.atLeast(bytes.length + 1);
  return bytes.toString();
}

test('HEAD of the events opens no stream', async () => {
  const head = await server.exchange({
    method: 'HEAD',
    target: '/.plinth/events',
    fields: [['Host', 'localhost']],
  });
  assert.deepEqual([head.status, field(head, 'content-type')], [200, 'text/event-stream']);
});

test('without --dev there is neither script nor stream', async () => {
  const plain = await startRaw({ root });
  try {
    for (const target of ['/.plinth/live.js', '/.plinth/events'])
      assert.equal((await plain.exchange({ method: 'GET', target, fields: [] })).status, 404);
    const page = await plain.exchange({ method: 'GET', target: '/', fields: [] });
    assert.equal(text(page), '<!doctype html><p>one');
    assert.equal(field(page, 'cache-control'), 'no-cache');
  } finally {
    await plain.stop();
  }
});
