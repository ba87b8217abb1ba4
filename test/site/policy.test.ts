import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldValue } from '../../src/http/fields.ts';
import type { FieldLine } from '../../src/http/message.ts';
import { answer } from '../../src/site/respond.ts';
import type { Site } from '../../src/site/site.ts';
import { editedStore } from '../../src/store/edited.ts';
import { nowMs, path, request, siteOf } from './fixture.ts';

function policed(): Site {
  const site = siteOf(
    { 'page.html': '<p>', 'page.html.br': 'coded', 'a.txt': 'a', '404.html': 'no' },
    { policyOf: ({ scripts }) => `script-src ${scripts.join(' ')}` },
  );
  const editor = {
    tag: 'none',
    edits: (name: string) => name.endsWith('.html'),
    edit: (content: Uint8Array) => content,
    inline: (content: Uint8Array) => ({ scripts: [`'sha256-${content.length}'`], styles: [] }),
  };
  const store = editedStore(site.store, { editor, cacheBytesMax: 1000, now: () => nowMs, report: () => {} });
  return { ...site, store };
}

test('each answer about a page bears the policy of that page, and no other answer does', async () => {
  const site = policed();
  const etag = fieldValue((await answer(request('/page'), site, nowMs)).fields, 'etag') ?? '';
  const rows: readonly (readonly [string, readonly FieldLine[], number, string | undefined])[] = [
    ['/page', [], 200, "script-src 'sha256-3'"],
    ['/page.html', [['Range', 'bytes=0-0']], 206, "script-src 'sha256-3'"],
    ['/page', [['If-None-Match', etag]], 304, "script-src 'sha256-3'"],
    ['/page', [['Accept-Encoding', 'br']], 200, "script-src 'sha256-3'"],
    ['/missing', [['Accept', 'text/html']], 404, "script-src 'sha256-2'"],
    ['/a.txt', [], 200, undefined],
  ];
  for (const [target, fields, status, policy] of rows) {
    const response = await answer(request(target, fields), site, nowMs);
    assert.equal(response.status, status, target);
    assert.equal(fieldValue(response.fields, 'content-security-policy'), policy, target);
  }
});

test('so does a page that a rule shows with an error', async () => {
  for (const status of [200, 404, 410] as const) {
    const action = { kind: 'rewrite', status, target: path('/page.html') } as const;
    const routed = { source: { file: 'f' }, isForced: false, isForNavigation: false, action };
    const site: Site = { ...policed(), ruling: { route: () => routed } };
    const response = await answer(request('/missing'), site, nowMs);
    assert.equal(response.status, status);
    assert.equal(fieldValue(response.fields, 'content-security-policy'), "script-src 'sha256-3'");
  }
});
