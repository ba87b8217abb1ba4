import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CodedFiles, sha256 } from '../../src/server/coded-files.ts';
import { nobody } from '../faults/plain-user.ts';
import { skipWithout } from '../faults/process.ts';

let base: string;
let folders = 0;

before(() => {
  base = mkdtempSync(join(tmpdir(), 'plinth-coded-'));
});
after(() => rmSync(base, { recursive: true, force: true }));

const octets = Buffer.from('coded octets '.repeat(50));
const hash = 'ab'.repeat(32);
const roomy = 1024 * 1024;

/** Kept files in a folder of their own. */
function keeping(bytesMax = roomy) {
  const folder = join(base, String(folders++));
  mkdirSync(folder);
  const reports: string[] = [];
  const another = (): CodedFiles =>
    new CodedFiles({ folder, bytesMax, report: line => void reports.push(line) });
  const paths = (): readonly string[] => readdirSync(folder).map(name => join(folder, name));
  const only = (): string => {
    const [path, ...others] = paths();
    assert.ok(path !== undefined && others.length === 0, 'one file');
    return path;
  };
  return { folder, files: another(), another, reports, paths, only };
}

function hashOf(index: number): string {
  return index.toString(16).padStart(64, '0');
}

test('what is kept is found again by another server, under its content and coding only', async () => {
  const { files, another, only } = keeping();
  await files.keep(hash, 'br', octets);
  const other = another();
  assert.deepEqual(await other.find(hash, 'br', octets.length), octets);
  assert.equal(await other.find(hash, 'gzip', octets.length), undefined);
  assert.equal(await other.find(hashOf(1), 'br', octets.length), undefined);
  if (process.platform !== 'win32') assert.equal(statSync(only()).mode & 0o777, 0o600);
  await other.keep(hash, 'br', octets);
  assert.deepEqual(await files.find(hash, 'br', octets.length), octets);
  only();
});

/** What may become of a kept file. */
const harms: readonly (readonly [name: string, harm: (path: string) => void])[] = [
  ['is cut', path => truncateSync(path, statSync(path).size - 1)],
  ['is emptied', path => truncateSync(path, 0)],
  ['has another octet', path => alter(path, content => content.fill(0, content.length - 1))],
  ['has another header', path => alter(path, content => content.fill('x', 30, 31))],
  ['is longer', path => writeFileSync(path, 'x', { flag: 'a' })],
  ['is larger than it may be', path => truncateSync(path, 10_000_000)],
  [
    'is a link to what was kept',
    path => {
      renameSync(path, `${path}-moved`);
      symlinkSync(`${path}-moved`, path);
    },
  ],
  [
    'is a FIFO that nobody writes to',
    path => {
      rmSync(path);
      assert.equal(spawnSync('mkfifo', [path]).status, 0);
    },
  ],
];

function alter(path: string, change: (content: Buffer) => void): void {
  const content = readFileSync(path);
  change(content);
  writeFileSync(path, content);
}

for (const [name, harm] of harms) {
  test(`a file that ${name} is dropped, and kept anew`, async () => {
    const { files, only, reports, folder } = keeping();
    await files.keep(hash, 'gzip', octets);
    const path = only();
    harm(path);
    assert.equal(await files.find(hash, 'gzip', 100_000), undefined);
    assert.ok(!existsSync(path));
    await files.keep(hash, 'gzip', octets);
    assert.deepEqual(await files.find(hash, 'gzip', octets.length), octets);
    assert.deepEqual(reports, []);
    // What nobody named so is nobody's to remove.
    assert.equal(existsSync(`${path}-moved`), name.includes('link'));
    assert.ok(readdirSync(folder).length >= 1);
  });
}

test('a folder in the place of a file is left alone', async () => {
  const { files, only, reports } = keeping();
  await files.keep(hash, 'br', octets);
  const path = only();
  rmSync(path);
  mkdirSync(path);
  assert.equal(await files.find(hash, 'br', octets.length), undefined);
  await files.keep(hash, 'br', octets);
  assert.equal(only(), path);
  assert.match(reports.join(), /nothing can be kept/);
});

test('beyond the bound the least recently used go, and no file of others', async () => {
  const content = Buffer.alloc(6000, 'x');
  // Each takes two blocks of 4 KiB: thirty-two fit.
  const { folder, files, another } = keeping(32 * 8192);
  const others = [
    'notes.txt',
    `${hash}.br`,
    `${hash}.br.1.0.coded.new`,
    `x${hash}.br.1.0.coded`,
    `${hash}.lzma.1.coded`,
  ];
  for (const name of others) writeFileSync(join(folder, name), 'mine');
  await files.keep(hashOf(0), 'br', content);
  const [first = ''] = readdirSync(folder).filter(name => name.startsWith('00'));
  const old = new Date(Date.now() - 100_000_000);
  utimesSync(join(folder, first), old, old);
  for (let index = 1; index < 100; index++) {
    await files.keep(hashOf(index), 'br', content);
    const name = readdirSync(folder).find(found => found.startsWith(hashOf(index)));
    const time = new Date(Date.now() - 10_000_000 + index * 1000);
    utimesSync(join(folder, name ?? ''), time, time);
    // The first one is asked for all the time.
    assert.deepEqual(await another().find(hashOf(0), 'br', 6000), content);
    const kept = readdirSync(folder).filter(found => !others.includes(found));
    assert.ok(kept.length <= 32, `${kept.length} files`);
  }
  assert.deepEqual(await files.find(hashOf(99), 'br', 6000), content);
  assert.equal(await files.find(hashOf(1), 'br', 6000), undefined);
  for (const name of others) assert.equal(readFileSync(join(folder, name), 'utf8'), 'mine');
});

test('what is too large for the bound is not kept', async () => {
  const { files, paths } = keeping(16 * 1024);
  await files.keep(hash, 'br', Buffer.alloc(5000));
  assert.deepEqual(paths(), []);
});

test('what a killed server left unfinished goes in time', async () => {
  const { files, folder, only } = keeping();
  await files.keep(hash, 'br', octets);
  const [old, young] = ['0', '1'].map(digit => `${only()}.${digit.repeat(16)}`);
  assert.ok(old !== undefined && young !== undefined);
  for (const path of [old, young]) writeFileSync(path, 'unfinished');
  const past = new Date(Date.now() - 2 * 60 * 60 * 1000);
  utimesSync(old, past, past);
  // The first keeping of a server looks through the folder.
  const later = new CodedFiles({ folder, bytesMax: roomy, report: line => assert.fail(line) });
  await later.keep(hashOf(1), 'br', octets);
  assert.deepEqual([existsSync(old), existsSync(young)], [false, true]);
});

test('a folder that vanishes is told once, and used again when it is back', async () => {
  const { files, folder, reports } = keeping();
  rmSync(folder, { recursive: true });
  for (const index of [1, 2, 3]) await files.keep(hashOf(index), 'br', octets);
  assert.equal(await files.find(hashOf(1), 'br', octets.length), undefined);
  assert.equal(reports.length, 1);
  mkdirSync(folder);
  await files.keep(hash, 'br', octets);
  assert.deepEqual(await files.find(hash, 'br', octets.length), octets);
});

test('a disk that takes nothing more costs the kept files nothing', async () => {
  const { files, folder, reports } = keeping();
  await files.keep(hash, 'br', octets);
  // Neither root nor any user can write a name that is as long as this path: the keeping of it fails like a full disk.
  const long = 'f'.repeat(300);
  await files.keep(long, 'br', octets);
  assert.match(reports.join(), /^nothing can be kept in the cache folder: /);
  assert.equal(readdirSync(folder).length, 1);
  assert.deepEqual(await files.find(hash, 'br', octets.length), octets);
});

test('a folder that takes nothing more from this user costs the kept files nothing', {
  skip: process.platform === 'win32' && 'Windows has other rights',
}, () => {
  const { folder } = keeping();
  if (process.getuid?.() === 0) {
    chmodSync(base, 0o711);
    chownSync(folder, nobody, nobody);
  }
  const words = ['--import', 'tsx', join(import.meta.dirname, 'plain-keeper.ts'), folder];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.match(
    stdout,
    /^kept\nnothing can be kept in the cache folder: EACCES.*\n1 file, found\n$/,
    `${stdout}${stderr}`,
  );
});

test('servers that keep, find and trim in one folder at once never see half a file', async () => {
  const { another, reports } = keeping(64 * 4096);
  const contents = Array.from({ length: 60 }, (_, at) => Buffer.from(`content ${at} `.repeat(20 + at)));
  const hashes = await Promise.all(contents.map(content => sha256(content)));
  await Promise.all(
    [another(), another(), another()].map(async (files, server) => {
      for (let turn = 0; turn < 120; turn++) {
        const index = (turn * 7 + server * 13) % contents.length;
        const [content, name] = [contents[index], hashes[index]];
        assert.ok(content !== undefined && name !== undefined);
        await files.keep(name, 'br', content);
        const found = await files.find(name, 'br', content.length);
        if (found !== undefined) assert.deepEqual(found, content);
      }
    }),
  );
  assert.deepEqual(reports, []);
});

test('a disk that is full in the middle of a file leaves nothing of it, and is told once', {
  skip: skipWithout('prlimit', 'util-linux'),
}, async () => {
  const { folder } = keeping();
  const keeper = join(import.meta.dirname, 'keeper.ts');
  // Files of more than 100 KB cannot be written, by root neither: some octets get there, and then no more.
  const words = ['--fsize=100000', process.execPath, '--import', 'tsx', keeper, folder];
  const child = spawn('prlimit', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  while (!told.endsWith('begun\n')) told += String((await once(child.stdout, 'data'))[0]);
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.match(told, /^nothing can be kept in the cache folder: EFBIG.*\nbegun\n$/);
  // At most the one that it was killed at.
  const left = readdirSync(folder);
  assert.ok(left.length <= 1 && left.every(name => /\.coded\.[0-9a-f]{16}$/.test(name)), left.join());
});

test('servers that are killed while they keep leave nothing behind that is taken for whole', async () => {
  const { folder, another, reports } = keeping();
  const keeper = join(import.meta.dirname, 'keeper.ts');
  for (let round = 0; round < 3; round++) {
    const words = ['--import', 'tsx', keeper, folder];
    const children = ['one', 'two'].map(seed =>
      spawn(process.execPath, [...words, `${seed} ${round}`], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    for (const child of children) {
      const [line] = await once(child.stdout, 'data');
      assert.equal(String(line), 'begun\n');
    }
    for (const child of children) {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    let found = 0;
    for (let index = 0; index < 50; index++) {
      const bytes = await another().find(hashOf(index), 'br', 200_000);
      if (bytes === undefined) continue;
      found += 1;
      assert.match(String(bytes), /^(one|two) \d and 0/);
      assert.equal(bytes.length, 200_000);
    }
    assert.ok(found > 20);
  }
  assert.deepEqual(reports, []);
});
