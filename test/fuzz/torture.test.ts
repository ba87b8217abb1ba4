// Some seconds of `npm run torture` on the built server, and proof that its eyes are open.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { seedOf } from '../../fuzz/random.ts';
import { type TortureReport, torture } from '../../fuzz/torture/session.ts';
import { mixed, notBeginning, notWhole, readStamp, versionBytes } from '../../fuzz/torture/version.ts';

test('under mutated requests, hostile clients and changing files every answer to a calm client is right', async context => {
  const seed = seedOf(process.env.PLINTH_FUZZ_SEED);
  let report: TortureReport;
  let aborted: number;
  let runs = 0;
  do {
    aborted = abortedForMemory();
    report = await torture({ seconds: process.env.CI ? 20 : 8, seed });
    aborted = abortedForMemory() - aborted;
    if (aborted > 0)
      context.diagnostic(`the system ran out of memory for TCP and ended ${aborted} connections`);
    // Beside other tests that hold large answers unread: what the system cuts off tells nothing of the server.
  } while (aborted > 0 && isCutOff.test(report.failure ?? '') && ++runs < 3);
  const { failure, counts, versions, descriptors, memoryMiB } = report;
  context.diagnostic(`seed ${seed}: ${JSON.stringify({ ...counts, versions, descriptors, memoryMiB })}`);
  assert.equal(failure, undefined, `seed ${seed}`);
  const { calm, partial, notModified, changes, mutatedAnswers, hostileAnswers } = counts;
  for (const [name, count] of Object.entries({ calm, partial, notModified, changes, versions })) {
    assert.ok(count > 0, `no ${name}`);
  }
  assert.ok(mutatedAnswers > 0 && hostileAnswers > 0, 'nobody tortured the server');
});

/** A failure that a reset by the system explains; any other one counts at once. */
const isCutOff = /ended after \d+ of \d+ bytes.*reset/s;

/** Connections that Linux has ended because all of TCP held too much memory (`TCPAbortOnMemory`); 0 where none tells. */
function abortedForMemory(): number {
  try {
    const lines = readFileSync('/proc/net/netstat', 'latin1').split('\n');
    const [names = [], figures = []] = lines
      .filter(line => line.startsWith('TcpExt:'))
      .map(line => line.split(' '));
    return Number(figures[names.indexOf('TCPAbortOnMemory')] ?? 0);
  } catch {
    return 0;
  }
}

const one = { version: 1, length: 200_000 };
const two = { version: 2, length: 200_000 };

test('a version is told from any other content', () => {
  const bytes = versionBytes(one);
  assert.deepEqual(readStamp(bytes), one);
  assert.equal(notWhole(bytes), undefined);
  const rows: readonly (readonly [string, Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['cut short', bytes.subarray(0, -1)],
    ['too long', Buffer.concat([bytes, bytes.subarray(-1)])],
    ['one octet is another', Buffer.from(bytes).fill(7, 1000, 1001)],
    ['the end of another version', spliced(65_536, versionBytes(two).subarray(65_536))],
    ['a step that stands twice', spliced(131_072, bytes.subarray(65_536, 131_072))],
    ['the beginning missing', bytes.subarray(100)],
  ];
  for (const [what, content] of rows) assert.notEqual(notWhole(content), undefined, what);
});

test('the beginning of a version is told from a mixture', () => {
  const bytes = versionBytes(one);
  assert.equal(notBeginning(bytes.subarray(0, 0)), undefined);
  assert.equal(notBeginning(bytes.subarray(0, 100)), undefined);
  assert.notEqual(notBeginning(bytes.subarray(0, 10)), undefined);
  assert.notEqual(
    notBeginning(spliced(100, versionBytes(two).subarray(100, 300)).subarray(0, 300)),
    undefined,
  );
});

test('a part is held against the version and the place that it names', () => {
  const part = versionBytes(one).subarray(1000, 2000);
  assert.equal(mixed(part, 1000, one), undefined);
  assert.match(mixed(part, 1001, one) ?? '', /^octet 1001 is not of version 1 /);
  assert.match(mixed(part, 1000, two) ?? '', /^octet 1000 is not of version 2 /);
});

/** Version one with other octets from a place on. */
function spliced(at: number, octets: Buffer): Buffer {
  const bytes = Buffer.from(versionBytes(one));
  bytes.set(octets, at);
  return bytes;
}
