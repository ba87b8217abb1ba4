import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readableSize, readableTime, sizeCell, timeCell } from '../../src/page/figures.ts';
import { wordsOf } from '../../src/page/words.ts';

const noonMs = Date.UTC(2026, 10, 22, 12, 5, 9, 250);

test('sizes are read in binary units of two or three figures', () => {
  const rows: readonly (readonly [octets: number, readable: string])[] = [
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [10 * 1024, '10 KiB'],
    [1023 * 1024 + 600, '1.0 MiB'],
    [5 * 2 ** 30, '5.0 GiB'],
    [7 * 2 ** 40, '7.0 TiB'],
    [2 ** 50, '1.0 PiB'],
    [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
    [Number.MAX_VALUE, `${Math.round(Number.MAX_VALUE / 2 ** 50)} PiB`],
    [-1, '–'],
    [Number.NaN, '–'],
    [Number.POSITIVE_INFINITY, '–'],
  ];
  for (const [octets, readable] of rows) assert.equal(readableSize(octets), readable, String(octets));
});

test('CVE-2020-25691 a time that no calendar of HTML holds never throws and still shows what it can', () => {
  const rows: readonly (readonly [modifiedMs: number, cell: string])[] = [
    [noonMs, '<time datetime="2026-11-22T12:05:09Z" title="2026-11-22T12:05:09Z">2026-11-22 12:05</time>'],
    [0, '<time datetime="1970-01-01T00:00:00Z" title="1970-01-01T00:00:00Z">1970-01-01 00:00</time>'],
    [-1, '<time datetime="1969-12-31T23:59:59Z" title="1969-12-31T23:59:59Z">1969-12-31 23:59</time>'],
    [
      Date.UTC(10000, 0),
      '<time datetime="10000-01-01T00:00:00Z" title="10000-01-01T00:00:00Z">10000-01-01 00:00</time>',
    ],
    [
      8.64e15,
      '<time datetime="275760-09-13T00:00:00Z" title="275760-09-13T00:00:00Z">275760-09-13 00:00</time>',
    ],
    [-62_200_000_000_000, '-000002'],
    [-62_167_219_200_000, '0000-01-01 00:00'],
    [8.64e15 + 1, '–'],
    [2 ** 62, '–'],
    [Number.NaN, '–'],
    [Number.NEGATIVE_INFINITY, '–'],
  ];
  for (const [modifiedMs, cell] of rows) {
    const shown = timeCell(modifiedMs);
    assert.ok(shown.startsWith(cell), `${modifiedMs}: ${shown}`);
    assert.ok(readableTime(modifiedMs) === '–' || shown.includes(readableTime(modifiedMs)));
  }
});

test('a size has the exact one behind it, in the words of the page, and what is no size is a dash', () => {
  assert.equal(
    sizeCell(1_234_567, wordsOf.en),
    '<data value="1234567" title="1,234,567 bytes">1.2 MiB</data>',
  );
  assert.equal(sizeCell(1, wordsOf.zh), '<data value="1" title="1 字节">1 B</data>');
  assert.equal(sizeCell(Number.NaN, wordsOf.en), '–');
});
