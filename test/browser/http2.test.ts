import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer } from '../../src/index.ts';
import { makeTlsFolder } from '../server/tls-fixture.ts';
import { launch, skip } from './chromium.ts';

const guardMs = 60_000;
const assets = 100;

interface Seen {
  readonly sum: number;
  readonly protocols: readonly string[];
}

/** What the page has run, and by which protocols it and its parts came. */
const look = `({
  sum: globalThis.sum,
  protocols: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(entry => entry.nextHopProtocol),
})`;

test('a browser fetches a page and its hundred parts over HTTP/2', {
  skip,
  timeout: guardMs,
}, async () => {
  const root = mkdtempSync(join(tmpdir(), 'plinth-http2-'));
  const tags = Array.from({ length: assets }, (_, n) => `<script src="/${n}.js" async></script>`);
  writeFileSync(join(root, 'index.html'), `<!doctype html><title>parts</title>${tags.join('')}`);
  for (let n = 0; n < assets; n++)
    writeFileSync(
      join(root, `${n}.js`),
      `globalThis.sum = (globalThis.sum ?? 0) + ${n};`.padEnd(20_000, ' '),
    );
  const folder = await makeTlsFolder();
  await folder.issue('server', ['127.0.0.1']);
  const ports = new Set<number>();
  const server = createServer({
    root,
    host: '127.0.0.1',
    port: 0,
    tlsCert: folder.path('server.crt'),
    tlsKey: folder.path('server.key'),
    observers: [({ client }) => void ports.add(client.port)],
  });
  const [address] = await server.start();
  assert.ok(address?.kind === 'tcp');
  const browser = await launch();
  try {
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    for (const visit of ['first', 'second']) {
      await page.goto(`https://127.0.0.1:${address.port}/`, { waitUntil: 'load' });
      const seen = await page.evaluate<Seen>(look);
      assert.equal(seen.sum, (assets * (assets - 1)) / 2, visit);
      assert.ok(seen.protocols.length > assets);
      assert.deepEqual([...new Set(seen.protocols)], ['h2'], visit);
    }
    // A browser may open a second one ahead, and never a sixth.
    assert.ok(ports.size <= 2, `${ports.size} connections`);
  } finally {
    await browser.close();
    await server.stop();
    folder.remove();
    rmSync(root, { recursive: true });
  }
});
