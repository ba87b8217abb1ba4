// What an answer means (RFC 9110), over every transport of the table.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { JsonListing } from '../../src/site/listing.ts';
import { field, text, type WireResponse } from './client.ts';
import { parts } from './multipart.ts';
import { programs } from './programs.ts';
import { codingRows } from './rows/codings.ts';
import { formRows } from './rows/forms.ts';
import type { Row } from './rows/row.ts';
import { selectionRows } from './rows/selections.ts';
import { targetRows } from './rows/targets.ts';
import { files, makeSite, modifiedForms, type SiteFolder } from './site.ts';
import { type Running, transports } from './transports.ts';

/** What HTTP/1.1 can say and HTTP/2 cannot. */
function isMalformed({ ask, fields = [] }: Row): boolean {
  const [method = '', target = ''] = ask.split(' ');
  const isPath = target.startsWith('/') || method === 'OPTIONS' || method === 'CONNECT';
  return !isPath || fields.some(([name]) => name === 'Connection');
}

const rows = [...targetRows, ...selectionRows, ...codingRows, ...formRows];
let site: SiteFolder;
const names = oddNames();

before(() => {
  site = makeSite();
  mkdirSync(join(site.root, 'odd'));
  for (const name of names) writeFileSync(join(site.root, 'odd', name), `content of ${name}`);
  mkdirSync(join(site.root, 'odd', 'a folder?#%'));
  writeFileSync(join(site.root, 'odd', 'a folder?#%', 'x'), 'x');
});
after(() => site.remove());

for (const transport of [...transports, ...programs]) {
  describe(transport.name, () => {
    let server: Running;
    let bare: Running;
    let etag = '';

    before(async () => {
      server = await transport.start({ root: site.root });
      bare = await transport.start({ root: site.root, listing: false, cleanUrls: false, compress: false });
      const response = await server.exchange({ method: 'GET', target: '/a.txt', fields: [] });
      etag = field(response, 'etag') ?? '';
    });
    after(async () => {
      await server.stop();
      await bare.stop();
      assert.deepEqual([...server.reports, ...bare.reports], []);
    });

    for (const row of rows) {
      const [method = '', target = ''] = row.ask.split(' ');
      const asked = { method, target, ...(row.sends !== undefined && { content: row.sends }) };
      if (transport.carries?.(asked) === false) continue;
      test(`${row.ask}: ${row.name}`, async () => {
        const fields = (row.fields ?? []).map(
          ([name, value]) => [name, value.replaceAll('ETAG', etag)] as const,
        );
        const { exchange } = row.server === 'bare' ? bare : server;
        const request = { ...asked, fields };
        if (transport.isH2 && isMalformed(row)) {
          await assert.rejects(exchange(request), {
            code: 'ERR_HTTP2_STREAM_ERROR',
            message: /PROTOCOL_ERROR/,
          });
          return;
        }
        const response = await exchange(request);
        const isSecured = 'authority' in server.place;
        assert.equal(response.status, isSecured ? (row.securedStatus ?? row.status) : row.status);
        for (const [name, value] of Object.entries(row.has ?? {})) {
          const actual = field(response, name);
          if (value instanceof RegExp) assert.match(actual ?? '', value, name);
          else assert.equal(actual, value?.replaceAll('ETAG', etag), name);
        }
        if (row.content instanceof RegExp) assert.match(text(response), row.content);
        else if (row.content !== undefined) assert.equal(text(response), row.content);
        assertCommon(method, response);
        // A HEAD is answered like the GET, and ranges are for GET only (RFC 9110 §14.2).
        if (method !== 'GET' || fields.some(([name]) => name === 'Range')) return;
        const head = await exchange({ ...request, method: 'HEAD' });
        assert.equal(head.content.length, 0);
        assert.equal(head.status, response.status);
        assert.deepEqual(withoutDate(head), withoutDate(response));
      });
    }

    test('the entity tag is strong, and another for other bytes and other times', async () => {
      assert.match(etag, /^"[\x21\x23-\x7e]+"$/);
      const tags = await Promise.all(
        ['/a.txt', '/noext', '/style.css', '/empty.txt'].map(async target => {
          const response = await server.exchange({ method: 'GET', target, fields: [] });
          assert.equal(field(response, 'last-modified'), modifiedForms.imf);
          return field(response, 'etag');
        }),
      );
      assert.equal(new Set(tags).size, tags.length);
    });

    test('each coding has a strong tag of its own, and each tag answers 304 for its coding only', async () => {
      const codings = ['br', 'zstd', 'gzip', 'identity'];
      const ask = (coding: string, tag?: string) => {
        const condition = tag === undefined ? [] : [['If-None-Match', tag] as const];
        const fields = [['Accept-Encoding', coding] as const, ...condition];
        return server.exchange({ method: 'GET', target: '/coded/app.js', fields });
      };
      const tags: string[] = [];
      for (const coding of codings) tags.push(field(await ask(coding), 'etag') ?? '');
      assert.equal(new Set(tags).size, codings.length);
      for (const tag of tags) assert.match(tag, /^"[\x21\x23-\x7e]+"$/);
      for (const [index, coding] of codings.entries()) {
        for (const tag of tags) {
          const response = await ask(coding, tag);
          assert.equal(response.status, tag === tags[index] ? 304 : 200);
          assert.equal(field(response, 'etag'), tags[index]);
          assert.equal(field(response, 'vary'), 'Accept-Encoding');
        }
      }
    });

    test('several ranges are a multipart whose every part is that part of the file', async () => {
      const whole = files['a.txt'] ?? '';
      const asked = ['bytes=0-4,10-14,-3', 'bytes=30-,0-0', 'bytes=5-6, 9-9 ,20-99'];
      for (const range of asked) {
        const response = await server.exchange({
          method: 'GET',
          target: '/a.txt',
          fields: [['Range', range]],
        });
        assert.equal(response.status, 206);
        assert.equal(field(response, 'content-range'), undefined);
        const found = parts(response);
        assert.equal(found.length, range.split(',').length);
        for (const part of found) {
          assert.equal(part.mediaType, 'text/plain; charset=utf-8');
          assert.equal(part.content.toString('latin1'), whole.slice(part.first, part.last + 1));
          assert.equal(part.length, whole.length);
        }
      }
    });

    test('every odd name comes back from the hrefs of the JSON listing', async () => {
      const listing = await server.exchange({
        method: 'GET',
        target: '/odd/',
        fields: [['Accept', 'application/json']],
      });
      const { entries } = JSON.parse(text(listing)) as JsonListing;
      assert.deepEqual(entries.map(entry => entry.name).sort(), readdirSync(join(site.root, 'odd')).sort());
      for (const { name, href, kind } of entries) {
        const { pathname } = new URL(href, 'http://test/odd/');
        const found = await server.exchange({ method: 'GET', target: pathname, fields: [] });
        assert.equal(found.status, 200, `${name} as ${pathname}`);
        if (kind === 'file') assert.equal(text(found), `content of ${name}`);
      }
    });

    test('every odd name comes back from the hrefs of the page', async () => {
      const listing = await server.exchange({ method: 'GET', target: '/odd/', fields: [] });
      const hrefs = [...text(listing).matchAll(/<a class="go" href="([^"]*)"/g)].map(match => match[1] ?? '');
      const found: string[] = [];
      for (const href of hrefs) {
        assert.doesNotMatch(href, /[&<>'\s\\]/);
        const { pathname, origin } = new URL(href, 'http://test/odd/');
        assert.equal(origin, 'http://test');
        if (pathname.endsWith('/')) continue;
        found.push(text(await server.exchange({ method: 'GET', target: pathname, fields: [] })));
      }
      assert.deepEqual(found.sort(), names.map(name => `content of ${name}`).sort());
    });
  });
}

/** What every answer carries and what none may carry. */
function assertCommon(method: string, response: WireResponse): void {
  assert.equal(field(response, 'server'), 'plinth');
  assert.equal(field(response, 'x-content-type-options'), 'nosniff');
  assert.ok(!text(response).includes(site.above), 'a path of the machine');
  assert.equal(field(response, 'access-control-allow-origin'), undefined);
  const hasContent = response.content.length > 0;
  if (hasContent) assert.notEqual(field(response, 'content-type'), undefined, 'content without a type');
  if (method !== 'HEAD' && response.status !== 204 && response.status !== 304) {
    assert.equal(field(response, 'content-length'), String(response.content.length));
  }
}

function withoutDate(response: WireResponse): unknown {
  return response.lines.filter(([name]) => name.toLowerCase() !== 'date');
}

/** Names that a careless server or page would mangle. */
function oddNames(): readonly string[] {
  return [
    'a b.txt',
    ' leading and trailing ',
    '50%.txt',
    '%41',
    '%2e%2e',
    '%2fetc',
    '#hash',
    'what?',
    'a+b',
    'back\\slash',
    '"quotes"',
    "it's",
    'new\nline',
    'cr\rlf',
    'tab\there',
    'esc\u001b[31m',
    'del\u007f',
    'a&b;c=d',
    '<b>',
    'javascript:alert(1)',
    'http:',
    'c:',
    '~',
    'ünïcödé',
    '日本語.txt',
    'e\u0301',
    '\u00e9',
    '😀.txt',
    '\u202etxt.exe',
    '\ufeffbom',
    'x'.repeat(255),
    'é'.repeat(127),
    '-rf',
    '*',
    '[a](b)',
    '{x}',
    '`id`',
    '$HOME',
    '|',
    'nul',
    'con.txt',
    'name.',
    ' ',
  ];
}
