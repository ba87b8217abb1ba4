/**
 * A time as an IMF-fixdate, whole seconds, rounded down. RFC 9110 §5.6.7.
 * The form has four digits for the year, so a time before the year 0 or after 9999 becomes the nearest one it
 * can name, and NaN becomes 1970: a file system may hold any number, and none may stop an answer
 * (CVE-2020-25691). Never throws.
 */
export function formatDate(ms: number): string {
  const date = new Date(Number.isNaN(ms) ? 0 : Math.min(Math.max(Math.floor(ms), earliestMs), latestMs));
  const day = twoDigits(date.getUTCDate());
  const year = String(date.getUTCFullYear()).padStart(4, '0');
  const time = `${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}:${twoDigits(date.getUTCSeconds())}`;
  return `${weekdays[date.getUTCDay()]}, ${day} ${months[date.getUTCMonth()]} ${year} ${time} GMT`;
}

/**
 * The milliseconds since 1970 that an HTTP-date names, in any of its three forms: IMF-fixdate, RFC 850 and
 * asctime. Undefined for anything else, also for a day that no calendar has. A weekday must be one, but is not
 * held against the day it goes with. `nowMs` decides the century of the two-digit year. RFC 9110 §5.6.7.
 */
export function parseDate(text: string, nowMs: number): number | undefined {
  const fixed = imfFixdate.exec(text)?.groups ?? asctime.exec(text)?.groups;
  if (fixed !== undefined) return timeOf(Number(fixed.year), fixed);
  const short = rfc850.exec(text)?.groups;
  return short === undefined ? undefined : timeInNearCentury(short, nowMs);
}

const earliestMs = Date.UTC(-1, 12, 1);
const latestMs = Date.UTC(9999, 11, 31, 23, 59, 59);

const weekdays: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

// All three are case-sensitive, with single spaces where the grammar has them. A second of 60 is a leap second;
// it names the first second of the next minute, as no clock of ours counts it.
const weekday = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const longWeekday = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';
const month = `(?<month>${months.join('|')})`;
const time = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';
const imfFixdate = new RegExp(`^${weekday}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`);
const rfc850 = new RegExp(`^${longWeekday}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`);
const asctime = new RegExp(`^${weekday} ${month} (?<day>\\d\\d| \\d) ${time} (?<year>\\d{4})$`);

type Parts = Readonly<Record<string, string>>;

/** The time in this year; undefined when the year has no such day. */
function timeOf(year: number, parts: Parts): number | undefined {
  const day = Number(parts.day);
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, months.indexOf(parts.month ?? ''), day);
  if (date.getUTCDate() !== day) return undefined;
  return date.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
}

/**
 * The latest time with this two-digit year that is at most 50 years ahead, so that one that seems further ahead
 * is the most recent past one. The whole time is compared, not the year alone.
 */
function timeInNearCentury(parts: Parts, nowMs: number): number | undefined {
  const horizon = new Date(nowMs);
  horizon.setUTCFullYear(horizon.getUTCFullYear() + 50);
  const century = Math.floor(horizon.getUTCFullYear() / 100) * 100;
  for (const start of [century, century - 100]) {
    const ms = timeOf(start + Number(parts.year), parts);
    if (ms !== undefined && ms <= horizon.getTime()) return ms;
  }
  return undefined;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
