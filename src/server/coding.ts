import { LRUCache } from 'lru-cache';
import type { Coding, ContentCoding } from '../http/coding.ts';
import type { Limits } from '../http/limits.ts';
import type { Content, StoredFile } from '../http/message.ts';
import { hasSettled, type Look, type OpenFailure, type Store } from '../store/store.ts';
import type { Background } from './background.ts';
import { type CodedFiles, sha256 } from './coded-files.ts';
import { Growth, GrowthFailure } from './growth.ts';
import { readWhole, versionOf } from './versions.ts';
import { code, codeGradually, undo } from './zlib-codings.ts';

/** A content that is still to be turned from one coding into another. */
export type CodedContent = Extract<Content, { kind: 'coded' }>;

/** Why no octets came out: what the store says, too many of them, or a file that is not in its coding. */
export type CodingFailure = OpenFailure | 'too large' | 'corrupt';

/** What a coder works with. */
export interface CoderOptions {
  /** Makes the best codings. */
  readonly background: Background;
  /** Where they are kept beyond the end of this process. */
  readonly files?: CodedFiles | undefined;
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
  #isSettled = false;

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

  /** Whether better octets may be made. */
  get mayImprove(): boolean {
    return this.isProvisional && !this.#isSettled;
  }

  /** No better ones can be made. */
  settle(): void {
    this.#isSettled = true;
  }
}

/** Files coded at once: zlib and the disk share the system's few threads. */
const codingsAtOnceMax = 2;

/** Octets of a file that is coded at the best effort at once: two codings of so few would cost more than they save. */
const bestAtOnceBytesMax = 2 * 1024;

/**
 * Turns whole files from one coding into another, in the threads of zlib, and keeps what came out in memory under the
 * version of the file. Requests that ask for the same at once share the work. A large file is coded fast for the
 * clients that wait, and once more at the best effort in the background; that result is also kept on disk, where there
 * is a folder for it.
 */
export class Coder {
  readonly #options: CoderOptions;
  readonly #kept: LRUCache<string, Made>;
  readonly #making = new Map<string, Making>();
  readonly #waiting: (() => void)[] = [];
  readonly #improving = new Set<string>();
  #running = 0;

  constructor(options: CoderOptions) {
    this.#options = options;
    this.#kept = new LRUCache({
      maxSize: Math.max(1, options.limits.cacheBytesMax),
      sizeCalculation: ({ bytes }) => bytes.length + keptOverheadBytes,
    });
  }

  /** The octets of a content in the coding that it asks for. Rejects with what a disk throws. */
  make(content: CodedContent, store: Store): Promise<Made | CodingFailure> {
    return this.#begun(content, store).whole;
  }

  /** The same, but of a large content that is still to be coded the octets as they come. */
  begin(content: CodedContent, store: Store): Promise<Made | Growth | CodingFailure> {
    return this.#begun(content, store).first;
  }

  /** Whether `begin` might answer with octets as they come. */
  isGradual(content: CodedContent): boolean {
    const { file, to } = content;
    const isLarge = file.size >= gradualBytesMin && file.size <= this.#options.limits.codedBytesMax;
    return to !== 'identity' && isLarge && !this.#kept.has(keyOf(content));
  }

  #begun(content: CodedContent, store: Store): Making {
    const key = keyOf(content);
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#improveLater(key, content, kept, store);
      const whole = Promise.resolve(kept);
      return { first: whole, whole };
    }
    const underWay = this.#making.get(key);
    if (underWay !== undefined) return underWay;
    let tell = (_growth: Growth): void => {};
    const growing = new Promise<Growth>(resolve => {
      tell = resolve;
    });
    const whole = this.#inTurn(() => this.#make(content, store, key, tell)).finally(() =>
      this.#making.delete(key),
    );
    const first = Promise.race([growing, whole]);
    // Whoever waits for the whole need not wait for its beginning.
    first.catch(() => {});
    const making = { first, whole };
    this.#making.set(key, making);
    return making;
  }

  async #make(
    content: CodedContent,
    store: Store,
    key: string,
    tell: (growth: Growth) => void,
  ): Promise<Made | CodingFailure> {
    const { file, to } = content;
    if (file.size > this.#options.limits.codedBytesMax) return 'too large';
    // Asked before the file is read: what settles later may have been read before its last change.
    const isSettled = hasSettled(file, this.#options.now());
    const stored = await readWhole(file, store);
    if (typeof stored === 'string') return stored;
    const made = (await this.#recall(stored, to)) ?? (await this.#turn(stored, content, tell));
    if (typeof made !== 'string' && isSettled) {
      this.#kept.set(key, made);
      this.#improveLater(key, content, made, store);
    }
    return made;
  }

  async #turn(
    stored: Uint8Array,
    { from, to }: CodedContent,
    tell: (growth: Growth) => void,
  ): Promise<Made | Exclude<CodingFailure, OpenFailure>> {
    if (to !== 'identity') {
      if (stored.length >= gradualBytesMin) return grow(stored, to, tell);
      const effort = stored.length <= bestAtOnceBytesMax ? 'best' : 'fast';
      return new Made(await code(stored, to, effort), effort === 'fast');
    }
    if (from === 'identity') throw new Error('there is nothing to turn');
    const undone = await undo(stored, from, this.#options.limits.decodedBytesMax);
    return typeof undone === 'string' ? undone : new Made(undone, false);
  }

  /** What was made of this content before, by whichever process. */
  async #recall(stored: Uint8Array, to: Coding): Promise<Made | undefined> {
    const { files } = this.#options;
    if (files === undefined || to === 'identity' || stored.length <= bestAtOnceBytesMax) return undefined;
    const bytes = await files.find(await sha256(stored), to, stored.length);
    return bytes === undefined ? undefined : new Made(bytes, false);
  }

  #improveLater(key: string, { file, to }: CodedContent, made: Made, store: Store): void {
    if (!made.mayImprove || to === 'identity') return;
    // What memory does not hold would be made anew again and again.
    if (!this.#kept.has(key) || this.#improving.has(key)) return;
    this.#improving.add(key);
    void this.#improve(key, file, to, made, store).finally(() => this.#improving.delete(key));
  }

  async #improve(
    key: string,
    file: StoredFile,
    coding: ContentCoding,
    made: Made,
    store: Store,
  ): Promise<void> {
    const outcome = await this.#options.background.run('later', async thread => {
      const stored = this.#kept.has(key) ? await readWhole(file, store) : 'changed';
      if (typeof stored === 'string') return undefined;
      // The content is handed over to the thread, so that it is hashed before.
      const { files } = this.#options;
      const hash = files && (await sha256(stored));
      const { length } = stored;
      const known = hash && (await files.find(hash, coding, length));
      if (known) return known;
      const bytes = await thread.code(stored, coding);
      if (hash && bytes.length < length) await files.keep(hash, coding, bytes);
      return bytes;
    });
    // Octets made in haste are as good as ever; those that another try would not better stay for good.
    if (outcome.kind === 'broken') made.settle();
    if (outcome.kind !== 'done' || outcome.result === undefined) return;
    this.#kept.set(key, new Made(outcome.result, false));
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
}

/** Octets of a file of which the first client gets coded octets before all of them are there. */
const gradualBytesMin = 64 * 1024;

/** One making: its octets as they come, or whole where they come at once; and all of them. */
interface Making {
  readonly first: Promise<Made | Growth | CodingFailure>;
  readonly whole: Promise<Made | CodingFailure>;
}

async function grow(stored: Uint8Array, to: ContentCoding, tell: (growth: Growth) => void): Promise<Made> {
  const growth = new Growth();
  tell(growth);
  try {
    await codeGradually(stored, to, piece => growth.push(piece));
    const made = new Made(growth.joined(), true);
    growth.end(made.bytes);
    return made;
  } catch (error) {
    growth.end(new GrowthFailure('the content could not be coded to its end'));
    throw error;
  }
}

function keyOf({ file, from, to }: CodedContent): string {
  return `${versionOf(file)} ${from} ${to}`;
}

/** What a kept result costs beside its octets. */
const keptOverheadBytes = 512;
