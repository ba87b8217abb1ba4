// Pages that follow their files, in a real browser.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createServer, type ServerOptions } from '../../src/index.ts';
import { launch, seen, skip, watchedPage } from './chromium.ts';

const guardMs = 60_000;
let browser: Browser;

before(async () => {
  if (skip === false) browser = await launch();
});

after(async () => {
  if (skip === false) await browser.close();
});

const picture = (width: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="10"><rect width="5" height="5"/></svg>`;

test('a style sheet is swapped in place, and a page that does not use it takes no notice', {
  skip,
  timeout: guardMs,
}, async t => {
  const { write, open } = await working(t, {
    'index.html': '<!doctype html><link rel=stylesheet href=a.css><p id=p>text',
    'a.css': 'p { color: rgb(1, 1, 1) }',
    'b.css': '',
  });
  const page = await open('/');
  await mark(page);
  write('b.css', 'p { color: red }');
  write('a.css', 'p { color: rgb(2, 2, 2) }');
  await seen(page, "getComputedStyle(p).color === 'rgb(2, 2, 2)'");
  await seen(page, "document.querySelectorAll('link').length === 1");
  write('a.css', 'p { color: rgb(3, 3, 3) }');
  await seen(page, "getComputedStyle(p).color === 'rgb(3, 3, 3)'");
  assert.equal(await isMarked(page), true);
});

test('a style sheet that others import is swapped in place with them', {
  skip,
  timeout: guardMs,
}, async t => {
  const { write, open } = await working(t, {
    'index.html': '<!doctype html><link rel=stylesheet href=a.css><p id=p>text',
    'a.css': '@import "parts/b.css";',
    'parts/b.css': '@import "c.css";',
    'parts/c.css': 'p { color: rgb(1, 1, 1) }',
  });
  const page = await open('/');
  await mark(page);
  await seen(page, "getComputedStyle(p).color === 'rgb(1, 1, 1)'");
  for (const colour of ['rgb(2, 2, 2)', 'rgb(3, 3, 3)']) {
    write('parts/c.css', `p { color: ${colour} }`);
    await seen(page, `getComputedStyle(p).color === '${colour}'`);
  }
  await seen(page, "document.querySelectorAll('link').length === 1");
  assert.equal(await isMarked(page), true);
});

test('an image is replaced in place, wherever it is named', { skip, timeout: guardMs }, async t => {
  const { write, open } = await working(t, {
    'index.html': `<!doctype html><link rel=icon href="data:,"><img id=a src=i.svg><img id=b srcset="i.svg 1x, j.svg 9x">`,
    'i.svg': picture(11),
    'j.svg': picture(90),
  });
  const page = await open('/');
  await mark(page);
  await seen(page, 'a.naturalWidth === 11 && b.naturalWidth === 11');
  write('i.svg', picture(22));
  await seen(page, 'a.naturalWidth === 22 && b.naturalWidth === 22');
  assert.equal(await isMarked(page), true);
});

test('a page is loaded again where it was scrolled to, when it or what it runs changes', {
  skip,
  timeout: guardMs,
}, async t => {
  const tall = '<script src=s.js></script><div style="height:9000px"></div>';
  const { write, open } = await working(t, {
    'index.html': `<!doctype html><title>one</title>${tall}`,
    'about.html': `<!doctype html><title>about</title>${tall}`,
    's.js': 'globalThis.said = 1',
    'data.json': '1',
  });
  const page = await open('/');
  await page.evaluate("history.scrollRestoration = 'manual'; scrollTo(0, 4321)");
  write('index.html', `<!doctype html><title>two</title>${tall}`);
  await seen(page, "document.title === 'two' && scrollY === 4321");
  await mark(page);
  write('about.html', `<!doctype html><title>other</title>${tall}`);
  write('s.js', 'globalThis.said = 2');
  await seen(page, 'globalThis.said === 2 && scrollY === 4321');
  assert.equal(await isMarked(page), false);
  await page.evaluate("fetch('data.json').then(answer => answer.text())");
  await mark(page);
  write('data.json', '2');
  await seen(page, 'globalThis.isMarked === undefined');
  await page.goto(`${new URL(page.url()).origin}/about`);
  write('about.html', `<!doctype html><title>third</title>${tall}`);
  await seen(page, "document.title === 'third'");
});

test('a page is loaded again by whatever name it is seen', { skip, timeout: guardMs }, async t => {
  const languages = ['zh', 'en'];
  const rows: readonly (readonly [options: ServerOptions, seenAt: string, file: string, rules?: object])[] = [
    [{ spa: 'app.html' }, '/dash', 'app.html'],
    [{ spa: 'app/index.html' }, '/a/b/c', 'app/index.html'],
    [{}, '/about/', 'about.html', { 'serve.json': '{"trailingSlash":true}' }],
    [{ languages }, '/about', 'about.en.html', { 'about.html': '<!doctype html>' }],
    [{}, '/x', 'deep/page.html', { _redirects: '/x /deep/page.html 200' }],
    [{}, '/x', 'site/x.htm', { 'serve.json': '{"public":"site"}', _redirects: '/x /x.htm 200' }],
  ];
  for (const [options, seenAt, file, rules = {}] of rows) {
    const html = (title: string): string => `<!doctype html><title>${title}</title>`;
    const { write, open } = await working(t, { [file]: html('one'), ...rules }, options);
    const page = await open(seenAt);
    assert.equal(await page.title(), 'one', seenAt);
    write(file, html('two'));
    await seen(page, "document.title === 'two'");
  }
});

test('what a page loads under another name than its own is followed', { skip, timeout: guardMs }, async t => {
  const index = '<!doctype html><link rel=stylesheet href=a.css><script src=s.js></script><p id=p>text';
  const { write, open } = await working(t, {
    'index.html': index,
    'lib/s.js': 'globalThis.said = 1',
    'a.css': 'p { color: rgb(1, 1, 1) }',
    _redirects: '/s.js /lib/s.js 200',
  });
  const page = await open('/');
  await mark(page);
  write('a.css', 'p { color: rgb(2, 2, 2) }');
  await seen(page, "getComputedStyle(p).color === 'rgb(2, 2, 2)'");
  assert.equal(await isMarked(page), true);
  write('lib/s.js', 'globalThis.said = 2');
  await seen(page, 'globalThis.said === 2');
});

test('a folder that is served in the stead of the root is followed', { skip, timeout: guardMs }, async t => {
  const { write, open } = await working(t, {
    'serve.json': '{"public":"dist"}',
    'dist/index.html': '<!doctype html><link rel=stylesheet href=a.css><p id=p>text',
    'dist/a.css': 'p { color: rgb(1, 1, 1) }',
  });
  const page = await open('/');
  await mark(page);
  write('dist/a.css', 'p { color: rgb(2, 2, 2) }');
  await seen(page, "getComputedStyle(p).color === 'rgb(2, 2, 2)'");
  assert.equal(await isMarked(page), true);
});

test('an image that is sent in the stead of another is shown in its place', {
  skip,
  timeout: guardMs,
}, async t => {
  const dot = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=', 'base64');
  const { root, open } = await working(
    t,
    { 'index.html': '<!doctype html><link rel=icon href="data:,"><img id=i src=a.png>', 'a.png': '' },
    { variants: true },
  );
  writeFileSync(join(root, 'a.png'), dot);
  const page = await open('/');
  await mark(page);
  writeFileSync(join(root, 'a.webp'), dot);
  await seen(page, "i.src.includes('plinth=')");
  assert.equal(await isMarked(page), true);
});

test('a page of any shape reloads', { skip, timeout: guardMs }, async t => {
  for (const html of [
    '<p id=p>ONE',
    'ONE',
    '<!-- c --><title>ONE</title>',
    '<html><frameset></frameset>ONE',
    '<template><head></template>ONE',
  ]) {
    const { write, open } = await working(t, { 'index.html': html });
    const page = await open('/');
    await mark(page);
    write('index.html', html.replace('ONE', 'TWO'));
    // A page that is only on its way is not marked either.
    const shown = html.includes('frameset') ? 'frameset' : 'TWO';
    await seen(
      page,
      `globalThis.isMarked === undefined && document.documentElement.outerHTML.includes('${shown}')`,
    );
  }
});

test('a policy that allows nothing allows live reload, whether a field or the page says it', {
  skip,
  timeout: guardMs,
}, async t => {
  const policies = [
    "default-src 'none'",
    "script-src 'none'; connect-src 'none'; style-src 'self'",
    "script-src 'nonce-abc' 'strict-dynamic'; default-src 'none'",
    "script-src-elem 'unsafe-inline'; default-src https://elsewhere.example",
  ];
  for (const policy of policies) {
    for (const isField of [true, false]) {
      const meta = isField ? '' : `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
      const html = (title: string): string => `<!doctype html><head>${meta}<title>${title}</title>`;
      const { write, open } = await working(
        t,
        { 'index.html': html('one') },
        isField
          ? {
              finishers: [
                (_request, response) => ({
                  ...response,
                  fields: [...response.fields, ['Content-Security-Policy', policy]],
                }),
              ],
            }
          : {},
      );
      const page = await open('/');
      write('index.html', html('two'));
      await seen(page, "document.title === 'two'");
      // The second time the page comes from a stream that was opened under its whole policy.
      write('index.html', html('three'));
      await seen(page, "document.title === 'three'");
    }
  }
});

test('a folder that is built anew is followed, and no page is missing meanwhile', {
  skip,
  timeout: guardMs,
}, async t => {
  const { root, open } = await working(t, {
    'site/index.html': '<!doctype html><link rel=stylesheet href=s/a.css><title>one</title>',
    'site/s/a.css': 'title { color: rgb(1, 1, 1) }',
  });
  const page = await open('/site/');
  rmSync(join(root, 'site'), { recursive: true });
  mkdirSync(join(root, 'new', 's'), { recursive: true });
  writeFileSync(join(root, 'new/s/a.css'), 'title { color: rgb(2, 2, 2) }');
  writeFileSync(
    join(root, 'new/index.html'),
    '<!doctype html><link rel=stylesheet href=s/a.css><title id=p>two</title>',
  );
  renameSync(join(root, 'new'), join(root, 'site'));
  await seen(page, "document.title === 'two' && getComputedStyle(p).color === 'rgb(2, 2, 2)'");
});

for (const [name, host] of [
  ['that asks under its own name', undefined],
  ['that passes the name on that it was asked for', 'localhost:1'],
] as const) {
  test(`behind a proxy ${name} pages follow their files`, { skip, timeout: guardMs }, async t => {
    const { write, origin, open } = await working(t, {
      'index.html': '<!doctype html><title>one</title><link rel=stylesheet href=a.css><p id=p>',
      'a.css': 'p { color: rgb(1, 1, 1) }',
    });
    const proxy = createProxy((asked, answer) => {
      const headers = { ...asked.headers, host: host ?? new URL(origin).host };
      const passed = request(origin + asked.url, { headers }, answered => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(answer);
      });
      answer.on('close', () => passed.destroy());
      passed.on('error', () => answer.destroy());
      passed.end();
    });
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      proxy.close();
      proxy.closeAllConnections();
    });
    const { port } = proxy.address() as AddressInfo;
    const page = await open('/', `http://127.0.0.1:${port}`);
    await mark(page);
    write('a.css', 'p { color: rgb(2, 2, 2) }');
    await seen(page, "getComputedStyle(p).color === 'rgb(2, 2, 2)'");
    assert.equal(await isMarked(page), true);
    write('index.html', '<!doctype html><title>two</title>');
    await seen(page, "document.title === 'two'");
  });
}

test('a page that comes back learns what it has missed', { skip, timeout: guardMs }, async t => {
  const { write, open } = await working(t, { 'index.html': '<!doctype html><title>one</title>' });
  const page = await open('/');
  await page.evaluate("dispatchEvent(new Event('pagehide'))");
  write('index.html', '<!doctype html><title>two</title>');
  await mark(page);
  await page.evaluate("dispatchEvent(new Event('pageshow'))");
  await seen(page, "document.title === 'two'");
});

test('a page that is not there appears when it is written, and says meanwhile what may have been meant', {
  skip,
  timeout: guardMs,
}, async t => {
  const { write, open } = await working(t, { 'About.html': '<!doctype html><title>other</title>' });
  const page = await open('/about');
  assert.equal(await page.locator('p a').getAttribute('href'), '/About.html');
  write('about.html', '<!doctype html><title>about</title>');
  await seen(page, "document.title === 'about'");
});

interface Working {
  readonly root: string;
  readonly origin: string;
  readonly write: (path: string, content: string) => void;
  /** Opens a page, of another origin where there is a proxy. */
  readonly open: (target: string, through?: string) => Promise<Page>;
}

/** A folder that is worked on, served until the test ends; a page of it is open when it listens. */
async function working(
  t: { readonly after: (end: () => Promise<void>) => void },
  files: Readonly<Record<string, string>>,
  options: ServerOptions = {},
): Promise<Working> {
  const root = mkdtempSync(join(tmpdir(), 'plinth-live-'));
  const write = (path: string, content: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  const server = createServer({ root, port: 0, host: '127.0.0.1', dev: true, ...options });
  const [address] = await server.start();
  if (address?.kind !== 'tcp') throw new Error('a TCP address was asked for');
  const origin = `http://127.0.0.1:${address.port}`;
  const context = await browser.newContext();
  t.after(async () => {
    await context.close();
    await server.stop(0);
    rmSync(root, { recursive: true, force: true });
  });
  const open = async (target: string, through: string = origin): Promise<Page> => {
    const { page } = await watchedPage(context);
    const listens = page.waitForResponse(answer => answer.url().includes('/.plinth/events'));
    await page.goto(through + target, { waitUntil: 'load' });
    assert.equal((await listens).status(), 200);
    return page;
  };
  return { root, origin, write, open };
}

async function mark(page: Page): Promise<void> {
  await page.evaluate('globalThis.isMarked = true');
}

function isMarked(page: Page): Promise<boolean> {
  return page.evaluate('globalThis.isMarked === true');
}
