import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LineSink, openForLines } from '../../src/server/line-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'plinth-sink-'));
// A sink goes on trying, so a descriptor that failed stays open: its number must not come to mean another file.
after(() => {
  if (tinyDisk !== undefined) spawnSync('umount', ['-l', tinyDisk]);
  rmSync(folder, { recursive: true, force: true });
});

function mountTinyDisk(): string | undefined {
  const mount = join(folder, 'tiny');
  mkdirSync(mount);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount]);
  return status === 0 ? mount : undefined;
}

function openFile(name: string): { readonly path: string; readonly descriptor: number } {
  const path = join(folder, name);
  return { path, descriptor: openSync(path, 'a') };
}

/** Waits until `isTrue` holds; the test fails when it never does. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (isTrue()) return;
    await wait(5);
  }
  assert.fail('it never came true');
}

test('lines arrive whole, in order, and flush waits for them', async () => {
  const { path, descriptor } = openFile('order');
  const reports: string[] = [];
  const sink = new LineSink(descriptor, line => reports.push(line));
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} é`);
  for (const [index, line] of lines.entries()) {
    sink.write(line);
    if (index % 1000 === 0) await wait(1);
  }
  await sink.flush();
  assert.equal(readFileSync(path, 'utf8'), lines.map(line => `${line}\n`).join(''));
  await sink.flush();
  assert.deepEqual(reports, []);
  closeSync(descriptor);
});

test('lines gather for a moment, many leave at once, and nothing waits for a flush', async () => {
  const { path, descriptor } = openFile('gather');
  const sink = new LineSink(descriptor, () => {}, { gatherMs: 60_000 });
  sink.write('first');
  await wait(20);
  assert.equal(readFileSync(path, 'utf8'), '');
  sink.write('x'.repeat(64 * 1024));
  await until(() => readFileSync(path, 'utf8').length > 64 * 1024);
  sink.write('last');
  await sink.flush();
  assert.ok(readFileSync(path, 'utf8').endsWith('x\nlast\n'));
  closeSync(descriptor);
});

test('a line that finds no room is dropped, counted and reported; the others arrive', async () => {
  const { path, descriptor } = openFile('room');
  const reports: string[] = [];
  const sink = new LineSink(descriptor, line => reports.push(line), { waitingMax: 100 });
  for (let index = 0; index < 10; index += 1) sink.write('x'.repeat(29));
  await sink.flush();
  assert.equal(readFileSync(path, 'utf8'), `${'x'.repeat(29)}\n`.repeat(3));
  assert.deepEqual(reports, ['access log: 7 lines lost: the reader takes nothing']);
  closeSync(descriptor);
});

test('a full disk neither throws nor grows: it is reported once, and the loss at the end', {
  skip: !existsSync('/dev/full'),
}, async () => {
  const descriptor = openSync('/dev/full', 'w');
  const reports: string[] = [];
  const sink = new LineSink(descriptor, line => reports.push(line), { retryMs: 1, waitingMax: 1000 });
  for (let round = 0; round < 50; round += 1) {
    for (let index = 0; index < 40; index += 1) sink.write('x'.repeat(99));
    await wait(2);
  }
  assert.deepEqual(reports, ['access log: cannot be written: no space left on device']);
  await sink.flush();
  assert.equal(reports.length, 2);
  assert.match(reports[1] ?? '', /^access log: 2000 lines lost: no space left on device$/);
});

test('losses that go on are reported again, once in a while', {
  skip: !existsSync('/dev/full'),
}, async () => {
  const descriptor = openSync('/dev/full', 'w');
  const reports: string[] = [];
  const options = { retryMs: 1, waitingMax: 200, reportMs: 0 };
  const sink = new LineSink(descriptor, line => reports.push(line), options);
  for (let index = 0; reports.length < 4; index += 1) {
    for (let line = 0; line < 10; line += 1) sink.write('x'.repeat(99));
    await wait(2);
    assert.ok(index < 2000);
  }
  assert.ok(
    reports.slice(1).every(line => /^access log: \d+ lines lost: no space left on device$/.test(line)),
    reports.join(),
  );
});

test('a sink that failed writes again when it can, and nothing is torn or lost', async () => {
  const fifo = join(folder, 'back');
  spawnSync('mkfifo', [fifo]);
  const first = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const descriptor = openSync(fifo, constants.O_WRONLY);
  closeSync(first);
  const reports: string[] = [];
  const sink = new LineSink(descriptor, line => reports.push(line), { retryMs: 1 });
  for (let index = 0; index < 100; index += 1) sink.write(`line ${index}`);
  await until(() => reports.length === 1);
  assert.equal(reports[0], 'access log: cannot be written: broken pipe');
  const second = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  await until(() => reports.length === 2);
  assert.equal(reports[1], 'access log: written again');
  await sink.flush();
  const bytes = Buffer.alloc(10_000);
  const text = bytes.toString('utf8', 0, readSync(second, bytes));
  assert.equal(text, Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join(''));
  for (const open of [second, descriptor]) closeSync(open);
});

/** A disk of 64 KiB; undefined where this user may not mount one. */
const tinyDisk = mountTinyDisk();
test('a disk that has room again gets the lines that waited, none of them torn', {
  skip: tinyDisk === undefined && 'needs root, to mount a small disk',
}, async () => {
  assert.ok(tinyDisk !== undefined);
  const ballast = join(tinyDisk, 'ballast');
  const path = join(tinyDisk, 'log');
  const descriptor = openSync(path, 'a');
  writeFileSync(ballast, Buffer.alloc(60 * 1024));
  const reports: string[] = [];
  const sink = new LineSink(descriptor, line => reports.push(line), { retryMs: 1 });
  const lines = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(90)}`);
  for (const line of lines) sink.write(line);
  await until(() => reports.length === 1);
  assert.equal(reports[0], 'access log: cannot be written: no space left on device');
  unlinkSync(ballast);
  await until(() => reports.length === 2);
  assert.equal(reports[1], 'access log: written again');
  await sink.flush();
  assert.equal(readFileSync(path, 'utf8'), lines.map(line => `${line}\n`).join(''));
  closeSync(descriptor);
});

test('a reader that has gone is a failure like another', async () => {
  const fifo = join(folder, 'gone');
  spawnSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const descriptor = openSync(fifo, constants.O_WRONLY);
  closeSync(reader);
  const reports: string[] = [];
  const sink = new LineSink(descriptor, line => reports.push(line));
  sink.write('one');
  await sink.flush();
  assert.deepEqual(reports, [
    'access log: cannot be written: broken pipe',
    'access log: 1 line lost: broken pipe',
  ]);
});

test('a reader that stalls loses only what finds no room, and gets whole lines when it goes on', async () => {
  const fifo = join(folder, 'slow');
  spawnSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const descriptor = openForLines(openSync(fifo, constants.O_WRONLY));
  const reports: string[] = [];
  const sink = new LineSink(descriptor, line => reports.push(line), { waitingMax: 200_000, flushMs: 20 });
  for (let index = 0; index < 1000; index += 1) sink.write(`${index} ${'x'.repeat(95)}`);
  await sink.flush();
  assert.match(reports[0] ?? '', /^access log: \d+ lines lost: the reader takes nothing$/);
  const cat: ChildProcess = spawn('cat', [fifo], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  cat.stdout?.on('data', chunk => {
    text += chunk;
  });
  await until(() => text.includes('999 x') && text.endsWith('x\n'));
  const numbers = text
    .trimEnd()
    .split('\n')
    .map(line => Number(/^(\d+) x{95}$/.exec(line)?.[1]));
  assert.deepEqual(
    numbers,
    Array.from({ length: 1000 }, (_, index) => index),
  );
  cat.kill();
  for (const open of [reader, descriptor]) closeSync(open);
});

test('a descriptor that is no pipe and no terminal is used as it is', () => {
  const { descriptor } = openFile('plain');
  assert.equal(openForLines(descriptor), descriptor);
  closeSync(descriptor);
  assert.equal(openForLines(descriptor), descriptor, 'one that is closed as well');
});
