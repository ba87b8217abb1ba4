/**
 * Files that live in memory: for tests and for programs that embed the server. The same contract suite as the
 * disk's holds here, so that what is proved with this store is true of the other.
 */
import type { StoredFile } from '../http/message.ts';
import {
  type Entry,
  isHidden,
  type Listing,
  type Member,
  type OpenFailure,
  type OpenFile,
  type Store,
} from './store.ts';

/** A file with the time of its last modification in milliseconds since 1970; without one it is the present. */
export interface MemoryFile {
  readonly content: string | Uint8Array;
  readonly modifiedMs?: number;
}

/** A store whose files can be changed while it is served. */
export interface MemoryStore extends Store {
  /**
   * Writes a file, making the folders above it. An old file at this path is rewritten in place: who holds it open
   * reads the new content and learns from `isUnchanged`. Throws when the path is no path or a folder is in the way.
   */
  set(path: string, content: string | Uint8Array | MemoryFile): void;
  /** Removes a file or a folder with all that is in it, then the folders that this leaves empty. Absent ones are fine. */
  remove(path: string): void;
}

/**
 * A store of these files; keys are paths with slashes (`a/b.txt`) and folders stand wherever a key passes through.
 * Byte arrays are kept, not copied. Throws when a key is no path or two keys contradict each other.
 */
export function memoryStore(
  files: Readonly<Record<string, string | Uint8Array | MemoryFile>>,
  options: { readonly dotfiles?: boolean } = {},
): MemoryStore {
  const store = new TreeStore(options.dotfiles ?? false);
  for (const [path, content] of Object.entries(files)) store.set(path, content);
  return store;
}

/** A file's present version; written anew in place, so that an open file sees it. */
interface FileNode {
  readonly kind: 'file';
  bytes: Uint8Array;
  modifiedNs: bigint;
  identity: string;
}

interface FolderNode {
  readonly kind: 'folder';
  readonly members: Map<string, FileNode | FolderNode>;
  modifiedMs: number;
}

class TreeStore implements MemoryStore {
  readonly #root: FolderNode = emptyFolder();
  readonly #dotfiles: boolean;
  #versions = 0;

  constructor(dotfiles: boolean) {
    this.#dotfiles = dotfiles;
  }

  async find(segments: readonly string[]): Promise<Entry> {
    if (this.#hides(segments)) return { kind: 'denied', why: 'hidden' };
    const node = this.#walk(segments);
    switch (node?.kind) {
      case undefined:
        return { kind: 'absent' };
      case 'folder':
        return { kind: 'folder' };
      case 'file':
        return { kind: 'file', file: storedFile(node, segments.join('/')) };
      default:
        return node satisfies never;
    }
  }

  async list(segments: readonly string[]): Promise<Listing> {
    if (this.#hides(segments)) return { kind: 'denied', why: 'hidden' };
    const node = this.#walk(segments);
    if (node?.kind !== 'folder') return { kind: 'absent' };
    const members: Member[] = [];
    for (const [name, member] of node.members) {
      if (this.#dotfiles || !isHidden(name, segments.length)) members.push(describe(name, member));
    }
    return { kind: 'members', members };
  }

  async open(file: StoredFile): Promise<OpenFile | OpenFailure> {
    const node = this.#walk(file.location.split('/'));
    if (node === undefined) return 'absent';
    return node.kind === 'file' && node.identity === file.identity ? new OpenNode(node) : 'changed';
  }

  set(path: string, content: string | Uint8Array | MemoryFile): void {
    const segments = split(path);
    const name = segments[segments.length - 1] ?? '';
    const folder = this.#makeFolders(path, segments.slice(0, -1));
    const old = folder.members.get(name);
    if (old?.kind === 'folder')
      throw new Error(`memoryStore: "${path}" is a folder, so no file can be written there`);
    const file = typeof content === 'string' || content instanceof Uint8Array ? { content } : content;
    const modifiedMs = file.modifiedMs ?? Date.now();
    this.#versions += 1;
    const version = {
      bytes: typeof file.content === 'string' ? Buffer.from(file.content) : file.content,
      modifiedNs: laterThan(old?.modifiedNs, nanoseconds(modifiedMs)),
      identity: `memory:${this.#versions}`,
    };
    if (old === undefined) folder.members.set(name, { kind: 'file', ...version });
    else Object.assign(old, version);
    folder.modifiedMs = modifiedMs;
  }

  remove(path: string): void {
    const segments = split(path);
    while (segments.length > 0) {
      const name = segments.pop() ?? '';
      const folder = this.#walk(segments);
      if (folder?.kind !== 'folder') return;
      folder.members.delete(name);
      folder.modifiedMs = Date.now();
      if (folder.members.size > 0) return;
    }
  }

  #hides(segments: readonly string[]): boolean {
    return !this.#dotfiles && segments.some(isHidden);
  }

  #walk(segments: readonly string[]): FileNode | FolderNode | undefined {
    let node: FileNode | FolderNode | undefined = this.#root;
    for (const segment of segments) {
      if (node?.kind !== 'folder') return undefined;
      node = node.members.get(segment);
    }
    return node;
  }

  #makeFolders(path: string, segments: readonly string[]): FolderNode {
    let folder = this.#root;
    for (const segment of segments) {
      const next = folder.members.get(segment) ?? emptyFolder();
      if (next.kind === 'file')
        throw new Error(`memoryStore: "${path}" passes through "${segment}", which is a file`);
      folder.members.set(segment, next);
      folder = next;
    }
    return folder;
  }
}

class OpenNode implements OpenFile {
  readonly #node: FileNode;
  readonly #identity: string;
  #closed = false;

  constructor(node: FileNode) {
    this.#node = node;
    this.#identity = node.identity;
  }

  async read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    if (this.#closed) throw new Error('read of a closed file');
    const bytes = this.#node.bytes.subarray(position, position + length);
    buffer.set(bytes);
    return bytes.length;
  }

  async isUnchanged(): Promise<boolean> {
    return !this.#closed && this.#node.identity === this.#identity;
  }

  close(): void {
    this.#closed = true;
  }
}

function emptyFolder(): FolderNode {
  return { kind: 'folder', members: new Map(), modifiedMs: 0 };
}

function storedFile(node: FileNode, location: string): StoredFile {
  return {
    location,
    identity: node.identity,
    size: node.bytes.length,
    modifiedNs: node.modifiedNs,
    changedNs: node.modifiedNs,
  };
}

function describe(name: string, node: FileNode | FolderNode): Member {
  return node.kind === 'folder'
    ? { name, kind: 'folder', size: 0, modifiedMs: node.modifiedMs }
    : { name, kind: 'file', size: node.bytes.length, modifiedMs: Number(node.modifiedNs) / 1e6 };
}

function split(path: string): string[] {
  const segments = path.split('/');
  if (
    segments.some(segment => segment === '' || segment === '.' || segment === '..' || segment.includes('\0'))
  ) {
    throw new Error(`memoryStore: "${path}" is no path; wanted names joined by single slashes, like a/b.txt`);
  }
  return segments;
}

function nanoseconds(ms: number): bigint {
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6));
}

/** Two versions of a file never share a time, or a validator made from it would call them equal. */
function laterThan(before: bigint | undefined, wanted: bigint): bigint {
  return before === wanted ? wanted + 1n : wanted;
}
