// Siblings that are made, kept, made anew and left alone, with real files.
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { type ContentCoding, codingSuffixes } from '../../src/http/coding.ts';
import { makeableCodings } from '../../src/precompress/coders.ts';
import { ledgerName } from '../../src/precompress/ledger.ts';
import { siblingTime } from '../../src/precompress/plan.ts';
import { type Outcome, type Progress, precompress, type Tally } from '../../src/precompress/precompress.ts';

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-precompress-')));
chmodSync(scratch, 0o755);
after(() => rmSync(scratch, { recursive: true, force: true }));

const suffixes = makeableCodings.map(coding => codingSuffixes[coding]);
const longAgo = new Date('2024-02-03T04:05:06.789Z');

let folders = 0;

/** A new folder with these files, all of them old enough to be believed. */
function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  folders += 1;
  const root = join(scratch, `folder-${folders}`);
  mkdirSync(root);
  for (const [path, content] of Object.entries(files)) put(join(root, path), content);
  return root;
}

function put(path: string, content: string | Buffer, modified = longAgo): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, modified, modified);
}

function run(root: string, tell: (progress: Progress) => void = () => {}): Promise<Outcome> {
  return precompress(root, 2, new AbortController().signal, tell);
}

/** The same number for every coding that this Node can make. */
function tallies(outcome: Outcome): Readonly<Record<string, number>> {
  const [first, ...others] = [...outcome.codings.values()].map(
    ({ made, fresh, spare, foreign, removed }) => ({
      made,
      fresh,
      spare,
      foreign,
      removed,
    }),
  );
  for (const other of others) assert.deepEqual(other, first);
  return Object.fromEntries(Object.entries(first ?? {}).filter(([, count]) => count > 0));
}

function names(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(name => statSync(join(root, name)).isFile() && name !== ledgerName)
    .sort();
}

function siblingsOf(...paths: readonly string[]): readonly string[] {
  return paths.flatMap(path => [path, ...suffixes.map(suffix => path + suffix)]).sort();
}

function decoded(path: string, coding: ContentCoding): Buffer {
  const octets = readFileSync(path);
  if (coding === 'br') return zlib.brotliDecompressSync(octets);
  if (coding === 'gzip') return zlib.gunzipSync(octets);
  const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: (octets: Buffer) => Buffer };
  return zstdDecompressSync?.(octets) ?? Buffer.alloc(0);
}

function text(word: string, lines = 200): string {
  return Array.from({ length: lines }, (_, at) => `${word} ${at * at} of ${at % 13}\n`).join('');
}

/** Octets that no coding makes smaller. */
function noise(size: number): Buffer {
  const octets = Buffer.alloc(size);
  let state = 1;
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    octets[at] = state >>> 24;
  }
  return octets;
}

test('what is worth it is coded, and each sibling decodes to its file', async () => {
  const big = text('a long one', 15_000);
  const files = { 'index.html': text('page'), 'a/b/app.js': text('code'), 'big.json': big };
  const root = folderOf(files);
  const steps: Progress[] = [];
  assert.deepEqual(tallies(await run(root, progress => steps.push(progress))), { made: 3 });
  assert.deepEqual(names(root), siblingsOf(...Object.keys(files)));
  for (const [path, content] of Object.entries(files)) {
    for (const coding of makeableCodings) {
      const sibling = join(root, path + codingSuffixes[coding]);
      assert.equal(decoded(sibling, coding).toString(), content);
      const [one, other] = [
        statSync(sibling, { bigint: true }),
        statSync(join(root, path), { bigint: true }),
      ];
      assert.ok(
        one.mtimeNs >= other.mtimeNs && one.mtimeNs < other.mtimeNs + 1_001_000n,
        'dated as its file',
      );
    }
  }
  const last = steps.at(-1);
  assert.ok(last?.kind === 'coding');
  assert.deepEqual([last.files, last.bytes, last.share], [last.filesMax, last.bytesMax, 1]);
  assert.ok(
    steps.filter(step => step.kind === 'coding').length > 20,
    'large files are told of piece by piece',
  );
});

test('what is not worth it, hidden, special or behind a link is passed over', async t => {
  const outside = folderOf({ 'secret.txt': text('secret') });
  const root = folderOf({
    'short.txt': 'x'.repeat(1023),
    'picture.png': noise(4000),
    'unknown.xyz': text('unknown'),
    'noise.txt': noise(4000),
    'icon.svgz': zlib.gzipSync(text('svg')),
    'old.tar.gz': zlib.gzipSync(text('tar')),
    '.env.json': text('hidden'),
    '.git/config.txt': text('hidden'),
    'deep/.well-known/x.txt': text('hidden'),
    'node_modules/m/index.js': text('module'),
    '.well-known/security.txt': text('public'),
  });
  symlinkSync(outside, join(root, 'folder'));
  symlinkSync(join(outside, 'secret.txt'), join(root, 'link.txt'));
  symlinkSync('loop.txt', join(root, 'loop.txt'));
  const server = createServer().listen(join(root, 'socket.txt'));
  await new Promise(resolve => server.once('listening', resolve));
  t.after(() => server.close());
  const outcome = await run(root);
  assert.deepEqual(tallies(outcome), { made: 1, spare: 1 });
  const { files, small, incompressible, links, special, coded } = outcome.survey;
  assert.deepEqual(
    { files, small, incompressible, links, special, coded },
    { files: 5, small: 1, incompressible: 2, links: 3, special: 1, coded: 2 },
  );
  const made = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.(br|zst)$/.test(name),
  );
  assert.ok(made.length > 0 && made.every(name => name.startsWith('.well-known/security.txt')), made.join());
  assert.deepEqual(names(outside), ['secret.txt']);
});

test('a second run makes nothing, and reads nothing that is as it was', async () => {
  const root = folderOf({ 'a.css': text('style'), 'noise.txt': noise(4000) });
  await run(root);
  const before = readFileSync(join(root, ledgerName), 'utf8');
  assert.deepEqual(tallies(await run(root)), { fresh: 1, spare: 1 });
  assert.equal(readFileSync(join(root, ledgerName), 'utf8'), before);
});

test('a file that changed gets new siblings, and one that was only touched keeps them', async () => {
  const root = folderOf({ 'a.js': text('one'), 'b.js': text('two'), 'c.js': text('three') });
  await run(root);
  const kept = statSync(join(root, 'b.js.br'), { bigint: true });
  put(join(root, 'a.js'), text('another'), new Date('2024-03-04T00:00:00Z'));
  put(join(root, 'b.js'), text('two'), new Date('2024-03-04T00:00:00.123Z'));
  // An older version that comes back is not newer than what was made of the newer one.
  put(join(root, 'c.js'), text('early'), new Date('2023-01-01T00:00:00Z'));
  assert.deepEqual(tallies(await run(root)), { made: 2, fresh: 1 });
  assert.equal(decoded(join(root, 'a.js.gz'), 'gzip').toString(), text('another'));
  assert.equal(decoded(join(root, 'c.js.br'), 'br').toString(), text('early'));
  const now = statSync(join(root, 'b.js.br'), { bigint: true });
  assert.equal(now.ino, kept.ino);
  assert.ok(
    now.mtimeNs >= statSync(join(root, 'b.js'), { bigint: true }).mtimeNs,
    'the server would pass it over',
  );
});

test('a sibling that is deleted is made again, and one that no longer saves enough is removed', async () => {
  const root = folderOf({ 'a.txt': text('one'), 'b.txt': text('two') });
  await run(root);
  unlinkSync(join(root, 'a.txt.gz'));
  put(join(root, 'b.txt'), noise(4000), new Date('2024-03-04T00:00:00Z'));
  const { codings } = await run(root);
  const { made, fresh, spare, removed } = codings.get('gzip') as Tally;
  assert.deepEqual({ made, fresh, spare, removed }, { made: 1, fresh: 0, spare: 1, removed: 1 });
  assert.deepEqual(names(root), [...siblingsOf('a.txt'), 'b.txt']);
});

test('a file that fell under 1 KiB loses its siblings, which would pass for fresh if its time did not change', async () => {
  const before = ['a.txt', 'b.txt', 'c.txt'];
  const root = folderOf(Object.fromEntries(before.map(name => [name, text('long')])));
  await run(root);
  put(join(root, 'a.txt'), 'short now');
  put(join(root, 'b.txt'), '');
  for (const suffix of suffixes) put(join(root, `d.txt${suffix}`), 'of somebody else');
  put(join(root, 'd.txt'), 'short');
  assert.deepEqual(tallies(await run(root)), { fresh: 1, spare: 2, foreign: 1, removed: 2 });
  assert.deepEqual(names(root), ['a.txt', 'b.txt', ...siblingsOf('c.txt', 'd.txt')].sort());
  assert.deepEqual(tallies(await run(root)), { fresh: 1, foreign: 1 });
});

test('what somebody else made is never touched, be it fresh, stale, a link or a folder', async () => {
  const root = folderOf({ 'a.json': text('one'), 'b.json': text('two'), 'c.json': text('three') });
  const outside = folderOf({ 'kept.txt': text('kept') });
  const later = new Date('2024-05-06T00:00:00Z');
  for (const suffix of suffixes) {
    put(join(root, `a.json${suffix}`), 'a backup of mine', later);
    put(join(root, `b.json${suffix}`), 'old', new Date('2020-01-01T00:00:00Z'));
    symlinkSync(join(outside, 'kept.txt'), join(root, `c.json${suffix}`));
  }
  const outcome = await run(root);
  assert.deepEqual(tallies(outcome), { foreign: 3 });
  assert.deepEqual(
    outcome.foreign
      .filter(({ isOlder }) => isOlder)
      .map(({ path }) => path)
      .sort(),
    suffixes.map(suffix => `b.json${suffix}`).sort(),
  );
  for (const suffix of suffixes) {
    assert.equal(readFileSync(join(root, `a.json${suffix}`), 'utf8'), 'a backup of mine');
    assert.equal(readFileSync(join(root, `b.json${suffix}`), 'utf8'), 'old');
    assert.equal(readFileSync(join(root, `c.json${suffix}`), 'utf8'), text('kept'));
  }
  assert.deepEqual(names(outside), ['kept.txt']);
});

test('one of ours that somebody wrote over is theirs, even with its size and time as before', async () => {
  const root = folderOf({ 'a.js': text('one') });
  await run(root);
  const path = join(root, 'a.js.gz');
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const theirs = Buffer.alloc(Number(size), 'x');
  const time = siblingTime(statSync(join(root, 'a.js'), { bigint: true }));
  put(path, theirs, new Date('2024-03-04T00:00:00Z'));
  put(join(root, 'a.js'), text('new'), new Date('2024-03-04T00:00:00Z'));
  assert.equal((await run(root)).codings.get('gzip')?.foreign, 1);
  lutimesSync(path, time, time);
  assert.equal(statSync(path, { bigint: true }).mtimeNs, mtimeNs);
  assert.equal((await run(root)).codings.get('gzip')?.foreign, 1);
  assert.deepEqual(readFileSync(path), theirs);
});

test('a copy without its times is known again and dated anew, and nothing is coded', async () => {
  const root = folderOf({ 'a.js': text('one'), 'noise.txt': noise(4000) });
  await run(root);
  const copy = join(scratch, 'copy');
  cpSync(root, copy, { recursive: true });
  // As a checkout may write them: the siblings before their files.
  for (const suffix of suffixes) utimesSync(join(copy, `a.js${suffix}`), 1000, 1000);
  assert.deepEqual(tallies(await run(copy)), { fresh: 1, spare: 1 });
  for (const suffix of suffixes) {
    const [one, other] = ['a.js', `a.js${suffix}`].map(
      name => statSync(join(copy, name), { bigint: true }).mtimeNs,
    );
    assert.ok(one !== undefined && other !== undefined && other >= one);
  }
});

test('where nothing may be written, what fits is known, and what does not is given up with one reason', async () => {
  const root = folderOf({ 'a.js': text('one'), 'b.js': text('two'), 'noise.txt': noise(4000) });
  await run(root);
  const isRoot = process.getuid?.() === 0;
  const runUnprivileged = (): Promise<Outcome> => {
    if (isRoot) process.seteuid?.(65_534);
    return run(root).finally(() => isRoot && process.seteuid?.(0));
  };
  // The octets have to be read again, and the ledger cannot be told.
  for (const name of ['a.js', 'b.js', 'noise.txt']) chmodSync(join(root, name), 0o644);
  await wait(1100);
  chmodSync(join(root, ledgerName), 0o444);
  const { failures, givenUp, ...outcome } = await runUnprivileged();
  assert.deepEqual([failures, givenUp], [[], undefined]);
  assert.deepEqual(tallies({ failures, givenUp, ...outcome }), { fresh: 2, spare: 1 });
  // Files may be added, but are not recorded: none would be known again.
  chmodSync(root, 0o777);
  put(join(root, 'c.js'), text('three'));
  const why = '.plinth-precompress: permission denied';
  assert.deepEqual((await runUnprivileged()).givenUp, { kind: 'unwritable', why });
  assert.deepEqual(names(root), [...siblingsOf('a.js', 'b.js'), 'c.js', 'noise.txt'].sort());
});

test('without its ledger, or with a torn one, what is there is left alone', async () => {
  const root = folderOf({ 'a.js': text('one') });
  await run(root);
  const ledger = join(root, ledgerName);
  const whole = readFileSync(ledger, 'utf8');
  rmSync(ledger);
  assert.deepEqual(tallies(await run(root)), { foreign: 1 });
  writeFileSync(ledger, whole.slice(0, -100));
  put(join(root, 'b.js'), text('two'));
  const { codings } = await run(root);
  const counts = [...codings.values()];
  assert.equal(
    counts.reduce((sum, { foreign }) => sum + foreign, 0),
    1,
    'the one whose line is torn',
  );
  assert.equal(
    counts.reduce((sum, { made }) => sum + made, 0),
    suffixes.length,
    'b.js',
  );
  const after = await run(root);
  assert.equal(
    [...after.codings.values()].reduce((sum, { fresh }) => sum + fresh, 0),
    2 * suffixes.length - 1,
  );
});

test('the ledger names no file, and one that is a link is refused', async () => {
  const root = folderOf({ 'secret-plan.txt': text('one') });
  await run(root);
  assert.doesNotMatch(readFileSync(join(root, ledgerName), 'utf8'), /secret/);
  const other = folderOf({ 'a.js': text('one') });
  symlinkSync(join(root, ledgerName), join(other, ledgerName));
  await assert.rejects(run(other), { code: 'ELOOP' });
});

test('siblings have the permissions of their file', async () => {
  const root = folderOf({ 'a.js': text('one'), 'b.js': text('two') });
  chmodSync(join(root, 'a.js'), 0o640);
  chmodSync(join(root, 'b.js'), 0o604);
  await run(root);
  for (const suffix of suffixes) {
    assert.equal(statSync(join(root, `a.js${suffix}`)).mode & 0o777, 0o640);
    assert.equal(statSync(join(root, `b.js${suffix}`)).mode & 0o777, 0o604);
  }
});

const noOwners = process.getuid?.() === 0 || process.env.CI ? false : 'needs root, to have files of others';

test('a group keeps what it may where the sibling has it too, and gets no more where it has another', {
  skip: noOwners,
}, async () => {
  const root = folderOf({ 'a.js': text('one'), 'sub/b.js': text('two') });
  const [owner, runner, group, another] = [65_533, 65_534, 65_532, 65_531];
  chownSync(join(root, 'a.js'), owner, group);
  chownSync(join(root, 'sub/b.js'), owner, another);
  for (const name of ['a.js', 'sub/b.js']) chmodSync(join(root, name), 0o664);
  // New files have the group of a folder of this mode.
  for (const folder of [root, join(root, 'sub')]) {
    chownSync(folder, runner, group);
    chmodSync(folder, 0o2775);
  }
  process.seteuid?.(runner);
  await run(root).finally(() => process.seteuid?.(0));
  for (const suffix of suffixes) {
    assert.equal(statSync(join(root, `a.js${suffix}`)).mode & 0o777, 0o664);
    assert.equal(statSync(join(root, `sub/b.js${suffix}`)).mode & 0o777, 0o644);
  }
});

test('a sibling is never readable for more than its file is', async () => {
  const root = folderOf({ 'a.js': text('one') });
  await run(root);
  chmodSync(join(root, 'a.js'), 0o600);
  assert.deepEqual(tallies(await run(root)), { fresh: 1 });
  for (const suffix of suffixes) assert.equal(statSync(join(root, `a.js${suffix}`)).mode & 0o777, 0o600);
});

test('what a killed run left is removed after a day, and nothing else', async t => {
  const root = folderOf({});
  const names = ['.plinth-abcdefgh_-12.tmp', '.plinth-notes.tmp', 'x.tmp'];
  // One that is finished has the time of its file, and another run may just be about to put it in its place.
  for (const name of names) put(join(root, name), 'x');
  await run(root);
  assert.deepEqual(readdirSync(root).sort(), names);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 25 * 60 * 60 * 1000 });
  await run(root);
  assert.deepEqual(readdirSync(root).sort(), names.slice(1));
});

test('a link that takes the place of a folder under way leads nowhere', async () => {
  const outside = folderOf({ 'b.txt': text('two'), 'deep/c.txt': text('three') });
  const root = folderOf({
    'a.txt': text('a long one', 5_000),
    'sub/b.txt': text('two'),
    // The folder itself is no link, but one above it is.
    'sub/deep/c.txt': text('three'),
  });
  // The very file, so that nothing but the folder is another.
  for (const path of ['b.txt', 'deep/c.txt']) {
    unlinkSync(join(outside, path));
    linkSync(join(root, 'sub', path), join(outside, path));
  }
  let isSwapped = false;
  const outcome = await run(root, progress => {
    if (progress.kind !== 'coding' || isSwapped) return;
    isSwapped = true;
    renameSync(join(root, 'sub'), join(scratch, 'moved'));
    symlinkSync(outside, join(root, 'sub'));
  });
  assert.deepEqual(names(outside), ['b.txt', 'deep/c.txt']);
  assert.deepEqual(outcome.failures.map(({ path }) => path).sort(), ['sub/b.txt', 'sub/deep/c.txt']);
});

test('a file that is written to while it is coded gets no sibling, and the rest do', async () => {
  const root = folderOf({ 'a.txt': text('a long one', 5_000), 'b.txt': text('two') });
  let isWritten = false;
  const outcome = await run(root, progress => {
    if (progress.kind !== 'coding' || isWritten) return;
    isWritten = true;
    appendFileSync(join(root, 'a.txt'), 'and more\n');
  });
  assert.deepEqual(outcome.failures, [{ path: 'a.txt', why: 'was written to in the meantime' }]);
  const siblings = siblingsOf('b.txt');
  assert.deepEqual(
    names(root).filter(name => !name.startsWith('a.')),
    siblings,
  );
  for (const name of names(root).filter(one => one.startsWith('a.txt.'))) assert.fail(name);
});

test('a file that another takes the place of gets no sibling of the first', async () => {
  const root = folderOf({ 'a.txt': text('a long one', 5_000), 'spare/b.txt': text('another one', 5_000) });
  let isSwapped = false;
  await run(root, progress => {
    if (progress.kind !== 'coding' || isSwapped) return;
    isSwapped = true;
    renameSync(join(root, 'spare/b.txt'), join(root, 'a.txt'));
  });
  for (const coding of makeableCodings) {
    const path = `a.txt${codingSuffixes[coding]}`;
    assert.ok(!names(root).includes(path), path);
  }
});

test('what cannot be read or stored is told, and the rest is done', async t => {
  const long = `${'n'.repeat(250)}.txt`;
  const root = folderOf({
    'a.txt': text('one'),
    'shut.txt': text('two'),
    'closed/c.txt': text('x'),
    [long]: text('y'),
  });
  linkSync(join(root, 'a.txt'), join(root, 'b.txt'));
  chmodSync(root, 0o777);
  chmodSync(join(root, 'shut.txt'), 0);
  chmodSync(join(root, 'closed'), 0);
  t.after(() => chmodSync(join(root, 'closed'), 0o755));
  // Whoever may do everything can be kept from nothing.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  const outcome = await run(root).finally(() => {
    if (isRoot) process.seteuid?.(0);
  });
  const failures = outcome.failures.map(({ path, why }) => `${path}: ${why}`).sort();
  assert.deepEqual(failures, [
    'closed: permission denied',
    `${long}: name too long`,
    'shut.txt: permission denied',
  ]);
  assert.deepEqual(tallies(outcome), { made: 2 });
});

test('two runs at once leave each sibling whole, known and of its file', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [`${at}.js`, text(`file ${at}`, 300)]),
  );
  const root = folderOf(files);
  const [one, other] = await Promise.all([run(root), run(root)]);
  assert.deepEqual([...one.failures, ...other.failures, ...one.foreign, ...other.foreign], []);
  for (const [path, content] of Object.entries(files)) {
    for (const coding of makeableCodings) {
      assert.equal(decoded(join(root, path + codingSuffixes[coding]), coding).toString(), content);
    }
  }
  assert.deepEqual(names(root), siblingsOf(...Object.keys(files)));
  assert.deepEqual(tallies(await run(root)), { fresh: 30 });
});

test('a run that is stopped leaves finished siblings and nothing else', async () => {
  const root = folderOf({
    'a.txt': text('a long one', 30_000),
    'b.txt': text('two'),
    'c.txt': text('three'),
  });
  const stop = new AbortController();
  const outcome = await precompress(root, 2, stop.signal, progress => {
    if (progress.kind === 'coding' && progress.bytes > 300_000) stop.abort();
  });
  assert.deepEqual(outcome.givenUp, { kind: 'stopped' });
  assert.deepEqual(outcome.failures, []);
  assert.ok(!names(root).includes('a.txt.br'));
  assert.deepEqual(
    names(root).filter(name => name.includes('.plinth')),
    [],
  );
  assert.deepEqual((await run(root)).failures, []);
  assert.deepEqual(names(root), siblingsOf('a.txt', 'b.txt', 'c.txt'));
});

test('siblings of ours whose files are gone are told, since the server still serves them', async () => {
  const root = folderOf({ 'a.html': text('one'), 'b.html': text('two') });
  await run(root);
  unlinkSync(join(root, 'a.html'));
  put(join(root, 'c.html.gz'), zlib.gzipSync('stored like that by somebody'));
  const { orphans } = await run(root);
  assert.deepEqual([...orphans].sort(), suffixes.map(suffix => `a.html${suffix}`).sort());
  assert.ok(names(root).includes('a.html.br'));
});
