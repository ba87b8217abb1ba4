import { LRUCache } from 'lru-cache';
import { ResponseHead } from '../h1/serialize.ts';
import type { RequestHead, Response } from '../http/message.ts';
import type { Look } from '../store/store.ts';
import type { Prepared } from './prepare.ts';

/** What a remembered answer costs beside its octets. */
const answerOverheadBytes = 2048;

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

  /** Octets in memory; the answer to a HEAD may hold the content that it describes. */
  get heldBytes(): number {
    const { content } = this.response;
    return content.kind === 'bytes' ? content.bytes.length : this.content.length;
  }

  isFresh(nowMs: number): boolean {
    return this.#looks.every(look => look.isFresh(nowMs));
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
      sizeCalculation: answer => answer.heldBytes + answerOverheadBytes,
    });
  }

  /** The answer that a request of this head would get, if it is known. */
  find(head: RequestHead, nowMs: number): Answer | undefined {
    const answer = this.#answers.get(this.#key(head));
    return answer?.isFresh(nowMs) ? answer : undefined;
  }

  /** Remembers an answer whose content is in memory, with the look-ups that it rests on. */
  remember(head: RequestHead, { response, body, looks }: Prepared): void {
    if (body.kind !== 'bytes' || looks === undefined || looks.length === 0) return;
    this.#answers.set(this.#key(head), new Answer(response, body.bytes, looks));
  }

  #key(head: RequestHead): string {
    let key = this.#keys.get(head);
    if (key === undefined) {
      const { method, target, fields } = head;
      // NUL stands in no value: an empty field is not an absent one.
      const values = this.#fieldNames.map(name => fields.get(name) ?? '\0');
      key = [`${method} ${target}`, ...values].join('\n');
      this.#keys.set(head, key);
    }
    return key;
  }
}

const noOctets = Buffer.alloc(0);
