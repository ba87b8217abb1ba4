import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePattern } from '../../src/rules/pattern.ts';
import { type ErrorPage, noRules } from '../../src/rules/rules.ts';
import { rulingsOf } from '../../src/server/rulings.ts';
import { answer } from '../../src/site/respond.ts';
import { nowMs, path, request, siteOf } from '../site/fixture.ts';

function pageFor(pattern: string, status: number, page: string): ErrorPage {
  const from = parsePattern(pattern);
  assert.ok(from.kind === 'pattern');
  return { source: { file: 'f' }, from, status, page: page.split('/') };
}

test('rules that say nothing cost nothing', () => {
  const { ruling, finish, folder, isListed } = rulingsOf(noRules, false);
  assert.equal(ruling, undefined);
  assert.equal(finish, undefined);
  assert.deepEqual(folder, []);
  assert.equal(isListed('a'), true);
});

test('the page of an error is the first for path and status, else the nearest, else the one above', async () => {
  const errorPages = [
    pageFor('/shop/**', 404, 'errors/shop.html'),
    pageFor('/**', 410, 'errors/gone.html'),
    pageFor('/**', 404, 'errors/missing.html'),
  ];
  const { ruling } = rulingsOf({ ...noRules, errorPages }, false);
  assert.deepEqual(ruling?.errorPage?.(path('/shop/x'), 404), ['errors', 'shop.html']);
  assert.deepEqual(ruling?.errorPage?.(path('/x'), 404), ['errors', 'missing.html']);
  assert.equal(ruling?.errorPage?.(undefined, 500), undefined);
  const files = { 'errors/shop.html': 'shop', '404.html': 'near', 'x.txt': 'x' };
  const site = siteOf(files, ruling === undefined ? {} : { ruling });
  const shown = async (raw: string): Promise<string> => {
    const { status, content } = await answer(request(raw, [['Accept', 'text/html']]), site, nowMs);
    return `${status} ${content.kind === 'stored' ? content.file.location : content.kind}`;
  };
  assert.equal(await shown('/shop/x'), '404 errors/shop.html');
  // Its page is not there.
  assert.equal(await shown('/x'), '404 404.html');
  assert.equal(await shown('/x.txt'), '200 x.txt');
});
