import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { allClosed, folderFor, storeAt } from './disk-fixture.ts';
import { fileAt, namesIn, textOf } from './reading.ts';

/** A test that hangs has shown the fault. */
const guard = { timeout: 60_000 };
const isRoot = process.getuid?.() === 0;
/** Arguments of `unshare` for a shell that sees no /proc. */
const withoutProc = ['--mount', 'sh', '-c', 'umount -l /proc && eval "$0"'];
const isLinux = process.platform === 'linux';

describe('what is neither file nor folder', guard, () => {
  test('serve#598 a FIFO is never opened, however often it is asked for', { skip: windows() }, async t => {
    const root = await folderFor(t, { 'a.txt': 'x', 'b.txt': 'y' });
    run('mkfifo', join(root, 'pipe'));
    await symlink('pipe', join(root, 'link'));
    const store = storeAt(root);
    const asked = await Promise.all(
      Array.from({ length: 100 }, (_, n) => store.find([n % 2 === 0 ? 'pipe' : 'link'])),
    );
    for (const entry of asked) assert.deepEqual(entry, { kind: 'denied', why: 'a FIFO' });
    assert.equal((await store.find(['pipe', 'x'])).kind, 'absent');
    assert.deepEqual(await namesIn(store, ''), ['a.txt', 'b.txt']);

    // One that comes in the place of a file after it was found is opened without waiting for a writer, and closed.
    const found = await fileAt(store, 'a.txt');
    await rename(join(root, 'pipe'), join(root, 'a.txt'));
    const opened = await Promise.all(Array.from({ length: 100 }, () => store.open(found)));
    assert.deepEqual([...new Set(opened)], ['changed']);
    assert.equal(await textOf(store, await fileAt(store, 'b.txt')), 'y', 'the thread pool is free');
    await allClosed(store);
  });

  test('serve#598 a socket in the root is denied', { skip: windows() }, async t => {
    const root = await folderFor(t, { 'a.txt': 'x' });
    const server = createServer();
    await new Promise<void>(resolve => server.listen(join(root, 'sock'), resolve));
    t.after(() => server.close());
    const store = storeAt(root);
    assert.deepEqual(await store.find(['sock']), { kind: 'denied', why: 'a socket' });
    assert.deepEqual(await namesIn(store, ''), ['a.txt']);
    const found = await fileAt(store, 'a.txt');
    await rename(join(root, 'sock'), join(root, 'a.txt'));
    assert.equal(await store.open(found), 'changed');
    await allClosed(store);
  });

  test('serve#598 devices are denied', { skip: unlessDevices() }, async t => {
    const root = await folderFor(t, { 'a.txt': 'x' });
    run('mknod', join(root, 'zero'), 'c', '1', '5');
    run('mknod', join(root, 'disk'), 'b', '7', '0');
    const store = storeAt(root);
    for (const name of ['zero', 'disk']) {
      assert.deepEqual(await store.find([name]), { kind: 'denied', why: 'a device' });
    }
    assert.deepEqual(await namesIn(store, ''), ['a.txt']);
    const found = await fileAt(store, 'a.txt');
    await rename(join(root, 'zero'), join(root, 'a.txt'));
    assert.equal(await store.open(found), 'changed');
    await allClosed(store);
  });

  test('serve#598 a folder or a link that comes in the place of a file is not opened', async t => {
    const root = await folderFor(t, { 'a.txt': 'x', 'b.txt': 'x' });
    const store = storeAt(root);
    const [a, b] = [await fileAt(store, 'a.txt'), await fileAt(store, 'b.txt')];
    await rm(join(root, 'a.txt'));
    await mkdir(join(root, 'a.txt'));
    await rename(join(root, 'b.txt'), join(root, 'c.txt'));
    await symlink('c.txt', join(root, 'b.txt'));
    assert.equal(await store.open(a), 'changed');
    assert.equal(await store.open(b), 'changed', 'the link leads to the very file, but was never judged');
    await allClosed(store);
  });
});

describe('what this user may not read', guard, () => {
  test('unreadable files and folders are denied, with the reason', {
    skip: unlessRoot('become another user'),
  }, async t => {
    const root = await folderFor(t, {
      'a.txt': 'x',
      'none.txt': 'x',
      'owner.txt': 'x',
      'group.txt': 'x',
      'closed/a.txt': 'x',
      'passed/a.txt': 'x',
    });
    await symlink('none.txt', join(root, 'link.txt'));
    for (const [path, mode] of [
      ['', 0o755],
      ['a.txt', 0o644],
      ['none.txt', 0],
      ['owner.txt', 0o600],
      ['group.txt', 0o640],
      ['closed', 0o700],
      ['passed', 0o711],
      ['passed/a.txt', 0o604],
    ] as const) {
      await chmod(join(root, path), mode);
    }
    const answer = child(
      'unprivileged.ts',
      [],
      root,
      '',
      'a.txt',
      'none.txt',
      'owner.txt',
      'group.txt',
      'link.txt',
      'closed',
      'closed/a.txt',
      'passed',
      'passed/a.txt',
    );
    assert.deepEqual(answer.seen, {
      '': 'folder | not a file | a.txt,closed,passed',
      'a.txt': 'file | opened | absent',
      'none.txt': 'denied unreadable | not a file | absent',
      'owner.txt': 'denied unreadable | not a file | absent',
      'group.txt': 'denied unreadable | not a file | absent',
      'link.txt': 'denied unreadable | not a file | absent',
      closed: 'folder | not a file | denied',
      'closed/a.txt': 'denied unreadable (EACCES) | not a file | denied',
      passed: 'folder | not a file | denied',
      'passed/a.txt': 'file | opened | absent',
    });
    assert.match(String(answer.refusal), /cannot serve .*closed: it may not be read/);
  });
});

describe('few descriptors', guard, () => {
  test('with none left openings and lists are busy, nothing leaks, and service returns with the first free one', {
    skip: unlessLinux(),
  }, async t => {
    const root = await folderFor(t, { 'a.txt': 'x', 'large.bin': 'x'.repeat(2 ** 18) });
    const { starved, ...after } = child('starved.ts', ['prlimit', '--nofile=64:64'], root);
    assert.deepEqual(after, {
      gaveWay: ['opened'],
      oneLeft: 'busy',
      freed: 'opened file members',
      leaked: 0,
    });
    // Of 200 rounds a few may find a descriptor that Node itself has just given back.
    const { 'busy file busy': refused = 0, ...others } = starved as Record<string, number>;
    assert.ok(refused >= 190, JSON.stringify(starved));
    for (const answer of Object.keys(others)) assert.match(answer, /^(busy|opened) file (busy|members)$/);
  });
});

describe('without /proc', guard, () => {
  for (const suite of ['disk.test.ts', 'disk-links.test.ts']) {
    test(`${suite} holds where the system does not tell a descriptor's path`, {
      skip: unlessProcGoes(),
    }, async () => {
      const { status, stdout, stderr } = spawnSync(
        'unshare',
        [...withoutProc, 'exec "$@"', process.execPath, '--import', 'tsx', join(import.meta.dirname, suite)],
        { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
      );
      assert.equal(status, 0, stdout + stderr);
    });
  }
});

/** Runs a script beside this one, behind a command if there is one, and reads the JSON that it prints. */
function child(
  script: string,
  before: readonly string[],
  ...args: readonly string[]
): Record<string, unknown> {
  const [command = '', ...rest] = [
    ...before,
    process.execPath,
    '--import',
    'tsx',
    join(import.meta.dirname, script),
    ...args,
  ];
  const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

function windows(): string | false {
  return process.platform === 'win32' && 'Windows has no such files';
}

function unlessLinux(): string | false {
  return !isLinux && 'needs prlimit of Linux';
}

function unlessDevices(): string | false {
  const probe = join(tmpdir(), `plinth-device-${process.pid}`);
  const made = spawnSync('mknod', [probe, 'c', '1', '5']).status === 0;
  rmSync(probe, { force: true });
  return !made && 'this user may not make devices';
}

function unlessProcGoes(): string | false {
  return (
    spawnSync('unshare', [...withoutProc, 'true']).status !== 0 &&
    'this user may not unmount /proc for itself'
  );
}

function unlessRoot(deed: string): string | false {
  return !(isLinux && isRoot) && `only root on Linux can ${deed}`;
}
