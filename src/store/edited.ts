import { LRUCache } from 'lru-cache';
import type { InlineSources, StoredFile } from '../http/message.ts';
import { isSameVersion, KeptFile } from './contents.ts';
import { type Entry, hasSettled, type Look, type OpenFailure, type OpenFile, type Store } from './store.ts';

/** What is made of some files before anybody sees them. */
interface Editor {
  /** Tells this edit from all others, and its values from other values; octets of an entity tag. */
  readonly tag: string;
  /** Whether files of this name are edited. */
  readonly edits: (name: string) => boolean;
  /** What becomes of a content: the same value when nothing does. Equal octets in, equal octets out. */
  readonly edit: (content: Uint8Array) => Uint8Array;
  /** What is to be known of a content, as it is sent. */
  readonly inline?: ((content: Uint8Array) => InlineSources | undefined) | undefined;
}

/** What an edited store works with. */
export interface EditedStoreOptions {
  readonly editor: Editor;
  /** Octets of edited contents that are kept. */
  readonly cacheBytesMax: number;
  /** Milliseconds since 1970, of the clock that stamps files. */
  readonly now: () => number;
  /** Takes a line for the operator, once: there is a file that is too large to be edited. */
  readonly report: (line: string) => void;
}

/**
 * Octets of a file that is edited, which takes it into memory; a larger one is seen as it is.
 * @internal
 */
export const editedBytesMax: number = 4 * 1024 * 1024;

/** Times that a file which changes while it is read is looked up again. */
const attemptsMax = 4;

/**
 * A store whose files of some names are seen edited: with a size and a version of their own, so that lengths, entity
 * tags, ranges and codings follow as for any other file. Each version of a file is edited once, when it is found.
 */
export function editedStore(store: Store, options: EditedStoreOptions): Store {
  return over(store, new EditedFiles(options));
}

function over(store: Store, files: EditedFiles): Store {
  const noting = store.noting?.bind(store);
  const scan = store.scan?.bind(store);
  return {
    find: segments => files.find(segments, store),
    list: segments => store.list(segments),
    ...(scan && { scan }),
    open: file => (file.edition === undefined ? store.open(file) : files.open(file, file.edition.of, store)),
    ...(noting && { noting: (looks: Look[]) => over(noting(looks), files) }),
  };
}

/** One version of a file, and what it was made into; no octets when it stays as it is. */
interface Edited {
  readonly of: StoredFile;
  readonly file: StoredFile;
  readonly content: Uint8Array | undefined;
}

class EditedFiles {
  readonly #options: EditedStoreOptions;
  readonly #kept: LRUCache<string, Edited>;
  /** Files being edited, so that a crowd that asks for a new one reads it once. */
  readonly #making = new Map<
    string,
    { readonly of: StoredFile; readonly edited: Promise<Edited | OpenFailure> }
  >();
  #hasReported = false;

  constructor(options: EditedStoreOptions) {
    this.#options = options;
    this.#kept = new LRUCache({
      maxSize: Math.max(1, options.cacheBytesMax),
      sizeCalculation: ({ content }, location) =>
        (content?.length ?? 0) + keptOverheadBytes + 2 * location.length,
    });
  }

  async find(segments: readonly string[], store: Store): Promise<Entry> {
    for (let attempt = 1; ; attempt++) {
      const entry = await store.find(segments);
      if (entry.kind !== 'file' || !this.#options.editor.edits(segments.at(-1) ?? '')) return entry;
      if (entry.file.size > editedBytesMax) {
        this.#reportTooLarge(segments);
        return entry;
      }
      const edited = await this.#edited(entry.file, store);
      switch (edited) {
        case 'absent':
        case 'busy':
          return { kind: edited };
        case 'denied':
          return { kind: 'denied', why: 'the file cannot be read' };
        case 'changed':
          if (attempt === attemptsMax) return { kind: 'busy' };
          break;
        default:
          return { kind: 'file', file: edited.file };
      }
    }
  }

  /** Opens what was made of `of`; 'changed' when something else would be made of it now. */
  async open(file: StoredFile, of: StoredFile, store: Store): Promise<OpenFile | OpenFailure> {
    const edited = await this.#edited(of, store);
    if (typeof edited === 'string') return edited;
    if (edited.content === undefined || !isSameVersion(edited.file, file)) return 'changed';
    return new KeptFile(edited.content);
  }

  async #edited(of: StoredFile, store: Store): Promise<Edited | OpenFailure> {
    const kept = this.#kept.get(of.location);
    if (kept !== undefined && isSameVersion(kept.of, of)) return kept;
    const making = this.#making.get(of.location);
    if (making !== undefined && isSameVersion(making.of, of)) return making.edited;
    const begun = { of, edited: this.#make(of, store) };
    this.#making.set(of.location, begun);
    try {
      return await begun.edited;
    } finally {
      if (this.#making.get(of.location) === begun) this.#making.delete(of.location);
    }
  }

  async #make(of: StoredFile, store: Store): Promise<Edited | OpenFailure> {
    const { editor, now } = this.#options;
    // Asked before the file is read: what settles later may have been read before its last change.
    const isSettled = hasSettled(of, now());
    const stored = await readWhole(of, store);
    if (typeof stored === 'string') return stored;
    const content = editor.edit(stored);
    const inline = editor.inline?.(content);
    const known = inline === undefined ? of : { ...of, inline };
    const edited =
      content === stored
        ? { of, file: known, content: undefined }
        : { of, file: { ...known, size: content.length, edition: { tag: editor.tag, of } }, content };
    if (isSettled) this.#kept.set(of.location, edited);
    return edited;
  }

  #reportTooLarge(segments: readonly string[]): void {
    if (this.#hasReported) return;
    this.#hasReported = true;
    const mebibytes = editedBytesMax / (1024 * 1024);
    this.#options.report(
      `${JSON.stringify(segments.join('/'))} is sent as it is: only pages of up to ${mebibytes} MiB are edited`,
    );
  }
}

/** What a kept content costs beside its octets. */
const keptOverheadBytes = 1024;

/** The whole of exactly this version. Rejects with what a disk throws. */
async function readWhole(file: StoredFile, store: Store): Promise<Uint8Array | OpenFailure> {
  const open = await store.open(file);
  if (typeof open === 'string') return open;
  try {
    if (open.content !== undefined) return open.content;
    const content = new Uint8Array(file.size);
    if ((await open.read(content, file.size, 0)) < file.size || !(await open.isUnchanged())) return 'changed';
    return content;
  } finally {
    open.close();
  }
}
