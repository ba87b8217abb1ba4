import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ContentCoding } from '../../src/http/coding.ts';
import { Background, type Thread } from '../../src/server/background.ts';
import { knownCodings, undo } from '../../src/server/zlib-codings.ts';
import { startBackground } from './background-fixture.ts';

const { background, reports } = startBackground();

/** Octets that are handed over: the caller keeps its own. */
function handed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}

function ofNumbers(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, at) => `line ${at} of ${at % 17}\n`).join(''));
}

/** Priorities of the threads of this process, by number: the higher, the later its turn. Undefined where nobody tells. */
function priorities(): readonly number[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc/self/task').map(task => getPriority(Number(task)));
}

for (const coding of knownCodings) {
  test(`what the thread makes in ${coding} is what was coded, whatever its length`, async () => {
    const slice = 64 * 1024;
    const lengths = [0, 1, slice - 1, slice, slice + 1, 3 * slice, 1024 * 1024, 1024 * 1024 + 5];
    const text = ofNumbers(80_000);
    for (const length of lengths) {
      const content = text.subarray(0, length);
      const outcome = await background.run('later', thread => thread.code(handed(content), coding));
      assert.ok(outcome.kind === 'done');
      assert.deepEqual(await undo(outcome.result, coding, length + 1), content);
      if (length > 1000) assert.ok(outcome.result.length < length / 4);
    }
  });

  test(`any octets come back from ${coding}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async content => {
        const outcome = await background.run('soon', thread => thread.code(handed(content), coding));
        assert.ok(outcome.kind === 'done');
        assert.deepEqual(await undo(outcome.result, coding, 301), Buffer.from(content));
      }),
      { numRuns: 50 },
    );
  });
}

test('a hash is the same in whatever pieces it is made, and one that was given up leaves nothing', async () => {
  const content = ofNumbers(1000);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(content.length), { maxLength: 5 }),
      fc.boolean(),
      async (cuts, isDisturbed) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), content.length];
        const outcome = await background.run('soon', async thread => {
          if (isDisturbed) await thread.hash(handed(content), { isFirst: true, isLast: false });
          let answer: Uint8Array = new Uint8Array(0);
          for (const [index, end] of edges.slice(1).entries()) {
            const isLast = index === edges.length - 2;
            const piece = handed(content.subarray(edges[index], end));
            answer = await thread.hash(piece, { isFirst: index === 0, isLast });
            if (!isLast) assert.deepEqual(Buffer.from(answer), content.subarray(edges[index], end));
          }
          return Buffer.from(answer).toString('hex');
        });
        const expected = createHash('sha256').update(content).digest('hex');
        assert.deepEqual(outcome, { kind: 'done', result: expected });
      },
    ),
    { numRuns: 30 },
  );
});

test('the thread has the lowest priority and no other thread is touched', async t => {
  const before = getPriority();
  const outcome = await background.run('soon', async () => priorities());
  assert.ok(outcome.kind === 'done');
  if (outcome.result === undefined) return t.skip('priorities of threads cannot be read here');
  assert.equal(getPriority(), before);
  assert.equal(outcome.result.filter(priority => priority === 19).length, 1);
});

test('one job runs at a time, those for soon before those for later, each in its order', async () => {
  const order: string[] = [];
  let running = 0;
  const job = (name: string) => async (): Promise<void> => {
    running += 1;
    assert.equal(running, 1);
    await new Promise(setImmediate);
    order.push(name);
    running -= 1;
  };
  const wanted = [
    ['soon', 'first'],
    ['later', 'd'],
    ['soon', 'b'],
    ['later', 'e'],
    ['soon', 'c'],
  ] as const;
  const outcomes = await Promise.all(wanted.map(([when, name]) => background.run(when, job(name))));
  assert.deepEqual(order, ['first', 'b', 'c', 'd', 'e']);
  assert.ok(outcomes.every(({ kind }) => kind === 'done'));
});

test('beyond its bound the queue takes no more, and a stop gives all of it up', async () => {
  const full = new Background(line => assert.fail(line));
  const running = full.run('soon', thread => thread.code(handed(ofNumbers(400_000)), 'br'));
  const queued = Array.from({ length: 1100 }, () => full.run('later', async () => {}));
  for (const outcome of await Promise.all(queued.slice(1024))) assert.equal(outcome.kind, 'not-now');
  full.stop();
  for (const outcome of await Promise.all([running, ...queued])) assert.equal(outcome.kind, 'not-now');
  assert.equal((await full.run('soon', async () => 'again')).kind, 'done');
  full.stop();
});

/** Jobs that break, each in its way; all but the last kill the thread. */
const deadly: readonly (readonly [name: string, job: (thread: Thread) => Promise<unknown>])[] = [
  ['a coding that nobody knows', thread => thread.code(new Uint8Array(9), 'none' as ContentCoding)],
  [
    'octets that are none',
    thread => thread.hash({ buffer: new ArrayBuffer(1) } as never, { isFirst: true, isLast: true }),
  ],
  ['a task that is none', thread => thread.hash(null as never, { isFirst: true, isLast: true })],
  ['a disk that fails', () => Promise.reject(new Error('EIO'))],
];

for (const [name, job] of deadly) {
  test(`after ${name} the next job finds a thread again`, async () => {
    reports.length = 0;
    assert.deepEqual(await background.run('soon', job), { kind: 'broken' });
    assert.equal(reports.length, 1);
    assert.match(reports[0] ?? '', /^background work failed: ./);
    const outcome = await background.run('soon', thread => thread.code(handed(ofNumbers(10)), 'gzip'));
    assert.equal(outcome.kind, 'done');
    assert.equal(reports.length, 1);
  });
}

test('a process does not wait for its thread', async () => {
  const module = new URL('../../src/server/background.ts', import.meta.url).href;
  const program = `
    const { Background } = await import(${JSON.stringify(module)});
    const alive = setInterval(() => {}, 1000);
    const background = new Background(() => {});
    await background.run('soon', thread => thread.code(new Uint8Array(9), 'gzip'));
    clearInterval(alive);
    void background.run('soon', thread => thread.code(new Uint8Array(9), 'gzip'));
    console.log('over');`;
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { encoding: 'utf8', timeout: 60_000, cwd: join(import.meta.dirname, '..', '..') },
  );
  assert.deepEqual([stdout, status], ['over\n', 0]);
});
