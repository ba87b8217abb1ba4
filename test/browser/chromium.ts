import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { createServer } from '../../src/index.ts';

/** The folder into which screenshots go; git ignores it. */
export const shotsFolder: string = join(import.meta.dirname, 'shots');

/** The site that `npm start` serves. */
export const exampleSite: string = join(import.meta.dirname, '../../examples/site');

/**
 * Why the tests of a file are skipped, or false. Without a browser they are skipped on somebody's machine and
 * fail in CI, where `launch` then throws.
 */
export const skip: string | false =
  findChromium() === undefined && !process.env.CI
    ? 'no Chromium found: `apt-get install chromium`, or name one in CHROMIUM'
    : false;

/** Starts a headless browser that can reach nothing but loopback. Launch once a file, close in `after`. */
export async function launch(home?: string, executablePath = findChromium()): Promise<Browser> {
  if (executablePath === undefined)
    throw new Error('no Chromium found: `apt-get install chromium`, or name one in CHROMIUM');
  return chromium.launch({
    executablePath,
    headless: true,
    ...(home !== undefined && { env: { ...process.env, HOME: home } }),
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
    ],
  });
}

/** Serves a folder on a free port while `use` runs; the origin has no slash at its end. */
export async function serving(root: string, use: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer({ root, port: 0, host: '127.0.0.1' });
  const [address] = await server.start();
  try {
    if (address?.kind !== 'tcp') throw new Error('a TCP address was asked for');
    await use(`http://127.0.0.1:${address.port}`);
  } finally {
    await server.stop(0);
  }
}

/** Everything in a page that a reader of its console would call wrong, in words. */
export interface Complaints {
  readonly lines: readonly string[];
}

/** Opens a page that writes down its errors, failed requests, answers of 400 and up, and breaches of its policy. */
export async function watchedPage(context: BrowserContext): Promise<{ page: Page; complaints: Complaints }> {
  const lines: string[] = [];
  const page = await context.newPage();
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') lines.push(`console: ${message.text()}`);
  });
  page.on('pageerror', error => lines.push(`error: ${error.message}`));
  page.on('dialog', dialog => {
    lines.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('requestfailed', request =>
    lines.push(`failed: ${request.method()} ${request.url()} ${request.failure()?.errorText}`),
  );
  page.on('response', response => {
    if (response.status() >= 400) lines.push(`${response.status()}: ${response.url()}`);
  });
  await page.exposeFunction('complain', (line: string) => lines.push(line));
  await page.addInitScript(
    `document.addEventListener('securitypolicyviolation', event => complain('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`,
  );
  return { page, complaints: { lines } };
}

/**
 * Waits until an expression holds in a page, which may be loaded again meanwhile, under whatever policy: to poll within the
 * page would take `eval`.
 */
export async function seen(page: Page, expression: string): Promise<void> {
  for (;;) {
    const holds = await page.evaluate(expression).catch(() => false);
    if (holds === true) return;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** The program of a browser; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM;
  if (named !== undefined && named !== '') return named;
  return [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/opt/google/chrome/chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ].find(existsSync);
}
