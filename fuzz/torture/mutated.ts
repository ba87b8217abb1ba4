// Requests that are nearly right, over many connections. The machine of src/h1 says how many answers there must be and
// to which methods; the server, another process, must give exactly those and end.
import assert from 'node:assert/strict';
import { defaultLimits } from '../../src/http/limits.ts';
import { formatPath, parseTarget } from '../../src/http/target.ts';
import type { WireResponse } from '../../test/wire/client.ts';
import { keepCrash, readCorpus } from '../corpus.ts';
import { type Answerable, live } from '../machine.ts';
import { mutate } from '../mutate.ts';
import { pathWords, wireWords } from '../words.ts';
import { changingFiles } from './files.ts';
import { secret, type TortureSite } from './site.ts';
import { sleep, type Tracked, type World } from './world.ts';

/** What a request that could be read may be answered with; no 5xx but for a method that nobody knows. */
const statuses: ReadonlySet<number> = new Set([
  200, 204, 206, 304, 308, 400, 404, 405, 406, 412, 416, 421, 501,
]);

/** Sends mutated requests, one connection after the other, until the world is over. */
export async function askMutated(world: World, site: TortureSite): Promise<void> {
  const { random } = world;
  const pool = [
    ...seeds(site),
    ...['head', 'body', 'log'].flatMap(name => readCorpus(name).map(seed => seed.bytes)),
  ];
  const words = [...wireWords, ...pathWords, ...targetsOf(site), 'Range: bytes=0-9\r\n', 'If-Match: "a"\r\n'];
  while (!world.isOver()) {
    const bytes = mutate(random.pick(pool), { pool, words }, random);
    let tracked: Tracked | undefined;
    try {
      tracked = await world.connect();
      await checkAnswers(world, tracked, bytes);
    } catch (error) {
      world.fail(`mutated request kept in ${keepCrash('torture', bytes)}: ${String(error)}`);
    }
    tracked?.close();
    world.counts.mutated++;
    await sleep(random.around(0, 10));
  }
}

async function checkAnswers(world: World, { connection }: Tracked, bytes: Buffer): Promise<void> {
  const { events } = live([bytes], defaultLimits);
  connection.write(bytes);
  connection.end();
  for (const event of events) {
    let response: WireResponse;
    try {
      response = await finalResponse(connection, event);
    } catch (error) {
      if (connection.ending === undefined || !mayBeTorn(event)) throw error;
      world.counts.torn++;
      return;
    }
    const { status, content } = response;
    const isExpected = event.kind === 'violation' ? status === event.status : statuses.has(status);
    assert.ok(isExpected, `the status ${status} for ${describe(event)}`);
    assert.ok(!content.includes(secret), 'the secret');
    world.counts.mutatedAnswers++;
  }
  await connection.expectEnd();
}

/** Whether the request is for a file that may shrink while it is sent. */
function mayBeTorn(event: Answerable): boolean {
  if (event.kind === 'violation') return false;
  const parsed = parseTarget(event.head.method, event.head.target, { windows: false, secure: false });
  if (parsed.kind !== 'path') return false;
  const path = formatPath(parsed.segments, false);
  return changingFiles.some(file => file.states === 'beginning' && file.target === path);
}

async function finalResponse(connection: Tracked['connection'], event: Answerable): Promise<WireResponse> {
  for (;;) {
    const response = await connection.response(event.head?.method);
    // Leave to go on may come or not, as the octets came.
    if (response.status !== 100) return response;
  }
}

function describe(event: Answerable): string {
  return event.kind === 'violation'
    ? `${event.status} ${event.why}`
    : `${event.head.method} ${event.head.target}`;
}

function targetsOf({ staticFiles }: TortureSite): readonly string[] {
  return [
    ...staticFiles.map(({ target }) => target),
    ...changingFiles.map(({ target }) => target),
    ...[
      '/static/',
      '/static/folder',
      '/static/way-out.txt',
      '/static/way-out/key.txt',
      '/.env',
      '/../site-secret/key.txt',
    ],
  ];
}

function seeds(site: TortureSite): readonly Buffer[] {
  return targetsOf(site).map((target, index) => {
    const method = index % 4 === 3 ? 'HEAD' : 'GET';
    const field = ['Range: bytes=1-5,9-', 'If-None-Match: "a"', 'Accept: text/html', 'If-Range: "a"'][
      index % 4
    ];
    return Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`);
  });
}
