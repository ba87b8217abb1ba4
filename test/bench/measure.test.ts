import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Counts,
  inTurn,
  judgeCounts,
  type Outcome,
  readCounts,
  siteFolder,
  tryOut,
} from '../../bench/measure.ts';
import { endEverything, makeFolder } from '../../bench/processes.ts';
import { servers } from '../../bench/servers.ts';
import { workloads, writeSite } from '../../bench/workloads.ts';

let folder = '';
before(() => {
  folder = makeFolder();
  writeSite(siteFolder(folder));
});
after(endEverything);

for (const name of ['node:http', 'floor']) {
  const found = servers.find(server => server.name === name)?.find('');
  const skip = found?.kind === 'left-out' ? found.why : false;
  for (const workload of workloads) {
    test(`${name} answers the workload "${workload.name}" rightly`, { skip }, async () => {
      assert.ok(found?.kind === 'ready');
      const setting = { serverCore: 0, loadCore: 1, seconds: 1, folder };
      assert.equal(await tryOut({ name, ...found }, workload, setting), undefined);
    });
  }
}

test('a server that answers another row than the one asked is found out', async () => {
  const [whole, ...others] = workloads;
  const found = servers.find(server => server.name === 'node:http')?.find('');
  assert.ok(whole !== undefined && found?.kind === 'ready');
  const absent = others.find(({ name }) => name === '404');
  assert.ok(absent !== undefined);
  const setting = { serverCore: 0, loadCore: 1, seconds: 1, folder };
  const crossed = { ...whole, target: absent.target };
  assert.equal(
    await tryOut({ name: 'node:http', ...found }, crossed, setting),
    'answered 404 where 200 is right',
  );
});

test('every server has its turn once a round, and each round begins with the next one', async () => {
  const turns: string[] = [];
  const subjects = ['a', 'b', 'c'].map(name => ({ name }));
  const results = await inTurn(subjects, 3, async ({ name }, round): Promise<Outcome> => {
    turns.push(name);
    if (name === 'b' && round === 1) return { kind: 'failed', why: 'broken' };
    return { kind: 'measured', values: [round, 10 * round] };
  });
  assert.equal(turns.join(''), 'abc' + 'bca' + 'ca');
  assert.deepEqual(results.get('a'), {
    kind: 'measured',
    columns: [
      [0, 1, 2],
      [0, 10, 20],
    ],
  });
  assert.deepEqual(results.get('b'), { kind: 'failed', why: 'broken' });
});

test('counts of wrk that cannot come from right answers only are named', () => {
  const good: Counts = {
    requests: 100,
    durationMicros: 1e6,
    bytes: 130_000,
    socketErrors: 0,
    timeouts: 0,
    errorStatuses: 0,
  };
  const rows: [workload: string, counts: Partial<Counts>, wanted: RegExp | undefined][] = [
    ['1k', {}, undefined],
    ['1k', { requests: 0 }, /no answer/],
    ['1k', { socketErrors: 2 }, /2 socket errors/],
    ['1k', { timeouts: 1 }, /1 time-outs/],
    ['1k', { errorStatuses: 1 }, /1 statuses/],
    ['1k', { bytes: 20_000 }, /200 bytes an answer/],
    ['304', { bytes: 20_000 }, undefined],
    ['304', { bytes: 200_000 }, /2000 bytes an answer/],
    ['404', { errorStatuses: 100 }, undefined],
    ['404', { errorStatuses: 99 }, /99 statuses/],
  ];
  for (const [name, counts, wanted] of rows) {
    const workload = workloads.find(row => row.name === name);
    assert.ok(workload !== undefined);
    const judged = judgeCounts({ ...good, ...counts }, workload);
    if (wanted === undefined) assert.equal(judged, undefined, name);
    else assert.match(judged ?? 'nothing', wanted);
  }
});

test("the counts are found among wrk's own words", () => {
  const line =
    'COUNTS {"requests":1,"durationMicros":2,"bytes":3,"socketErrors":0,"timeouts":0,"errorStatuses":0}';
  assert.equal(readCounts(`Running 1s test\n${line}\n`)?.requests, 1);
  assert.equal(readCounts('unable to connect'), undefined);
});
