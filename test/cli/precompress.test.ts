// The command, run as it is shipped, and what the server makes of what it made.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { makeableCodings } from '../../src/precompress/coders.ts';
import { skipWithout } from '../faults/process.ts';
import { until } from '../workers/processes.ts';
import { exchange, plinth, Run, scratch, serving } from './command.ts';

const example = join(import.meta.dirname, '..', '..', 'examples', 'site');
const noMount = process.getuid?.() === 0 || process.env.CI ? false : 'needs root, to mount a small disk';

function text(lines: number): string {
  return Array.from({ length: lines }, (_, at) => `line ${at * at} of ${at % 13}\n`).join('');
}

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(scratch, name);
  mkdirSync(root);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(root, file), content);
  return root;
}

/** As on a machine of many processors: the command runs again with more threads. */
const manyCores = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    "import os from'node:os';import{syncBuiltinESMExports}from'node:module';os.availableParallelism=()=>24;syncBuiltinESMExports()",
  )}`,
};

function decode(coding: string, octets: Buffer): Buffer {
  if (coding === 'br') return zlib.brotliDecompressSync(octets);
  if (coding === 'gzip') return zlib.gunzipSync(octets);
  const { zstdDecompressSync } = zlib as { readonly zstdDecompressSync?: (octets: Buffer) => Buffer };
  return zstdDecompressSync?.(octets) ?? octets;
}

test('what is wrong is one line that names it, with exit code 2', async () => {
  writeFileSync(join(scratch, 'plain'), '');
  const rows: readonly (readonly [readonly string[], string])[] = [
    [[], 'wanted a folder: plinth precompress <folder>'],
    [['a', 'b'], 'unexpected argument "b"; wanted one folder'],
    [['--quite', 'a'], 'unknown flag "--quite"; did you mean --quiet?'],
    [['--level=9', 'a'], 'unknown flag "--level=9"; --help lists the known ones'],
    [['absent'], 'folder "absent" does not exist'],
    [['--', '--quite'], 'folder "--quite" does not exist'],
    [['plain'], 'folder "plain" is not a folder'],
    [['/'], 'folder "/" is the whole file system; serve a folder in it'],
  ];
  for (const [argv, message] of rows) {
    const stderr = `plinth precompress: ${message}\n`;
    assert.deepEqual(await plinth(['precompress', ...argv]).ended, { code: 2, stdout: '', stderr });
  }
});

test('its help fits a screen, and says how a folder of its name is served', async () => {
  const { code, stdout } = await plinth(['precompress', '--help']).ended;
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.ok(lines.length <= 24 && lines.every(line => line.length <= 80), stdout);
  assert.match(stdout, /plinth \.\/precompress/);
});

test('a folder called precompress is served by its path', async () => {
  folder('precompress', { 'a.txt': 'here' });
  const { run, port } = await serving(['./precompress', '0', '-q', '--host', '127.0.0.1']);
  assert.match(await exchange(port, 'GET /a.txt HTTP/1.0\r\n\r\n'), /here$/);
  await run.stop();
});

test('the server sends what was made, and each coding decodes to the file', async () => {
  const root = join(scratch, 'example');
  cpSync(example, root, { recursive: true });
  const made = await plinth(['precompress', root]).ended;
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /^Looked at \d+ files in \d+ folders, \d+ worth coding/);
  for (const coding of makeableCodings) {
    assert.match(made.stdout, new RegExp(`^ {2}${coding} +[1-9]\\d* +0 +\\d+ +0 .* \\d+ %$`, 'm'));
  }
  assert.equal(/zstd: not made, as this Node/.test(made.stdout), !makeableCodings.includes('zstd'));
  assert.match(made.stdout, /\nMade \d+ files in \d+ m?s with \d+ threads?\n$/);

  const { run, port } = await serving([root, '0', '-q', '--host', '127.0.0.1']);
  const suffixes = { br: '.br', zstd: '.zst', gzip: '.gz' };
  for (const file of ['index.html', 'styles/site.css', 'scripts/site.js', 'images/plinth.svg']) {
    for (const coding of makeableCodings) {
      const ask = `GET /${file} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${coding}\r\nConnection: close\r\n\r\n`;
      const answer = Buffer.from(await exchange(port, ask), 'latin1');
      const cut = answer.indexOf('\r\n\r\n') + 4;
      assert.match(
        answer.toString('latin1', 0, cut),
        new RegExp(`^Content-Encoding: ${coding}\r$`, 'm'),
        file,
      );
      const content = answer.subarray(cut);
      assert.deepEqual(content, readFileSync(join(root, `${file}${suffixes[coding]}`)), 'not the stored one');
      assert.deepEqual(decode(coding, content), readFileSync(join(root, file)));
    }
  }
  assert.match(await exchange(port, 'GET /.plinth-precompress HTTP/1.0\r\n\r\n'), /^HTTP\/1\.\d 404 /);
  await run.stop();

  const again = await plinth(['precompress', root]).ended;
  assert.equal(again.code, 0);
  assert.match(again.stdout, /\nNothing to do; looked in \d+ m?s with \d+ threads?\n$/);
  const quiet = await plinth(['precompress', '-q', root]).ended;
  assert.deepEqual(quiet, { code: 0, stdout: '', stderr: '' });
});

test('as many threads as there are processors, or as are allowed, code without a word of warning', async () => {
  const files = Object.fromEntries(Array.from({ length: 24 }, (_, at) => [`${at}.txt`, text(200)]));
  const rows: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['24 threads', {}],
    ['1 thread', { UV_THREADPOOL_SIZE: '1' }],
  ];
  for (const [said, env] of rows) {
    const root = folder(said, files);
    const { code, stdout, stderr } = await plinth(['precompress', root], { ...manyCores, ...env }).ended;
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /Warning/);
    assert.match(stdout, new RegExp(`\nMade ${24 * makeableCodings.length} files in .* with ${said}\n$`));
  }
});

test('a file that cannot be stored is named, with exit code 1', async () => {
  const name = `${'n'.repeat(250)}.txt`;
  const root = folder('long', { [name]: text(200), 'fine.txt': text(200) });
  const { code, stdout, stderr } = await plinth(['precompress', root]).ended;
  assert.equal(code, 1);
  assert.equal(stderr, `plinth precompress: ${name}: name too long\n`);
  assert.match(stdout, new RegExp(`Made ${makeableCodings.length} files`));
});

test('Ctrl-C ends it with 130 and no temporary file, also through the process that gave it threads', async () => {
  const rows = [
    ['one', {}],
    ['many', manyCores],
  ] as const;
  for (const [name, env] of rows) {
    const root = folder(name, { 'big.txt': text(400_000) });
    const run = new Run(['precompress', root], env);
    await until(() => readdirSync(root).some(file => file.endsWith('.tmp')), 'it codes');
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    assert.equal(code, 130);
    assert.match(stderr, /plinth precompress: stopped; what was finished stays\n$/);
    assert.deepEqual(
      readdirSync(root).filter(file => file.endsWith('.tmp') || file.endsWith('.br')),
      [],
    );
  }
});

test('a full disk ends it with one clear line, and no temporary file stays', { skip: noMount }, async t => {
  const disk = join(scratch, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', disk]);
  t.after(() => execFileSync('umount', ['--lazy', disk]));
  writeFileSync(join(disk, 'a.txt'), text(200));
  writeFileSync(join(disk, 'b.txt'), Buffer.from(text(18_000)).subarray(0, 300 * 1024));
  writeFileSync(join(disk, 'filler.bin'), Buffer.alloc(76 * 1024));
  const { code, stderr } = await plinth(['precompress', disk]).ended;
  assert.equal(code, 1);
  assert.equal(stderr, 'plinth precompress: given up: no space left on device\n');
  assert.deepEqual(
    readdirSync(disk).filter(name => name.endsWith('.tmp')),
    [],
  );
});

test('where its record has no room nothing is stored, and the next run makes up for it', {
  skip: skipWithout('prlimit', 'util-linux'),
}, async () => {
  const root = folder('recordless', { 'a.txt': text(200), 'b.txt': text(200) });
  writeFileSync(join(root, '.plinth-precompress'), `# ${'x'.repeat(1997)}\n`);
  const { code, stderr } = await new Run(['precompress', root], {}, 'pipe', ['prlimit', '--fsize=2100'])
    .ended;
  assert.equal(code, 1);
  assert.equal(stderr, 'plinth precompress: given up: .plinth-precompress: file too large\n');
  assert.deepEqual(readdirSync(root).sort(), ['.plinth-precompress', 'a.txt', 'b.txt']);
  const { stdout } = await plinth(['precompress', root]).ended;
  assert.match(stdout, new RegExp(`Made ${2 * makeableCodings.length} files`));
  assert.doesNotMatch(stdout, /others made/);
});

test('on a terminal one line is drawn over and over, and gone at the end', {
  skip: skipWithout('script', 'bsdutils'),
}, async () => {
  const root = folder('drawn', { 'big.txt': text(30_000) });
  const inTerminal = ['sh', '-c', 'exec script -qfec "$*" /dev/null', 'sh'];
  const plain = await new Run(['precompress', root], { NO_COLOR: '1', TERM: 'xterm' }, 'pipe', inTerminal)
    .ended;
  assert.match(plain.stdout, /\r {2}█*░+ {2}\d+ % {2}0 of 1 files {2}\d.* of \d\.\d MB/);
  assert.match(plain.stdout, /\r\x1b\[KLooked at 1 file in 1 folder/);
  assert.doesNotMatch(plain.stdout, /\x1b\[\d+m/);
  assert.doesNotMatch(plain.stdout, /big\.txt/);
});
