import type { Socket } from 'node:net';
import { LRUCache } from 'lru-cache';
import { HeadForms } from '../h1/compact-head.ts';
import { ResponseHead, type SerializedHead } from '../h1/serialize.ts';
import type { Fields } from '../http/fields.ts';
import type { Client, RequestHead, Response } from '../http/message.ts';
import { SecondSight, sampleOfText } from '../http/second-sight.ts';
import type { Look } from '../store/store.ts';
import { Departures } from './departures.ts';
import type { Prepared } from './prepare.ts';
import { RareAnswer } from './rare-answer.ts';

/** What a remembered answer costs beside its texts and octets, and each look-up that it rests on. */
const answerOverheadBytes = 2048;
const lookOverheadBytes = 200;

/** Characters of a key that is still kept: a client that makes up long targets and fields is not remembered. */
const keyLengthMax = 2048;

/**
 * Octets of a content that is kept a second time as one piece with its head. Readers that stall hold such a piece each;
 * a larger content is held once for all of them, whatever they asked with.
 */
const joinedBytesMax = 128 * 1024;

/** An answer that is given again. */
export type Repeat = Repeated &
  (
    | {
        readonly leavesLater: false;
        /** Writes these octets of its head, and its content behind them. */
        write(socket: Socket, headBytes: Buffer): void;
      }
    | {
        /** It waits for the end of the turn. */
        readonly leavesLater: true;
        /** These octets of its head, and its content behind them. */
        message(headBytes: Buffer): Buffer;
      }
  );

interface Repeated {
  readonly response: Response;
  readonly head: SerializedHead;
  readonly contentBytes: number;
  /** The octets of the content, for whoever writes no head of ours. They may be others' too, and are not written to. */
  octets(): Uint8Array;
}

/** How an answer is had anew without asking the site: without its content in memory, and the look at what is read. */
interface Again {
  readonly rare: RareAnswer;
  readonly look: Look;
}

/** An answer in memory, sent again as it is while what it rests on stands. */
class Answer implements Repeated {
  readonly response: Response;
  readonly head: ResponseHead;
  readonly content: Uint8Array;
  readonly leavesLater = false;
  readonly #looks: readonly Look[];
  readonly #again: Again | undefined;
  #headBytes: Buffer | undefined;
  #message: Buffer = noOctets;

  constructor(response: Response, content: Uint8Array, looks: readonly Look[], again: Again | undefined) {
    this.response = response;
    this.head = new ResponseHead(response);
    this.content = content;
    this.#looks = looks;
    this.#again = again;
  }

  /** Whether all that it rests on is known to stand; `elapsedMs` is of a clock that is never set back. */
  isFresh(elapsedMs: number): boolean {
    for (const look of this.#looks) if (!look.isFresh(elapsedMs)) return false;
    return true;
  }

  /** The same answer by reading its file anew, which tells that it stands; it is fresh then for as long as after a look. */
  repeat(elapsedMs: number, departures: Departures): Repeat | undefined {
    const repeat = this.#again?.rare.repeat(elapsedMs, departures);
    if (repeat !== undefined) this.#again?.look.confirm?.(elapsedMs);
    return repeat;
  }

  /**
   * Octets that it may come to hold: a content that is not large a second time in a whole message, its head in three
   * forms. The answer to a HEAD may hold the content that it describes.
   */
  get bytesHeld(): number {
    const described = this.response.content;
    return (
      answerOverheadBytes +
      (described.kind === 'bytes' ? described.bytes.length : this.content.length) +
      (this.#isJoined ? this.content.length : 0) +
      4 * this.head.length +
      (this.#again?.rare.bytesHeld ?? 0) +
      lookOverheadBytes * this.#looks.length
    );
  }

  get contentBytes(): number {
    return this.content.length;
  }

  octets(): Uint8Array {
    return this.content;
  }

  write(socket: Socket, headBytes: Buffer): void {
    if (this.#isJoined) {
      socket.write(this.#joined(headBytes));
      return;
    }
    socket.cork();
    socket.write(headBytes);
    socket.write(this.content);
    socket.uncork();
  }

  /** Whether head and content leave as one piece, which costs less. */
  get #isJoined(): boolean {
    return this.content.length <= joinedBytesMax;
  }

  /** That piece, made anew when the head is: once a second, when its date changes. */
  #joined(headBytes: Buffer): Buffer {
    if (this.#headBytes !== headBytes) {
      this.#headBytes = headBytes;
      this.#message = Buffer.concat([headBytes, this.content]);
    }
    return this.#message;
  }
}

/**
 * Remembers answers. An answer is a pure function of what it reads: method, target, what of the request the
 * composed features and the site declare that they read, and the store entries that were looked at. It is remembered under
 * exactly those, and holds while every look-up that it rests on is fresh.
 */
export class Recall {
  /** What leaves later. */
  readonly departures: Departures = new Departures();
  readonly #fieldNames: readonly string[];
  readonly #readsAuthority: () => boolean;
  readonly #readsClient: boolean;
  readonly #places: LRUCache<string, Place | RareAnswer>;
  readonly #sight: SecondSight = new SecondSight();
  readonly #forms: HeadForms = new HeadForms();
  #others: readonly Look[] = [];
  readonly #read = new WeakMap<Fields, string>();
  /** Heads that are seen again are the same object: where their answer is kept is found once. */
  readonly #known = new WeakMap<RequestHead, Place>();

  /**
   * `reads`: the request fields, in lower case, that an answer may depend on, and perhaps `:authority` and `:client`.
   * `readsHost`: whether it depends on the authority just now; when that changes, what was remembered is stale.
   */
  constructor(reads: readonly string[], bytesMax: number, readsHost: () => boolean = () => false) {
    this.#fieldNames = reads.filter(name => !name.startsWith(':'));
    this.#readsAuthority = reads.includes(':authority') ? () => true : readsHost;
    this.#readsClient = reads.includes(':client');
    this.#places = new LRUCache({
      maxSize: Math.max(1, bytesMax),
      sizeCalculation: (place, key) => bytesOf(place) + key.length,
      dispose: place => {
        if (!(place instanceof RareAnswer)) place.answer = undefined;
      },
    });
  }

  /** The answer that this client's request would get, if it is known. A stale one stays until it is replaced. */
  find(head: RequestHead, client: Client, elapsedMs: number): Repeat | undefined {
    let place = this.#known.get(head);
    const isAnothers = this.#readsClient && place?.address !== client.address;
    if (place?.answer === undefined || isAnothers || elapsedMs >= place.usedMs + usedAgainMs) {
      const key = this.#key(head, client);
      const found = this.#places.peek(key);
      if (found === undefined) return undefined;
      if (found instanceof RareAnswer) {
        // What says which was used last lies all over memory: of many, each use is too dear to note.
        if (found.isLongUnused(elapsedMs)) this.#places.get(key);
        return found.repeat(elapsedMs, this.departures);
      }
      this.#places.get(key);
      place = found;
      place.usedMs = elapsedMs;
      this.#known.set(head, place);
    }
    const { answer } = place;
    return answer?.isFresh(elapsedMs) ? answer : answer?.repeat(elapsedMs, this.departures);
  }

  /**
   * Remembers an answer that comes again, if its content is in memory, with the look-ups that it rests on. What was
   * stale already at `elapsedMs`, when it was made, takes no room: a listing, a file that has just changed. Nor does a
   * 503: it says that a moment later there will be another answer.
   */
  remember(head: RequestHead, client: Client, prepared: Prepared, elapsedMs: number): void {
    const { response, body, looks } = prepared;
    if (body.kind !== 'bytes' || looks === undefined || looks.length === 0 || response.status === 503) return;
    if (!looks.every(look => look.isFresh(elapsedMs))) return;
    const key = this.#key(head, client);
    if (key.length > keyLengthMax) return;
    const before = this.#places.peek(key);
    // Of several that were asked for at once the first was remembered.
    if (!(before instanceof RareAnswer) && before?.answer?.isFresh(elapsedMs)) return;
    const again = this.#again(response, body.bytes, looks);
    if (again !== undefined) {
      if (!(before instanceof RareAnswer && before.isHot)) {
        // What was put together piece by piece is dearer than its text.
        this.#places.set(Buffer.from(key, 'latin1').toString('latin1'), again.rare);
        return;
      }
    } else if (!this.#sight.isSecond(sampleOfText(key))) return;
    const answer = new Answer(response, alone(body.bytes), looks, again);
    const { address } = client;
    this.#places.set(key, { answer, address, usedMs: Number.NEGATIVE_INFINITY });
  }

  /** The answer without its content, where that is the whole of a file that can be read again without a look. */
  #again(response: Response, octets: Uint8Array, looks: readonly Look[]): Again | undefined {
    const { content, status } = response;
    if (status !== 200 || content.kind !== 'stored' || octets.length !== content.file.size) return undefined;
    const look = looks.findLast(one => one.rereadable?.isOf(content.file));
    const head = this.#forms.compact(status, new ResponseHead(response).lines);
    const file = look?.rereadable;
    if (file === undefined || look === undefined || !RareAnswer.isFit(head, file)) return undefined;
    const others = looks.filter(one => one !== look);
    // What many answers rest on, such as the rules of the site, is one list for all of them.
    const isSame = others.length === this.#others.length && others.every((one, n) => one === this.#others[n]);
    const news = isSame ? 0 : others.filter(one => !this.#others.includes(one)).length;
    if (!isSame) this.#others = others;
    return { rare: new RareAnswer(head, file, this.#others, lookOverheadBytes * news), look };
  }

  #key({ method, target, authority, fields }: RequestHead, client: Client): string {
    // Control characters stand in no value: lines are kept apart, and an absent field is not an empty one.
    let key = `${method} ${target}`;
    if (this.#readsAuthority()) key += `\0${authority ?? '\x01'}`;
    if (this.#readsClient) key += `\0${client.address}`;
    return key + this.#readOf(fields);
  }

  /** What is read of the fields, as a text. Clients repeat their fields, and those are the same object then. */
  #readOf(fields: Fields): string {
    const known = this.#read.get(fields);
    if (known !== undefined) return known;
    let text = '';
    for (const name of this.#fieldNames) {
      const lines = fields.values(name);
      text += `\0${lines.length === 0 ? '\x01' : lines.join('\n')}`;
    }
    this.#read.set(fields, text);
    return text;
  }
}

/** Where an answer is kept, and is gone from once it is kept no longer. */
interface Place {
  answer: Answer | undefined;
  /** Of the client whose request it answered; any other one's is answered alike unless clients matter. */
  readonly address: string;
  /** When it was last noted that the answer is in use. */
  usedMs: number;
}

function bytesOf(place: Place | RareAnswer): number {
  return place instanceof RareAnswer ? place.bytesHeld : (place.answer?.bytesHeld ?? 1);
}

/** How often the use of an answer is noted: which of two was used last matters to the second. */
const usedAgainMs = 1000;

/** The octets in memory of their own: a few of a large content must not hold the whole of it. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

const noOctets = Buffer.alloc(0);
