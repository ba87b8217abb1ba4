import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { exampleSite, launch, serving, shotsFolder, skip, watchedPage } from './chromium.ts';

const guardMs = 60_000;
let browser: Browser;
let root: string;

before(async () => {
  if (skip === false) browser = await launch();
  root = await mkdtemp(join(tmpdir(), 'plinth-tools-'));
  await writeFile(join(root, 'favicon.ico'), '');
  const shelf = join(root, 'shelf');
  await mkdir(join(shelf, 'inner'), { recursive: true });
  await mkdir(join(root, 'empty'));
  for (const [name, size] of [
    ['apple.txt', 10],
    ['Banana.txt', 3000],
    ['cherry pie.md', 200],
    ['data.json', 40],
  ] as const)
    await writeFile(join(shelf, name), 'x'.repeat(size));
  for (const name of ['quarry.webp', 'plinth.svg', 'touch-icon.png'])
    await cp(join(exampleSite, 'images', name), join(shelf, name));
});

after(async () => {
  if (skip === false) await browser.close();
  await rm(root, { recursive: true });
});

async function namesShown(page: Page): Promise<readonly string[]> {
  return page.locator('tbody tr:visible .name').allTextContents();
}

/** Waits until an expression is true in the page. Playwright's own waiting would be stopped by the page's policy. */
async function comesTrue(page: Page, expression: string): Promise<void> {
  const guardAtMs = performance.now() + guardMs / 2;
  while ((await page.evaluate(expression)) !== true) assert.ok(performance.now() < guardAtMs, expression);
}

test('without script a folder is sorted, turned into a grid and entered, and the choice goes along', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${origin}/shelf/`);
    assert.equal((await namesShown(page))[1], 'apple.txt');
    assert.equal(await page.locator('.filter:visible').count(), 0, 'what needs script is not there');
    await page.getByRole('link', { name: 'Size' }).click();
    await page.waitForURL(`${origin}/shelf/?sort=size`);
    assert.deepEqual((await namesShown(page)).slice(0, 2), ['inner', 'quarry.webp']);
    assert.equal(await page.locator('[aria-sort=descending]').textContent(), 'Size');
    await page.getByRole('link', { name: 'Size' }).click();
    assert.deepEqual((await namesShown(page)).slice(0, 2), ['inner', 'apple.txt']);
    await page.getByRole('link', { name: 'Grid' }).click();
    await page.waitForURL(`${origin}/shelf/?sort=size&order=asc&view=grid`);
    await page.getByRole('link', { name: 'inner/' }).click();
    await page.waitForURL(`${origin}/shelf/inner/?sort=size&order=asc&view=grid`);
    await context.close();
  });
});

test('the grid shows the images themselves, and a reader who chose it finds it again', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext());
    await page.goto(`${origin}/shelf/`);
    await page.getByRole('link', { name: 'Grid' }).click();
    await page.waitForURL(`${origin}/shelf/?view=grid`);
    await comesTrue(
      page,
      'document.images.length === 3 && [...document.images].every(image => image.naturalWidth > 0)',
    );
    await page.goto(`${origin}/shelf/inner/`);
    await page.waitForURL(`${origin}/shelf/inner/?view=grid`);
    await page.getByRole('link', { name: 'List' }).click();
    await page.waitForURL(`${origin}/shelf/inner/`);
    await page.goto(`${origin}/shelf/`, { waitUntil: 'networkidle' });
    assert.equal(page.url(), `${origin}/shelf/`);
    assert.deepEqual(complaints.lines, []);
    await page.context().close();
  });
});

test('the filter hides what does not match, says how much is left, and Enter opens the first', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext());
    await page.goto(`${origin}/shelf/`);
    const filter = page.getByRole('searchbox', { name: 'Filter by name' });
    await filter.fill('PIE ch');
    await page.getByRole('status').filter({ hasText: '1 of 8 shown' }).waitFor({ state: 'attached' });
    assert.deepEqual(await namesShown(page), ['cherry pie.md']);
    await filter.fill('nothing of that name');
    await page.getByRole('status').filter({ hasText: 'Nothing matches.' }).waitFor({ state: 'attached' });
    assert.ok(await page.locator('.nothing').isVisible());
    await filter.press('Escape');
    await comesTrue(page, "document.querySelectorAll('tbody tr:not([hidden])').length === 8");
    await filter.fill('inn');
    await page.getByRole('status').filter({ hasText: '1 of 8 shown' }).waitFor({ state: 'attached' });
    await filter.press('Enter');
    await page.waitForURL(`${origin}/shelf/inner/`);
    assert.deepEqual(complaints.lines, []);
    await page.context().close();
  });
});

test('keys walk the rows of list and grid, go to the filter, into a folder and out of it', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const focused = async (): Promise<unknown> =>
      page.evaluate("document.activeElement.querySelector('.name')?.textContent");
    const walk = async (
      path: string,
      steps: readonly (readonly [key: string, name: string])[],
    ): Promise<void> => {
      await page.goto(origin + path);
      await page.locator('.filter:visible').waitFor();
      for (const [key, name] of steps) {
        await page.keyboard.press(key);
        assert.equal(await focused(), name, `${path}: ${key}`);
      }
    };
    await walk('/shelf/', [
      ['ArrowDown', 'inner'],
      ['ArrowDown', 'apple.txt'],
      ['ArrowUp', 'inner'],
      ['ArrowUp', 'inner'],
      ['End', 'touch-icon.png'],
      ['ArrowDown', 'touch-icon.png'],
      ['Home', 'inner'],
    ]);
    await page.keyboard.press('/');
    await page.keyboard.type('/a');
    assert.equal(await page.locator('.filter input').inputValue(), '/a');
    await walk('/shelf/?view=grid', [
      ['ArrowRight', 'inner'],
      ['ArrowRight', 'apple.txt'],
      ['ArrowDown', 'quarry.webp'],
      ['ArrowUp', 'apple.txt'],
      ['ArrowLeft', 'inner'],
    ]);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/shelf\/inner\//);
    await page.locator('.shapes').waitFor();
    await page.waitForLoadState('networkidle');
    await page.keyboard.press('Backspace');
    await page.waitForURL(/\/shelf\/\?view=grid$/);
    await page.close();
  });
});

test('a reader of Chinese gets a page in Chinese', { skip, timeout: guardMs }, async () => {
  await serving(root, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext({ locale: 'zh-CN' }));
    await page.goto(`${origin}/shelf/`);
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
    await page.getByRole('searchbox', { name: '按名称筛选' }).fill('a');
    await page.getByRole('status').filter({ hasText: '共 8 项' }).waitFor({ state: 'attached' });
    await page.screenshot({ path: join(shotsFolder, 'listing-chinese.png') });
    assert.deepEqual(complaints.lines, []);
    await page.context().close();
  });
});

test('what is ticked comes as an archive, with script and without; everything when nothing or all is ticked', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({ javaScriptEnabled });
      const page = await context.newPage();
      await page.goto(`${origin}/shelf/`, { waitUntil: 'networkidle' });
      const download = async (form: string): Promise<string> => {
        const [begun] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: form }).click(),
        ]);
        assert.equal(begun.suggestedFilename(), `shelf.${form}`);
        await begun.cancel();
        return new URL(begun.url()).search;
      };
      assert.equal(await download('tar'), '?download=tar');
      await page.getByRole('checkbox', { name: 'Select apple.txt' }).check();
      await page.getByRole('checkbox', { name: 'Select cherry pie.md' }).check();
      assert.equal(await download('zip'), '?name=apple.txt&name=cherry+pie.md&download=zip');
      if (javaScriptEnabled) {
        await page.getByText('2 selected:').first().waitFor();
        await page.screenshot({ path: join(shotsFolder, 'listing-ticked.png') });
        await page.getByRole('checkbox', { name: 'Select all that are shown' }).check();
        assert.equal(await download('zip'), '?download=zip');
      }
      await context.close();
    }
  });
});

const looks = [
  { name: 'phone', width: 375, height: 760 },
  { name: 'desktop', width: 1280, height: 900 },
].flatMap(window => (['light', 'dark'] as const).map(colorScheme => ({ ...window, colorScheme })));

for (const { name, width, height, colorScheme } of looks) {
  test(`axe finds nothing on a ${name} in the ${colorScheme}, no page is too wide, and each is kept as a picture`, {
    skip,
    timeout: guardMs,
  }, async () => {
    await mkdir(shotsFolder, { recursive: true });
    await serving(root, async origin => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme, bypassCSP: true });
      const page = await context.newPage();
      for (const [slug, path] of [
        ['list', '/shelf/'],
        ['sorted', '/shelf/?sort=date'],
        ['grid', '/shelf/?view=grid'],
        ['empty', '/empty/?view=list'],
        ['missing', '/missing'],
      ] as const) {
        await page.goto(origin + path, { waitUntil: 'networkidle' });
        await page.evaluate(axe.source);
        const violations = await page.evaluate(
          'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(node => node.html).join(" ")))',
        );
        assert.deepEqual(violations, [], path);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, path);
        await page.screenshot({
          path: join(shotsFolder, `listing-${slug}-${name}-${colorScheme}.png`),
          fullPage: true,
        });
      }
      await context.close();
    });
  });
}

test('on paper of any width a listing is a table in black on white, without what cannot be used there', {
  skip,
  timeout: guardMs,
}, async () => {
  await mkdir(shotsFolder, { recursive: true });
  await serving(root, async origin => {
    for (const width of [520, 720]) {
      for (const view of ['list', 'grid']) {
        const context = await browser.newContext({ viewport: { width, height: 700 }, colorScheme: 'dark' });
        const page = await context.newPage();
        await page.goto(`${origin}/shelf/?view=${view}`, { waitUntil: 'networkidle' });
        await page.emulateMedia({ media: 'print' });
        assert.equal((await namesShown(page)).length, 8);
        for (const tool of ['.tools', '.above', '.archives', '.pick', 'footer'])
          assert.equal(await page.locator(tool).first().isVisible(), false, tool);
        const colours = `[document.body, document.querySelector('tbody tr'), document.querySelector('.go')]
          .flatMap(one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color])`;
        const [paper, ink, row, ...others] = (await page.evaluate(colours)) as readonly string[];
        assert.deepEqual([paper, ink, others.at(-1)], ['rgb(255, 255, 255)', 'rgb(0, 0, 0)', 'rgb(0, 0, 0)']);
        assert.match(
          row ?? '',
          /^rgba?\((?:255, 255, 255|0, 0, 0, 0)\)$/,
          'nothing is on its way to another colour',
        );
        // Name, size and date of a file stand beside each other.
        const places = `[...document.querySelectorAll('tbody tr')].at(-1).querySelectorAll('th, .size, .date')`;
        const boxes = (await page.evaluate(
          `[...${places}].map(cell => cell.getBoundingClientRect()).map(({ left, right, top, bottom }) => ({ left, right, top, bottom }))`,
        )) as readonly Record<'left' | 'right' | 'top' | 'bottom', number>[];
        const [name, size, date] = boxes;
        assert.ok(name !== undefined && size !== undefined && date !== undefined);
        if (view === 'list') {
          assert.ok(name.right <= size.left && size.right <= date.left && date.right <= width);
          assert.ok(Math.abs(size.top + size.bottom - name.top - name.bottom) < 6);
        }
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        await page.screenshot({ path: join(shotsFolder, `listing-${view}-print-${width}.png`) });
        await context.close();
      }
    }
  });
});
