// docs/configuration.md tells of every option as it is, and its examples work.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, test } from 'node:test';
import { readConfigFile } from '../../src/config/file.ts';
import { settle } from '../../src/config/options.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'plinth-docs-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

test('the tables of options and limits are those that the server reads', () => {
  const words = ['--import', 'tsx', 'scripts/options-table.mjs', '--check'];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('every example is a configuration without faults', async () => {
  const examples = [...page.matchAll(/^```(ts|json)\n([\s\S]*?)^```$/gm)];
  assert.ok(examples.length >= 3, `${examples.length} examples`);
  for (const [index, [, kind, text = '']] of examples.entries()) {
    const path = join(scratch, `${index}.${kind === 'ts' ? 'mts' : kind}`);
    writeFileSync(path, text);
    const reading = await readConfigFile(path, async () => ({ defineConfig: (config: unknown) => config }));
    assert.equal(reading.kind, 'read', `${extname(path)}: ${JSON.stringify(reading)}`);
    if (reading.kind !== 'read') continue;
    assert.deepEqual(reading.file.faults, [], text);
    settle(reading.file.given);
  }
});
