import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDate, parseDate } from '../../src/http/date.ts';

const nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);
const exampleMs = 784_111_777_000;
const earliestMs = -62_167_219_200_000;
const latestMs = 253_402_300_799_000;

test('a time is formatted as an IMF-fixdate in whole seconds, rounded down', () => {
  const rows: readonly (readonly [number, string])[] = [
    [exampleMs, 'Sun, 06 Nov 1994 08:49:37 GMT'],
    [0, 'Thu, 01 Jan 1970 00:00:00 GMT'],
    [-0, 'Thu, 01 Jan 1970 00:00:00 GMT'],
    [999, 'Thu, 01 Jan 1970 00:00:00 GMT'],
    [1000.9, 'Thu, 01 Jan 1970 00:00:01 GMT'],
    [-0.5, 'Wed, 31 Dec 1969 23:59:59 GMT'],
    [-1, 'Wed, 31 Dec 1969 23:59:59 GMT'],
    [Date.UTC(2024, 1, 29, 23, 59, 59), 'Thu, 29 Feb 2024 23:59:59 GMT'],
    [earliestMs, 'Sat, 01 Jan 0000 00:00:00 GMT'],
    [latestMs, 'Fri, 31 Dec 9999 23:59:59 GMT'],
  ];
  for (const [ms, expected] of rows) assert.equal(formatDate(ms), expected);
});

test('CVE-2020-25691: a time that no HTTP-date can name becomes the nearest one that it can', () => {
  const rows: readonly (readonly [number, string])[] = [
    [2 ** 62, 'Fri, 31 Dec 9999 23:59:59 GMT'],
    [2 ** 62 * 1000, 'Fri, 31 Dec 9999 23:59:59 GMT'],
    [Date.UTC(10_000, 0, 1), 'Fri, 31 Dec 9999 23:59:59 GMT'],
    [Number.MAX_VALUE, 'Fri, 31 Dec 9999 23:59:59 GMT'],
    [Number.POSITIVE_INFINITY, 'Fri, 31 Dec 9999 23:59:59 GMT'],
    [-(2 ** 62), 'Sat, 01 Jan 0000 00:00:00 GMT'],
    [earliestMs - 1, 'Sat, 01 Jan 0000 00:00:00 GMT'],
    [Number.NEGATIVE_INFINITY, 'Sat, 01 Jan 0000 00:00:00 GMT'],
    [Number.NaN, 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ];
  for (const [ms, expected] of rows) assert.equal(formatDate(ms), expected, String(ms));
});

test('all three forms of a date are read', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', exampleMs],
    ['Sunday, 06-Nov-94 08:49:37 GMT', exampleMs],
    ['Sun Nov  6 08:49:37 1994', exampleMs],
    ['Sun Nov 06 08:49:37 1994', exampleMs],
    ['Wed Nov 16 08:49:37 1994', exampleMs + 10 * 86_400_000],
    // The weekday is syntax only.
    ['Mon, 06 Nov 1994 08:49:37 GMT', exampleMs],
    ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
    ['Sat, 01 Jan 0000 00:00:00 GMT', earliestMs],
    ['Fri, 01 Jan 0099 00:00:00 GMT', -59_042_995_200_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', latestMs],
  ];
  for (const [text, expected] of rows) assert.equal(parseDate(text, nowMs), expected, text);
});

test('a leap second names the first second of the next minute', () => {
  assert.equal(parseDate('Sat, 31 Dec 2016 23:59:60 GMT', nowMs), Date.UTC(2017, 0, 1));
});

test('whatever is not a date to the letter is none', () => {
  const rows: readonly string[] = [
    '',
    '0',
    'now',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 gmt',
    'sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Xyz, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06 Nov 1994 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 006 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06 Nov 10000 08:49:37 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun,  06 Nov 1994 08:49:37 GMT',
    'Sun,06 Nov 1994 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 08:49:37 GMT\n',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sunday, 6-Nov-94 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 94',
    'Sun Nov  6 08:49:37 1994 GMT',
    'Sunday Nov  6 08:49:37 1994',
    // No calendar has these days.
    'Thu, 00 Nov 1994 08:49:37 GMT',
    'Thu, 31 Nov 1994 08:49:37 GMT',
    'Wed, 29 Feb 2023 08:49:37 GMT',
    'Thu, 29 Feb 1900 08:49:37 GMT',
    'Thursday, 31-Nov-94 08:49:37 GMT',
    'Thu Nov 31 08:49:37 1994',
  ];
  for (const text of rows) assert.equal(parseDate(text, nowMs), undefined, text);
});

test('a two-digit year is the latest one that is at most fifty years ahead', () => {
  const rows: readonly (readonly [string, number, number])[] = [
    ['Sunday, 06-Nov-26 00:00:00 GMT', nowMs, 2026],
    ['Sunday, 22-Nov-76 12:00:00 GMT', nowMs, 2076],
    ['Sunday, 22-Nov-76 12:00:01 GMT', nowMs, 1976],
    ['Sunday, 06-Nov-77 00:00:00 GMT', nowMs, 1977],
    ['Sunday, 06-Nov-00 00:00:00 GMT', nowMs, 2000],
    ['Sunday, 06-Nov-99 00:00:00 GMT', nowMs, 1999],
    ['Sunday, 06-Nov-10 00:00:00 GMT', Date.UTC(2090, 0, 1), 2110],
    ['Sunday, 06-Nov-50 00:00:00 GMT', Date.UTC(2090, 0, 1), 2050],
    // 2100 has no such day, so it cannot be meant.
    ['Sunday, 29-Feb-00 00:00:00 GMT', Date.UTC(2090, 0, 1), 2000],
  ];
  for (const [text, now, year] of rows) {
    assert.equal(new Date(parseDate(text, now) ?? Number.NaN).getUTCFullYear(), year, text);
  }
  assert.equal(parseDate('Sunday, 06-Nov-94 08:49:37 GMT', Number.NaN), undefined);
});

test('a date that was formatted reads back as the same second', () => {
  const seconds = fc.integer({ min: earliestMs / 1000, max: latestMs / 1000 });
  fc.assert(fc.property(seconds, second => parseDate(formatDate(second * 1000), nowMs) === second * 1000));
});

test('formatting never throws and always answers a date that can be read', () => {
  fc.assert(fc.property(fc.double(), ms => typeof parseDate(formatDate(ms), nowMs) === 'number'));
});

test('reading never throws', () => {
  const almost = fc
    .tuple(
      fc.constantFrom('Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT'),
      fc.nat(29),
      fc.string(),
    )
    .map(([text, at, inserted]) => text.slice(0, at) + inserted + text.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(fc.string(), almost), text => {
      const ms = parseDate(text, nowMs);
      assert.ok(ms === undefined || Number.isSafeInteger(ms));
    }),
  );
});
