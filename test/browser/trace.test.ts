// What the developer tools of a browser show of `--dev --trace`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { createServer } from '../../src/index.ts';
import { exampleSite, launch, skip } from './chromium.ts';

let browser: Browser;
before(async () => {
  if (skip === false) browser = await launch();
});
after(() => browser?.close());

test('a browser reads how an answer came to be', { skip }, async () => {
  const server = createServer({ root: exampleSite, port: 0, host: '127.0.0.1', dev: true, trace: true });
  const [address] = await server.start();
  const page = await browser.newPage();
  try {
    assert.ok(address?.kind === 'tcp');
    await page.goto(address.url);
    const timing: readonly { name: string; duration: number; description: string }[] = await page.evaluate(
      "performance.getEntriesByType('navigation')[0].serverTiming.map(one => one.toJSON())",
    );
    const told = timing.map(({ name, description }) => `${name} ${description}`);
    assert.ok(told.includes('look /index.html: file'), told.join(' | '));
    assert.ok(
      told.some(one => one.startsWith('form /index.html, ')),
      told.join(' | '),
    );
    const [total, ...steps] = timing;
    assert.equal(total?.name, 'total');
    assert.ok(total.duration > 0);
    for (const { duration } of steps) assert.ok(duration <= total.duration);
  } finally {
    await page.close();
    await server.stop(0);
  }
});
