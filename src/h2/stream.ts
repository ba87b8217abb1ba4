import type { RequestHead } from '../http/message.ts';
import { ReceiveWindow } from './flow.ts';
import type { Priority } from './priority.ts';
import type { Queue } from './scheduler.ts';

/** What is still to come of a request. 'refused': it is answered before it was whole, and what still comes is dropped. */
export type Reading =
  | { readonly kind: 'content'; readonly declaredBytes: number | undefined }
  | { readonly kind: 'refused' }
  | { readonly kind: 'ended' };

/** Where an answer is. 'pulled': its content comes piece by piece, when it is asked for. */
export type Writing = 'none' | 'whole' | 'pulled';

/** One request and its answer. */
export class Stream {
  readonly id: number;
  readonly head: RequestHead | undefined;
  reading: Reading;
  /** Octets of content that came. */
  receivedBytes = 0;
  /** Made when content comes. */
  #receiveWindow: ReceiveWindow | undefined;
  /** When it was opened; for how long its content may take. */
  readonly openedMs: number;
  /** When content of it came last. */
  heardMs: number;

  /** Whether the driver knows of it and owes an answer. */
  isTold = false;
  /** Whether it has been answered, though the content may still be under way. */
  isAnswered = false;
  writing: Writing = 'none';
  /** What we may send; negative after the client has made its windows smaller. */
  windowBytes: number;
  priority: Priority;
  /** Octets to be sent, from `sentBytes` on. */
  octets: Uint8Array = noOctets;
  sentBytes = 0;
  /** Whether they count as held. */
  isHeld = false;
  /** Octets of content that were sent in all. */
  contentBytes = 0;
  /** When the last of them were. */
  sentMs = 0;
  /** Whether nothing comes behind them. */
  isLast = false;
  /** Whether pieces take as long as they take to be made. */
  isUnhurried = false;
  /** Octets that the driver was asked for; undefined while it was not. */
  askedBytes: number | undefined;

  /** Its place among those that wait for their turn; for the queues only. */
  queue: Queue | undefined;
  before: Stream | undefined;
  after: Stream | undefined;

  constructor(
    id: number,
    head: RequestHead | undefined,
    reading: Reading,
    windowBytes: number,
    priority: Priority,
    nowMs: number,
  ) {
    this.id = id;
    this.head = head;
    this.reading = reading;
    this.windowBytes = windowBytes;
    this.priority = priority;
    this.openedMs = nowMs;
    this.heardMs = nowMs;
  }

  /** What the client may send. */
  get receiveWindow(): ReceiveWindow {
    this.#receiveWindow ??= new ReceiveWindow();
    return this.#receiveWindow;
  }

  /** Octets that are there and not sent. */
  get pendingBytes(): number {
    return this.octets.length - this.sentBytes;
  }
}

const noOctets = new Uint8Array(0);
