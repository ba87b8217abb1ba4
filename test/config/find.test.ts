import assert from 'node:assert/strict';
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findConfig } from '../../src/config/find.ts';

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-find-')));
const before = process.cwd();
after(() => {
  process.chdir(before);
  rmSync(scratch, { recursive: true, force: true });
});

/** A folder with these files, in which the test then stands. */
function standIn(name: string, files: readonly string[]): string {
  const folder = join(scratch, name);
  for (const file of ['here/site/x', ...files]) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), '{}');
  }
  process.chdir(join(folder, 'here'));
  return folder;
}

test('a configuration is looked for beside the root and then in the current folder', () => {
  const rows: readonly (readonly [readonly string[], string | undefined, string | undefined])[] = [
    [[], undefined, undefined],
    [['here/plinth.config.ts'], undefined, 'here/plinth.config.ts'],
    [['here/plinth.config.mts'], undefined, 'here/plinth.config.mts'],
    [['here/plinth.config.js'], undefined, 'here/plinth.config.js'],
    [['here/plinth.config.mjs'], undefined, 'here/plinth.config.mjs'],
    [['here/plinth.config.json'], undefined, 'here/plinth.config.json'],
    [['here/plinth.config.json'], 'site', 'here/plinth.config.json'],
    [['here/plinth.config.json'], '.', 'here/plinth.config.json'],
    [['here/plinth.config.json', 'there/plinth.config.ts'], '../there/site', 'there/plinth.config.ts'],
    [['here/plinth.config.json', 'there/site/y'], '../there/site', 'here/plinth.config.json'],
    // Neither inside the root nor above the current folder.
    [['here/site/plinth.config.json'], 'site', undefined],
    [['plinth.config.json'], undefined, undefined],
    [['plinth.config.json'], '.', undefined],
    [['here/plinth.config.cts', 'here/plinth.config.yaml'], undefined, undefined],
    [['here/plinth.config.json'], '/nowhere/at/all', 'here/plinth.config.json'],
  ];
  for (const [index, [files, root, wanted]] of rows.entries()) {
    const folder = standIn(String(index), files);
    const expected = wanted === undefined ? { kind: 'none' } : { kind: 'found', path: join(folder, wanted) };
    assert.deepEqual(findConfig(undefined, root), expected, `${files} ${root}`);
  }
});

test('one that is named is used wherever it lies, and nothing else', () => {
  const folder = standIn('named', ['here/plinth.config.json', 'other.mjs', 'notes.txt', 'folder.ts/x']);
  const rows: readonly (readonly [string, string])[] = [
    ['../absent.ts', 'config "../absent.ts" does not exist'],
    ['../other.mjs/x.ts', 'config "../other.mjs/x.ts" does not exist'],
    ['../folder.ts', 'config "../folder.ts" is a folder, wanted a file'],
    ['../notes.txt', 'config: found "../notes.txt", wanted a file of .ts .mts .js .mjs .json'],
  ];
  assert.deepEqual(findConfig('../other.mjs', undefined), { kind: 'found', path: join(folder, 'other.mjs') });
  for (const [named, message] of rows) {
    assert.deepEqual(findConfig(named, undefined), { kind: 'fault', message });
  }
});

test('one that cannot be used is not passed over', () => {
  const broken = standIn('broken', []);
  symlinkSync('nowhere', join(broken, 'here/plinth.config.ts'));
  assert.deepEqual(findConfig(undefined, undefined), {
    kind: 'fault',
    message: 'plinth.config.ts does not exist',
  });
  standIn('two', ['here/plinth.config.ts', 'here/plinth.config.json']);
  assert.deepEqual(findConfig(undefined, undefined), {
    kind: 'fault',
    message: 'plinth.config.ts and plinth.config.json stand side by side; keep one of them',
  });
  standIn('folder', ['here/plinth.config.js/x']);
  assert.deepEqual(findConfig(undefined, undefined), {
    kind: 'fault',
    message: 'plinth.config.js is no file',
  });
});

test("somebody else's program is not run unless it is named", {
  skip: process.getuid?.() === 0 || process.env.CI ? false : 'needs root, to give a file away',
}, () => {
  const stranger = 12_345;
  const message =
    'plinth.config.mjs belongs to another user (uid 12345); if you trust it, name it: --config plinth.config.mjs';
  const folder = standIn('foreign', ['here/plinth.config.mjs']);
  const path = join(folder, 'here/plinth.config.mjs');
  chownSync(path, stranger, stranger);
  assert.deepEqual(findConfig(undefined, undefined), { kind: 'fault', message });
  assert.deepEqual(findConfig('plinth.config.mjs', undefined), { kind: 'found', path });
  process.env.SUDO_UID = String(stranger);
  assert.deepEqual(findConfig(undefined, undefined), { kind: 'found', path });
  delete process.env.SUDO_UID;

  // A link of somebody else's could lead to a program of ours that was never meant to be run here.
  const linked = standIn('foreign-link', ['ours.mjs']);
  const link = join(linked, 'here/plinth.config.mjs');
  symlinkSync('../ours.mjs', link);
  assert.deepEqual(findConfig(undefined, undefined), { kind: 'found', path: link });
  rmSync(link);
  writeFileSync(join(linked, 'theirs.mjs'), '');
  chownSync(join(linked, 'theirs.mjs'), stranger, stranger);
  symlinkSync('../theirs.mjs', link);
  assert.deepEqual(findConfig(undefined, undefined), { kind: 'fault', message });
});
