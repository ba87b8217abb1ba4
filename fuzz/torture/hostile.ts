// Clients that mean harm, or behave as if they did. Those that read check what they are given.
import assert from 'node:assert/strict';
import type { RawConnection } from '../../test/wire/client.ts';
import type { Random } from '../random.ts';
import { sleep, type Tracked, type World } from './world.ts';

/** Sends hostile clients off, so many at once at most, until the world is over and they have left. */
export async function sendHostiles(world: World, atOnceMax: number): Promise<void> {
  const under = new Set<Promise<void>>();
  while (!world.isOver()) {
    if (under.size < atOnceMax) {
      const visit: Promise<void> = beHostile(world).finally(() => under.delete(visit));
      under.add(visit);
    }
    await sleep(world.random.around(2, 30));
  }
  await Promise.all(under);
}

async function beHostile(world: World): Promise<void> {
  const manner = world.random.pick(manners);
  let tracked: Tracked | undefined;
  try {
    tracked = await world.connect();
    const answers = await manner(tracked.connection, world);
    world.counts.hostileAnswers += answers ?? 0;
  } catch (error) {
    world.fail(`hostile client ${manner.name}: ${String(error)}`);
  }
  tracked?.close();
  world.counts.hostile++;
}

/** One way to be hostile; answers how many answers it read, all of them checked. */
type Manner = (connection: RawConnection, world: World) => Promise<number | undefined>;

const large = 'GET /static/large.bin HTTP/1.1\r\nHost: a\r\n\r\n';
const small = 'GET /static/small.txt HTTP/1.1\r\nHost: a\r\n\r\n';

const manners: readonly Manner[] = [
  saysNothing,
  halfHead,
  dripsHead,
  readsSlowly,
  readsNothing,
  resetsInMidAnswer,
  resetsAtOnce,
  floods,
  floodsAndLeaves,
  closesHalf,
  hugeHead,
  contentNeverComes,
  contentDrips,
  speaksTls,
];

/** Long enough for others to come, short enough for many turns. */
function patience(random: Random): number {
  return 50 + random.around(0, 4000);
}

async function wait(world: World, ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (!world.isOver() && performance.now() < until) await sleep(Math.min(100, ms));
}

async function saysNothing(_: RawConnection, world: World): Promise<undefined> {
  await wait(world, patience(world.random));
}

async function halfHead(connection: RawConnection, world: World): Promise<number | undefined> {
  connection.write(large.slice(0, 1 + world.random.below(large.length - 1)));
  if (world.random.chance(0.1)) return waitForTimeout(connection, world);
  await wait(world, patience(world.random));
  if (world.random.chance(0.5)) connection.reset();
  return undefined;
}

/** Stays until the server has had enough, if the run lasts so long. */
async function waitForTimeout(connection: RawConnection, world: World): Promise<number | undefined> {
  while (connection.ending === undefined) {
    if (world.isOver()) return undefined;
    await sleep(100);
  }
  await expectStatus(connection, 408);
  await connection.expectEnd();
  return 1;
}

async function dripsHead(connection: RawConnection, world: World): Promise<number> {
  for (const octet of small) {
    connection.write(octet);
    await sleep(world.random.around(1, 60));
  }
  await expectStatus(connection, 200);
  return 1;
}

async function readsSlowly(connection: RawConnection, world: World): Promise<undefined> {
  connection.write(large);
  for (
    const until = performance.now() + patience(world.random);
    performance.now() < until && !world.isOver();
  ) {
    connection.pause();
    await sleep(world.random.around(20, 200));
    connection.resume();
    await sleep(1);
  }
}

async function readsNothing(connection: RawConnection, world: World): Promise<undefined> {
  connection.pause();
  connection.write(large.repeat(world.random.around(1, 20)));
  await wait(world, patience(world.random));
}

async function resetsInMidAnswer(connection: RawConnection, world: World): Promise<undefined> {
  connection.write(large);
  await connection.atLeast(1 + world.random.below(200_000));
  connection.reset();
}

async function resetsAtOnce(connection: RawConnection, world: World): Promise<undefined> {
  connection.write(large.slice(0, world.random.below(large.length + 1)));
  connection.reset();
}

/** A thousand requests in one write, every answer read. */
async function floods(connection: RawConnection): Promise<number> {
  const count = 1000;
  connection.write('HEAD /static/small.txt HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count - 1));
  connection.write(small.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  for (let index = 1; index < count; index++) await expectStatus(connection, 200, 'HEAD');
  await expectStatus(connection, 200);
  await connection.expectEnd();
  return count;
}

async function floodsAndLeaves(connection: RawConnection, world: World): Promise<undefined> {
  connection.write(small.repeat(1000));
  await sleep(world.random.around(0, 50));
  if (world.random.chance(0.5)) connection.reset();
}

async function closesHalf(connection: RawConnection): Promise<number> {
  connection.write(small.repeat(3));
  connection.end();
  for (let count = 0; count < 3; count++) await expectStatus(connection, 200);
  await connection.expectEnd();
  return 3;
}

async function hugeHead(connection: RawConnection, world: World): Promise<number | undefined> {
  const length = world.random.pick([9000, 20_000, 100_000, 1_000_000]);
  const inTarget = world.random.chance(0.5);
  connection.write(
    inTarget ? `GET /${'a'.repeat(length)} HTTP/1.1\r\n` : `${small.slice(0, -2)}A: ${'b'.repeat(length)}`,
  );
  // Beyond what a closing connection still takes, the answer may be lost to a reset.
  if (length > 200_000) {
    await connection.rest();
    return undefined;
  }
  await expectStatus(connection, inTarget ? 414 : length < 16_000 ? undefined : 431);
  return 1;
}

async function contentNeverComes(connection: RawConnection, world: World): Promise<number | undefined> {
  connection.write('POST /static/small.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc');
  if (world.random.chance(0.1)) return waitForTimeout(connection, world);
  await wait(world, patience(world.random));
  connection.end();
  await expectStatus(connection, 400);
  await connection.expectEnd();
  return 1;
}

async function contentDrips(connection: RawConnection, world: World): Promise<number> {
  connection.write('PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  for (let chunk = 0; chunk < 10; chunk++) {
    connection.write('1;a=b\r\nx\r\n');
    await sleep(world.random.around(1, 100));
  }
  connection.write('0\r\n\r\n');
  await expectStatus(connection, 405);
  return 1;
}

async function speaksTls(connection: RawConnection): Promise<number> {
  connection.write(Buffer.from('16030100c4010000c00303', 'hex'));
  await expectStatus(connection, 400);
  await connection.expectEnd();
  return 1;
}

async function expectStatus(
  connection: RawConnection,
  status: number | undefined,
  method = 'GET',
): Promise<void> {
  if (status === undefined) return;
  assert.equal((await connection.response(method)).status, status);
}
