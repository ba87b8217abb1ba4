// The tables of musts.md name what proves each demand: all of it is there, and no demand is without.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const text = read('./musts.md');

/** The tables of the RFCs, each with its rows: section, demand, proof. */
const tables = text
  .split(/^## /m)
  .filter(part => part.startsWith('RFC '))
  .map(part =>
    part
      .split('\n')
      .filter(line => /^\| \d/.test(line))
      .map(line => line.slice(2, -2).split(' | ')),
  );

test('every proof that is named is there', () => {
  const named = [...text.slice(text.indexOf('\n## ')).matchAll(/`([^`]+)`/g)].map(([, proof = '']) => proof);
  assert.deepEqual(
    named.filter(proof => !isThere(proof)),
    [],
  );
});

test('every demand has its proof, or the reason why none can be here', () => {
  const rows = tables.flat();
  assert.ok(rows.length > 170, `${rows.length} rows`);
  for (const row of rows) {
    assert.equal(row.length, 3, row.join());
    assert.match(row[2] ?? '', /`[^`]+: [^`]+`|^not ours: ./, row.join());
  }
});

test('demands stand in the order of their sections', () => {
  for (const table of tables) {
    const sections = table.map(([section = '']) => section);
    const sorted = sections.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    assert.deepEqual(sections, sorted);
  }
});

/** Whether a proof names a fixture, or the title of a test, or what a failing rule says. */
function isThere(proof: string): boolean {
  const [, file, title] = /^([^:]+): (.+)$/s.exec(proof) ?? [];
  const fixtures = `./fixtures/${file}.md`;
  if (existsSync(new URL(fixtures, import.meta.url))) return read(fixtures).includes(`\n## ${title}\n`);
  const source = existsSync(new URL(`./${file}.ts`, import.meta.url)) ? read(`./${file}.ts`) : '';
  // A rule says more behind its name.
  return [`'${title}'`, `\`${title}\``, `\`${title}: $`].some(quoted => source.includes(quoted));
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
