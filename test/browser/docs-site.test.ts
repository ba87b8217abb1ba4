// The documentation site, built as `npm run docs` builds it and served by Plinth.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { examine } from '../../src/probe/doctor.ts';
import { type Complaints, launch, seen, serving, shotsFolder, skip, watchedPage } from './chromium.ts';

const guardMs = 60_000;
const project = join(import.meta.dirname, '..', '..');
const site = join(mkdtempSync(join(tmpdir(), 'plinth-docs-')), 'site');
let browser: Browser;

before(async () => {
  const words = ['scripts/docs.mjs', site];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: project, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  if (skip === false) browser = await launch();
});

after(async () => {
  if (skip === false) await browser.close();
  rmSync(join(site, '..'), { recursive: true, force: true });
});

/** Every page of the site, by its path. */
function pages(): readonly string[] {
  return readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('index.html'))
    .map(name => `/${name.replace(/index\.html$/, '')}`)
    .sort();
}

/** What is wrong with a page; who goes on at once takes no icon along. */
function faults({ lines }: Complaints): readonly string[] {
  return lines.filter(line => !line.endsWith('/icon.svg net::ERR_ABORTED'));
}

test('plinth doctor finds nothing at all to say of it', { timeout: guardMs }, async () => {
  await serving(site, async origin => {
    const report = await examine(`${origin}/`, () => {});
    assert.ok(report.kind === 'examined');
    assert.equal(report.cut, undefined);
    assert.ok(report.addresses > pages().length, 'every page is led to');
    const found = report.results.flatMap(({ title, findings }) =>
      findings.map(({ url, text }) => [title, url, text]),
    );
    assert.deepEqual(found, []);
  });
});

test('the sidebar leads through the pages in order; each renders whole and asks nothing of another host', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(site, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext());
    const hosts = new Set<string>();
    page.on('request', request => hosts.add(new URL(request.url()).origin));
    await page.goto(origin);
    const names = await page.locator('#menu a').allTextContents();
    assert.ok(names.length > 12, String(names));
    for (const [at, name] of names.entries()) {
      assert.equal(await page.locator('#menu [aria-current=page]').textContent(), name);
      assert.notEqual(await page.locator('h1').textContent(), '', name);
      assert.match(await page.title(), /Plinth/);
      const next = page.locator('.turns [rel=next]');
      if (at < names.length - 1) await next.click();
      else assert.equal(await next.count(), 0);
    }
    await page.locator('#menu').getByRole('link', { name: 'How a request travels' }).click();
    await page.getByRole('link', { name: 'http/target' }).click();
    assert.equal(page.url(), `${origin}/source/src/http/target.ts/`);
    assert.match((await page.locator('pre').textContent()) ?? '', /export type Target =/);
    assert.deepEqual(faults(complaints), []);
    assert.deepEqual([...hosts], [origin]);
    await page.context().close();
  });
});

test('the search finds a flag and a word of Chinese, and is used by keyboard alone', {
  skip,
  timeout: guardMs,
}, async () => {
  const rows: readonly (readonly [words: string, found: string])[] = [
    ['--cache', '/rules/#--cache-rule'],
    ['htpasswd', '/access/#passwords'],
    ['连接', '/how-a-request-travels-zh/'],
  ];
  await serving(site, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext());
    for (const [words, found] of rows) {
      await page.goto(`${origin}/configuration/`);
      await page.locator('.finder').waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type(words);
      await page
        .locator(`.found a[href*="${found.slice(1)}"]`)
        .first()
        .waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowUp');
      const first = await page.locator('.found a').first().getAttribute('href');
      await page.keyboard.press('Enter');
      await page.waitForURL(url => !url.pathname.startsWith('/configuration/'));
      assert.equal(decodeURIComponent(page.url()), origin + String(first).replace('..', ''));
    }
    await page.goto(`${origin}/rules/`);
    await page.locator('.finder').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('qqqqqq');
    await page.getByRole('status').filter({ hasText: 'Nothing found' }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.found').isVisible(), false);
    assert.deepEqual(faults(complaints), []);
    await page.context().close();
  });
});

test('without script everything can be read and reached, also below another path', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(join(site, '..'), async origin => {
    for (const width of [375, 1280]) {
      const context = await browser.newContext({
        javaScriptEnabled: false,
        viewport: { width, height: 800 },
      });
      const page = await context.newPage();
      await page.goto(`${origin}/site/`);
      assert.equal(await page.getByRole('searchbox').count(), 0);
      const menu = page.getByRole('button', { name: 'Menu' });
      if (await menu.isVisible()) await menu.click();
      await page.getByRole('link', { name: 'Getting started', exact: true }).first().click();
      assert.equal(page.url(), `${origin}/site/getting-started/`);
      assert.equal(await page.locator('h1').textContent(), 'Getting started');
      await context.close();
    }
  });
});

test('what is not there has a page of the site, at whatever depth it is asked for, that leads back to the others', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(site, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext());
    const path = '/rules/of/none';
    assert.equal((await page.goto(origin + path))?.status(), 404);
    assert.equal(await page.locator('h1').textContent(), 'There is no such page');
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.bar')).position"), 'sticky');
    assert.deepEqual(
      faults(complaints).filter(line => !/status of 404|^404: .*none$/.test(line)),
      [],
    );
    await page.locator('main').getByRole('link', { name: 'first page' }).click();
    assert.equal(page.url(), `${origin}/`);
    await page.goto(origin + path);
    await page.getByRole('searchbox').fill('throttle');
    assert.match((await page.locator('#found a').first().getAttribute('href')) ?? '', /^\/[a-z]/);
    await page.context().close();
  });
});

const windows = [
  { name: 'phone', width: 375, height: 760, further: [] },
  { name: 'desktop', width: 1360, height: 900, further: ['/coming-from/', '/benchmarks/'] },
];

for (const { name, width, height, further } of windows) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const paths = [
      '/',
      '/rules/',
      '/none',
      ...(colorScheme === 'light' ? further : ['/how-a-request-travels/']),
    ];
    test(`axe finds nothing on a ${name} in the ${colorScheme}, no page is too wide, and each is kept as a picture`, {
      skip,
      timeout: guardMs,
    }, async () => {
      mkdirSync(shotsFolder, { recursive: true });
      await serving(site, async origin => {
        const context = await browser.newContext({ viewport: { width, height }, colorScheme });
        const page = await context.newPage();
        for (const path of paths) {
          await page.goto(origin + path, { waitUntil: 'load' });
          assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, path);
          const slug = path.replaceAll('/', '') || 'home';
          await page.screenshot({ path: join(shotsFolder, `docs-${slug}-${name}-${colorScheme}.png`) });
          await page.evaluate(axe.source);
          const violations = await page.evaluate(
            'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(node => node.html).join(" ")))',
          );
          assert.deepEqual(violations, [], path);
        }
        await context.close();
      });
    });
  }
}

test('the keyboard reaches the content at once, and what is wide can be scrolled', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(site, async origin => {
    const page = await browser.newPage({ viewport: { width: 375, height: 760 } });
    await page.goto(`${origin}/coming-from/`);
    await page.keyboard.press('Tab');
    assert.equal(await page.locator(':focus').textContent(), 'Skip to the content');
    await page.keyboard.press('Enter');
    await page.locator('main:focus').waitFor();
    const wide = page.locator('.wide').first();
    await wide.focus();
    await page.keyboard.press('ArrowRight');
    await seen(page, "document.querySelector('.wide').scrollLeft > 0");
    await page.close();
  });
});

test('on a phone the menu opens over the page, takes the keys and closes', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(site, async origin => {
    const page = await browser.newPage({ viewport: { width: 375, height: 760 } });
    await page.goto(`${origin}/rules/`);
    const link = page.locator('#menu').getByRole('link', { name: 'Commands' });
    assert.equal(await link.isVisible(), false);
    await page.getByRole('button', { name: 'Menu' }).click();
    await link.waitFor();
    await page.keyboard.press('Escape');
    await link.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('button', { name: 'Close' }).click();
    await link.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Menu' }).click();
    await link.click();
    assert.equal(page.url(), `${origin}/commands/`);
    await page.close();
  });
});
