import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { exampleSite, launch, serving, shotsFolder, skip, watchedPage } from './chromium.ts';

const guardMs = 60_000;
let browser: Browser;
let folder: string;

before(async () => {
  if (skip === false) browser = await launch();
  folder = await mkdtemp(join(tmpdir(), 'plinth-names-'));
});

after(async () => {
  if (skip === false) await browser.close();
  await rm(folder, { recursive: true });
});

test('a listing is walked by Tab: everything that can be used is reached in order, shows its focus and opens', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(exampleSite, async origin => {
    const page = await browser.newPage();
    await page.goto(`${origin}/files/`, { waitUntil: 'networkidle' });
    const usable = page.locator('a, input:visible, button');
    const count = await usable.count();
    assert.ok(count >= 12, String(count));
    for (let at = 0; at < count; at += 1) {
      await page.keyboard.press('Tab');
      const name = await usable.nth(at).evaluate(node => node.outerHTML);
      assert.ok(
        await usable.nth(at).evaluate(node => node === node.ownerDocument.activeElement),
        String(name),
      );
      assert.ok(await focusIsVisible(page), String(name));
    }
    await page.goto(`${origin}/files/`);
    await tabTo(page, 'animations/');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/files/animations/`);
    await tabTo(page, 'Parent folder');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/files/`);
    await page.close();
  });
});

test('a screen reader finds a table with named columns, rows and links, on a desktop and on a phone', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(exampleSite, async origin => {
    for (const width of [1280, 375]) {
      const page = await browser.newPage({ viewport: { width, height: 760 } });
      await page.goto(`${origin}/files/animations/`);
      const table = page.getByRole('table', { name: 'Folders and files' });
      assert.deepEqual(await table.getByRole('columnheader').allTextContents(), [
        'Name',
        'Size',
        'Modified (UTC)',
      ]);
      assert.equal(await table.locator('[aria-sort=ascending]').textContent(), 'Name');
      assert.equal(await table.getByRole('row').count(), 3);
      assert.equal(await table.getByRole('rowheader', { name: 'six-steps.webm' }).count(), 1);
      assert.equal(
        await page.getByRole('navigation', { name: 'Folders above' }).getByRole('link').count(),
        2,
      );
      assert.equal(await page.getByRole('heading', { level: 1, name: 'animations' }).count(), 1);
      await page.goto(`${origin}/files/`);
      assert.equal(await page.getByRole('link', { name: 'animations/ (folder)' }).count(), 1);
      await page.close();
    }
  });
});

// `content` tells which file an answer came from. A name with a slash cannot exist.
const hostileNames = [
  '<img src=x onerror=alert(1)>.txt',
  '"onmouseover="alert(1)',
  "'onfocus='alert(1)' autofocus='",
  '<script>alert(1)<script>',
  '<svg onload=alert(1)>',
  'javascript:alert(1)',
  'two\nlines',
  'a#b?c%2fd&e;f+g',
  ' spaces  around ',
  '\u202egpj.exe',
  '读我.txt',
  '&lt;b&gt;',
];

test('CVE-2018-3716 CVE-2025-11966 dufs#21 hostile names run nothing and open themselves, even without the policy', {
  skip,
  timeout: guardMs,
}, async () => {
  const root = join(folder, 'hostile');
  const inner = join(root, '<img src=x onerror=alert(2)>');
  await mkdir(inner, { recursive: true });
  await writeFile(join(root, 'favicon.ico'), '');
  for (const name of hostileNames) {
    await writeFile(join(root, name), name);
    await writeFile(join(inner, name), name);
  }
  await serving(root, async origin => {
    const context = await browser.newContext({ bypassCSP: true });
    const { page, complaints } = await watchedPage(context);
    for (const path of ['/', `/${encodeURIComponent('<img src=x onerror=alert(2)>')}/`]) {
      await page.goto(origin + path, { waitUntil: 'load' });
      assert.equal(
        await page.locator('img, main script, main svg[onload], [onmouseover], [onfocus], [onerror]').count(),
        0,
      );
      assert.equal(await page.locator('script').count(), 1, 'our own');
      for (const link of await page.locator('tbody a').all()) {
        await link.hover();
        await link.focus();
      }
      const contents = await page.evaluate(
        'Promise.all([...document.querySelectorAll(\'tbody a:not([href$="/"])\')].map(async link => (await fetch(link.href)).text()))',
      );
      const wanted = [...hostileNames, ...(path === '/' ? [''] : [])];
      assert.deepEqual([...(contents as string[])].sort(), wanted.sort());
    }
    await page.screenshot({ path: join(shotsFolder, 'hostile-desktop-light.png'), fullPage: true });
    assert.deepEqual(complaints.lines, []);
    await context.close();
  });
});

test('listing and error pages keep to their policy, and their style sheet passes it', {
  skip,
  timeout: guardMs,
}, async () => {
  const root = join(folder, 'plain');
  await mkdir(join(root, 'empty'), { recursive: true });
  await writeFile(join(root, 'favicon.ico'), '');
  const rows: readonly (readonly [path: string, status: number, heading: string])[] = [
    ['/', 200, 'Home'],
    ['/empty/', 200, 'empty'],
    ['/missing', 404, 'Not Found'],
  ];
  await serving(root, async origin => {
    for (const [path, status, heading] of rows) {
      const { page, complaints } = await watchedPage(await browser.newContext());
      const answer = await page.goto(origin + path, { waitUntil: 'load' });
      assert.equal(answer?.status(), status);
      assert.match(
        answer?.headers()['content-security-policy'] ?? '',
        /^default-src 'none'; (?:style|script)-src '/,
      );
      assert.equal(await page.locator('h1').textContent(), heading);
      assert.equal(
        await page.evaluate('getComputedStyle(document.body).display'),
        'flex',
        'the sheet applies',
      );
      assert.deepEqual(
        complaints.lines.filter(line => !line.includes('404')),
        [],
      );
      // The same page would be stopped from running a script.
      const ran = await page.evaluate(
        "try { document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' })) } catch {} 'ran' in window",
      );
      assert.equal(ran, false);
      await page.evaluate('new Promise(requestAnimationFrame)');
      assert.ok(
        complaints.lines.some(line => /^policy: (?:script-src|require-trusted-types-for)/.test(line)),
        complaints.lines.join(),
      );
      await page.screenshot({ path: join(shotsFolder, `ours-${heading.replaceAll(' ', '-')}.png`) });
      await page.context().close();
    }
  });
});

async function tabTo(page: Page, name: string): Promise<void> {
  const usable = await page.locator('a, input, button').count();
  for (let presses = 0; presses < usable; presses++) {
    await page.keyboard.press('Tab');
    if (String(await page.evaluate('document.activeElement.innerText')).startsWith(name)) return;
  }
  assert.fail(`Tab never reached ${name}`);
}

// A row's link shows its focus around the whole row, with a pseudo-element.
async function focusIsVisible(page: Page): Promise<boolean> {
  return page.evaluate(
    "['', '::after'].some(part => { const style = getComputedStyle(document.activeElement, part || null); return style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2; })",
  );
}
