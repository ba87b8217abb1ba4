import { type ArchiveEntry, type ArchiveForm, type ArchiveWriter, pathBytes } from './archive.ts';

/**
 * ZIP (APPNOTE 6.3.10), contents stored as they are. The checksum of a content stands after it (§4.3.9), so that nothing
 * has to be read twice; ZIP64 fields (§4.5.3) only where sizes, offsets or counts ask for them; names in UTF-8 (§4.4.4);
 * times in UTC, to the second by the extended timestamp.
 */
export const zip: ArchiveForm = {
  mediaType: 'application/zip',
  extension: 'zip',
  writer: () => new ZipWriter(),
};

/** What the fields of 16 and 32 bits hold at most; the value itself means "see the ZIP64 field". */
const max16 = 0xffff;
const max32 = 0xffff_ffff;

const versionPlain = 20;
const versionLarge = 45;
/** Bit 11: the name is UTF-8. Bit 3: checksum and sizes follow the content. */
const flagUtf8 = 0x0800;
const flagDescriptor = 0x0008;
/** The upper octet of "version made by": Unix, for the mode in the external attributes. */
const madeOnUnix = 3 << 8;

class ZipWriter implements ArchiveWriter {
  readonly #directory: Uint8Array[] = [];
  #directoryLength = 0;
  #offset = 0;
  #entryOffset = 0;

  before(entry: ArchiveEntry): Uint8Array {
    this.#entryOffset = this.#offset;
    const name = pathBytes(entry);
    const isLarge = entry.size >= max32;
    // With a descriptor the sizes are zero here; a ZIP64 field tells that the descriptor has 64 bits. §4.3.9.2.
    const extra = join(isLarge ? field(0x0001, uint64(0), uint64(0)) : none, timestamp(entry.modifiedMs));
    const header = join(
      uint32(0x04034b50),
      uint16(isLarge ? versionLarge : versionPlain),
      common(entry),
      uint32(0),
      uint32(isLarge ? max32 : 0),
      uint32(isLarge ? max32 : 0),
      uint16(name.length),
      uint16(extra.length),
      name,
      extra,
    );
    this.#offset += header.length + entry.size;
    return header;
  }

  after(entry: ArchiveEntry, crc: number): Uint8Array {
    const listed = directoryRecord(entry, crc, this.#entryOffset);
    this.#directory.push(listed);
    this.#directoryLength += listed.length;
    if (entry.kind === 'folder') return none;
    const size = entry.size >= max32 ? uint64(entry.size) : uint32(entry.size);
    const descriptor = join(uint32(0x08074b50), uint32(crc), size, size);
    this.#offset += descriptor.length;
    return descriptor;
  }

  end(): Uint8Array {
    const count = this.#directory.length;
    const [length, offset] = [this.#directoryLength, this.#offset];
    const isLarge = count >= max16 || length >= max32 || offset >= max32;
    const large = isLarge ? largeEnd(count, length, offset) : none;
    const count16 = uint16(Math.min(count, max16));
    const sizes = [uint32(Math.min(length, max32)), uint32(Math.min(offset, max32))];
    return join(
      ...this.#directory,
      large,
      uint32(0x06054b50),
      uint32(0),
      count16,
      count16,
      ...sizes,
      uint16(0),
    );
  }
}

/** §4.3.12. */
function directoryRecord(entry: ArchiveEntry, crc: number, offset: number): Uint8Array {
  const name = pathBytes(entry);
  const isLarge = entry.size >= max32;
  const isFar = offset >= max32;
  const sizes = isLarge ? [uint64(entry.size), uint64(entry.size)] : [];
  const large = isLarge || isFar ? field(0x0001, ...sizes, ...(isFar ? [uint64(offset)] : [])) : none;
  const extra = join(large, timestamp(entry.modifiedMs));
  const version = isLarge || isFar ? versionLarge : versionPlain;
  const size = uint32(isLarge ? max32 : entry.size);
  // Mode and kind as Unix has them; the lower half is of DOS, where 0x10 is a folder.
  const attributes = entry.kind === 'folder' ? 0o40755 * 0x10000 + 0x10 : 0o100644 * 0x10000;
  return join(
    uint32(0x02014b50),
    uint16(madeOnUnix | version),
    uint16(version),
    common(entry),
    uint32(crc),
    size,
    size,
    uint16(name.length),
    uint16(extra.length),
    // No comment, the first disk, no internal attributes.
    uint16(0),
    uint16(0),
    uint16(0),
    uint32(attributes),
    uint32(isFar ? max32 : offset),
    name,
    extra,
  );
}

/** §4.3.14 and §4.3.15. */
function largeEnd(count: number, length: number, offset: number): Uint8Array {
  const version = uint16(versionLarge);
  const record = [uint32(0x06064b50), uint64(44), version, version, uint32(0), uint32(0)];
  const locator = [uint32(0x07064b50), uint32(0), uint64(offset + length), uint32(1)];
  return join(...record, uint64(count), uint64(count), uint64(length), uint64(offset), ...locator);
}

/** Flags, method and time: the same in both headers. */
function common({ kind, modifiedMs }: ArchiveEntry): Uint8Array {
  const flags = kind === 'file' ? flagUtf8 | flagDescriptor : flagUtf8;
  const { date, time } = dosTime(modifiedMs);
  return join(uint16(flags), uint16(0), uint16(time), uint16(date));
}

/** From 1980 to 2107, in steps of two seconds; other times are put to the nearest end. §4.4.6. */
function dosTime(ms: number): { readonly date: number; readonly time: number } {
  const known = Number.isNaN(ms) ? 0 : ms;
  const at = new Date(Math.min(Math.max(known, Date.UTC(1980, 0)), Date.UTC(2107, 11, 31, 23, 59, 58)));
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return { date, time };
}

/** The time of modification in whole seconds, as Info-ZIP has it, where its 32 bits hold it. */
function timestamp(ms: number): Uint8Array {
  const seconds = Math.floor(ms / 1000);
  if (!(seconds >= 0 && seconds <= 0x7fff_ffff)) return none;
  return field(0x5455, Buffer.from([1]), uint32(seconds));
}

function field(id: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const data = join(...parts);
  return join(uint16(id), uint16(data.length), data);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

const none = new Uint8Array(0);
