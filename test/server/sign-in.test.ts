import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PasswordChecks } from '../../src/server/password-checks.ts';
import { PasswordFile } from '../../src/server/password-file.ts';
import { SignIn } from '../../src/server/sign-in.ts';

const folder = mkdtempSync(join(tmpdir(), 'plinth-sign-in-'));
const path = join(folder, 'users');
writeFileSync(
  path,
  'ann:$2y$04$9YKaZmTvrYv60ljsrGDwhOozewxBMOOP5cMnVN2KY1KJbcQpdd4a.\nbob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n',
);
const checks = new PasswordChecks(assert.fail);
const file = PasswordFile.read(path, { folders: [], dotfiles: false }, assert.fail);
if (typeof file === 'string') throw new Error(file);
const signIn = new SignIn(file, checks);
const keeper = setInterval(() => {}, 1000);
after(() => {
  file.rest();
  checks.stop();
  clearInterval(keeper);
  rmSync(folder, { recursive: true });
});

const check = (name: string, password: string) => signIn.check(name, Buffer.from(password), 'address');

test('a password is right for its user only', async () => {
  const rows = [
    ['ann', 'apple', 'right'],
    ['bob', 'secret', 'right'],
    ['ann', 'secret', 'wrong'],
    ['bob', 'apple', 'wrong'],
    ['eve', 'apple', 'wrong'],
    ['eve', 'secret', 'wrong'],
    ['Ann', 'apple', 'wrong'],
  ] as const;
  for (const [name, password, verdict] of rows) {
    assert.equal(await check(name, password), verdict, `${name} ${password}`);
  }
  // What is known is told at once, and the same again.
  for (const [name, password, verdict] of rows) assert.equal(check(name, password), verdict);
});

test('the same name and password are checked once, however many ask at a time', async () => {
  const [first, second] = [check('ann', 'once'), check('ann', 'once')];
  assert.equal(first, second);
  assert.equal(await first, 'wrong');
});

test('SWS-2.41 darkhttpd-1.15: a name that is not known waits in the same queue as one that is', async () => {
  const flood = Array.from({ length: 17 }, (_, n) => check('ann', `wrong ${n}`));
  for (const name of ['ann', 'bob', 'eve', 'mallory'])
    assert.equal(await check(name, 'another'), 'busy', name);
  assert.equal(check('ann', 'apple'), 'right', 'who is known does not wait');
  assert.deepEqual([...new Set(await Promise.all(flood))], ['wrong']);
  // What could not be checked is not held against anybody.
  assert.equal(await check('eve', 'another'), 'wrong');
});

test('who starts to watch a file sees it as it is, however long ago it was read', async t => {
  const changed = join(folder, 'changed');
  writeFileSync(changed, 'ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n');
  const later = PasswordFile.read(changed, { folders: [], dotfiles: false }, assert.fail);
  assert.ok(typeof later !== 'string');
  t.after(() => later.rest());
  writeFileSync(changed, 'bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n');
  await later.watch();
  assert.deepEqual([[...later.users.keys()], later.revision], [['bob'], 1]);
});
