import { LRUCache } from 'lru-cache';
import { ResponseHead } from '../h1/serialize.ts';
import type { RequestHead, Response } from '../http/message.ts';
import type { Look } from '../store/store.ts';
import type { Prepared } from './prepare.ts';

/** What a remembered answer costs beside its texts and octets, and each look-up that it rests on. */
const answerOverheadBytes = 2048;
const lookOverheadBytes = 200;

/** Characters of a key that is still kept: a client that makes up long targets and fields is not remembered. */
const keyLengthMax = 2048;

/** An answer that is sent again as it is, while what it rests on stands. */
export class Answer {
  readonly response: Response;
  readonly head: ResponseHead;
  readonly content: Uint8Array;
  readonly #looks: readonly Look[];
  #headBytes: Buffer | undefined;
  #message: Buffer = noOctets;

  constructor(response: Response, content: Uint8Array, looks: readonly Look[]) {
    this.response = response;
    this.head = new ResponseHead(response);
    this.content = content;
    this.#looks = looks;
  }

  /** Whether all that it rests on is known to stand; `elapsedMs` is of a clock that is never set back. */
  isFresh(elapsedMs: number): boolean {
    return this.#looks.every(look => look.isFresh(elapsedMs));
  }

  /**
   * Octets that it may come to hold: its content a second time in a whole message, its head in three forms. The
   * answer to a HEAD may hold the content that it describes.
   */
  get bytesHeld(): number {
    const described = this.response.content;
    return (
      answerOverheadBytes +
      (described.kind === 'bytes' ? described.bytes.length : this.content.length) +
      this.content.length +
      4 * this.head.length +
      lookOverheadBytes * this.#looks.length
    );
  }

  /** Head and content as one piece, made anew when the head is: once a second, when its date changes. */
  message(headBytes: Buffer): Buffer {
    if (this.#headBytes !== headBytes) {
      this.#headBytes = headBytes;
      this.#message = Buffer.concat([headBytes, this.content]);
    }
    return this.#message;
  }
}

/**
 * Remembers answers. An answer is a pure function of what it reads: method, target, the request fields that the
 * composed features and the site declare, and the store entries that were looked at. It is remembered under
 * exactly those, and holds while every look-up that it rests on is fresh.
 */
export class Recall {
  readonly #fieldNames: readonly string[];
  readonly #answers: LRUCache<string, Answer>;
  /** Heads that are seen again are the same object: their key is made once. */
  readonly #keys = new WeakMap<RequestHead, string>();

  /** `fieldNames`: the request fields, in lower case, that an answer may depend on. */
  constructor(fieldNames: readonly string[], bytesMax: number) {
    this.#fieldNames = fieldNames;
    this.#answers = new LRUCache({
      maxSize: Math.max(1, bytesMax),
      sizeCalculation: (answer, key) => answer.bytesHeld + 2 * key.length,
    });
  }

  /** The answer that a request of this head would get, if it is known. A stale one stays until it is replaced. */
  find(head: RequestHead, elapsedMs: number): Answer | undefined {
    const key = this.#key(head);
    const answer = key === undefined ? undefined : this.#answers.get(key);
    return answer?.isFresh(elapsedMs) ? answer : undefined;
  }

  /** Remembers an answer whose content is in memory, with the look-ups that it rests on. */
  remember(head: RequestHead, { response, body, looks }: Prepared): void {
    const key = this.#key(head);
    if (key === undefined || body.kind !== 'bytes' || looks === undefined || looks.length === 0) return;
    this.#answers.set(key, new Answer(response, alone(body.bytes), looks));
  }

  /** Undefined when it would be too long to keep. */
  #key(head: RequestHead): string | undefined {
    let key = this.#keys.get(head);
    if (key === undefined) {
      const { method, target, fields } = head;
      // Control characters stand in no value: lines are kept apart, and an absent field is not an empty one.
      const values = this.#fieldNames.map(name => {
        const lines = fields.values(name);
        return lines.length === 0 ? '\x01' : lines.join('\n');
      });
      key = [`${method} ${target}`, ...values].join('\0');
      if (key.length > keyLengthMax) key = '';
      this.#keys.set(head, key);
    }
    return key === '' ? undefined : key;
  }
}

/** The octets in memory of their own: a few of a large content must not hold the whole of it. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

const noOctets = Buffer.alloc(0);
