/**
 * h1/: the wire form of HTTP/1.1 (RFC 9112) as a machine of values. Bytes go in with `receive`, events come
 * out of `next`, and `respond` turns a response into the bytes of its head. No socket, timer or clock here.
 * Inside, `input.ts` holds what was received; `head.ts` and `body.ts` read it by `line.ts` and `section.ts`;
 * `serialize.ts` writes.
 */
import { mayHaveContent } from '../http/answer-head.ts';
import type { Fields } from '../http/fields.ts';
import type { Limits } from '../http/limits.ts';
import { listMembers } from '../http/list.ts';
import {
  hasKnownLength,
  type RequestHead,
  type Response,
  type Violation,
  violation,
} from '../http/message.ts';
import { type ContentReader, contentReader } from './body.ts';
import { HeadReader, judgeHost } from './head.ts';
import { Input } from './input.ts';
import type { SeenHead, SeenHeads } from './seen-heads.ts';
import { ResponseHead, type SerializedHead } from './serialize.ts';

/** What the connection wants its driver to do now. */
export type H1Event =
  /** Nothing to do until more is received. */
  | { readonly kind: 'need-bytes' }
  /** The client waits for leave to send its content: write `continueBytes`, then call `next` again. RFC 9110 §10.1.1. */
  | { readonly kind: 'continue' }
  /** A whole request was read and its content dropped. Answer it with `respond` before `next` is called again. */
  | { readonly kind: 'request'; readonly head: RequestHead }
  /** The input broke a rule. Answer with `respond`; the connection ends after that answer. */
  | {
      readonly kind: 'violation';
      readonly status: number;
      readonly why: string;
      readonly head: RequestHead | undefined;
    }
  /** No further request will come; end the connection. */
  | { readonly kind: 'ended' };

/**
 * What the machine is waiting for; the driver chooses its time-out by it. Empty lines before a request line
 * belong to 'head', so that a client that drips them is timed out.
 */
export type H1Phase = 'idle' | 'head' | 'content' | 'answering' | 'ended';

/** The head of an answer, ready to be written. */
export interface OutgoingHead {
  readonly bytes: Buffer;
  /** False for HEAD, 204 and 304: nothing follows the head. */
  readonly sendsContent: boolean;
  /** False when the connection ends after this answer. */
  readonly isPersistent: boolean;
}

/** The interim answer that a 'continue' event asks for. RFC 9110 §15.2.1. */
export const continueBytes: Buffer = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');

type State =
  | { readonly kind: 'head'; readonly reader: HeadReader }
  | { readonly kind: 'content'; readonly head: RequestHead; readonly reader: ContentReader }
  /** The driver gave up on the client; the violation is still to be told. */
  | { readonly kind: 'refused'; readonly violation: Violation; readonly head: RequestHead | undefined }
  | { readonly kind: 'answering'; readonly head: RequestHead | undefined; readonly isPersistent: boolean }
  | { readonly kind: 'ended' };

/** One connection's HTTP/1.1, from the first octet received to the last answer. */
export class H1Connection {
  readonly #limits: Limits;
  readonly #seen: SeenHeads | undefined;
  /** A reader that has read nothing, kept while heads are known. */
  #spareReader: HeadReader | undefined;
  readonly #input: Input = new Input();
  /** What was received last, when that was a known head and nothing else: it need not be read, nor copied. */
  #known: SeenHead | undefined;
  /** Octets that were received at once and are not known as a head. */
  #unknownBytes = 0;
  #state: State;

  /** `seen` is shared by connections with the same limits: heads that need not be parsed again. */
  constructor(limits: Limits, seen?: SeenHeads) {
    this.#limits = limits;
    this.#seen = seen;
    this.#state = { kind: 'head', reader: new HeadReader(limits, seen) };
  }

  /** Takes octets as they come. What is kept of them is copied, so that the caller may reuse its buffer. */
  receive(bytes: Uint8Array): void {
    if (!this.#reads()) return;
    if (this.#known !== undefined) this.#takeUnread(this.#known);
    else if (this.phase === 'idle') {
      this.#known = this.#seen?.recall(bytes, 0, bytes.length);
      if (this.#known !== undefined) return;
      this.#unknownBytes = bytes.length;
    }
    this.#input.append(bytes);
  }

  /** The client will send nothing further; the requests that are already whole are still answered. RFC 9112 §9.6. */
  receiveEnd(): void {
    this.#input.finish();
  }

  /**
   * Gives up on the client, after a time-out (408) say: the next event is a violation with this status and reason.
   * Does nothing when an answer is under way or the connection has ended.
   */
  refuse(status: number, why: string): void {
    const state = this.#state;
    if (state.kind !== 'head' && state.kind !== 'content') return;
    const head = state.kind === 'content' ? state.head : undefined;
    this.#state = { kind: 'refused', violation: violation(status, why), head };
    this.#drop();
  }

  /** What to do now. Throws when a request or a violation still has to be answered: a bug of the caller. */
  next(): H1Event {
    const state = this.#state;
    switch (state.kind) {
      case 'head':
        return this.#readHead(state.reader);
      case 'content':
        return this.#readContent(state.head, state.reader);
      case 'refused':
        return this.#violate(state.violation, state.head);
      case 'answering':
        throw new Error('next() before respond()');
      case 'ended':
        return ended;
      default:
        return state satisfies never;
    }
  }

  /**
   * The head that answers the last event; `date` is the IMF-fixdate of now. `close` ends the connection after
   * this answer. Throws, and changes nothing, when no event waits for an answer or a field line of the response is
   * malformed: bugs of ours.
   */
  respond(response: Response, date: string, options?: { readonly close?: boolean }): OutgoingHead {
    const version = (this.#state.kind === 'answering' && this.#state.head?.version) || '1.1';
    // Where there are no chunks, only the end of the connection ends what has no length.
    const isEndless = version === '1.0' && !hasKnownLength(response.content);
    return this.respondAgain(
      new ResponseHead(response, version),
      date,
      isEndless ? { close: true } : options,
    );
  }

  /** The same for a head that was kept. */
  respondAgain(head: SerializedHead, date: string, options?: { readonly close?: boolean }): OutgoingHead {
    const state = this.#state;
    if (state.kind !== 'answering') throw new Error('respond() without a request');
    const isPersistent = state.isPersistent && options?.close !== true;
    const connection = isPersistent ? (state.head?.version === '1.0' ? 'keep-alive' : undefined) : 'close';
    const bytes = head.bytes({ date, connection });
    if (isPersistent)
      this.#state = { kind: 'head', reader: this.#spareReader ?? new HeadReader(this.#limits, this.#seen) };
    else this.#end();
    return { bytes, sendsContent: mayHaveContent(state.head?.method, head.status), isPersistent };
  }

  /** What the machine is waiting for. */
  get phase(): H1Phase {
    const state = this.#state;
    switch (state.kind) {
      case 'head':
        return state.reader.isUntouched && this.bufferedBytes === 0 ? 'idle' : 'head';
      case 'refused':
        return 'answering';
      default:
        return state.kind;
    }
  }

  /** Octets received and not yet read. */
  get bufferedBytes(): number {
    return this.#input.length + (this.#known?.octets.length ?? 0);
  }

  /** More came before the known head was read: all of it is read as what it has become. */
  #takeUnread({ octets }: SeenHead): void {
    this.#known = undefined;
    this.#input.append(octets);
  }

  #reads(): boolean {
    const state = this.#state;
    if (state.kind === 'answering') return state.isPersistent;
    return state.kind === 'head' || state.kind === 'content';
  }

  #readHead(reader: HeadReader): H1Event {
    const known = this.#known ?? this.#recall(reader);
    if (known !== undefined) {
      if (this.#known === undefined) this.#input.drop(known.octets.length);
      else this.#known = undefined;
      this.#spareReader = reader;
      return this.#request(known.reading.head, known.reading.isPersistent);
    }
    const { buffer, start, length } = this.#input;
    if (length === 0 && !this.#input.isEnded) return needBytes;
    const isWhole = reader.isUntouched;
    this.#spareReader = undefined;
    const head = reader.read(this.#input);
    if (head === undefined) {
      if (!this.#input.isEnded) return needBytes;
      // Empty lines alone are no request, and whoever leaves between two requests did nothing wrong.
      return reader.isBlank ? this.#end() : this.#violate(truncated, undefined);
    }
    if ('kind' in head) return this.#violate(head, undefined);
    const octets = isWhole ? buffer.subarray(start, start + length - this.#input.length) : undefined;
    if (reader.known !== undefined) {
      const { isPersistent } = reader.known;
      if (octets !== undefined) this.#seen?.remember(octets, { head, isPersistent });
      return this.#request(head, isPersistent);
    }
    const broken = judgeHost(head);
    if (broken !== undefined) return this.#violate(broken, head);
    const content = contentReader(head, this.#limits);
    if (content !== undefined && 'kind' in content) return this.#violate(content, head);
    const expectation = expectationOf(head);
    if (expectation === 'unknown') return this.#violate(violation(417, 'an unknown expectation'), head);
    if (content === undefined) {
      const isPersistent = wantsPersistence(head);
      // Only what came in one piece is known by its octets.
      if (octets !== undefined) this.#seen?.remember(octets, { head, isPersistent });
      if (reader.section !== undefined)
        this.#seen?.rememberSection(reader.section, { fields: head.fields, isPersistent });
      return this.#request(head, isPersistent);
    }
    this.#state = { kind: 'content', head, reader: content };
    // A client whose content is on its way did not wait for leave.
    if (expectation === 'continue' && this.#input.length === 0 && !this.#input.isEnded)
      return leaveToContinue;
    return this.#readContent(head, content);
  }

  /** The known head at the beginning of what was received, if there is one. */
  #recall(reader: HeadReader): SeenHead | undefined {
    const { buffer, start, length } = this.#input;
    if (length === 0 || this.#seen === undefined || !reader.isUntouched) return undefined;
    // What came at once was looked up as it came, in case it was one head.
    const isLookedUp = length === this.#unknownBytes;
    const last = buffer.indexOf(emptyLine, start, 'latin1');
    const end = last + emptyLine.length;
    if (last === -1 || end > start + length || (isLookedUp && end === start + length)) return undefined;
    return this.#seen.recall(buffer, start, end);
  }

  #readContent(head: RequestHead, reader: ContentReader): H1Event {
    const progress = reader.read(this.#input);
    if (progress === 'done') return this.#request(head, wantsPersistence(head));
    if (progress !== 'more') return this.#violate(progress, head);
    return this.#input.isEnded ? this.#violate(truncated, head) : needBytes;
  }

  #request(head: RequestHead, isPersistent: boolean): H1Event {
    this.#state = { kind: 'answering', head, isPersistent };
    // What follows the last request is never read as another one: RFC 9112 §9.6.
    if (!isPersistent) this.#drop();
    return { kind: 'request', head };
  }

  #violate({ status, why }: Violation, head: RequestHead | undefined): H1Event {
    this.#state = { kind: 'answering', head, isPersistent: false };
    this.#drop();
    return { kind: 'violation', status, why, head };
  }

  /** Forgets what was received and not yet read. */
  #drop(): void {
    this.#known = undefined;
    this.#input.clear();
  }

  #end(): H1Event {
    this.#state = ended;
    this.#drop();
    return ended;
  }
}

/** RFC 9112 §9.3. */
function wantsPersistence(head: RequestHead): boolean {
  const options = members(head.fields, 'connection');
  if (options.includes('close')) return false;
  return head.version === '1.1' || options.includes('keep-alive');
}

/** RFC 9110 §10.1.1; HTTP/1.0 has no expectations. */
function expectationOf(head: RequestHead): 'none' | 'continue' | 'unknown' {
  if (head.version === '1.0') return 'none';
  const expectations = members(head.fields, 'expect');
  if (expectations.length === 0) return 'none';
  return expectations.every(expectation => expectation === '100-continue') ? 'continue' : 'unknown';
}

/** The members of a list field that are not empty. */
function members(fields: Fields, name: string): readonly string[] {
  const text = fields.get(name);
  return text === undefined ? noMembers : listMembers(text).filter(member => member !== '');
}

const needBytes: H1Event = { kind: 'need-bytes' };
const leaveToContinue: H1Event = { kind: 'continue' };
const ended: { readonly kind: 'ended' } = { kind: 'ended' };
const noMembers: readonly string[] = [];
const emptyLine = '\r\n\r\n';

// A client that ends its sending in the middle may still read; nginx closes without a word here, we say what it was.
const truncated = violation(400, 'the request ended before it was whole');
