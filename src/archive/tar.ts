import { type ArchiveEntry, type ArchiveForm, type ArchiveWriter, pathBytes } from './archive.ts';

/**
 * The pax interchange format (POSIX.1-2017, pax): ustar headers, before which an extended header tells what they cannot
 * hold: names beyond ASCII or of more than 100 octets, sizes from 8 GiB on, times before 1970 or after 2242.
 */
export const tar: ArchiveForm = {
  mediaType: 'application/x-tar',
  extension: 'tar',
  writer: () => ({ before, after, end }) satisfies ArchiveWriter,
};

const blockBytes = 512;
const nameBytesMax = 100;
/** What eleven octal digits hold. */
const octalMax = 0o77777777777;

function before(entry: ArchiveEntry): Uint8Array {
  const name = pathBytes(entry);
  const seconds = Number.isFinite(entry.modifiedMs) ? Math.floor(entry.modifiedMs / 1000) : 0;
  const records: Buffer[] = [];
  if (name.length > nameBytesMax || name.some(octet => octet > 0x7e)) records.push(record('path', name));
  if (entry.size > octalMax) records.push(record('size', Buffer.from(String(entry.size))));
  const fitsTime = seconds >= 0 && seconds <= octalMax;
  if (!fitsTime) records.push(record('mtime', Buffer.from(String(seconds))));
  const isFolder = entry.kind === 'folder';
  const main = header({
    name: name.subarray(0, nameBytesMax),
    mode: isFolder ? 0o755 : 0o644,
    size: Math.min(entry.size, octalMax),
    seconds: fitsTime ? seconds : 0,
    type: isFolder ? '5' : '0',
  });
  if (records.length === 0) return main;
  const extended = Buffer.concat(records);
  const above = header({
    name: Buffer.from('pax'),
    mode: 0o644,
    size: extended.length,
    seconds: 0,
    type: 'x',
  });
  return Buffer.concat([above, extended, padding(extended.length), main]);
}

function after({ size }: ArchiveEntry): Uint8Array {
  return padding(size);
}

function end(): Uint8Array {
  return Buffer.alloc(2 * blockBytes);
}

function header(parts: {
  readonly name: Uint8Array;
  readonly mode: number;
  readonly size: number;
  readonly seconds: number;
  readonly type: string;
}): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.set(parts.name, 0);
  block.write(octal(parts.mode, 8), 100);
  // Owner and group are nobody's business.
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(parts.size, 12), 124);
  block.write(octal(parts.seconds, 12), 136);
  block.write(parts.type, 156);
  block.write('ustar\x0000', 257);
  // The sum of all octets, with blanks in the place of the sum itself.
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, octet) => total + octet, 0);
  block.write(`${octal(sum, 7)}\0 `, 148);
  return block;
}

/** Digits to fill a field but for its NUL. */
function octal(value: number, width: number): string {
  return value.toString(8).padStart(width - 1, '0');
}

/** `length key=value\n`, where the length counts itself. */
function record(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function padding(length: number): Buffer {
  return Buffer.alloc((blockBytes - (length % blockBytes)) % blockBytes);
}
