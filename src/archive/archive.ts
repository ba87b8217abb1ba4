/**
 * archive/: the forms of archives, as pure functions. Entries go in, the octets around their contents come out, and all
 * lengths are known before; contents pass by here as nothing but a checksum. It knows no file, store or request.
 * `zip.ts` and `tar.ts` are the two forms; `site/archive.ts` collects what goes into them and sends it.
 */

/** A file or a folder in an archive. */
export interface ArchiveEntry {
  readonly kind: 'file' | 'folder';
  /** Names joined by `/`, relative, without `.` or `..` among them; a folder's without a slash at its end. */
  readonly path: string;
  /** Octets of the content; 0 for a folder. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** One archive being written: for each entry `before`, its content, `after`; then `end`. */
export interface ArchiveWriter {
  before(entry: ArchiveEntry): Uint8Array;
  /** `crc` is the CRC-32 of the content. */
  after(entry: ArchiveEntry, crc: number): Uint8Array;
  end(): Uint8Array;
}

/** A form of archives. */
export interface ArchiveForm {
  readonly mediaType: string;
  readonly extension: string;
  /** A writer; what it writes does not depend on the clock. */
  readonly writer: () => ArchiveWriter;
}

/** Octets of the archive of these entries, contents and all: what a writer will write, told by one that writes. */
export function archiveLength({ writer }: ArchiveForm, entries: readonly ArchiveEntry[]): number {
  const dry = writer();
  let length = 0;
  for (const entry of entries) length += dry.before(entry).length + entry.size + dry.after(entry, 0).length;
  return length + dry.end().length;
}

/** The path as its octets, without what a system could read as more than one name: `\` leads upwards on Windows. */
export function pathBytes({ path, kind }: ArchiveEntry): Buffer {
  return Buffer.from(`${path.replaceAll('\\', '_')}${kind === 'folder' ? '/' : ''}`);
}
