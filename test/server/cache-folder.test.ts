import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkCacheFolder, judgeCacheFolder } from '../../src/server/cache-folder.ts';

let base: string;

before(() => {
  base = mkdtempSync(join(tmpdir(), 'plinth-cache-folder-'));
  mkdirSync(join(base, 'site', 'sub'), { recursive: true });
  mkdirSync(join(base, 'site-cache'));
  mkdirSync(join(base, 'open'));
  chmodSync(join(base, 'open'), 0o777);
  writeFileSync(join(base, 'file'), '');
  symlinkSync(join(base, 'site', 'sub'), join(base, 'into-site'));
  symlinkSync(join(base, 'site'), join(base, 'site-link'));
  symlinkSync(join(base, 'nowhere'), join(base, 'dangling'));
});
after(() => rmSync(base, { recursive: true, force: true }));

/** The folder and the root, both in the base; and why not, when not. */
const rows: readonly (readonly [folder: string, root: string | undefined, why: RegExp | undefined])[] = [
  ['new/deep', 'site', undefined],
  ['site-cache', 'site', undefined],
  ['site', undefined, undefined],
  ['site', 'site', /lies in the folder that is served/],
  ['site/cache', 'site', /lies in/],
  ['site/sub/../other', 'site-link', /lies in/],
  ['into-site/cache', 'site', /lies in/],
  ['site', 'site/sub', /holds the folder that is served/],
  ['.', 'site', /holds/],
  ['site-link', 'site/sub', /holds/],
  ['file', 'site', /is not a folder/],
  ['file/cache', 'site', /is not a folder/],
  ['dangling', 'site', /is not a folder|cannot be used/],
];

for (const [folder, root, why] of rows) {
  test(`${folder} beside ${root} is ${why?.source ?? 'fit'}`, () => {
    const judged = judgeCacheFolder(join(base, folder), root === undefined ? [] : [join(base, root)]);
    if (why !== undefined) {
      assert.ok(judged.kind === 'fault');
      assert.match(judged.why, why);
    } else {
      assert.ok(judged.kind === 'fit');
      assert.ok(statSync(judged.path).isDirectory());
    }
  });
}

test('what is refused is not made', () => {
  assert.ok(!existsSync(join(base, 'site', 'cache')));
  assert.ok(!existsSync(join(base, 'site', 'other')));
});

test('what is made is for this user alone', () => {
  const judged = judgeCacheFolder(join(base, 'private'), []);
  assert.ok(judged.kind === 'fit');
  if (process.platform !== 'win32') assert.equal(statSync(judged.path).mode & 0o777, 0o700);
});

const onWindows = process.platform === 'win32' && 'Windows has other rights';

test('a folder that others can write to is refused', { skip: onWindows }, () => {
  const judged = judgeCacheFolder(join(base, 'open'), []);
  assert.ok(judged.kind === 'fault');
  assert.match(judged.why, /other users/);
});

test("a folder of another user's is refused", {
  skip: process.geteuid?.() !== 0 && 'needs root, to give a folder away',
}, () => {
  const foreign = join(base, 'foreign');
  mkdirSync(foreign);
  chownSync(foreign, 12345, 12345);
  assert.deepEqual(judgeCacheFolder(foreign, []), { kind: 'fault', why: "is another user's" });
});

test('a check makes nothing', () => {
  assert.equal(checkCacheFolder(join(base, 'unmade', 'cache'), []).kind, 'fit');
  assert.ok(!existsSync(join(base, 'unmade')));
});

test('a check tells where this user may not write', { skip: onWindows }, () => {
  const source = JSON.stringify(new URL('../../src/server/cache-folder.ts', import.meta.url).href);
  const program = `const { checkCacheFolder } = await import(${source});
    const { becomePlainUser } = await import(${JSON.stringify(new URL('../faults/plain-user.ts', import.meta.url).href)});
    becomePlainUser();
    console.log(JSON.stringify(checkCacheFolder('/unmade/cache', [])));`;
  const words = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  const { kind, why } = JSON.parse(stdout);
  assert.equal(kind, 'fault');
  assert.match(why, /cannot be used: EACCES/);
});
