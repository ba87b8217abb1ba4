import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldValue } from '../../src/http/fields.ts';
import { type FieldLine, noContent, type Response } from '../../src/http/message.ts';
import { plainError, withErrorContent } from '../../src/site/errors.ts';
import type { Entry, Store } from '../../src/store/store.ts';
import { request, siteOf, textOf } from './fixture.ts';

const browser: FieldLine = ['Accept', 'text/html,*/*;q=0.8'];
const json: FieldLine = ['Accept', 'application/json'];
const curl: FieldLine = ['Accept', '*/*'];

function bare(status: number, note?: string): Response {
  return { status, fields: [['X-Kept', 'yes']], content: noContent, ...(note !== undefined && { note }) };
}

const forms: readonly (readonly [accept: string | undefined, mediaType: string, beginning: RegExp])[] = [
  [undefined, 'text/plain; charset=utf-8', /^404 Not Found: .+\n$/],
  ['*/*', 'text/plain; charset=utf-8', /^404 /],
  ['text/*', 'text/plain; charset=utf-8', /^404 /],
  ['image/png', 'text/plain; charset=utf-8', /^404 /],
  ['nonsense', 'text/plain; charset=utf-8', /^404 /],
  ['text/html', 'text/html; charset=utf-8', /^<!doctype html>/i],
  ['text/html,application/json', 'text/html; charset=utf-8', /^<!doctype html>/i],
  ['application/json', 'application/json', /^\{"status":404,"reason":"Not Found","explanation":".+"\}\n$/],
  ['application/*', 'application/json', /^\{/],
  ['text/html;q=0.1,application/json', 'application/json', /^\{/],
];

for (const [accept, mediaType, beginning] of forms) {
  test(`without a page of the site, Accept: ${accept} gets ${mediaType}`, async () => {
    const lines: readonly FieldLine[] = accept === undefined ? [] : [['Accept', accept]];
    for (const response of [
      plainError(bare(404), accept),
      await withErrorContent(request('/x', lines), bare(404), siteOf({})),
    ]) {
      assert.equal(response.status, 404);
      assert.equal(fieldValue(response.fields, 'content-type'), mediaType);
      assert.equal(fieldValue(response.fields, 'vary'), 'Accept');
      assert.equal(fieldValue(response.fields, 'x-kept'), 'yes');
      assert.match(textOf(response), beginning);
    }
  });
}

test('what rule was broken is told, the note for the log never is', () => {
  const told = textOf(plainError(bare(431), undefined, 'too many field lines'));
  assert.equal(told, '431 Request Header Fields Too Large: Too many field lines.\n');
  for (const status of [403, 404, 431, 500, 502, 503]) {
    assert.ok(!textOf(plainError(bare(status, '/home/me/site'), undefined)).includes('/home'));
  }
  assert.equal(textOf(plainError(bare(502), undefined)), '502 Bad Gateway\n');
  assert.match(textOf(plainError(bare(499), undefined)), /^499 \n$/);
});

const files = {
  '404.html': 'root page',
  'a/404.html': 'page of a',
  'a/b/x': 'x',
  'a/500.html': 'broken in a',
  '503.html': 'busy',
  'empty/404.html': '',
  'odd/404.html/x': 'a folder',
};

const pages: readonly (readonly [
  target: string,
  status: number,
  line: FieldLine,
  location: string | undefined,
])[] = [
  ['/none', 404, browser, '404.html'],
  ['/none', 404, curl, '404.html'],
  ['/none', 404, json, undefined],
  ['/a/none', 404, browser, 'a/404.html'],
  ['/a/b/c/d', 404, browser, 'a/404.html'],
  ['/a', 404, browser, 'a/404.html'],
  ['/b/none', 404, browser, '404.html'],
  ['/odd/x', 404, browser, '404.html'],
  ['/empty/x', 404, browser, 'empty/404.html'],
  ['/a/x', 500, browser, 'a/500.html'],
  ['/x', 500, browser, undefined],
  ['/x', 503, browser, undefined],
  [`/a/${'deep/'.repeat(14)}`, 404, browser, 'a/404.html'],
  [`/b/${'deep/'.repeat(40)}`, 404, browser, '404.html'],
];

for (const [target, status, line, location] of pages) {
  test(`${target.slice(0, 40)} ${status} for ${line[1]} is the page ${location}`, async () => {
    const response = await withErrorContent(request(target, [line]), bare(status), siteOf(files));
    assert.equal(response.status, status);
    assert.equal(fieldValue(response.fields, 'vary'), 'Accept');
    const { content } = response;
    assert.equal(content.kind === 'stored' ? content.file.location : undefined, location);
    if (content.kind === 'stored') {
      assert.deepEqual(
        content.pieces,
        content.file.size === 0 ? [] : [{ first: 0, last: content.file.size - 1 }],
      );
    }
  });
}

test('a path of a thousand segments costs few looks', async () => {
  let looks = 0;
  const find = async (): Promise<Entry> => {
    looks++;
    return { kind: 'absent' };
  };
  const site = siteOf({});
  const store: Store = { ...site.store, find };
  await withErrorContent(request('/x'.repeat(1000), [browser]), bare(404), { ...site, store });
  assert.ok(looks <= 20, `${looks} looks`);
});

test('a target that is no path has the page of the root', async () => {
  const star = { ...request('/', [browser]), target: { kind: 'asterisk' } as const };
  const { content } = await withErrorContent(star, bare(404), siteOf(files));
  assert.equal(content.kind === 'stored' ? content.file.location : undefined, '404.html');
});
