import { LRUCache } from 'lru-cache';
import type { Limits } from '../http/limits.ts';
import type { StoredFile } from '../http/message.ts';
import { hasSettled, type Look, type Store } from '../store/store.ts';
import type { Background } from './background.ts';
import { readVersion, versionOf } from './versions.ts';

/** What hashes are made with. */
export interface HashingMeans {
  readonly store: Store;
  readonly background: Background;
  readonly limits: Pick<Limits, 'hashedBytesMax'>;
  /** Milliseconds since 1970, of the clock that stamps files. */
  readonly now: () => number;
}

/** Octets of all hashes kept, and what one costs beside the version of its file. */
const keptBytesMax = 16 * 1024 * 1024;
const keptOverheadBytes = 256;

/** Octets that are read and hashed in one step. */
const pieceBytes = 512 * 1024;

/** Octets of the SHA-256 that a hash here has: as many as no two contents ever share by chance. */
const hashBytes = 16;

/**
 * Hashes of contents, made once for each version of a file, in the background. They tell contents apart where times
 * do not, and are the same on every machine that holds the same content.
 */
export class ContentHashes {
  readonly #means: HashingMeans;
  /** Undefined for a content that could not be hashed and will not be tried again. */
  readonly #known = new LRUCache<string, { readonly hash: string | undefined }>({
    maxSize: keptBytesMax,
    sizeCalculation: (_known, version) => keptOverheadBytes + 2 * version.length,
  });
  readonly #pending = new Map<string, Wait>();

  constructor(means: HashingMeans) {
    this.#means = means;
  }

  /**
   * The hash of a version's content in base64url, or undefined: for good when the content is too large or could not be
   * read, else for now. What is added to `looks` then ends when the hash is there.
   */
  of(file: StoredFile, looks: Look[] = []): string | undefined {
    if (file.size > this.#means.limits.hashedBytesMax) return undefined;
    const version = versionOf(file);
    const known = this.#known.get(version);
    if (known !== undefined) return known.hash;
    let pending = this.#pending.get(version);
    if (pending === undefined) {
      pending = new Wait();
      if (hasSettled(file, this.#means.now())) void this.#hash(file, version, pending);
      else pending.expire();
    }
    looks.push(pending);
    return undefined;
  }

  async #hash(file: StoredFile, version: string, pending: Wait): Promise<void> {
    this.#pending.set(version, pending);
    const outcome = await this.#means.background.run('soon', async thread => {
      let digest: Uint8Array | undefined;
      let isFirst = true;
      const read = await readVersion(file, this.#means.store, pieceBytes, async (piece, isLast) => {
        const answered = await thread.hash(piece, { isFirst, isLast });
        isFirst = false;
        if (isLast) digest = answered;
        return answered;
      });
      return read === 'read' ? digest : undefined;
    });
    if (outcome.kind === 'broken') this.#known.set(version, { hash: undefined });
    // A version that does not stand any more has no hash; nobody will ask for it.
    if (outcome.kind === 'done' && outcome.result !== undefined) {
      const hash = Buffer.from(outcome.result.subarray(0, hashBytes)).toString('base64url');
      this.#known.set(version, { hash });
    }
    this.#pending.delete(version);
    pending.expire();
  }
}

/** An answer without a hash rests on that there is none. */
class Wait implements Look {
  #isOver = false;

  isFresh(): boolean {
    return !this.#isOver;
  }

  expire(): void {
    this.#isOver = true;
  }
}
