import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { systemStopwatch } from '../../src/store/stopwatch.ts';
import { System } from '../../src/store/system.ts';
import { folderFor } from './disk-fixture.ts';
import { quick, ways } from './stopwatches.ts';

/** A system whose next call takes so long and is held up for so long, and whether a call is made at once. */
function timedSystem() {
  let [nowMs, heldUpMs, tookMs] = [1000, 0, 0];
  let isAtEnd = false;
  const elapsed = (): number => {
    if (isAtEnd) nowMs += tookMs;
    isAtEnd = !isAtEnd;
    return nowMs;
  };
  const system = new System({ elapsed, heldUp: () => heldUpMs });
  return {
    callFor(ms: number, heldUp = 0): void {
      tookMs = ms;
      heldUpMs += heldUp;
      assert.equal(system.linkStatus('/') instanceof Promise, false, 'made at once');
      tookMs = 0;
    },
    isPooled(): boolean {
      const isPooled = system.linkStatus('/') instanceof Promise;
      // What goes through the pool is not timed.
      if (isPooled) isAtEnd = false;
      return isPooled;
    },
    advance(ms: number): void {
      nowMs += ms;
    },
  };
}

describe('calls at once or through the pool', () => {
  const rows: readonly (readonly [title: string, tookMs: number, heldUpMs: number, restMs: number])[] = [
    ['takes no time', 0, 0, 0],
    ['is quick', 0.4, 0, 0],
    ['waited for the disk', 2, 0, 100],
    ['waited long', 300, 0, 15_000],
    ['was held up by others', 8, 8, 0],
    ['was held up and waited', 8, 6, 100],
    ['was held up before, and waited', 2, 0.5, 75],
  ];
  for (const [title, tookMs, heldUpMs, restMs] of rows) {
    test(`after a call that ${title} the pool is used for ${restMs} ms`, () => {
      const timed = timedSystem();
      timed.callFor(tookMs, heldUpMs);
      if (restMs > 0) {
        assert.equal(timed.isPooled(), true);
        timed.advance(restMs - 1);
        assert.equal(timed.isPooled(), true);
        timed.advance(1);
      }
      assert.equal(timed.isPooled(), false);
    });
  }

  const crowds: readonly (readonly [title: string, call: (system: System) => unknown])[] = [
    ['look-ups', system => system.linkStatus('/')],
    ['reads of large files', system => system.readDescriptor(fd, octets, 0, octets.length, 0)],
  ];
  const fd = openSync(process.execPath, 'r');
  after(() => closeSync(fd));
  const octets = Buffer.alloc(124 * 1024);
  for (const [title, call] of crowds) {
    test(`among 1,000 ${title} in one go the loop has its turns, and each is made`, async () => {
      const system = new System(quick);
      let turns = 0;
      let isOver = false;
      const count = (): void => {
        turns += 1;
        if (!isOver) setImmediate(count);
      };
      setImmediate(count);
      for (let calls = 0; calls < 1000; calls += 1) {
        assert.equal((await call(system)) instanceof Error, false);
      }
      isOver = true;
      assert.ok(turns >= 3, `${turns} turns`);
      const all = await Promise.all(Array.from({ length: 1000 }, () => call(system)));
      assert.ok(all.every(outcome => !(outcome instanceof Error)));
    });
  }

  test('what has held this thread up before does not excuse a second slow call', () => {
    const timed = timedSystem();
    timed.callFor(2, 100);
    timed.callFor(2);
    assert.equal(timed.isPooled(), true);
  });

  for (const [way, stopwatch] of ways) {
    test(`what is not there, is in the way or is too long has its code: ${way}`, async t => {
      const system = new System(stopwatch());
      const folder = await folderFor(t, { 'a.txt': 'x' });
      mkdirSync(join(folder, 'sub'));
      const rows: readonly (readonly [path: string, code: string])[] = [
        ['missing', 'ENOENT'],
        ['a.txt/below', 'ENOTDIR'],
        ['n'.repeat(300), 'ENAMETOOLONG'],
      ];
      for (const [path, code] of rows) {
        for (const call of [
          system.linkStatus(join(folder, path)),
          system.realPath(join(folder, path)),
          system.openDescriptor(join(folder, path), 0),
        ]) {
          const outcome = await call;
          assert.ok(outcome instanceof Error && outcome.code === code, path);
        }
      }
      const closed = await system.descriptorStatus(2 ** 30);
      assert.ok(closed instanceof Error && closed.code === 'EBADF');
    });
  }

  test("this thread's stopwatch goes forwards", () => {
    const { elapsed, heldUp } = systemStopwatch;
    const [fromMs, heldUpMs] = [elapsed(), heldUp()];
    assert.ok(elapsed() >= fromMs && heldUp() >= heldUpMs && heldUpMs >= 0);
  });
});
