// Clients that ask for changing files, many times at once, and check every answer.
import assert from 'node:assert/strict';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Random } from '../../fuzz/random.ts';
import type { FieldLine } from '../../src/http/message.ts';
import {
  field,
  type Place,
  RawConnection,
  requestBytes,
  type WireRequest,
  type WireResponse,
} from '../wire/client.ts';
import { parts } from '../wire/multipart.ts';
import type { ChangingFile } from './changing.ts';
import { hashOf, octetsOf, type Version, versionIn } from './versions.ts';

/** What was seen, counted. */
export interface Seen {
  answers: number;
  coded: number;
  partial: number;
  notModified: number;
  torn: number;
  readonly versions: Set<number>;
  /** What each entity tag of each target stood for: of one tag there is one content, whoever asks and when. */
  readonly tags: Map<string, State>;
}

/** A version, or so many octets of its beginning. */
interface State {
  readonly version: Version;
  readonly octets: number;
}

interface Question {
  readonly file: ChangingFile;
  readonly request: WireRequest;
  /** The tag that the request names. */
  readonly tag: string | undefined;
}

/** Counts of nothing. */
export function nothingSeen(): Seen {
  return { answers: 0, coded: 0, partial: 0, notModified: 0, torn: 0, versions: new Set(), tags: new Map() };
}

/** Asks, several requests in one write, until there are so many answers. Rejects at the first that is wrong. */
export async function ask(
  place: Place,
  files: readonly ChangingFile[],
  random: Random,
  seen: Seen,
  answersMax: number,
): Promise<void> {
  let client: Client | undefined;
  while (seen.answers < answersMax) {
    client ??= new Client(await RawConnection.open(place), seen);
    const questions = nextQuestions(files, random, client);
    if (!(await client.ask(questions))) client = undefined;
  }
  client?.connection.destroy();
}

/** The targets that a client is most often asked for are small. */
function nextQuestions(files: readonly ChangingFile[], random: Random, client: Client): readonly Question[] {
  const dice = random.below(10_000);
  const size = sizes.find(({ below }) => dice < below) ?? sizes[0];
  const some = files.filter(file => file.size === size.size);
  const count = 1 + random.below(size.pipelinedMax);
  return Array.from({ length: count }, () => client.question(random.pick(some), random));
}

/** The sizes of files, how often each is asked for, in ten thousandths of all writes added up, and how many at once. */
export const sizes = [
  { size: 1024, below: 8_000, pipelinedMax: 64 },
  { size: 60 * 1024, below: 9_400, pipelinedMax: 4 },
  { size: 200 * 1024, below: 9_840, pipelinedMax: 2 },
  { size: 3 * 1024 * 1024, below: 9_940, pipelinedMax: 1 },
  // Fits in no socket's buffers, so that it changes while it is sent.
  { size: 8 * 1024 * 1024, below: 10_000, pipelinedMax: 1 },
] as const;

/** From this size on files are large: they change less often, and are read with a rest. */
export const largeBytes: number = 3 * 1024 * 1024;

/** How long a reader of a large answer rests. */
const restMs = 120;

class Client {
  readonly connection: RawConnection;
  readonly #seen: Seen;
  /** The last version of each target, and the tag that it had. */
  readonly #last = new Map<string, number>();
  readonly #tags = new Map<string, string>();

  constructor(connection: RawConnection, seen: Seen) {
    this.connection = connection;
    this.#seen = seen;
  }

  question(file: ChangingFile, random: Random): Question {
    const tag = this.#tags.get(file.target);
    const fields: FieldLine[] = [];
    const from = random.below(file.size);
    const dice = random.below(100);
    if (dice < 20) fields.push(['Accept-Encoding', random.pick(['gzip', 'br', 'br, gzip'])]);
    else if (dice < 30) fields.push(['Range', `bytes=0-${random.below(file.size)}`]);
    else if (dice < 35) fields.push(['Range', `bytes=0-63, ${from}-${from + 300}`]);
    else if (dice < 45 && tag !== undefined)
      fields.push(['If-Range', tag], ['Range', `bytes=${from}-${from + 999}`]);
    else if (dice < 55 && tag !== undefined) fields.push(['If-None-Match', tag]);
    return { file, request: { method: 'GET', target: file.target, fields }, tag };
  }

  /** Whether the connection goes on. */
  async ask(questions: readonly Question[]): Promise<boolean> {
    this.connection.write(Buffer.concat(questions.map(({ request }) => requestBytes(request))));
    for (const question of questions) {
      const { file, request } = question;
      try {
        if (file.size >= largeBytes) await this.#rest();
        const response = await this.connection.response();
        this.#check(question, response);
        this.#seen.answers++;
      } catch (error) {
        if (this.connection.ending !== undefined && questions.some(one => one.file.mayBeTorn)) {
          this.#seen.torn++;
          this.connection.destroy();
          return false;
        }
        throw new Error(`${file.manner} ${file.target} ${JSON.stringify(request.fields)}: ${String(error)}`);
      }
    }
    return true;
  }

  /** The answer has begun and lies there: the file changes meanwhile. */
  async #rest(): Promise<void> {
    await this.connection.atLeast(1);
    this.connection.pause();
    await new Promise(resolve => setTimeout(resolve, restMs));
    this.connection.resume();
  }

  #check({ file, tag }: Question, response: WireResponse): void {
    const etag = field(response, 'etag') ?? '';
    switch (response.status) {
      case 200:
        this.#checkWhole(file, etag, decoded(response));
        if (field(response, 'content-encoding') !== undefined) this.#seen.coded++;
        return;
      case 206:
        this.#checkParts(file, etag, response);
        this.#seen.partial++;
        return;
      case 304:
        assert.equal(etag, tag);
        this.#seen.notModified++;
        return;
      case 416:
        assert.ok(file.manner !== 'overwritten');
        assert.match(field(response, 'content-range') ?? '', /^bytes \*\/\d+$/);
        return;
      default:
        assert.fail(`the status ${response.status}: ${response.content.toString('latin1', 0, 200)}`);
    }
  }

  #checkWhole(file: ChangingFile, etag: string, octets: Buffer): void {
    const version = versionIn(octets) ?? nothing;
    if (octets.length === 0)
      assert.ok(file.isEmptiedFirst || [...file.hashes.values()].includes(hashOf(octets)), 'never empty');
    else if (file.manner === 'swapped' || file.manner === 'overwritten') {
      assert.equal(octets.length, version.length);
      assert.equal(
        hashOf(octets),
        file.hashes.get(version.number),
        `a mixture with version ${version.number}`,
      );
    } else {
      assert.ok(file.hashes.has(version.number), `there is no version ${version.number}`);
      assert.ok(
        octets.equals(octetsOf(version).subarray(0, octets.length)),
        `a mixture with version ${version.number}`,
      );
    }
    this.#note(file, etag, { version, octets: octets.length });
  }

  #checkParts(file: ChangingFile, etag: string, response: WireResponse): void {
    const single = field(response, 'content-range');
    const [, first, length] = /^bytes (\d+)-\d+\/(\d+)$/.exec(single ?? '') ?? [];
    const found =
      single === undefined
        ? parts(response)
        : [{ first: Number(first), length: Number(length), content: response.content }];
    const known = this.#seen.tags.get(`${file.target} ${etag}`);
    const version = found[0]?.first === 0 ? versionIn(found[0].content) : known?.version;
    // A part that names no version has nothing to be held against, unless its tag was seen with a whole answer.
    if (version === undefined) return;
    const octets = octetsOf(version);
    for (const part of found) {
      assert.ok(
        part.content.equals(octets.subarray(part.first, part.first + part.content.length)),
        'a part of another version',
      );
      assert.ok(part.length <= version.length);
    }
    this.#note(file, etag, { version, octets: found[0]?.length ?? 0 });
  }

  /** One tag is one content for ever, and over one connection nothing old comes back. */
  #note({ target }: ChangingFile, etag: string, state: State): void {
    // The coding has a tag of its own, and what is made in haste the weak form of it.
    assert.match(etag, /^(W\/)?"[^"]+"$/);
    const key = `${target} ${etag}`;
    const known = this.#seen.tags.get(key);
    if (known !== undefined) assert.deepEqual(state, known, `${etag} stood for something else`);
    this.#seen.tags.set(key, state);
    if (etag.startsWith('"') && !/-(br|gzip|zstd)"$/.test(etag)) this.#tags.set(target, etag);
    if (state.octets === 0) return;
    const last = this.#last.get(target) ?? 0;
    assert.ok(state.version.number >= last, `version ${state.version.number} comes after ${last}`);
    this.#last.set(target, state.version.number);
    this.#seen.versions.add(state.version.number);
  }
}

const nothing: Version = { number: 0, length: 0 };

function decoded(response: WireResponse): Buffer {
  switch (field(response, 'content-encoding')) {
    case 'br':
      return brotliDecompressSync(response.content);
    case 'gzip':
      return gunzipSync(response.content);
    default:
      return response.content;
  }
}
