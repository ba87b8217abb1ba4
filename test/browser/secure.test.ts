// The policy that --secure makes of each page, judged by a real browser.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer } from '../../src/index.ts';
import { launch, skip, watchedPage } from './chromium.ts';

const page = `<!doctype html>\r
<link rel=icon href="data:,">\r
<style>p { color: rgb(1, 2, 3) }\r
</style>\r
<p id=p style="font-size: 7px">text\r
<button onclick="globalThis.clicked = &#39;yes&#39;">b</button>\r
<script>\r
  globalThis.ran = 'é';\r
</script>\r
<script type=module>globalThis.loaded = true</script>`;

test('a page runs what it came with, and nothing that was put into it', {
  skip,
  timeout: 60_000,
}, async t => {
  const root = mkdtempSync(join(tmpdir(), 'plinth-secure-'));
  writeFileSync(join(root, 'index.html'), page);
  const browser = await launch();
  t.after(async () => {
    await browser.close();
    rmSync(root, { recursive: true, force: true });
  });
  for (const dev of [false, true]) {
    const server = createServer({ root, port: 0, host: '127.0.0.1', secure: true, dev });
    const [address] = await server.start();
    try {
      assert.ok(address?.kind === 'tcp');
      const { page: open, complaints } = await watchedPage(await browser.newContext());
      const answer = await open.goto(`http://127.0.0.1:${address.port}/`, { waitUntil: 'load' });
      assert.match(answer?.headers()['content-security-policy'] ?? '', /script-src 'self' 'sha256-/);
      await open.click('button');
      assert.deepEqual(
        await open.evaluate(
          '[globalThis.ran, globalThis.loaded, globalThis.clicked, getComputedStyle(p).color, getComputedStyle(p).fontSize]',
        ),
        ['é', true, 'yes', 'rgb(1, 2, 3)', '7px'],
      );
      assert.deepEqual(complaints.lines, []);
      const put = `const put = document.createElement('script'); put.textContent = 'globalThis.put = true'; document.body.append(put); globalThis.put`;
      assert.equal(await open.evaluate(put), undefined);
    } finally {
      await server.stop(0);
    }
  }
});
