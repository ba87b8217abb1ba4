import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Changes } from '../../src/server/changes.ts';

interface Told {
  readonly changes: Changes;
  readonly next: () => Promise<readonly string[]>;
}

function told(): Told {
  const waiting: (readonly string[])[] = [];
  let wake = (): void => {};
  const changes = new Changes(paths => {
    waiting.push(paths);
    wake();
  });
  const next = async (): Promise<readonly string[]> => {
    // The timers of the server keep no process alive.
    const alive = setInterval(() => {}, 1000);
    while (waiting.length === 0)
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    clearInterval(alive);
    return waiting.shift() ?? [];
  };
  return { changes, next };
}

test('paths that change together are told of together, each once, when they are left alone', async () => {
  const { changes, next } = told();
  assert.equal(changes.isRestless, false);
  for (const path of ['/a', '/b', '/a', '/c/']) changes.add(path);
  assert.equal(changes.isRestless, true);
  assert.deepEqual(await next(), ['/a', '/b', '/c/']);
  assert.equal(changes.isRestless, false);
  changes.add('/a');
  assert.deepEqual(await next(), ['/a']);
});

test('a path that changes without a pause is told of all the same', { timeout: 20_000 }, async () => {
  const { changes, next } = told();
  const writer = setInterval(() => changes.add('/log'), 5);
  assert.deepEqual(await next(), ['/log']);
  clearInterval(writer);
  changes.clear();
});

test('the root stands for too many paths', async () => {
  const { changes, next } = told();
  for (let index = 0; index < 5000; index++) changes.add(`/${index}`);
  assert.deepEqual(await next(), ['/']);
});

test('what was forgotten is not told of', async () => {
  const { changes, next } = told();
  changes.add('/a');
  changes.clear();
  changes.add('/b');
  assert.deepEqual(await next(), ['/b']);
});
