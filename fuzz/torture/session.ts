import { RawConnection, requestBytes } from '../../test/wire/client.ts';
import { Random } from '../random.ts';
import { askCalmly } from './calm.ts';
import { changeFiles } from './files.ts';
import { sendHostiles } from './hostile.ts';
import { askMutated } from './mutated.ts';
import { type ServerProcess, startServer } from './process.ts';
import { makeSite, type TortureSite } from './site.ts';
import { type Counts, noCounts, sleep, type Tracked, type World } from './world.ts';

/** What a session is made from. */
export interface TortureOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Told how it goes, some times a second. */
  readonly onProgress?: (line: string) => void;
}

/** What a session saw. */
export interface TortureReport {
  /** What must not be; undefined when all was well. */
  readonly failure: string | undefined;
  readonly counts: Counts;
  readonly versions: number;
  readonly descriptors: Course;
  readonly memoryMiB: Course;
}

/** A figure of the server process; undefined where the system does not tell. */
export interface Course {
  readonly before: number | undefined;
  readonly most: number | undefined;
  readonly after: number | undefined;
}

const calmClients = 4;
const mutators = 6;
const hostilesMax = 200;
/**
 * What memory may have grown by: a run of 45 s on Node 26 ended with 28 MiB more. A leak of a KiB a request would be
 * 140 MiB and more.
 */
const memoryGrowthMaxMiB = 64;
/** How long the server may take to give everything back: longer than its longest patience with a closing client. */
const settleMs = 20_000;

/**
 * Tortures a server process of its own for some seconds and says what came of it. The seed decides what is sent and
 * changed, not when: two runs of one seed differ in what meets what.
 */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  const site = makeSite();
  let server: ServerProcess | undefined;
  try {
    server = await startServer(site.root);
    return await session(options, site, server);
  } finally {
    await server?.stop();
    site.remove();
  }
}

async function session(
  { seconds, seed, onProgress }: TortureOptions,
  site: TortureSite,
  server: ServerProcess,
): Promise<TortureReport> {
  let failure: string | undefined;
  const fail = (why: string): void => {
    failure ??= why;
  };
  const counts = noCounts();
  await warmUp(server, site);
  const before = held(server);
  const most: { -readonly [Name in keyof Held]: Held[Name] } = { ...before };
  const overAtMs = performance.now() + seconds * 1000;
  const isOver = (): boolean => failure !== undefined || performance.now() > overAtMs;
  const world: World = {
    ...{ place: server.place, random: new Random(seed), counts, versions: new Set(), isOver, fail },
    connect: () => connect(world),
  };
  const watch = async (): Promise<void> => {
    for (; !isOver(); await sleep(250)) {
      most.descriptors = greater(most.descriptors, server.descriptors());
      most.memoryMiB = greater(most.memoryMiB, server.memoryMiB());
      if (server.exit() !== undefined) fail(`the server ended with ${server.exit()}`);
      onProgress?.(progress(world, most, (overAtMs - performance.now()) / 1000));
    }
  };
  await Promise.all([
    watch(),
    changeFiles(world, site),
    sendHostiles(world, hostilesMax),
    ...Array.from({ length: calmClients }, (_, index) => askCalmly(world, site, index % 2 === 0)),
    ...Array.from({ length: mutators }, () => askMutated(world, site)),
  ]);
  const settled = failure === undefined ? await settle(server, before) : undefined;
  if (settled !== undefined) fail(settled);
  const after = held(server);
  const lost = failure === undefined ? await lookBack(server, site) : undefined;
  if (lost !== undefined) fail(lost);
  const ended = await server.stop();
  if (ended !== 0) fail(`SIGTERM ended the server with ${ended}`);
  return {
    ...{ failure, counts, versions: world.versions.size },
    descriptors: { before: before.descriptors, most: most.descriptors, after: after.descriptors },
    memoryMiB: { before: before.memoryMiB, most: most.memoryMiB, after: after.memoryMiB },
  };
}

/**
 * What a running server needs once is not taken for what it loses: the heap has its working size only after thousands
 * of answers, and the buffers for large files are lent to many at once.
 */
async function warmUp(server: ServerProcess, { staticFiles }: TortureSite): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await Promise.all(Array.from({ length: 20 }, () => ask(server, '/static/large.bin')));
    await Promise.all(staticFiles.map(({ target }) => askOften(server, target, 1000)));
  }
  await sleep(500);
}

/** Asks for the head of an answer so often over one connection. */
async function askOften({ place }: ServerProcess, target: string, times: number): Promise<void> {
  const connection = await RawConnection.open(place);
  connection.write(Buffer.concat(Array(times).fill(requestBytes({ method: 'HEAD', target, fields: [] }))));
  for (let count = 0; count < times; count++) await connection.response('HEAD');
  connection.destroy();
}

/** What a server process holds; undefined where the system does not tell. */
interface Held {
  readonly descriptors: number | undefined;
  readonly memoryMiB: number | undefined;
}

function held(server: ServerProcess): Held {
  return { descriptors: server.descriptors(), memoryMiB: server.memoryMiB() };
}

/** Waits until the server has given back what its clients took; answers what it has not. */
async function settle(server: ServerProcess, before: Held): Promise<string | undefined> {
  const isBack = (now: number | undefined, then: number | undefined, growth: number): boolean =>
    now === undefined || then === undefined || now <= then + growth;
  const until = performance.now() + settleMs;
  while (server.exit() === undefined) {
    const { descriptors, memoryMiB } = held(server);
    const isSettled =
      isBack(descriptors, before.descriptors, 0) && isBack(memoryMiB, before.memoryMiB, memoryGrowthMaxMiB);
    if (isSettled) return undefined;
    if (performance.now() > until) {
      return `${descriptors} descriptors and ${memoryMiB} MiB are held; it began with ${before.descriptors} and ${before.memoryMiB}`;
    }
    await sleep(100);
  }
  return `the server ended with ${server.exit()}`;
}

/** Whether the server still serves and met no bug on the way. */
async function lookBack(server: ServerProcess, { staticFiles }: TortureSite): Promise<string | undefined> {
  for (const { target, content } of staticFiles) {
    if (!content.equals(await ask(server, target))) return `${target} is another afterwards`;
  }
  const bug = /^.*\bbug\b.*$/m.exec(server.errors())?.[0];
  return bug === undefined ? undefined : `the server reports ${bug}`;
}

async function ask({ place }: ServerProcess, target: string): Promise<Buffer> {
  const connection = await RawConnection.open(place);
  connection.write(requestBytes({ method: 'GET', target, fields: [['Connection', 'close']] }));
  const { status, content } = await connection.response();
  connection.destroy();
  if (status !== 200) throw new Error(`${target} is answered with ${status}`);
  return content;
}

async function connect({ place, counts }: World): Promise<Tracked> {
  const connection = await RawConnection.open(place);
  let isOpen = true;
  counts.connections++;
  counts.connectionsMax = Math.max(counts.connectionsMax, counts.connections);
  return {
    connection,
    close: () => {
      connection.destroy();
      if (isOpen) counts.connections--;
      isOpen = false;
    },
  };
}

function progress(
  { counts, versions }: World,
  {
    descriptors,
    memoryMiB,
  }: { readonly descriptors: number | undefined; readonly memoryMiB: number | undefined },
  leftSeconds: number,
): string {
  return `${Math.max(0, leftSeconds).toFixed(0)} s left: ${counts.calm} calm answers, ${counts.mutated} mutated, ${counts.hostile} hostile, ${counts.connections} connections, ${counts.changes} changes, ${versions.size} versions seen, at most ${descriptors} descriptors and ${memoryMiB?.toFixed(0)} MiB`;
}

function greater(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}
