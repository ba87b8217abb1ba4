// The client that does nothing wrong, and whose every answer is checked.
import assert from 'node:assert/strict';
import type { FieldLine } from '../../src/http/message.ts';
import {
  field,
  type RawConnection,
  requestBytes,
  type WireRequest,
  type WireResponse,
} from '../../test/wire/client.ts';
import { parts } from '../../test/wire/multipart.ts';
import type { Random } from '../random.ts';
import { type ChangingFile, changingFiles } from './files.ts';
import type { StaticFile, TortureSite } from './site.ts';
import { mixed, notBeginning, notWhole, readStamp, stampBytes } from './version.ts';
import { sleep, type Tracked, type World } from './world.ts';

/** A request, and what must hold for its answer. */
interface Question {
  readonly request: WireRequest;
  /** Throws when the answer is wrong. */
  readonly check: (response: WireResponse) => void;
  /** Whether the file may shrink under the answer, which is then torn. */
  readonly mayBeTorn?: boolean;
  /** How long the answer is left lying when it has begun: a file may change meanwhile. */
  readonly restMs?: number;
}

/** Asks and checks until the world is over, over one connection or over many. */
export async function askCalmly(world: World, site: TortureSite, keepsConnection: boolean): Promise<void> {
  const memory: Memory = { etags: new Map(), contents: new Map() };
  let tracked: Tracked | undefined;
  while (!world.isOver()) {
    const question = nextQuestion(world, site, memory);
    try {
      tracked ??= await world.connect();
      await ask(world, tracked.connection, question);
    } catch (error) {
      const { method, target, fields } = question.request;
      world.fail(`calm client: ${method} ${target} ${JSON.stringify(fields)}: ${String(error)}`);
    }
    if (!keepsConnection || tracked?.connection.ending !== undefined) {
      tracked?.close();
      tracked = undefined;
    }
    await sleep(world.random.around(0, 6));
  }
  tracked?.close();
}

async function ask(world: World, connection: RawConnection, question: Question): Promise<void> {
  connection.write(requestBytes(question.request));
  let response: WireResponse;
  try {
    if (question.restMs !== undefined) await rest(connection, question.restMs);
    response = await connection.response(question.request.method);
  } catch (error) {
    if (question.mayBeTorn !== true || connection.ending === undefined) throw error;
    world.counts.torn++;
    return;
  }
  world.counts.calm++;
  if (response.status === 304) world.counts.notModified++;
  if (response.status === 206) world.counts.partial++;
  question.check(response);
}

async function rest(connection: RawConnection, ms: number): Promise<void> {
  await connection.atLeast(1);
  connection.pause();
  await sleep(ms);
  connection.resume();
}

/** What was seen before. */
interface Memory {
  readonly etags: Map<string, string>;
  /** What each entity tag of each target stood for. */
  readonly contents: Map<string, string>;
}

function nextQuestion(world: World, site: TortureSite, memory: Memory): Question {
  const { random } = world;
  if (random.chance(0.1)) return random.pick(others);
  if (random.chance(0.4)) return staticQuestion(random.pick(site.staticFiles), random, memory);
  return changingQuestion(random.pick(changingFiles), world, memory);
}

function staticQuestion({ target, content }: StaticFile, random: Random, memory: Memory): Question {
  const etag = memory.etags.get(target);
  const last = content.length - 1;
  const whole = (response: WireResponse): void => {
    assert.equal(response.status, 200);
    assert.ok(response.content.equals(content), 'another content');
    memory.etags.set(target, field(response, 'etag') ?? '');
  };
  switch (random.below(6)) {
    case 0:
      return {
        request: get(target, [], 'HEAD'),
        check: response => {
          assert.equal(response.status, 200);
          assert.equal(field(response, 'content-length'), String(content.length));
        },
      };
    case 1:
      if (etag === undefined) break;
      return {
        request: get(target, [['If-None-Match', `"x", ${etag}`]]),
        check: response => {
          assert.equal(response.status, 304);
          assert.equal(field(response, 'etag'), etag);
        },
      };
    case 2:
      return {
        request: get(target, [['If-Match', '"x"']]),
        check: response => assert.equal(response.status, 412),
      };
    case 3: {
      if (content.length < 10) break;
      const first = random.below(content.length);
      const to = Math.min(last, first + random.around(0, content.length));
      return { request: get(target, [['Range', `bytes=${first}-${to}`]]), check: isPart(content, first, to) };
    }
    case 4: {
      if (content.length < 10) break;
      const length = 1 + random.below(content.length);
      const check = isPart(content, content.length - length, last);
      return { request: get(target, [['Range', `bytes=-${length}`]]), check };
    }
    default:
  }
  return { request: get(target), check: whole };
}

function isPart(content: Buffer, first: number, last: number): Question['check'] {
  return response => {
    assert.equal(response.status, 206);
    assert.equal(field(response, 'content-range'), `bytes ${first}-${last}/${content.length}`);
    assert.ok(response.content.equals(content.subarray(first, last + 1)), 'other octets');
  };
}

function changingQuestion(file: ChangingFile, world: World, memory: Memory): Question {
  const { target } = file;
  const { random } = world;
  const mayBeTorn = file.states === 'beginning';
  const etag = memory.etags.get(target);
  const check = (response: WireResponse): void => checkChanging(file, response, world, memory);
  if (random.chance(0.1)) return { request: get(target, [], 'HEAD'), check, mayBeTorn };
  if (random.chance(0.3)) {
    const from = random.below(20_000);
    const fields: FieldLine[] = [['Range', `bytes=0-${stampBytes - 1}, ${from + 100}-${from + 40_000}, -1`]];
    return { request: get(target, fields), check, mayBeTorn };
  }
  if (etag === undefined || random.chance(0.4)) {
    const request = get(target);
    if (random.chance(0.7)) return { request, check, mayBeTorn };
    return { request, check, mayBeTorn, restMs: random.below(150) };
  }
  const fields: FieldLine[] = random.chance(0.5)
    ? [['If-None-Match', etag]]
    : [
        ['If-Range', etag],
        ['Range', `bytes=0-${stampBytes}`],
      ];
  return { request: get(target, fields), check, mayBeTorn };
}

function checkChanging(file: ChangingFile, response: WireResponse, world: World, memory: Memory): void {
  const { status, content } = response;
  const etag = field(response, 'etag') ?? '';
  switch (status) {
    case 200:
      // The content of a HEAD is not there to be looked at.
      if (content.length === 0 && field(response, 'content-length') !== '0') return;
      assert.equal(file.states === 'whole' ? notWhole(content) : notBeginning(content), undefined);
      remember(file.target, etag, content, world, memory);
      return;
    case 206:
      checkParts(response);
      return;
    case 304:
      assert.equal(etag, memory.etags.get(file.target));
      return;
    case 416:
      assert.equal(file.states, 'beginning');
      assert.equal(field(response, 'content-range'), 'bytes */0');
      return;
    case 404:
      assert.ok(file.mayBeAbsent, 'nothing there');
      return;
    default:
      assert.fail(`the status ${status}: ${content.toString('latin1', 0, 200)}`);
  }
}

/** One entity tag stands for one content for ever. */
function remember(target: string, etag: string, content: Buffer, world: World, memory: Memory): void {
  const stamp = readStamp(content);
  const version = stamp === undefined ? 'nothing' : `${stamp.version} ${content.length}`;
  assert.match(etag, /^"[^"]+"$/);
  const known = memory.contents.get(`${target} ${etag}`);
  assert.ok(known === undefined || known === version, `${etag} was ${known} and is ${version}`);
  memory.contents.set(`${target} ${etag}`, version);
  memory.etags.set(target, etag);
  if (stamp !== undefined) world.versions.add(`${target} ${stamp.version}`);
}

/** The first part tells the version; every other one must be of the same. */
function checkParts(response: WireResponse): void {
  const single = field(response, 'content-range');
  const [, first, last, length] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(single ?? '') ?? [];
  const found =
    single === undefined
      ? parts(response)
      : [{ first: Number(first), last: Number(last), length: Number(length), content: response.content }];
  const stamp = readStamp(found[0]?.content ?? Buffer.alloc(0));
  assert.ok(stamp !== undefined, 'no stamp in the first part');
  for (const part of found) {
    assert.equal(part.content.length, part.last - part.first + 1);
    assert.ok(part.length <= stamp.length);
    assert.equal(mixed(part.content, part.first, stamp), undefined);
  }
}

/** What does not depend on any file. */
const others: readonly Question[] = [
  answered('GET', '/static/nowhere', 404),
  answered('GET', '/static/.hidden', 404),
  answered('GET', '/static/way-out.txt', 404),
  answered('GET', '/static/way-out/key.txt', 404),
  answered('GET', '/static/folder', 308, response =>
    assert.equal(field(response, 'location'), '/static/folder/'),
  ),
  answered('GET', '/static/', 200, response => {
    const page = response.content.toString();
    assert.ok(page.includes('large.bin') && page.endsWith('</html>\n') && !page.includes('way-out'));
  }),
  answered('GET', '/changing/', 200, response => assert.ok(response.content.includes('flipped.bin'))),
  answered('OPTIONS', '*', 204),
  answered('DELETE', '/static/small.txt', 405),
  answered('BREW', '/static/small.txt', 501),
];

function answered(
  method: string,
  target: string,
  status: number,
  check: Question['check'] = () => {},
): Question {
  return {
    request: get(target, [['Accept', 'text/html']], method),
    check: response => {
      assert.equal(response.status, status);
      check(response);
    },
  };
}

function get(target: string, fields: readonly FieldLine[] = [], method = 'GET'): WireRequest {
  return { method, target, fields };
}
