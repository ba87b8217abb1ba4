// The access log on a disk that is full: serving goes on, the operator is told, and the log goes on when it can.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Run, scratch } from '../cli/command.ts';
import { type Place, RawConnection, requestBytes } from '../wire/client.ts';
import { endInOrder, watched } from './process.ts';
import { until } from './until.ts';

const root = join(scratch, 'logged');
const disk = join(scratch, 'disk');
const content = 'served\n';
const noDevFull = existsSync('/dev/full') ? false : 'needs /dev/full';
const noMount = process.getuid?.() === 0 || process.env.CI ? false : 'needs root, to mount a small disk';

before(() => {
  mkdirSync(root);
  mkdirSync(disk);
  writeFileSync(join(root, 'page.txt'), content);
});

test('a log on /dev/full harms no answer and is reported', { skip: noDevFull, timeout: 60_000 }, async t => {
  const descriptor = openSync('/dev/full', 'w');
  t.after(() => closeSync(descriptor));
  const server = await watched({ root, argv: ['--log', 'combined'], stdout: descriptor });
  await serveMany(server.place);
  await server.run.said(/access log: cannot be written: no space left on device/);
  await serveMany(server.place);
  const { code, stderr } = await server.run.stop();
  assert.equal(code, 0);
  assert.match(stderr, /access log: 200 lines lost: no space left on device/);
});

test('with every output on a full disk it serves and stops in order', {
  skip: noDevFull,
  timeout: 60_000,
}, async t => {
  const descriptor = openSync('/dev/full', 'w');
  t.after(() => closeSync(descriptor));
  const path = join(scratch, 'mute.sock');
  const within = ['sh', '-c', 'exec "$@" 2>/dev/full', 'sh'];
  const run = new Run([root, '0', '--host', `unix:${path}`, '--log', 'combined'], {}, descriptor, within);
  // It cannot say when it listens, and its socket is there a moment before.
  while (!(await isListening({ path }))) assert.equal(run.child.exitCode, null);
  await serveMany({ path });
  const { code } = await run.stop();
  assert.equal(code, 0);
});

test('a disk that fills up and comes free again has every line of the log', {
  skip: noMount,
  timeout: 60_000,
}, async t => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  t.after(() => execFileSync('umount', ['--lazy', disk]));
  const log = join(disk, 'access.log');
  const descriptor = openSync(log, 'a');
  t.after(() => closeSync(descriptor));
  const server = await watched({ root, argv: ['--log', 'combined'], stdout: descriptor });
  await serveMany(server.place);
  await until(() => `${linesOf(log).length} lines`, '100 lines');

  const filler = join(disk, 'filler');
  fill(filler);
  await serveMany(server.place);
  await serveMany(server.place);
  await server.run.said(/access log: cannot be written: no space left on device/);
  await serveMany(server.place);

  rmSync(filler);
  await server.run.said(/access log: written again/);
  await serveMany(server.place);
  await until(() => `${linesOf(log).length} lines`, '500 lines');
  for (const line of linesOf(log))
    assert.match(line, /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/page\.txt HTTP\/1\.1" 200 7 "-" "-"$/);
  await endInOrder(server);
});

/** A hundred right answers on one connection. */
async function serveMany(place: Place): Promise<void> {
  const open = await RawConnection.open(place);
  for (let count = 0; count < 100; count += 1) {
    open.write(requestBytes({ method: 'GET', target: '/page.txt', fields: [] }));
    const response = await open.response();
    assert.equal(response.status, 200);
    assert.equal(response.content.toString(), content);
  }
  open.destroy();
}

async function isListening(place: Place): Promise<boolean> {
  try {
    (await RawConnection.open(place)).destroy();
    return true;
  } catch {
    return false;
  }
}

/** Takes all the room that its disk has. */
function fill(path: string): void {
  const descriptor = openSync(path, 'w');
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(4096));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(descriptor);
  }
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'latin1').split('\n').slice(0, -1);
}
