import * as zlib from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { ContentCoding } from '../http/coding.ts';
import type { Limits } from '../http/limits.ts';
import type { Content, StoredFile } from '../http/message.ts';
import type { OpenFailure, Store } from '../store/store.ts';

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

/** Files coded at once: zlib and the disk share the system's few threads. */
const codingsAtOnceMax = 2;

/** A file that changed less than this ago may change again and keep its stamps: nothing made of it is kept. */
const settlingMs = 1000;

/**
 * Turns whole files from one coding into another, in the threads of zlib, and keeps what came out in memory under the
 * version of the file. Requests that ask for the same at once share the work.
 */
export class Coder {
  readonly #options: CoderOptions;
  readonly #kept: LRUCache<string, Buffer>;
  readonly #making = new Map<string, Promise<Buffer | CodingFailure>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: CoderOptions) {
    this.#options = options;
    this.#kept = new LRUCache({
      maxSize: Math.max(1, options.limits.cacheBytesMax),
      sizeCalculation: bytes => bytes.length + keptOverheadBytes,
    });
  }

  /** The octets of a content in the coding that it asks for. Rejects with what a disk throws. */
  async make(content: CodedContent, store: Store): Promise<Buffer | CodingFailure> {
    const key = keyOf(content);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    let making = this.#making.get(key);
    if (making === undefined) {
      making = this.#inTurn(() => this.#make(content, store, key)).finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return making;
  }

  async #make({ file, from }: CodedContent, store: Store, key: string): Promise<Buffer | CodingFailure> {
    const { codedBytesMax, decodedBytesMax } = this.#options.limits;
    if (file.size > codedBytesMax) return 'too large';
    const stored = await readWhole(file, store);
    if (typeof stored === 'string') return stored;
    const undo = from === 'identity' ? undefined : undoing[from];
    if (undo === undefined) throw new Error(`there is nothing to undo ${from} with`);
    const made = await undone(stored, undo, decodedBytesMax);
    if (typeof made !== 'string' && this.#isSettled(file)) this.#kept.set(key, made);
    return made;
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

type ZlibTurn = (
  bytes: Uint8Array,
  options: { readonly maxOutputLength?: number },
  done: (error: NodeJS.ErrnoException | null, result: Buffer) => void,
) => void;

/** Node has zstd since 22.15; an older one leaves it out. */
const { zstdDecompress } = zlib as { readonly zstdDecompress?: ZlibTurn };

const undoing: Readonly<Record<ContentCoding, ZlibTurn | undefined>> = {
  br: zlib.brotliDecompress,
  zstd: zstdDecompress,
  gzip: zlib.gunzip,
};

/** The codings that the running Node can undo, in the order of preference. */
export const undoneCodings: readonly ContentCoding[] = (['br', 'zstd', 'gzip'] as const).filter(
  coding => undoing[coding] !== undefined,
);

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

function undone(
  stored: Uint8Array,
  undo: ZlibTurn,
  maxOutputLength: number,
): Promise<Buffer | 'too large' | 'corrupt'> {
  return new Promise(resolve => {
    undo(stored, { maxOutputLength }, (error, result) => {
      if (error === null) resolve(result);
      else resolve(error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'corrupt');
    });
  });
}

function keyOf({ file, from, to }: CodedContent): string {
  return `${file.location}\n${file.identity} ${file.size} ${file.changedNs} ${file.modifiedNs} ${from} ${to}`;
}

/** What a kept result costs beside its octets. */
const keptOverheadBytes = 512;
