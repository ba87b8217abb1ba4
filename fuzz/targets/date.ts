import assert from 'node:assert/strict';
import { formatDate, parseDate } from '../../src/http/date.ts';
import type { FuzzTarget } from '../target.ts';

/** HTTP-dates in their three forms, and times of any number. */
export const date: FuzzTarget = {
  name: 'date',
  words: [
    ...[
      'Sun, ',
      'Mon, ',
      'Sunday, ',
      'Sun ',
      ' Nov ',
      '-Nov-',
      ' Feb ',
      '29',
      '30',
      '31',
      ' 1',
      '00',
      '60',
      '24',
    ],
    ...[
      ' GMT',
      ' UTC',
      ' +0000',
      '2026',
      '0000',
      '9999',
      '2000',
      '1900',
      '-94',
      '-00',
      '-26',
      '23:59:60',
      '23:59:59',
    ],
    ...[
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
      'NaN',
      '\0',
    ],
  ],
  check: input => {
    const read = nows.map(nowMs => checkText(input.toString('latin1'), nowMs));
    for (let at = 0; at + 8 <= Math.min(input.length, 80); at += 8) checkTime(input.readDoubleLE(at));
    return read.join(' ');
  },
};

const nows = [Date.UTC(2026, 10, 22), Date.UTC(1970, 0, 1), Date.UTC(2099, 11, 31, 23, 59, 59)];
const fiftyYearsMs = 50 * 366 * 86_400_000;

function checkText(text: string, nowMs: number): string {
  const ms = parseDate(text, nowMs);
  if (ms === undefined) return 'none';
  assert.ok(Number.isSafeInteger(ms) && ms % 1000 === 0, `the time ${ms}`);
  const isShort = text.includes('-');
  if (isShort) assert.ok(ms <= nowMs + fiftyYearsMs, 'more than 50 years ahead');
  // The leap second at the end of the year 9999 lies behind it.
  if (ms <= Date.UTC(9999, 11, 31, 23, 59, 59)) assert.equal(parseDate(formatDate(ms), nowMs), ms, text);
  if (!text.includes(':60')) {
    const [, time = ''] = /(\d\d:\d\d:\d\d)/.exec(text) ?? [];
    assert.ok(formatDate(ms).includes(` ${time} `), 'another time of the day');
  }
  return `${isShort ? 'short' : text.endsWith('GMT') ? 'fixed' : 'asctime'} ${Math.sign(ms)}`;
}

function checkTime(ms: number): void {
  const text = formatDate(ms);
  assert.match(text, /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
  const read = parseDate(text, 0);
  assert.ok(read !== undefined, text);
  assert.equal(formatDate(read), text);
  const isInReach = ms >= Date.UTC(-1, 12, 1) && ms < Date.UTC(9999, 11, 31, 23, 59, 59);
  if (isInReach) assert.equal(read, Math.floor(Math.floor(ms) / 1000) * 1000 + 0);
}
