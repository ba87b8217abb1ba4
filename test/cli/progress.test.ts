import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesInWords, progressParts, terminalLine, timeInWords } from '../../src/cli/progress.ts';
import type { Style } from '../../src/cli/style.ts';
import type { Progress } from '../../src/precompress/precompress.ts';

const same = (text: string): string => text;
const plain: Style = { bold: same, dim: same, accent: same, warn: same, good: same, bad: same };

const half: Progress = {
  kind: 'coding',
  files: 3,
  filesMax: 12,
  bytes: 4_000_000,
  bytesMax: 10_000_000,
  share: 0.5,
};

test('what is told is what is done: files, octets, their rate and the time left', () => {
  const rows: readonly (readonly [Progress, number, readonly string[]])[] = [
    [{ kind: 'looking', files: 7 }, 9000, ['7 files looked at']],
    [{ kind: 'comparing', files: 7, filesMax: 9 }, 9000, ['7 of 9 files compared']],
    [half, 2000, ['50 %', '3 of 12 files', '4.0 MB of 10 MB', '2.0 MB/s', '2 s left']],
    [
      { ...half, share: 0.1 },
      10_000,
      ['10 %', '3 of 12 files', '4.0 MB of 10 MB', '400 kB/s', '1 min 30 s left'],
    ],
    [{ ...half, share: 0.999 }, 10_000, ['99 %', '3 of 12 files', '4.0 MB of 10 MB', '400 kB/s', '1 s left']],
    [
      { ...half, share: 1, bytes: 10_000_000 },
      10_000,
      ['99 %', '3 of 12 files', '10 MB of 10 MB', '1.0 MB/s', '1 s left'],
    ],
    // A rate of so little time is none.
    [half, 500, ['50 %', '3 of 12 files', '4.0 MB of 10 MB']],
  ];
  for (const [progress, elapsedMs, parts] of rows)
    assert.deepEqual(progressParts(progress, elapsedMs), parts);
});

test('the line fits the terminal, with a bar where there is room for one', () => {
  const parts = progressParts(half, 2000);
  for (const columns of [20, 40, 60, 73, 74, 80, 120, 300]) {
    const line = terminalLine(half, parts, columns, plain);
    assert.ok(line.length < columns, `${line.length} of ${columns}`);
    assert.equal(/█/.test(line), columns >= 74, line);
  }
  const long = [...parts, 'and whatever else there may be to say about it'];
  assert.ok(terminalLine(half, long, 80, plain).endsWith('2 s left'));
  // Half of a number would be another number.
  assert.equal(terminalLine(half, parts, 40, plain), ' 50 %  3 of 12 files  4.0 MB of 10 MB');
  const slow = progressParts({ ...half, files: 12_345, filesMax: 50_000, share: 0.01 }, 36_000);
  assert.equal(slow.at(-1), '59 min 24 s left');
  assert.match(
    terminalLine(half, slow, 80, plain),
    /░ {2}1 % {2}12345 of 50000 files {2}4\.0 MB of 10 MB {2}111 kB\/s$/,
  );
  assert.match(terminalLine(half, parts, 300, plain), /^ {2}█{12}░{12} {2}50 %/);
});

test('octets and times are said in few figures', () => {
  const sizes = [0, 999, 1000, 9949, 9950, 999_499, 999_500, 1.5e9, 2e12].map(bytesInWords);
  assert.deepEqual(sizes, [
    '0 B',
    '999 B',
    '1.0 kB',
    '9.9 kB',
    '10 kB',
    '999 kB',
    '1.0 MB',
    '1.5 GB',
    '2.0 TB',
  ]);
  const times = [1, 1000, 59_001, 61_000, 3_599_000, 7_260_000].map(timeInWords);
  assert.deepEqual(times, ['1 s', '1 s', '1 min 0 s', '1 min 1 s', '59 min 59 s', '2 h 1 min']);
});
