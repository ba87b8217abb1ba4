import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, askPipelined } from '../../bench/ask.ts';
import { siteFolder, tryOut } from '../../bench/bring-up.ts';
import { type Counts, judgeCounts, readCounts } from '../../bench/load.ts';
import { endEverything, makeFolder } from '../../bench/processes.ts';
import { servers } from '../../bench/servers.ts';
import {
  judgePipelined,
  ofMany,
  ofSize,
  overConnections,
  pipelined,
  type Workload,
  workloads,
  writeMany,
  writeSite,
  writeSized,
} from '../../bench/workloads.ts';
import { createServer } from '../../src/index.ts';

const many = ofMany(1001);
const sized = ofSize(4096);

let folder = '';
before(() => {
  folder = makeFolder();
  const site = siteFolder(folder);
  writeSite(site);
  writeSized(site, [4096]);
  writeMany(site, 1001);
});
after(endEverything);

const rows: readonly [name: string, workloads: readonly Workload[]][] = [
  ['node:http', [...workloads, pipelined, overConnections(8), sized, many]],
  ['floor', [...workloads, overConnections(8), sized]],
];

for (const [name, asked] of rows) {
  const found = servers.find(server => server.name === name)?.find('');
  const skip = found?.kind === 'left-out' ? found.why : false;
  for (const workload of asked) {
    test(`${name} answers the workload "${workload.name}" rightly`, { skip }, async () => {
      assert.ok(found?.kind === 'ready');
      const setting = { serverCore: 0, loadCore: 1, seconds: 1, folder };
      assert.equal(await tryOut({ name, ...found }, workload, setting), undefined);
    });
  }
}

test('the floor sends as many octets as ours does, a few of a tag aside', async () => {
  const server = createServer({ root: siteFolder(folder), port: 0, host: '127.0.0.1' });
  const [address] = await server.start();
  try {
    assert.ok(address?.kind === 'tcp');
    const { etag } = await ask(address.port, '/1k.jpg');
    for (const { name, target, fields, floorAnswer } of workloads) {
      const ours = await askPipelined(address.port, target, 1, fields(etag));
      const apart = ours.length - 'Connection: close\r\n'.length - floorAnswer.length;
      assert.ok(Math.abs(apart) <= 4, `${name}: ${ours.length} octets against ${floorAnswer.length}`);
    }
  } finally {
    await server.stop(0);
  }
});

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
    // 32 requests each on 32 connections may be under way.
    ['pipelined', { bytes: 1_000_000 }, undefined],
    ['1k', { bytes: 1_000_000 }, /10000 bytes an answer/],
  ];
  for (const [name, counts, wanted] of rows) {
    const workload = [...workloads, pipelined].find(row => row.name === name);
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

const floor = servers.find(server => server.name === 'floor')?.find('');
test('a server that answers only one of the pipelined requests is found out', {
  skip: floor?.kind === 'left-out' && floor.why,
}, async () => {
  assert.ok(floor?.kind === 'ready');
  const setting = { serverCore: 0, loadCore: 1, seconds: 1, folder };
  const why = await tryOut({ name: 'floor', ...floor }, pipelined, setting);
  assert.match(why ?? 'nothing', /right answers to 32 pipelined|no answer/);
});

test('answers to pipelined requests are counted by their content', () => {
  const content = pipelined.expected.content ?? Buffer.alloc(0);
  const head = Buffer.from('HTTP/1.1 200 OK\r\n\r\n');
  const answers = (count: number): Buffer =>
    Buffer.concat(Array.from({ length: count }, () => [head, content]).flat());
  assert.equal(judgePipelined(pipelined, answers(32)), undefined);
  assert.match(judgePipelined(pipelined, answers(31)) ?? '', /^gave 31 right answers to 32/);
});
