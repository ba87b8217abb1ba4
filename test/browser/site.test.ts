import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Response } from 'playwright-core';
import { exampleSite, launch, serving, shotsFolder, skip, watchedPage } from './chromium.ts';

const guardMs = 60_000;
const pages = ['/', '/guide/', '/about', '/about.html', '/files/', '/files/animations/'];
let browser: Browser;

before(async () => {
  if (skip === false) browser = await launch();
});

after(async () => {
  if (skip === false) await browser.close();
});

test('every page of the example site renders whole, from one host and without a complaint', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(exampleSite, async origin => {
    const context = await browser.newContext();
    const { page, complaints } = await watchedPage(context);
    const hosts = new Set<string>();
    page.on('request', request => hosts.add(new URL(request.url()).origin));
    for (const path of pages) {
      const answer = await page.goto(origin + path, { waitUntil: 'load' });
      assert.equal(answer?.status(), 200, path);
      assert.notEqual(await page.locator('h1').textContent(), '', path);
      const blank = await page.evaluate(
        '[...document.images].filter(image => image.naturalWidth === 0).map(image => image.src)',
      );
      assert.deepEqual(blank, [], path);
    }
    assert.deepEqual(complaints.lines, []);
    assert.deepEqual([...hosts], [origin]);
    await context.close();
  });
});

test('the headings of the example site are set in its own font', { skip, timeout: guardMs }, async () => {
  await serving(exampleSite, async origin => {
    const page = await browser.newPage();
    await page.goto(origin, { waitUntil: 'load' });
    const faces =
      "document.fonts.ready.then(() => [...document.fonts].map(face => face.family + ' ' + face.status))";
    assert.deepEqual(await page.evaluate(faces), ['Marcellus loaded']);
    await page.close();
  });
});

test('every link of the example site leads to a page that is there, but for the one that shows the 404 page', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(exampleSite, async origin => {
    const page = await browser.newPage();
    const broken = new Set<string>();
    for (const path of pages) {
      await page.goto(origin + path);
      const links = await page
        .locator('a')
        .evaluateAll(anchors => anchors.map(anchor => String(anchor.href)));
      for (const link of links) {
        if (!(await page.request.get(link)).ok()) broken.add(link);
      }
    }
    assert.deepEqual([...broken], [`${origin}/nowhere`]);
    await page.close();
  });
});

test('the site’s own 404 page shows whole under any path', { skip, timeout: guardMs }, async () => {
  await serving(exampleSite, async origin => {
    for (const path of ['/nowhere', '/guide/deeper/still', '/files/no%20such%20name']) {
      const { page, complaints } = await watchedPage(await browser.newContext());
      const answer = await page.goto(origin + path, { waitUntil: 'load' });
      assert.equal(answer?.status(), 404);
      assert.equal(await page.locator('h1').textContent(), 'Nothing stands here');
      // The page's own status is the only thing to complain of: its sheet, font and picture came.
      const others = complaints.lines.filter(
        line => !line.includes('404 (Not Found)') && line !== `404: ${origin}${path}`,
      );
      assert.deepEqual(others, []);
      await page.getByRole('link', { name: 'Go to the front page' }).click();
      assert.equal(page.url(), `${origin}/`);
      await page.context().close();
    }
  });
});

test('a film seeks by ranges: a jump lands where it was aimed', { skip, timeout: guardMs }, async () => {
  await serving(exampleSite, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext());
    const answers: Response[] = [];
    page.on('response', response => {
      if (response.url().endsWith('.webm')) answers.push(response);
    });
    await page.goto(origin, { waitUntil: 'load' });
    await page.waitForFunction("document.querySelector('video').readyState >= 1");
    assert.ok(Number(await page.evaluate("document.querySelector('video').seekable.end(0)")) > 11.5);
    await page.getByRole('button', { name: '5. Answer' }).click();
    await page.waitForFunction(
      "!document.querySelector('video').seeking && document.querySelector('video').readyState >= 2",
    );
    assert.equal(await page.evaluate("document.querySelector('video').currentTime"), 8);
    assert.equal(await page.getByRole('button', { name: '5. Answer' }).getAttribute('aria-pressed'), 'true');
    assert.ok(answers.length > 0);
    for (const answer of answers) {
      assert.equal(answer.status(), 206);
      assert.match(answer.headers()['content-range'] ?? '', /^bytes \d+-\d+\/\d+$/);
    }
    assert.deepEqual(complaints.lines, []);
    await page.context().close();
  });
});

test('the front page asks the server and shows what came back', { skip, timeout: guardMs }, async () => {
  const rows: readonly (readonly [button: string, shown: RegExp])[] = [
    ['Everything', /^GET \/\n\n200 OK\n[\s\S]*content-length: \d+[\s\S]*characters of HTML/],
    ['Only the head', /^HEAD \/\n\n200 OK\n[\s\S]*content-length: \d+[\s\S]*\(no content\)/],
    [
      'The first 15 bytes',
      /^GET \/\nRange: bytes=0-14\n\n206 Partial Content\n[\s\S]*content-length: 15\n[\s\S]*<!doctype html>/,
    ],
    ['Only if it changed', /^GET \/\nIf-None-Match: "[^"]+"\n\n304 Not Modified\n[\s\S]*\(no content\)/],
  ];
  await serving(exampleSite, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext());
    await page.goto(origin, { waitUntil: 'load' });
    for (const [button, shown] of rows) {
      await page.locator('.answer').evaluate(output => output.replaceChildren());
      await page.getByRole('button', { name: button }).click();
      await page.waitForFunction("document.querySelector('.answer').textContent !== ''");
      assert.match((await page.locator('.answer').textContent()) ?? '', shown);
    }
    assert.deepEqual(complaints.lines, []);
    await page.context().close();
  });
});

test('the site works without script, and then shows no button that needs it', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(exampleSite, async origin => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(origin);
    assert.equal(await page.getByRole('button').count(), 0);
    assert.equal(await page.locator('.steps li').count(), 6);
    await page.getByRole('link', { name: 'Browse a folder' }).click();
    await page.getByRole('link', { name: 'animations/' }).click();
    assert.equal(page.url(), `${origin}/files/animations/`);
    await context.close();
  });
});

test('no page is wider than its window, and each is kept as a picture: phone and desktop, light and dark', {
  skip,
  timeout: guardMs,
}, async () => {
  mkdirSync(shotsFolder, { recursive: true });
  const windows = [
    { name: 'narrow', width: 320, height: 568 },
    { name: 'phone', width: 375, height: 760 },
    { name: 'desktop', width: 1280, height: 900 },
  ];
  await serving(exampleSite, async origin => {
    for (const { name, width, height } of windows) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const context = await browser.newContext({ viewport: { width, height }, colorScheme });
        const page = await context.newPage();
        for (const path of ['/', '/guide/', '/about', '/files/', '/nowhere']) {
          await page.goto(origin + path, { waitUntil: 'load' });
          const widest = await page.evaluate('document.documentElement.scrollWidth');
          assert.equal(widest, width, `${path} in ${name}`);
          if (name === 'narrow') continue;
          const slug = path.replaceAll('/', '') || 'front';
          await page.screenshot({
            path: join(shotsFolder, `${slug}-${name}-${colorScheme}.png`),
            fullPage: true,
          });
        }
        await context.close();
      }
    }
  });
});
