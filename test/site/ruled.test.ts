// Answers where the rules of a site have a say, beyond what its files of rules can ask for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldValue } from '../../src/http/fields.ts';
import type { Routed } from '../../src/rules/routing.ts';
import { answer } from '../../src/site/respond.ts';
import type { Ruling } from '../../src/site/site.ts';
import { nowMs, path, request, siteOf } from './fixture.ts';

const files = {
  'a.txt': 'a',
  'docs/index.html': 'docs',
  'one/only.txt': 'only',
  'two/a.txt': 'a',
  'two/b.txt': 'b',
  'nested/folder/x.txt': 'x',
  'empty.html': '',
};

/** The answer of a site with this route for every path, in short. */
async function shown(
  raw: string,
  action: Routed['action'] | undefined,
  ruling: Partial<Ruling> = {},
): Promise<string> {
  const routed = action && { source: { file: 'f' }, isForced: false, isForNavigation: false, action };
  const site = siteOf(files, { ruling: { route: () => routed, ...ruling } });
  const { status, fields, content } = await answer(request(raw, [['Accept', 'text/html']]), site, nowMs);
  const what = content.kind === 'stored' ? content.file.location : content.kind;
  return `${status} ${fieldValue(fields, 'location') ?? what}`;
}

const rows: readonly (readonly [raw: string, action: Routed['action'] | undefined, outcome: string])[] = [
  ['/a.txt', { kind: 'refuse', status: 410 }, '200 a.txt'],
  ['/none', { kind: 'refuse', status: 410 }, '410 bytes'],
  ['/none', { kind: 'refuse', status: 404 }, '404 bytes'],
  ['/none', { kind: 'redirect', status: 302, location: '/x' }, '302 /x'],
  ['/none', { kind: 'rewrite', status: 200, target: path('/a.txt') }, '200 a.txt'],
  ['/none', { kind: 'rewrite', status: 200, target: path('/docs') }, '200 docs/index.html'],
  ['/none', { kind: 'rewrite', status: 200, target: path('/nowhere') }, '404 bytes'],
  ['/none', { kind: 'rewrite', status: 200, target: path('/.env') }, '404 bytes'],
  ['/none', { kind: 'rewrite', status: 410, target: path('/a.txt') }, '410 a.txt'],
  ['/none', { kind: 'rewrite', status: 410, target: path('/empty.html') }, '410 empty.html'],
  ['/none', { kind: 'rewrite', status: 404, target: path('/nowhere') }, '404 bytes'],
  ['//none', { kind: 'redirect', status: 302, location: '/x' }, '308 /none'],
  ['/.env', { kind: 'redirect', status: 302, location: '/x' }, '404 bytes'],
  ['/docs', { kind: 'redirect', status: 302, location: '/x' }, '308 /docs/'],
  ['/two/', { kind: 'redirect', status: 302, location: '/x' }, '302 /x'],
  ['/two/', undefined, '200 bytes'],
];

for (const [raw, action, outcome] of rows) {
  test(`${raw} by ${JSON.stringify(action)} is ${outcome}`, async () => {
    assert.equal(await shown(raw, action), outcome);
  });
}

test('a folder shows its single file where that is asked for, and only a file, and only a single one', async () => {
  const ask = (raw: string): Promise<string> => shown(raw, undefined, { singleFile: { file: 'serve.json' } });
  assert.equal(await ask('/one/'), '200 one/only.txt');
  assert.equal(await ask('/two/'), '200 bytes');
  assert.equal(await ask('/nested/'), '200 bytes');
  assert.equal(await ask('/none/'), '404 bytes');
});
