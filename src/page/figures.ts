import { escapeText } from './shell.ts';
import type { Words } from './words.ts';

/**
 * A size in the largest binary unit that leaves at least one, in three figures: `812 B`, `1.5 KiB`, `20 MiB`.
 * A dash for what is no size.
 */
export function readableSize(octets: number): string {
  if (!(octets >= 0 && octets < Number.POSITIVE_INFINITY)) return dash;
  let unit = 0;
  let amount = octets;
  // 1023.5 KiB would round to 1024 KiB; it is shown as 1.0 MiB.
  while (amount >= 1023.5 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}

/** A time in UTC to the minute, `2026-11-22 12:05`; a dash for what no calendar holds. */
export function readableTime(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return dash;
  return inCalendar(date).replace(/T(\d\d:\d\d).*$/, ' $1');
}

/** A size as markup, with the exact one behind it. */
export function sizeCell(octets: number, words: Words): string {
  const readable = readableSize(octets);
  return readable === dash
    ? dash
    : `<data value="${octets}" title="${escapeText(words.octets(grouped(octets)))}">${readable}</data>`;
}

/** A time as markup. */
export function timeCell(ms: number): string {
  const readable = readableTime(ms);
  if (readable === dash) return dash;
  const iso = inCalendar(new Date(ms));
  // HTML has no years before 1.
  return iso.startsWith('-') || iso.startsWith('0000')
    ? readable
    : `<time datetime="${iso}" title="${iso}">${readable}</time>`;
}

/** A count with its thousands apart, whatever the machine's locale. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Shown for what has no figure. */
const dash = '–';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** The five-figure years of ISO 8601 have a sign, those of HTML have none. */
function inCalendar(date: Date): string {
  return date
    .toISOString()
    .replace(/^\+0*/, '')
    .replace(/\.\d+Z$/, 'Z');
}
