// THREATS.md §1 (paths and access), §2 (redirects, markup, logs), §3 and §6: each probe as raw bytes, and its neighbours.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type AccessLogFormat, accessLog } from '../../src/features/access-log.ts';
import { noContent } from '../../src/http/message.ts';
import { parseTarget } from '../../src/http/target.ts';
import type { Gate } from '../../src/index.ts';
import { field, RawConnection, text, type WireResponse } from './client.ts';
import { neighbours } from './neighbours.ts';
import { guards, paths, windows } from './rows/threats.ts';
import { addLinks, makeSite, type SiteFolder, secret } from './site.ts';
import { type Running, startRaw } from './transports.ts';

let site: SiteFolder;
let server: Running;
let guarded: Running;

/** What somebody would write to keep visitors out: it sees the same decoded path as the look-up does. */
const guard: Gate = ({ target }) =>
  target.kind === 'path' && target.segments[0] === 'private'
    ? { status: 401, fields: [['WWW-Authenticate', 'Basic']], content: noContent }
    : undefined;

before(async () => {
  site = makeSite();
  addLinks(site);
  mkdirSync(join(site.root, 'node_modules'));
  writeFileSync(join(site.root, 'private', 'secret'), secret);
  server = await startRaw({ root: site.root });
  guarded = await startRaw({ root: site.root, gates: [guard] });
});
after(async () => {
  await server.stop();
  await guarded.stop();
  site.remove();
  assert.deepEqual([...server.reports, ...guarded.reports], []);
});

/** Sends exactly these octets as the target. */
async function probe({ place }: Running, target: string, method = 'GET', lines = ''): Promise<WireResponse> {
  const client = await RawConnection.open(place);
  client.write(`${method} ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${lines}\r\n`);
  const response = await client.response(method);
  await client.expectEnd();
  return response;
}

/** Nothing of what lies around the root, no way to another host, and no failure of ours. */
function assertSafe(target: string, response: WireResponse): void {
  const shown = text(response);
  for (const forbidden of [secret, 'site-secret', 'root:x:0', site.above]) {
    assert.ok(!shown.includes(forbidden), `${target} shows ${forbidden}`);
  }
  assert.ok(response.status < 500, `${target} is answered ${response.status}`);
  const location = field(response, 'location');
  if (location !== undefined) assert.match(location, /^\/(?![/\\])[\x21-\x7e]*$/, target);
  if (location !== undefined) assert.equal(shown, '', 'a redirect echoes nothing');
  assert.equal(field(response, 'set-cookie'), undefined);
  assert.equal(field(response, 'access-control-allow-origin'), undefined);
}

describe('paths', () => {
  for (const [ids, rows] of paths) {
    for (const [target, status] of rows) {
      const shown = JSON.stringify(target.length > 60 ? `${target.slice(0, 60)}…` : target);
      test(`${ids}: ${shown} is ${status}`, async () => {
        const response = await probe(server, target);
        assert.equal(response.status, status);
        assertSafe(target, response);
        // A request line that cannot be read says no method either.
        if (/[^\x21-\x7e]/.test(target)) return;
        const head = await probe(server, target, 'HEAD');
        assert.equal(head.status, status);
        assert.equal(field(head, 'content-length'), field(response, 'content-length'));
        if (!target.includes('?') && target.length < 8000) {
          assert.equal((await probe(server, `${target}?q=1`)).status, status);
        }
      });
    }

    test(`${ids}: the neighbours show nothing`, async () => {
      const targets = rows.flatMap(([target]) => (target.length > 1000 ? [] : neighbours(target)));
      for (const target of new Set(targets)) {
        const response = await probe(server, target);
        assertSafe(target, response);
        const location = field(response, 'location');
        if (location !== undefined) assertSafe(location, await probe(server, location));
      }
      assert.equal((await probe(server, '/a.txt')).status, 200);
    });
  }
});

test('symlinks: a link in the place of a coded form is not followed out of the root', async () => {
  for (const coding of ['gzip', 'br', '*']) {
    const lines = `Accept-Encoding: ${coding}\r\n`;
    const response = await probe(server, '/links/x.js', 'GET', lines);
    assert.equal(response.status, 200);
    assert.equal(text(response), '1');
    assert.equal(field(response, 'content-encoding'), undefined);
    for (const target of ['/links/alone.js', '/links/x.js.gz', '/links/alone.js.br']) {
      const denied = await probe(server, target, 'GET', lines);
      assert.equal(denied.status, 404, target);
      assertSafe(target, denied);
    }
  }
});

for (const [ids, target, status] of guards) {
  test(`${ids}: behind a guard, ${target} is ${status}`, async () => {
    const response = await probe(guarded, target);
    assert.equal(response.status, status);
    assertSafe(target, response);
    for (const neighbour of neighbours(target)) {
      const answer = await probe(guarded, neighbour);
      assertSafe(neighbour, answer);
      const location = field(answer, 'location');
      if (location !== undefined) assertSafe(location, await probe(guarded, location));
    }
  });
}

for (const [ids, targets] of windows) {
  test(`${ids}: on Windows ${targets.join(' ')} are 400`, () => {
    for (const target of targets) {
      const parsed = parseTarget('GET', target, { windows: true, secure: false });
      assert.equal(parsed.kind === 'violation' && parsed.status, 400, target);
    }
  });
}

test('CVE-2024-43799 CVE-2024-43800 CVE-2024-43796 no redirect and no error echoes the request', async () => {
  const marker = 'xyzzy%3Cscript%3E';
  for (const accept of ['text/html', '*/*', 'application/json']) {
    for (const target of [`//${marker}`, `/docs?${marker}`, `/${marker}`, `/%00${marker}`, `/${marker}/`]) {
      const response = await probe(server, target, 'GET', `Accept: ${accept}\r\nX-${'y'}: xyzzy\r\n`);
      assert.ok(!text(response).includes('xyzzy'), target);
      assertSafe(target, response);
    }
    const post = await probe(server, '/xyzzy', 'XYZZY', `Accept: ${accept}\r\n`);
    assert.ok(!/xyzzy/i.test(text(post)));
  }
});

test('TerriaJS#368 jetty#5029 miniserve#764 no answer is made of the Host field', async () => {
  for (const target of ['/docs', '//docs', '/none', '/', 'http://evil.example/docs']) {
    const client = await RawConnection.open(server.place);
    client.write(`GET ${target} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n`);
    const response = await client.response();
    assert.ok(!response.lines.some(([, value]) => value.includes('evil')), target);
    assert.ok(!text(response).includes('evil'), target);
    client.destroy();
  }
});

test('CVE-2025-24010 GHSA-67mh-4wv8-2f99 vercel-serve: nothing is opened to other origins', async () => {
  const lines = 'Origin: https://evil.example\r\nAccess-Control-Request-Private-Network: true\r\n';
  for (const method of ['GET', 'OPTIONS', 'HEAD']) {
    const response = await probe(server, '/a.txt', method, lines);
    assert.deepEqual(
      response.lines.filter(([name]) => /^access-control/i.test(name)),
      [],
    );
  }
});

const logFormats: readonly AccessLogFormat[] = ['human', 'combined', 'json'];

for (const format of logFormats) {
  test(`dufs#691 python: no request writes a second line or a control into the ${format} log`, async t => {
    const written: string[] = [];
    const options = { utcOffsetMinutes: () => 0, isColoured: false };
    const logging = await startRaw({
      root: site.root,
      observers: [accessLog(format, options, line => written.push(line))],
    });
    t.after(() => logging.stop());
    const probes = [
      ['/%1b]0;x%07', 'User-Agent: \x9b31m"\\\x85\r\n'],
      ['/%0d%0a127.0.0.1 - -', 'Referer: a\tb"c\\d\r\n'],
      ['/"x"\\', `User-Agent: ${'\xff\x80\u00ad'}\r\n`],
      ['/?\\n\\x1b[2J', 'Cookie: sid=TOKEN\r\nAuthorization: Basic TOKEN\r\n'],
      ['/\x1b[31m', ''],
    ] as const;
    for (const [target, lines] of probes) await probe(logging, target, 'GET', lines);
    assert.equal(written.length, probes.length);
    for (const line of written) {
      assert.match(line, /^[\x20-\x7e]+$/);
      assert.doesNotMatch(line, /TOKEN/);
      if (format === 'json') JSON.parse(line);
      if (format === 'combined') assert.match(line, /^\S+ - - \[[^\]]+\] "[^"]*" \d{3} \S+ "[^"]*" "[^"]*"$/);
    }
  });
}
