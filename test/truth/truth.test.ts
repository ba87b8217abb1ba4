// Never a mixed answer: 100,000 of them, each held against the versions of a file that changes all the while.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random, seedOf } from '../../fuzz/random.ts';
import { exchange, get, scratch, serving } from '../cli/command.ts';
import { workersOf } from '../workers/processes.ts';
import { ask, largeBytes, nothingSeen, sizes } from './asking.ts';
import { ChangingFile, type Manner } from './changing.ts';
import { until } from './servers.ts';

const answersMax = 50_000;
const clients = 6;
const manners: readonly Manner[] = ['swapped', 'emptied', 'truncated', 'extended', 'overwritten'];
/** Files that change seldom enough to be remembered in between, one every so often. */
const slowFiles = 24;
const slowEveryMs = 70;

for (const workers of [1, 2]) {
  test(`${answersMax} answers of files that change under way are each one version, from ${workers} process(es)`, async t => {
    const seed = seedOf(process.env.PLINTH_FUZZ_SEED);
    const random = new Random(seed);
    const folder = join(scratch, `truth-${workers}`);
    mkdirSync(folder);
    let pids: readonly number[] = [];
    const fast = sizes.flatMap(({ size }) =>
      manners.map(manner => new ChangingFile(folder, `${manner}-${size}.txt`, { manner, size }, () => pids)),
    );
    const slow = Array.from(
      { length: slowFiles },
      (_, at) => new ChangingFile(folder, `slow-${at}.txt`, { manner: 'swapped', size: 1024 }, () => pids),
    );
    const files = [...fast, ...slow];
    for (const file of files) await file.change(random);
    const { run, port } = await serving([folder, '0', '-q', '-w', String(workers), '-H', '127.0.0.1']);
    t.after(() => run.stop());
    pids = workers === 1 ? [run.child.pid ?? 0] : workersOf(run);
    assert.equal(pids.length, workers);

    const seen = nothingSeen();
    let isOver = false;
    const changing = changeAll(fast, slow, random, () => isOver);
    const place = { host: '127.0.0.1', port };
    const asking = Array.from({ length: clients }, () => ask(place, files, random, seen, answersMax));
    await Promise.all(asking).finally(() => {
      isOver = true;
    });
    await changing;
    const { versions, tags, ...counts } = seen;
    t.diagnostic(`seed ${seed}: ${JSON.stringify({ ...counts, versions: versions.size, tags: tags.size })}`);
    for (const [name, count] of Object.entries(counts)) assert.ok(count > 0 || name === 'torn', `no ${name}`);
    assert.ok(versions.size > 2 * files.length, `only ${versions.size} versions were seen`);
    for (const file of files) {
      const last = file.octets.toString('latin1');
      const shows = async (): Promise<boolean> =>
        (await exchange(port, get(file.target))).endsWith(`\r\n\r\n${last}`);
      await until(shows, `${file.target} is its last version`);
    }
  });
}

async function changeAll(
  fast: readonly ChangingFile[],
  slow: readonly ChangingFile[],
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  const large = fast.filter(({ size }) => size >= largeBytes);
  const small = fast.filter(({ size }) => size < largeBytes);
  let next = 0;
  let slowAtMs = 0;
  while (!isOver()) {
    await random.pick(random.chance(0.04) ? large : small).change(random);
    if (performance.now() - slowAtMs > slowEveryMs) {
      await slow[next++ % slow.length]?.change(random);
      slowAtMs = performance.now();
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
