import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { type ArchiveEntry, type ArchiveForm, archiveLength } from '../../src/archive/archive.ts';
import { tar } from '../../src/archive/tar.ts';
import { zip } from '../../src/archive/zip.ts';
import { extraFields, type Found, readTar, readZip } from './reading.ts';

const forms: readonly (readonly [
  name: string,
  form: ArchiveForm,
  read: (bytes: Buffer) => readonly Found[],
])[] = [
  ['zip', zip, readZip],
  ['tar', tar, readTar],
];
const noonMs = Date.UTC(2026, 10, 22, 12, 5, 9);

function written(
  form: ArchiveForm,
  entries: readonly (ArchiveEntry & { readonly content: Buffer })[],
): Buffer {
  const writer = form.writer();
  const parts = entries.flatMap(entry => [
    writer.before(entry),
    entry.content,
    writer.after(entry, crc32(entry.content)),
  ]);
  return Buffer.concat([...parts, writer.end()]);
}

function file(path: string, text = '', modifiedMs = noonMs): ArchiveEntry & { readonly content: Buffer } {
  const content = Buffer.from(text);
  return { kind: 'file', path, size: content.length, modifiedMs, content };
}

function folder(path: string): ArchiveEntry & { readonly content: Buffer } {
  return { kind: 'folder', path, size: 0, modifiedMs: noonMs, content: Buffer.alloc(0) };
}

const cases: readonly (readonly (ArchiveEntry & { readonly content: Buffer })[])[] = [
  [],
  [folder('a'), file('a/b.txt', 'content'), folder('a/empty'), file('a/empty.txt')],
  [
    file(`long/${'n'.repeat(255)}/${'m'.repeat(255)}`, 'x'),
    file('n'.repeat(100), 'y'),
    file('n'.repeat(101), 'z'),
  ],
  [file('读我/ümlaut 👩‍💻.txt', 'text'), file(' spaces ', 's'), file('two\nlines', 'l'), file('a=b', 'c')],
  [file('block', 'x'.repeat(512)), file('less', 'x'.repeat(511)), file('more', 'x'.repeat(513))],
];

for (const [name, form, read] of forms) {
  test(`a ${name} comes back as it went in, and has the length that was told before`, () => {
    for (const entries of cases) {
      const bytes = written(form, entries);
      assert.equal(bytes.length, archiveLength(form, entries));
      const wanted = entries.map(({ path, kind, content, modifiedMs }) => ({
        path,
        kind,
        content,
        modifiedMs,
      }));
      assert.deepEqual(read(bytes), wanted);
    }
  });

  test(`a ${name} of any names and contents comes back`, () => {
    const names = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
      .filter(path => !/[/\\\0]/.test(path));
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.string()), { maxLength: 8 }), rows => {
        const entries = rows.map(([path, text]) => file(path, text));
        const bytes = written(form, entries);
        assert.equal(bytes.length, archiveLength(form, entries));
        assert.deepEqual(
          read(bytes).map(found => [found.path, found.content]),
          entries.map(({ path, content }) => [path, content]),
        );
      }),
      { numRuns: 100 },
    );
  });

  test(`CVE-2020-25691 a ${name} takes times that no calendar holds`, () => {
    for (const ms of [
      2 ** 62,
      -(2 ** 62),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -1,
      0,
      8.64e15,
      Date.UTC(1980, 0),
    ]) {
      const [found] = read(written(form, [file('a', 'x', ms)]));
      assert.equal(found?.content.toString(), 'x', String(ms));
    }
  });

  test(`a name in a ${name} leads nowhere else on a system with other separators`, () => {
    const [found] = read(written(form, [file('..\\..\\evil', 'x')]));
    assert.equal(found?.path, '.._.._evil');
  });
}

const large: readonly (readonly [size: number, isLarge: boolean])[] = [
  [0xffff_fffe, false],
  [0xffff_ffff, true],
  [10 * 2 ** 30, true],
];

test('a zip tells sizes and offsets of 4 GiB and more in fields of 64 bits, and only those', () => {
  for (const [size, isLarge] of large) {
    const writer = zip.writer();
    const entry: ArchiveEntry = { kind: 'file', path: 'big', size, modifiedMs: noonMs };
    const header = Buffer.from(writer.before(entry));
    const descriptor = Buffer.from(writer.after(entry, 7));
    assert.equal(header.readUInt16LE(4), isLarge ? 45 : 20, 'version needed');
    assert.equal(extraFields(header.subarray(30 + 3)).has(1), isLarge);
    assert.equal(descriptor.length, isLarge ? 24 : 16);
    assert.equal(isLarge ? Number(descriptor.readBigUInt64LE(8)) : descriptor.readUInt32LE(8), size);
    const next: ArchiveEntry = { kind: 'file', path: 'far', size: 0, modifiedMs: noonMs };
    const offset = header.length + size + descriptor.length;
    writer.before(next);
    writer.after(next, 0);
    const end = Buffer.from(writer.end());
    const first = end.readUInt16LE(28) + end.readUInt16LE(30) + 46;
    const sizes = extraFields(end.subarray(46 + 3, first)).get(1);
    assert.equal(sizes === undefined ? end.readUInt32LE(24) : Number(sizes.readBigUInt64LE(0)), size);
    const second = end.subarray(first);
    assert.equal(second.readUInt32LE(42), 0xffff_ffff);
    assert.equal(
      Number(
        extraFields(second.subarray(46 + 3, 46 + 3 + second.readUInt16LE(30)))
          .get(1)
          ?.readBigUInt64LE(0),
      ),
      offset,
    );
    assert.equal(end.toString('latin1', end.length - 42, end.length - 38), 'PK\x06\x07');
    assert.equal(archiveLength(zip, [entry, next]), offset + (30 + 3 + 9) + 16 + end.length);
  }
});

test('a zip of 65,535 entries and more counts them in 64 bits', () => {
  for (const [count, isLarge] of [
    [65_534, false],
    [65_535, true],
  ] as const) {
    const entries = Array.from({ length: count }, (_, at) => file(String(at)));
    const bytes = written(zip, entries);
    assert.equal(bytes.readUInt16LE(bytes.length - 12), isLarge ? 0xffff : count);
    assert.equal(readZip(bytes).length, count);
  }
});

test('a tar tells sizes of 8 GiB and more in an extended header', () => {
  for (const [size, isLarge] of [
    [2 ** 33 - 1, false],
    [2 ** 33, true],
  ] as const) {
    const header = Buffer.from(tar.writer().before({ kind: 'file', path: 'big', size, modifiedMs: noonMs }));
    assert.equal(header.includes(` size=${size}\n`), isLarge);
    assert.equal(header.length, isLarge ? 1536 : 512);
  }
});
