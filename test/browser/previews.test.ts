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

/** One second of silence, as WAV. */
function silence(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF\x24\x1f\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00', 'latin1');
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(7900, 40);
  return Buffer.concat([header, Buffer.alloc(7900, 128)]);
}

const readme = `# Stones

Some *words*, a [way](./b.ts) and \`code\`.

- [x] laid
- [ ] cut

\`\`\`js
const slab = 'granite'; // grey
\`\`\`

| stone | weight |
|---|---|
| slab | 7 |
`;

const hostile = `# <img src=x onerror="window.ran = 1">

<script>window.ran = 1</script>
<svg onload="window.ran = 1"><script>window.ran = 1</script></svg>
<iframe srcdoc="<script>parent.ran = 1</script>"></iframe>
<a href="javascript:window.ran = 1" id="preview-title">click</a> [md](javascript:window.ran=1)
<form action="https://elsewhere.test/"><input name="name" value="x"><button>go</button></form>
<style>body { display: none }</style><p style="position: fixed" onmouseover="window.ran = 1">text</p>
<math><mtext><table><mglyph><style><img src=x onerror="window.ran = 1"></style></mglyph></table></mtext></math>
\`\`\`js"><img src=x onerror=window.ran=1>
</code><img src=x onerror="window.ran = 1">
\`\`\`
`;

before(async () => {
  if (skip === false) browser = await launch();
  root = await mkdtemp(join(tmpdir(), 'plinth-previews-'));
  await mkdir(join(root, 'folder'));
  await writeFile(join(root, 'favicon.ico'), '');
  const contents: Readonly<Record<string, string | Buffer>> = {
    'a README.md': readme,
    'b.ts': 'export const slab: number = 7;\n',
    'c.txt': '<b>not bold</b>\n',
    'd binary.txt': Buffer.from([1, 0, 2]),
    'e empty.json': '',
    'f long.txt': 'x'.repeat(600_000),
    'g.wav': silence(),
    'h.pdf': '%PDF-1.4\n',
    'i page.html': '<title>a page</title>',
    'z hostile.md': hostile,
  };
  for (const [name, content] of Object.entries(contents)) await writeFile(join(root, name), content);
  await cp(join(exampleSite, 'files/animations/six-steps.webm'), join(root, 'j.webm'));
  await cp(join(exampleSite, 'images/quarry.webp'), join(root, 'k.webp'));
});

after(async () => {
  if (skip === false) await browser.close();
  await rm(root, { recursive: true });
});

async function enter(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/`);
  await page.locator('.filter:visible').waitFor();
}

async function open(page: Page, origin: string, name: string): Promise<void> {
  await enter(page, origin);
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('dialog', { name, exact: true }).waitFor();
}

/** Each is there once its preview is. */
const kinds: readonly (readonly [name: string, selector: string])[] = [
  ['a README.md', '.prose h1:text("Stones")'],
  ['a README.md', '.prose .hljs-keyword:text("const")'],
  ['a README.md', '.prose td:text("slab")'],
  ['a README.md', '.prose li:text("☑ laid")'],
  ['b.ts', 'pre .hljs-keyword:text("export")'],
  ['c.txt', 'pre:text("<b>not bold</b>")'],
  ['d binary.txt', 'p:text("This cannot be shown here.")'],
  ['e empty.json', 'pre'],
  ['f long.txt', 'p:text("Only the first 512 KiB are shown.")'],
  ['g.wav', 'audio[controls]'],
  ['h.pdf', 'iframe[title="h.pdf"]'],
  ['j.webm', 'video[controls]'],
  ['k.webp', 'img[alt="k.webp"]'],
];

test('each kind of file is shown in its way', { skip, timeout: guardMs }, async () => {
  await serving(root, async origin => {
    const page = await browser.newPage();
    for (const [name, selector] of kinds) {
      await open(page, origin, name);
      await page.locator('.shown').locator(selector).first().waitFor({ state: 'attached' });
    }
    await page.close();
  });
});

test('a table in Markdown is a table, whatever the listing behind it looks like', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    for (const width of [375, 1280]) {
      for (const view of ['list', 'grid']) {
        const page = await browser.newPage({ viewport: { width, height: 760 } });
        await page.goto(`${origin}/?view=${view}`);
        await page.locator('.filter:visible').waitFor();
        await page.getByRole('link', { name: 'a README.md', exact: true }).click();
        const cells = page.locator('.prose table tr:has(td) td');
        await cells.nth(1).waitFor();
        const [first, second] = [await cells.nth(0).boundingBox(), await cells.nth(1).boundingBox()];
        assert.equal(first?.y, second?.y, `${view} ${width}`);
        await page.close();
      }
    }
  });
});

test('nothing of a preview is asked for before one is opened, and then nothing from elsewhere', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    const { page, complaints } = await watchedPage(await browser.newContext());
    const asked: string[] = [];
    page.on('request', request => asked.push(request.url()));
    await page.goto(`${origin}/`, { waitUntil: 'networkidle' });
    const hasAsked = (): boolean => asked.some(url => /\/(?:preview|texts)-[^/]*\.js$/.test(url));
    assert.equal(hasAsked(), false, asked.join(' '));
    await page.getByRole('link', { name: 'a README.md' }).click();
    await page.locator('.prose h1').waitFor();
    assert.ok(hasAsked());
    assert.ok(asked.every(url => url.startsWith(origin)));
    assert.deepEqual(complaints.lines, []);
    await page.context().close();
  });
});

test('a preview is walked by keys and left for the row that it showed; a page, a folder and a held key open as ever', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await open(page, origin, 'b.ts');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('dialog', { name: 'c.txt' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('dialog', { name: 'a README.md' }).waitFor();
    await page.getByRole('button', { name: 'Previous' }).click();
    await page.getByRole('dialog', { name: 'z hostile.md' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.locator('a:focus', { hasText: /^z hostile\.md$/ }).waitFor();
    assert.equal(await page.locator('.shown > *').count(), 0);
    await open(page, origin, 'c.txt');
    await page.getByRole('link', { name: 'Open' }).click();
    await page.waitForURL(`${origin}/c.txt`);
    for (const [name, path] of [
      ['i page.html', '/i%20page.html'],
      ['folder/ (folder)', '/folder/'],
    ] as const) {
      await enter(page, origin);
      await page.getByRole('link', { name }).click();
      await page.waitForURL(origin + path);
    }
    await enter(page, origin);
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'c.txt' }).click({ modifiers: ['ControlOrMeta'] }),
    ]);
    await opened.waitForURL(`${origin}/c.txt`);
    await context.close();
  });
});

test('dufs#21 nothing that a Markdown file brings runs, even without the policy, and the page stays itself', {
  skip,
  timeout: guardMs,
}, async () => {
  await serving(root, async origin => {
    for (const bypassCSP of [true, false]) {
      const { page } = await watchedPage(await browser.newContext({ bypassCSP }));
      await open(page, origin, 'z hostile.md');
      const last = page.locator('.prose p:text("text")');
      await last.waitFor();
      for (const link of await page.locator('.prose a').all()) await link.hover();
      await last.hover();
      await page.evaluate('new Promise(requestAnimationFrame)');
      assert.equal(await page.evaluate('"ran" in window'), false);
      const kept = await page.evaluate(
        `[...document.querySelectorAll('.prose *')].flatMap(node => [node.localName, ...[...node.attributes].map(({ name, value }) => name + '=' + value)]).filter(text => /^(script|svg|iframe|form|input|button|style|on\\w+=.*|id=.*|style=.*|href=javascript:.*)$/.test(text))`,
      );
      assert.deepEqual(kept, []);
      assert.equal(await page.evaluate('getComputedStyle(document.body).display'), 'flex');
      await page.context().close();
    }
  });
});

for (const [name, width, colorScheme] of [
  ['phone', 375, 'dark'],
  ['desktop', 1280, 'light'],
] as const) {
  test(`axe finds nothing in a preview on a ${name} in the ${colorScheme}, and it is kept as a picture`, {
    skip,
    timeout: guardMs,
  }, async () => {
    await mkdir(shotsFolder, { recursive: true });
    await serving(root, async origin => {
      const viewport = { width, height: 760 };
      const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true });
      const page = await context.newPage();
      for (const [file, selector] of [
        ['a README.md', '.prose h1'],
        ['b.ts', 'pre'],
        ['k.webp', 'img'],
      ] as const) {
        await open(page, origin, file);
        await page.locator('.shown').locator(selector).first().waitFor();
        await page.evaluate(axe.source);
        const violations = await page.evaluate(
          'axe.run("dialog").then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(node => node.html).join(" ")))',
        );
        assert.deepEqual(violations, [], file);
        await page.screenshot({ path: join(shotsFolder, `preview-${file.replace(/\W/g, '-')}-${name}.png`) });
      }
      await context.close();
    });
  });
}
