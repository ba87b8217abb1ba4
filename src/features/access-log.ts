import { fieldValue } from '../http/fields.ts';
import type { Client, Exchange, RequestHead } from '../http/message.ts';
import type { Observer } from './feature.ts';

/** How one line of the log looks; 'off' is no line at all. */
export type AccessLogFormat = 'human' | 'combined' | 'json' | 'off';

/** What the formats need to know beside the exchange. */
export interface AccessLogOptions {
  /** Minutes that local time is ahead of UTC at a time given in milliseconds since 1970. */
  readonly utcOffsetMinutes: (atMs: number) => number;
  /** Whether the human format may colour its lines for a terminal. */
  readonly isColoured: boolean;
}

/**
 * Writes one line, without its line end, for every exchange. Whatever a client sent is escaped, so a line is
 * always one line of printable ASCII; Cookie and Authorization never appear.
 */
export function accessLog(
  format: AccessLogFormat,
  options: AccessLogOptions,
  write: (line: string) => void,
): Observer {
  switch (format) {
    case 'human':
      return exchange => write(formatHuman(exchange, options));
    case 'combined': {
      const formatCombined = combinedFormat(options.utcOffsetMinutes);
      return exchange => write(formatCombined(exchange));
    }
    case 'json':
      return exchange => write(formatJson(exchange));
    case 'off':
      return () => {};
    default:
      return format satisfies never;
  }
}

/** For eyes: local time, method, target, status, bytes, milliseconds, and the coding and the remark if any. */
function formatHuman(exchange: Exchange, options: AccessLogOptions): string {
  const { head, status, startedAtMs, durationMs } = exchange;
  const paint = options.isColoured ? painted : plain;
  const at = new Date(startedAtMs + options.utcOffsetMinutes(startedAtMs) * 60_000);
  const extras = [
    `${exchange.contentBytes} B`,
    `${durationMs.toFixed(1)} ms`,
    fieldValue(exchange.responseFields, 'content-encoding'),
    exchange.outcome === 'aborted' ? 'aborted' : undefined,
    exchange.note === undefined ? undefined : `(${escaped(exchange.note)})`,
  ];
  const request = head === undefined ? '- -' : `${escaped(head.method)} ${escaped(head.target)}`;
  const time = paint(dim, at.toISOString().slice(11, 19));
  return `${time} ${request} ${paint(colourOf(status), String(status))} ${paint(dim, extras.filter(isThere).join(' '))}`;
}

/**
 * NCSA combined: `host ident authuser [date] "request line" status bytes "referer" "user-agent"`, with `-` for
 * what is not known and for no bytes. A quote, a backslash and every octet that is not printable ASCII is
 * written `\xHH`, as nginx and Apache do. What is the same in many lines, the date of a second and all that comes
 * from a head, is made once.
 */
function combinedFormat(utcOffsetMinutes: (atMs: number) => number): (exchange: Exchange) => string {
  let second = Number.NaN;
  let date = '';
  const parts = new WeakMap<RequestHead, HeadParts>();
  return ({ client, head, status, contentBytes, startedAtMs }) => {
    const current = Math.floor(startedAtMs / 1000);
    if (current !== second) {
      second = current;
      date = combinedDate(startedAtMs, utcOffsetMinutes(startedAtMs));
    }
    let ofHead = head === undefined ? headless : parts.get(head);
    if (head !== undefined && ofHead === undefined) {
      ofHead = headParts(head);
      parts.set(head, ofHead);
    }
    const { request, origin } = ofHead ?? headless;
    return `${hostOf(client)} - - [${date}] ${request} ${status} ${contentBytes === 0 ? '-' : contentBytes} ${origin}`;
  };
}

/**
 * One JSON object with these keys, always all of them, null for what is not known: `time` (ISO 8601, UTC),
 * `client`, `method`, `target`, `version`, `authority`, `status`, `bytes` (of content), `ms`, `outcome`
 * (`completed` or `aborted`), `coding`, `referer`, `userAgent`, `note`. Only ASCII; octets of a field beyond it
 * are `\u00HH`.
 */
function formatJson(exchange: Exchange): string {
  const { head } = exchange;
  const line = {
    time: new Date(exchange.startedAtMs).toISOString(),
    client: hostOf(exchange.client),
    method: head?.method ?? null,
    target: head?.target ?? null,
    version: head?.version ?? null,
    authority: head?.authority ?? null,
    status: exchange.status,
    bytes: exchange.contentBytes,
    ms: Number(exchange.durationMs.toFixed(3)),
    outcome: exchange.outcome,
    coding: fieldValue(exchange.responseFields, 'content-encoding') ?? null,
    referer: head?.fields.get('referer') ?? null,
    userAgent: head?.fields.get('user-agent') ?? null,
    note: exchange.note ?? null,
  };
  // JSON.stringify leaves DEL, the C1 controls and the line separators as they are; a terminal would obey some.
  return JSON.stringify(line).replace(/[\x7f-\uffff]/g, jsonEscape);
}

/** What a head gives to a line. */
interface HeadParts {
  /** `"request line"` */
  readonly request: string;
  /** `"referer" "user-agent"` */
  readonly origin: string;
}

const headless: HeadParts = { request: '"-"', origin: '"-" "-"' };
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dim = '2';

/** `10/Oct/2000:13:55:36 -0700` */
function combinedDate(atMs: number, offsetMinutes: number): string {
  const local = new Date(atMs + offsetMinutes * 60_000);
  const ahead = Math.abs(offsetMinutes);
  const zone = `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}${two(ahead % 60)}`;
  const day = `${two(local.getUTCDate())}/${months[local.getUTCMonth()]}/${local.getUTCFullYear()}`;
  return `${day}:${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())} ${zone}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** The client's address; an IPv4 client of an IPv6 socket under its own. A Unix socket has none. */
function hostOf({ address }: Client): string {
  if (address === '') return '-';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function headParts({ method, target, version, fields }: RequestHead): HeadParts {
  return {
    request: `"${escaped(method)} ${escaped(target)} HTTP/${version}"`,
    origin: `"${quoted(fields.get('referer'))}" "${quoted(fields.get('user-agent'))}"`,
  };
}

function quoted(value: string | undefined): string {
  return value === undefined || value === '' ? '-' : escaped(value);
}

/** Text of a client as printable ASCII that cannot end a quoted string. The test first: few lines need more. */
function escaped(text: string): string {
  return /[^\x20\x21\x23-\x5b\x5d-\x7e]/.test(text)
    ? text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, hexEscape)
    : text;
}

/** A UTF-16 unit as `\xHH`, or as `\uHHHH` where it is no octet. */
function hexEscape(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

function jsonEscape(character: string): string {
  return `\\u${hex(character.charCodeAt(0), 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}

function colourOf(status: number): string {
  if (status >= 500) return '31';
  if (status >= 400) return '33';
  return status >= 300 ? '36' : '32';
}

function painted(colour: string, text: string): string {
  return `\x1b[${colour}m${text}\x1b[0m`;
}

function plain(_colour: string, text: string): string {
  return text;
}

function isThere(text: string | undefined): boolean {
  return text !== undefined;
}
