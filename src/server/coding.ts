import { setTimeout as rest } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { ContentCoding } from '../http/coding.ts';
import type { Limits } from '../http/limits.ts';
import type { Content, StoredFile } from '../http/message.ts';
import type { Look, OpenFailure, Store } from '../store/store.ts';
import { code, codeBest, undo } from './zlib-codings.ts';

/** A content that is still to be turned from one coding into another. */
export type CodedContent = Extract<Content, { kind: 'coded' }>;

/** Why no octets came out: what the store says, too many of them, or a file that is not in its coding. */
export type CodingFailure = OpenFailure | 'too large' | 'corrupt';

/** What a coder works with. */
export interface CoderOptions {
  readonly limits: Pick<Limits, 'cacheBytesMax' | 'codedBytesMax' | 'decodedBytesMax'>;
  /** Milliseconds since 1970, of the clock that stamps files. */
  readonly now: () => number;
}

/** Octets that came out. */
export class Made implements Look {
  readonly bytes: Buffer;
  /** Whether they were made in haste, and others may take their place. */
  readonly isProvisional: boolean;
  #isSuperseded = false;

  /** The octets are kept in memory of their own: zlib hands out pieces of larger buffers. */
  constructor(bytes: Buffer, isProvisional: boolean) {
    const isAlone = bytes.length === bytes.buffer.byteLength;
    this.bytes = isAlone ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
    this.isProvisional = isProvisional;
  }

  /** Whether nothing better is there. */
  isFresh(): boolean {
    return !this.#isSuperseded;
  }

  /** Better octets are there now. */
  expire(): void {
    this.#isSuperseded = true;
  }
}

/** Files coded at once: zlib and the disk share the system's few threads. */
const codingsAtOnceMax = 2;

/** A file that changed less than this ago may change again and keep its stamps: nothing made of it is kept. */
const settlingMs = 1000;

/** Octets of a file that is coded at the best effort at once: two codings of so few would cost more than they save. */
const bestAtOnceBytesMax = 2 * 1024;

/** Contents that wait to be made better; further ones stay as they are until they are asked for again. */
const improvementsMax = 1024;

/** How long the improver rests while clients wait for codings. */
const busyRestMs = 50;

/**
 * Turns whole files from one coding into another, in the threads of zlib, and keeps what came out in memory under the
 * version of the file. Requests that ask for the same at once share the work. A large file is coded fast for the
 * clients that wait, and once more at the best effort when nobody does.
 */
export class Coder {
  readonly #options: CoderOptions;
  readonly #kept: LRUCache<string, Made>;
  readonly #making = new Map<string, Promise<Made | CodingFailure>>();
  readonly #waiting: (() => void)[] = [];
  readonly #improvable = new Map<string, () => Promise<void>>();
  #running = 0;
  #isImproving = false;
  #ending = new AbortController();

  constructor(options: CoderOptions) {
    this.#options = options;
    this.#kept = new LRUCache({
      maxSize: Math.max(1, options.limits.cacheBytesMax),
      sizeCalculation: ({ bytes }) => bytes.length + keptOverheadBytes,
    });
  }

  /** The octets of a content in the coding that it asks for. Rejects with what a disk throws. */
  async make(content: CodedContent, store: Store): Promise<Made | CodingFailure> {
    const key = keyOf(content);
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#improveLater(key, content, kept, store);
      return kept;
    }
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#inTurn(() => this.#make(content, store, key)).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return making;
  }

  /** Gives up what nobody waits for. The coder can still be used. */
  rest(): void {
    this.#improvable.clear();
    this.#ending.abort();
    this.#ending = new AbortController();
  }

  async #make(content: CodedContent, store: Store, key: string): Promise<Made | CodingFailure> {
    const { file } = content;
    const { codedBytesMax, decodedBytesMax } = this.#options.limits;
    if (file.size > codedBytesMax) return 'too large';
    // Asked before the file is read: what settles later may have been read before its last change.
    const isSettled = this.#isSettled(file);
    const stored = await readWhole(file, store);
    if (typeof stored === 'string') return stored;
    const made = await turn(stored, content, decodedBytesMax);
    if (typeof made !== 'string' && isSettled) {
      this.#kept.set(key, made);
      this.#improveLater(key, content, made, store);
    }
    return made;
  }

  #improveLater(key: string, content: CodedContent, made: Made, store: Store): void {
    const { to } = content;
    if (!made.isProvisional || to === 'identity' || this.#improvable.size >= improvementsMax) return;
    // What memory does not hold would be made anew again and again.
    if (!this.#kept.has(key) || this.#improvable.has(key)) return;
    this.#improvable.set(key, () => this.#improve(key, content.file, to, made, store));
    void this.#improveAll();
  }

  async #improveAll(): Promise<void> {
    if (this.#isImproving) return;
    this.#isImproving = true;
    for (const [key, improve] of this.#improvable) {
      while (this.#running > 0) await rest(busyRestMs, undefined, { ref: false });
      // A failure leaves the octets that are there, and they are as good as ever.
      if (this.#improvable.has(key)) await improve().catch(() => {});
      this.#improvable.delete(key);
    }
    this.#isImproving = false;
  }

  async #improve(
    key: string,
    file: StoredFile,
    coding: ContentCoding,
    made: Made,
    store: Store,
  ): Promise<void> {
    const { signal } = this.#ending;
    const stored = await readWhole(file, store);
    if (typeof stored === 'string') return;
    const bytes = await codeBest(stored, coding, signal);
    if (bytes === undefined) return;
    this.#kept.set(key, new Made(bytes, false));
    made.expire();
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    // Who is woken takes the place of the one who woke it.
    if (this.#running >= codingsAtOnceMax) await new Promise<void>(resolve => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #isSettled(file: StoredFile): boolean {
    return Number(file.changedNs / 1_000_000n) + settlingMs <= this.#options.now();
  }
}

async function turn(
  stored: Uint8Array,
  { from, to }: CodedContent,
  decodedBytesMax: number,
): Promise<Made | 'too large' | 'corrupt'> {
  if (to !== 'identity') {
    const effort = stored.length <= bestAtOnceBytesMax ? 'best' : 'fast';
    return new Made(await code(stored, to, effort), effort === 'fast');
  }
  if (from === 'identity') throw new Error('there is nothing to turn');
  const undone = await undo(stored, from, decodedBytesMax);
  return typeof undone === 'string' ? undone : new Made(undone, false);
}

/** The whole content of exactly this version. */
async function readWhole(stored: StoredFile, store: Store): Promise<Uint8Array | OpenFailure> {
  const file = await store.open(stored);
  if (typeof file === 'string') return file;
  try {
    if (file.content !== undefined) return file.content;
    const content = Buffer.allocUnsafeSlow(stored.size);
    const isWhole = (await file.read(content, stored.size, 0)) === stored.size;
    return isWhole && (await file.isUnchanged()) ? content : 'changed';
  } finally {
    file.close();
  }
}

function keyOf({ file, from, to }: CodedContent): string {
  return `${file.location}\n${file.identity} ${file.size} ${file.changedNs} ${file.modifiedNs} ${from} ${to}`;
}

/** What a kept result costs beside its octets. */
const keptOverheadBytes = 512;
