// Passwords from the command as it is shipped: the thread that checks them loads a part of the bundle.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exchange, plinth, scratch, serving } from './command.ts';

const root = join(scratch, 'guarded');
const users = join(scratch, 'users');
mkdirSync(root);
writeFileSync(join(root, 'a.txt'), 'content of a');
const hashes = {
  bcrypt: '$2y$04$9YKaZmTvrYv60ljsrGDwhOozewxBMOOP5cMnVN2KY1KJbcQpdd4a.',
  argon2: '$argon2id$v=19$m=256,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$oWHygqxiWdd0XvIQWQWaNM+5a5lNrUHjLGGIYje3Bf4',
  apr1: '$apr1$abcdefgh$su5Ftb29WMfBburAQuc6r/',
};
writeFileSync(
  users,
  Object.entries(hashes)
    .map(([name, hash]) => `${name}:${hash}\n`)
    .join(''),
);

function asking(name: string, password: string): string {
  const authorization = `Basic ${btoa(`${name}:${password}`)}`;
  return `GET /a.txt HTTP/1.1\r\nHost: h\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`;
}

for (const flags of [[], ['-w', '2']]) {
  test(`the command${flags.length > 0 ? ' with workers' : ''} lets in whoever has a password, of each kind of hash`, async () => {
    const { run, port } = await serving([root, '0', '-q', ...flags, '-H', '127.0.0.1', '--auth', users]);
    for (const name of Object.keys(hashes)) {
      assert.match(await exchange(port, asking(name, 'apple')), /^HTTP\/1\.1 200 .*content of a$/s, name);
      assert.match(await exchange(port, asking(name, 'pear')), /^HTTP\/1\.1 401 /, name);
    }
    const { code, stderr } = await run.stop();
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /apple|pear/);
  });

  test(`a password in plain text starts nothing${flags.length > 0 ? ' with workers' : ''}`, async () => {
    const plain = join(scratch, 'plain');
    writeFileSync(plain, '# people\nann:apple\n');
    const { code, stderr } = await plinth([root, '0', ...flags, '--auth', plain]).ended;
    assert.equal(code, 2);
    assert.ok(
      stderr.includes(`--auth: ${plain}:2: a password in plain text; make it anew with htpasswd -B`),
      stderr,
    );
    assert.doesNotMatch(stderr, /apple/);
  });
}

test('whoever lets others reach a server that asks for passwords is warned', async () => {
  for (const [host, isWarned] of [
    ['0.0.0.0', true],
    ['127.0.0.1', false],
  ] as const) {
    const { run } = await serving([root, '0', '-q', '-H', host, '--auth', users]);
    if (isWarned) await run.said(/plinth: warning: passwords come in the clear/);
    const { stderr } = await run.stop();
    assert.equal(/in the clear/.test(stderr), isWarned);
  }
});
