import type { StoredFile } from '../http/message.ts';
import type { OpenFailure, OpenFile, Store } from '../store/store.ts';

/** A text that is equal for equal versions of a file, and for no others. */
export function versionOf({ location, identity, size, changedNs, modifiedNs, edition }: StoredFile): string {
  const version = `${location}\n${identity} ${size} ${changedNs} ${modifiedNs}`;
  return edition === undefined ? version : `${version} ${edition.tag}`;
}

/** Hands over the next octets of a content; the buffer that it resolves with is filled next. */
export type Taker = (piece: Uint8Array<ArrayBuffer>, isLast: boolean) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Reads exactly this version from its first octet to its last, in pieces of `pieceBytes`. The last piece is handed
 * over once it is known that all of them were of this version. Rejects with what a disk throws.
 */
export async function readVersion(
  file: StoredFile,
  store: Store,
  pieceBytes: number,
  take: Taker,
): Promise<'read' | OpenFailure> {
  const open = await store.open(file);
  if (typeof open === 'string') return open;
  try {
    let buffer = new Uint8Array(Math.min(pieceBytes, file.size));
    for (let position = 0; ; ) {
      const length = Math.min(buffer.length, file.size - position);
      const piece = buffer.subarray(0, length);
      if ((await open.read(piece, length, position)) < length) return 'changed';
      position += length;
      const isLast = position >= file.size;
      if (isLast && !(await isStill(file, open, store))) return 'changed';
      buffer = await take(piece, isLast);
      if (isLast) return 'read';
    }
  } finally {
    open.close();
  }
}

/** The whole content of exactly this version, in memory of its own. Rejects with what a disk throws. */
export async function readWhole(
  file: StoredFile,
  store: Store,
): Promise<Uint8Array<ArrayBuffer> | OpenFailure> {
  let whole: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  const outcome = await readVersion(file, store, file.size, async piece => {
    whole = piece;
    return piece;
  });
  return outcome === 'read' ? whole : outcome;
}

/**
 * A time of modification can be set back, as builds do that set it to 1 in all files; the time of change cannot, and a
 * store judges by it when it opens.
 */
async function isStill(file: StoredFile, open: OpenFile, store: Store): Promise<boolean> {
  if (!(await open.isUnchanged())) return false;
  if (open.content !== undefined) return true;
  const again = await store.open(file);
  if (typeof again === 'string') return false;
  again.close();
  return true;
}
