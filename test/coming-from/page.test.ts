// Every part of docs/coming-from.md is held by a test beside this one.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { headings } from './page.ts';

test('every part of the page has its tests', () => {
  const texts = readdirSync(import.meta.dirname)
    .filter(name => name.endsWith('.test.ts'))
    .map(name => readFileSync(join(import.meta.dirname, name), 'utf8'));
  const held = texts.flatMap(text => /^hold\('(.*?)',/m.exec(text)?.[1] ?? []);
  assert.equal(headings.length, 7);
  assert.deepEqual(held.sort(), [...headings].sort());
});
