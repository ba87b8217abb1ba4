import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { linesBehind, logBytes } from '../../bench/log-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-log-'));
after(() => rmSync(folder, { recursive: true }));

test('the lines that end behind a place are counted', async () => {
  const path = join(folder, 'access.log');
  assert.equal(logBytes(path), 0);
  assert.equal(await linesBehind(path, 0, 0), 0);
  const long = `${'x'.repeat(100)}\n`.repeat(30_000);
  const rows: [text: string, from: number, wanted: number][] = [
    ['', 0, 0],
    ['one', 0, 0],
    ['one\n', 0, 1],
    ['one\ntwo\nthree', 0, 2],
    ['one\ntwo\n', 4, 1],
    ['one\ntwo\n', 8, 0],
    // More than is read at once.
    [long, 0, 30_000],
    [long, 101 * 29_999, 1],
  ];
  for (const [text, from, wanted] of rows) {
    writeFileSync(path, text);
    assert.equal(await linesBehind(path, from, 0), wanted);
    assert.equal(logBytes(path), text.length);
  }
});

test('lines that are written late are waited for', async () => {
  const path = join(folder, 'late.log');
  writeFileSync(path, 'one\n');
  const counted = linesBehind(path, 0, 1000);
  await new Promise(resolve => setTimeout(resolve, 150));
  appendFileSync(path, 'two\n');
  assert.equal(await counted, 2);
});
