// A store, the system beneath it and a socket that fail at their n-th call, for every n. After each failure the
// server answers as ever, and nothing is left: no descriptor, no timer, no socket, no rejection that nobody took.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { memoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { storeAt } from '../store/disk-fixture.ts';
import { ways } from '../store/stopwatches.ts';
import { Countdown, type Lasting } from './countdown.ts';
import { breakable, socketFaults } from './faulty-socket.ts';
import { faultyStore, storeFaults } from './faulty-store.ts';
import { breakSystem, systemFaults } from './faulty-system.ts';
import { type House, startHouse } from './house.ts';
import { type Answer, contents, freshAnswer, type Outcome, runScript } from './script.ts';

let root = '';
const stray: unknown[] = [];
const note = (error: unknown): void => void stray.push(error);

before(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-faults-')));
  for (const [path, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  // Whatever Node opens for its own use the first time is no leak.
  const house = await startHouse(counted(storeAt(root)));
  await runScript(house.place);
  await house.stop();
});
after(() => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  rmSync(root, { recursive: true, force: true });
  assert.deepEqual(stray, []);
});

const stores: readonly { readonly name: string; readonly make: () => Store; readonly lasting: Lasting }[] = [
  { name: 'memory', make: () => memoryStore(contents), lasting: 'from then on' },
  { name: 'disk', make: () => storeAt(root), lasting: 'once' },
];
const lastings: readonly Lasting[] = ['once', 'from then on'];

test('the script itself meets every status and no cut answer', async t => {
  const house = await startHouse(counted(storeAt(root)));
  t.after(() => house.stop());
  const outcomes = await runScript(house.place);
  const statuses = new Set(outcomes.flatMap(({ answers }) => answers.map(({ status }) => status)));
  assert.deepEqual([...statuses].sort(), [200, 206, 304, 308, 400, 404, 405, 412, 416]);
  assert.deepEqual(await runScript(house.place), outcomes);
  assert.ok(outcomes.every(({ isCut }) => !isCut));
  await house.settle();
});

for (const fault of storeFaults) {
  for (const { name, make, lasting } of stores) {
    test(`a ${name} store that ${fault.name}, ${lasting}, at its n-th call`, async t => {
      const countdown = new Countdown();
      const house = await startHouse(faultyStore(make(), fault, countdown));
      t.after(() => house.stop());
      await everyCall(t, house, countdown, lasting, (answer, clean) =>
        isRefusal(answer, clean, fault.refusals),
      );
    });
  }
}

for (const fault of systemFaults) {
  for (const [lasting, way, stopwatch] of lastings.flatMap(lasting =>
    ways.map(([way, stopwatch]) => [lasting, way, stopwatch] as const),
  )) {
    test(`a system that fails with ${fault.code}, ${lasting}, at its n-th call, made ${way}`, async t => {
      const countdown = new Countdown();
      t.after(breakSystem(fault, countdown));
      const house = await startHouse(storeAt(root, { stopwatch: stopwatch() }));
      t.after(() => house.stop());
      await everyCall(
        t,
        house,
        countdown,
        lasting,
        (answer, clean) =>
          isRefusal(answer, clean, fault.refusals) || (fault.hidesMembers && isShorterListing(answer, clean)),
      );
    });
  }
}

test('a disk that fails under a file is told to the operator, and is no bug', async t => {
  const countdown = new Countdown();
  t.after(breakSystem({ code: 'EIO', calls: ['read'], refusals: [], hidesMembers: false }, countdown));
  const house = await startHouse(storeAt(root));
  t.after(() => house.stop());
  countdown.arm(1, 'from then on');
  const outcomes = await runScript(house.place);
  const expected = [
    '/small.txt: EIO: injected by a test, read',
    '/large.bin: EIO: injected by a test, read; connection closed',
  ];
  assert.deepEqual(house.reports.slice(0, 2), expected);
  assert.deepEqual(
    house.reports.filter(line => /bug/.test(line)),
    [],
  );
  assert.equal(outcomes[0]?.answers[0]?.status, 500);
  assert.deepEqual(outcomes[1], { answers: [], isCut: true });
});

for (const fault of socketFaults) {
  test(`a socket that ${fault.name}, at the n-th time`, async t => {
    const countdown = new Countdown();
    const house = await startHouse(counted(storeAt(root)), breakable(fault, countdown));
    t.after(() => house.stop());
    // The store works: whatever comes whole is the right answer.
    await everyCall(t, house, countdown, 'once', () => false);
  });
}

/** Whether an answer that is not the right one is one that a client may be given instead. */
type Judge = (answer: Answer, clean: Answer) => boolean;

/**
 * Runs the script with the n-th call failing, for n from 1 until the fault is no longer reached. What looks whole
 * must be the right answer, or one that `mayBe` admits.
 */
async function everyCall(
  t: TestContext,
  house: House,
  countdown: Countdown,
  lasting: Lasting,
  mayBe: Judge,
): Promise<void> {
  const clean = await runScript(house.place);
  const fresh = await freshAnswer(house.place);
  await house.settle();
  for (let n = 1; ; n += 1) {
    countdown.arm(n, lasting);
    const outcomes = await runScript(house.place);
    await house.settle();
    const { calls, strikes } = countdown;
    countdown.repair();
    if (strikes === 0) {
      assert.deepEqual(outcomes, clean);
      // Not always the same number: a reader that does not keep up is read for in smaller steps.
      assert.ok(calls > 10, `the script makes only ${calls} calls`);
      t.diagnostic(`${calls} calls`);
      return;
    }
    judge(`n = ${n}`, outcomes, clean, mayBe);
    assert.deepEqual(await freshAnswer(house.place), fresh, `n = ${n}`);
    await house.settle();
    assert.deepEqual(stray, [], `n = ${n}`);
  }
}

function judge(run: string, outcomes: readonly Outcome[], clean: readonly Outcome[], mayBe: Judge): void {
  for (const [step, { answers }] of outcomes.entries()) {
    for (const [index, answer] of answers.entries()) {
      const expected = clean[step]?.answers[index];
      const place = `${run}, connection ${step}, answer ${index}`;
      assert.ok(expected !== undefined, `${place} is one too many`);
      const shown = `${answer.head}\n\n${answer.content.slice(0, 300)}`;
      assert.ok(isSame(answer, expected) || mayBe(answer, expected), `${place} is wrong:\n${shown}`);
    }
  }
}

function isSame(answer: Answer, clean: Answer): boolean {
  return answer.head === clean.head && answer.content === clean.content;
}

/** One of the statuses, or the right status, with an error page for content: the site's or ours. */
function isRefusal({ status, content }: Answer, clean: Answer, refusals: readonly number[]): boolean {
  if (status < 400 || (status !== clean.status && !refusals.includes(status))) return false;
  if (content === '') return clean.content === '' && clean.status < 400;
  return content.includes(String(status)) || (status === 404 && sitePages.includes(content));
}

const sitePages: readonly unknown[] = [contents['404.html'], contents['docs/404.html']];

/** A folder's listing without the members that cannot be looked at. */
function isShorterListing({ status, head, content }: Answer, clean: Answer): boolean {
  const hrefs = (page: string): string[] => page.match(/\bhref"?[=:] ?"[^"]*"/g) ?? [];
  const known = hrefs(clean.content);
  const isListing = status === 200 && clean.status === 200 && head.includes('\r\nVary: Accept');
  return isListing && hrefs(content).every(href => known.includes(href));
}

function counted(store: Store): Store & { readonly openFiles: number } {
  return faultyStore(store, { name: 'never fails', refusals: [] }, new Countdown());
}
