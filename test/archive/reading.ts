// Readers of the two forms, from their specifications and not from our writers.
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

/** What was found in an archive. */
export interface Found {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly content: Buffer;
  /** Milliseconds since 1970, to the second; undefined where it is told in steps of two seconds only. */
  readonly modifiedMs: number | undefined;
}

/** Reads a ZIP by its directory, and checks that everything in it is told the same twice and stands without a gap. */
export function readZip(bytes: Buffer): readonly Found[] {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  assert.equal(bytes.length, end + 22, 'no comment, nothing after the end');
  let count = bytes.readUInt16LE(end + 10);
  let offset = bytes.readUInt32LE(end + 16);
  if (count === 0xffff || offset === 0xffff_ffff) {
    assert.equal(bytes.toString('latin1', end - 20, end - 16), 'PK\x06\x07');
    const large = Number(bytes.readBigUInt64LE(end - 12));
    assert.equal(bytes.toString('latin1', large, large + 4), 'PK\x06\x06');
    assert.equal(Number(bytes.readBigUInt64LE(large + 4)), 44);
    count = Number(bytes.readBigUInt64LE(large + 32));
    offset = Number(bytes.readBigUInt64LE(large + 48));
  }
  const found: Found[] = [];
  let next = 0;
  for (let at = offset; found.length < count; ) {
    assert.equal(bytes.toString('latin1', at, at + 4), 'PK\x01\x02');
    const [nameLength, extraLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)];
    const name = bytes.subarray(at + 46, at + 46 + nameLength);
    const extra = extraFields(bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength));
    const flags = bytes.readUInt16LE(at + 8);
    assert.ok(flags & 0x0800, 'the name is UTF-8');
    assert.equal(bytes.readUInt16LE(at + 10), 0, 'stored');
    const size = bytes.readUInt32LE(at + 24);
    const local = bytes.readUInt32LE(at + 42);
    assert.equal(local, next, 'entries stand one behind the other');
    assert.equal(bytes.toString('latin1', local, local + 4), 'PK\x03\x04');
    assert.equal(bytes.readUInt16LE(local + 6), flags);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    assert.deepEqual(bytes.subarray(local + 30, local + 30 + nameLength), name);
    const content = bytes.subarray(start, start + size);
    assert.equal(bytes.readUInt32LE(at + 16), crc32(content), `checksum of ${name}`);
    next = start + size;
    if (flags & 8) {
      assert.equal(bytes.toString('latin1', next, next + 4), 'PK\x07\x08');
      assert.equal(bytes.readUInt32LE(next + 4), crc32(content));
      assert.equal(bytes.readUInt32LE(next + 8), size);
      next += 16;
    }
    const seconds = extra.get(0x5455)?.readUInt32LE(1);
    const path = name.toString();
    found.push({
      path: path.replace(/\/$/, ''),
      kind: path.endsWith('/') ? 'folder' : 'file',
      content,
      modifiedMs: seconds === undefined ? undefined : seconds * 1000,
    });
    at += 46 + nameLength + extraLength;
  }
  assert.equal(next, offset, 'the directory follows the last entry');
  return found;
}

/** The extra fields of a header by their ids. */
export function extraFields(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const fields = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16LE(at + 2);
    fields.set(bytes.readUInt16LE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

/** Reads a tar in the pax format. */
export function readTar(bytes: Buffer): readonly Found[] {
  assert.equal(bytes.length % 512, 0);
  const found: Found[] = [];
  let records = new Map<string, string>();
  for (let at = 0; ; ) {
    const block = bytes.subarray(at, at + 512);
    if (block.every(octet => octet === 0)) {
      assert.equal(bytes.length - at, 1024, 'two empty blocks at the end');
      return found;
    }
    const field = (start: number, end: number): string =>
      block.toString('utf8', start, end).replace(/\0.*$/s, '');
    const sum = block.reduce((total, octet, place) => total + (place >= 148 && place < 156 ? 32 : octet), 0);
    assert.equal(Number.parseInt(field(148, 156), 8), sum, 'checksum');
    assert.equal(block.toString('latin1', 257, 265), 'ustar\x0000');
    const type = field(156, 157);
    const size = Number(records.get('size') ?? Number.parseInt(field(124, 136), 8));
    const content = bytes.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
    if (type === 'x') {
      records = paxRecords(content);
      continue;
    }
    const path = records.get('path') ?? field(0, 100);
    const seconds = Number(records.get('mtime') ?? Number.parseInt(field(136, 148), 8));
    assert.equal(type, path.endsWith('/') ? '5' : '0');
    found.push({
      path: path.replace(/\/$/, ''),
      kind: type === '5' ? 'folder' : 'file',
      content,
      modifiedMs: seconds * 1000,
    });
    records = new Map();
  }
}

function paxRecords(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(bytes.toString('latin1', at), 10);
    const [key = '', ...value] = bytes
      .toString('utf8', bytes.indexOf(' ', at) + 1, at + length - 1)
      .split('=');
    assert.equal(bytes[at + length - 1], 10);
    records.set(key, value.join('='));
    at += length;
  }
  return records;
}
