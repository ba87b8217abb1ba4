import { LRUCache } from 'lru-cache';
import type { StoredFile } from '../http/message.ts';
import { type OpenFailure, type OpenFile, smallContentBytesMax } from './store.ts';

/** Bounds of the contents in memory. */
export interface ContentBounds {
  /** Octets of contents that are kept. */
  readonly cacheBytesMax: number;
  /** Octets of a content that is still kept. */
  readonly cachedContentBytesMax: number;
}

/** Larger contents of which it is known that they were asked for. */
const askedMax = 4096;

/** What a kept content costs beside its octets: its key and the cache's own. */
const overheadBytes = 512;

/**
 * Contents of files in memory, each under the version of its file, so that a changed file is never answered with old
 * octets. A reader that stalls holds a content beyond its place here: larger ones that are held so, or are being
 * read, take at most a quarter of the room again.
 */
export class Contents {
  readonly #bounds: ContentBounds;
  readonly #kept: LRUCache<string, Content>;
  readonly #asked = new LRUCache<string, StoredFile>({ max: askedMax });
  /** Contents being read, so that a crowd that asks for a new file reads it once. */
  readonly #loading = new Map<string, Loading>();
  /** Octets of large contents in memory that are not kept. */
  #strayBytes = 0;

  constructor(bounds: ContentBounds) {
    this.#bounds = bounds;
    this.#kept = new LRUCache({
      maxSize: Math.max(1, bounds.cacheBytesMax),
      sizeCalculation: content => content.bytes.length + overheadBytes,
      dispose: content => this.#letGo(content),
    });
  }

  /** The file read from memory, if its content is there. */
  find(file: StoredFile): OpenFile | undefined {
    const content = this.#kept.get(file.location);
    return content !== undefined && isSameVersion(content.file, file) ? this.#lend(content) : undefined;
  }

  /** Whether a file that is not here should be read into memory now. */
  admits(file: StoredFile): boolean {
    const { size, location } = file;
    if (size > this.#bounds.cachedContentBytesMax) return false;
    if (size <= smallContentBytesMax) return true;
    // What is asked for once is not worth the room of many small ones.
    const before = this.#asked.get(location);
    this.#asked.set(location, file);
    if (before === undefined || !isSameVersion(before, file)) return false;
    return this.#loading.has(location) || this.#strayBytes + size <= this.#bounds.cacheBytesMax / 4;
  }

  /** Reads a file that `open` opens into memory, where it stays if `isSettled`. Rejects with what a disk throws. */
  async load(
    file: StoredFile,
    isSettled: boolean,
    open: () => Promise<OpenFile | OpenFailure>,
  ): Promise<OpenFile | OpenFailure> {
    const { location } = file;
    let loading = this.#loading.get(location);
    if (loading === undefined || !isSameVersion(loading.file, file)) {
      const begun: Loading = { file, content: this.#read(file, isSettled, open) };
      loading = begun;
      this.#loading.set(location, begun);
      const end = (): void => {
        if (this.#loading.get(location) === begun) this.#loading.delete(location);
      };
      begun.content.then(end, end);
    }
    const content = await loading.content;
    return typeof content === 'string' ? content : this.#lend(content);
  }

  async #read(
    stored: StoredFile,
    isSettled: boolean,
    open: () => Promise<OpenFile | OpenFailure>,
  ): Promise<Content | OpenFailure> {
    const { size, location } = stored;
    this.#stray(size);
    let content: Content | undefined;
    try {
      const file = await open();
      if (typeof file === 'string') return file;
      try {
        const bytes = Buffer.allocUnsafeSlow(size);
        if ((await file.read(bytes, size, 0)) < size || !(await file.isUnchanged())) return 'changed';
        content = { file: stored, bytes, readers: 0, isKept: false };
      } finally {
        file.close();
      }
      if (isSettled) this.#kept.set(location, content);
      content.isKept = this.#kept.peek(location) === content;
      return content;
    } finally {
      // One that is not kept is let go of by its last reader.
      if (content === undefined || content.isKept) this.#stray(-size);
    }
  }

  #lend(content: Content): OpenFile {
    content.readers += 1;
    return new KeptFile(content.bytes, () => {
      content.readers -= 1;
      if (content.readers === 0 && !content.isKept) this.#stray(-content.bytes.length);
    });
  }

  #letGo(content: Content): void {
    content.isKept = false;
    if (content.readers > 0) this.#stray(content.bytes.length);
  }

  /** Small ones are not counted: nobody is told when they have been sent. */
  #stray(bytes: number): void {
    if (Math.abs(bytes) > smallContentBytesMax) this.#strayBytes += bytes;
  }
}

/** Whether two values tell of the same version of the same file. */
export function isSameVersion(one: StoredFile, other: StoredFile): boolean {
  return (
    one === other ||
    (one.location === other.location &&
      one.identity === other.identity &&
      one.size === other.size &&
      one.modifiedNs === other.modifiedNs &&
      one.changedNs === other.changedNs &&
      one.edition?.tag === other.edition?.tag)
  );
}

/** A content in memory, read as a file; whoever lent it may want to know when it is closed. */
export class KeptFile implements OpenFile {
  readonly content: Uint8Array;
  readonly #release: () => void;
  #isClosed = false;

  constructor(content: Uint8Array, release: () => void = () => {}) {
    this.content = content;
    this.#release = release;
  }

  async read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    const part = this.content.subarray(position, position + length);
    buffer.set(part);
    return part.length;
  }

  async isUnchanged(): Promise<boolean> {
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#release();
  }
}

interface Content {
  readonly file: StoredFile;
  readonly bytes: Buffer;
  readers: number;
  isKept: boolean;
}

interface Loading {
  readonly file: StoredFile;
  readonly content: Promise<Content | OpenFailure>;
}
