// What the heads of a page cost over one HTTP/2 connection, with real files and real fields.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../faults/until.ts';
import { FrameClient } from '../h2/frame-client.ts';
import { startH2 } from './h2.ts';

/** The assets of a page, as a bundler names them. */
const kinds = ['js', 'js', 'js', 'css', 'svg', 'webp', 'png', 'woff2', 'json', 'avif'];
const names = Array.from({ length: 100 }, (_, n) => {
  const hash = ((n + 1) * 2654435761).toString(36).slice(0, 8);
  return `assets/chunk-${n}-${hash}.${kinds[n % kinds.length]}`;
});

test('the heads of a page of 100 assets cost few octets', async t => {
  const root = mkdtempSync(join(tmpdir(), 'plinth-page-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'assets'));
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>a page</title>');
  for (const [n, name] of names.entries()) writeFileSync(join(root, name), 'x'.repeat(200 + 37 * n));
  const { port, stop } = await startH2({ root });
  t.after(() => stop());
  const client = new FrameClient(t, port);
  client.send('hello', 'WINDOW_UPDATE 0 10000000', 'GET 1 /');
  await until(() => client.types(1), '1 0');
  client.send(...names.map((name, n) => `GET ${2 * n + 3} /${name}`));
  const heads = (): readonly Buffer[] =>
    client.frames.filter(({ type }) => type === 1).map(({ payload }) => payload);
  await until(() => String(heads().length), '101');
  // Each begins with the index of `:status: 200`.
  assert.ok(heads().every(head => head[0] === 0x88));
  const bytes = heads().reduce((sum, head) => sum + head.length, 0);
  // Seen: 5,918 to 5,966; a second that ends on the way costs some 40.
  assert.ok(bytes <= 6400, `${bytes} octets`);
});
