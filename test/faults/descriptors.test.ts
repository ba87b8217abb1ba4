// A server that may have 64 descriptors, and 200 clients who want them; and clients who leave at every moment.
import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { scratch } from '../cli/command.ts';
import { type Place, RawConnection, requestBytes } from '../wire/client.ts';
import {
  descriptorsAtRest,
  descriptorsOf,
  endInOrder,
  processorMs,
  skipWithout,
  type Watched,
  watched,
} from './process.ts';
import { until } from './until.ts';

const root = join(scratch, 'besieged');
const content = 'still here\n';
const clients = 200;
const skip = skipWithout('prlimit', 'util-linux');

before(() => {
  mkdirSync(join(root, 'folder'), { recursive: true });
  writeFileSync(join(root, 'small.txt'), content);
  writeFileSync(join(root, 'medium.bin'), 'm'.repeat(1_200_000));
  writeFileSync(join(root, 'big.bin'), '');
  truncateSync(join(root, 'big.bin'), 256 * 1024 * 1024);
});

/** What a client does with its connection before it sits and waits. */
type Habit = (open: RawConnection) => void;

const holder: Habit = open => open.write(requestBytes({ method: 'GET', target: '/small.txt', fields: [] }));
const slowReader: Habit = open => {
  open.write(requestBytes({ method: 'GET', target: '/big.bin', fields: [] }));
  open.pause();
};
const halfHead: Habit = open => open.write('GET /small.txt HTTP/1.1\r\nHost: te');

const sieges: readonly {
  readonly name: string;
  readonly habits: readonly Habit[];
  readonly argv?: readonly string[];
}[] = [
  { name: 'holders of idle connections', habits: [holder] },
  { name: 'slow readers', habits: [slowReader] },
  { name: 'half heads', habits: [halfHead] },
  { name: 'some of each', habits: [holder, slowReader, halfHead] },
  // Here the system says EMFILE, to accepting and to opening.
  {
    name: 'some of each, more let in than there are descriptors',
    habits: [holder, slowReader, halfHead],
    argv: ['--limit', 'connectionsMax=1000', '--limit', 'openFilesMax=1000'],
  },
];

for (const { name, habits, argv = [] } of sieges) {
  test(`64 descriptors and 200 clients at once: ${name}`, { skip, timeout: 90_000 }, async t => {
    const server = await watched({ root, argv, descriptors: 64 });
    await fullService(server.place);
    const held = await descriptorsAtRest(server);
    const crowd = await gather(server.place, habits);
    const begunMs = processorMs(server);
    const begunAtMs = performance.now();
    await setTimeout(2000);
    const share = (processorMs(server) - begunMs) / (performance.now() - begunAtMs);
    const peak = descriptorsOf(server);
    for (const client of crowd) client.destroy();
    const leftAtMs = performance.now();
    let attempts = 1;
    while (!(await isFullService(server.place))) attempts += 1;
    const recoveredMs = performance.now() - leftAtMs;
    t.diagnostic(
      `${(share * 100).toFixed(1)} % of a core under siege, ${peak} descriptors; ` +
        `full service ${recoveredMs.toFixed(0)} ms after they left, at attempt ${attempts}`,
    );
    // It sleeps while they sit.
    assert.ok(share < 0.5, `${share} of a core`);
    await until(() => `${descriptorsOf(server)} descriptors`, `${held} descriptors`);
    await endInOrder(server);
  });
}

test('clients who reset at every moment of an answer leave no descriptor behind', {
  skip,
  timeout: 90_000,
}, async t => {
  const server = await watched({ root, argv: ['--log', 'json'] });
  await fullService(server.place);
  const held = await descriptorsAtRest(server);
  let resets = 0;
  for (const [target, octets] of [
    ['/medium.bin', 1_200_000],
    ['/big.bin', 3_000_000],
    ['/folder/', 1000],
  ] as const) {
    for (let batch = 0; batch < 10; batch += 1) {
      const moments = Array.from({ length: 15 }, (_, index) =>
        Math.floor((octets * (batch * 15 + index)) / 150),
      );
      await Promise.all(moments.map(moment => leaveAfter(server.place, target, moment)));
      resets += moments.length;
    }
  }
  t.diagnostic(`${resets} resets`);
  await fullService(server.place);
  await until(() => `${descriptorsOf(server)} descriptors`, `${held} descriptors`);
  await endInOrder(server);
});

/** 200 clients who are let in or turned away, as the server likes. */
async function gather(place: Place, habits: readonly Habit[]): Promise<readonly RawConnection[]> {
  const opening = Array.from({ length: clients }, async (_, index) => {
    const open = await RawConnection.open(place);
    habits[index % habits.length]?.(open);
    return open;
  });
  const settled = await Promise.allSettled(opening);
  return settled.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
}

/** Resets once so many octets of the answer have come; 0 is before it is asked for, 1 before any has. */
async function leaveAfter(place: Place, target: string, octets: number): Promise<void> {
  const open = await RawConnection.open(place);
  if (octets > 0) open.write(requestBytes({ method: 'GET', target, fields: [] }));
  // A folder's page may be shorter than that: then the answer is whole.
  if (octets > 1) await open.atLeast(Math.min(octets, 300));
  if (octets > 300 && target !== '/folder/') await open.atLeast(octets);
  open.reset();
}

/** Fails the test unless twelve clients at once get the right answer, from small files, large ones and folders. */
async function fullService(place: Place): Promise<void> {
  const requests = ['/small.txt', '/medium.bin', '/folder/', '/absent'];
  const statuses = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const target = requests[index % requests.length] ?? '';
      const open = await RawConnection.open(place);
      try {
        open.write(requestBytes({ method: 'GET', target, fields: [] }));
        const { status, content: got } = await open.response();
        if (target === '/small.txt') assert.equal(got.toString(), content);
        if (target === '/medium.bin') assert.equal(got.length, 1_200_000);
        return status;
      } finally {
        open.destroy();
      }
    }),
  );
  assert.deepEqual(statuses, Array.from({ length: 3 }, () => [200, 200, 200, 404]).flat());
}

async function isFullService(place: Watched['place']): Promise<boolean> {
  try {
    await fullService(place);
    return true;
  } catch {
    return false;
  }
}
