import { parseAuthority } from '../http/authority.ts';
import type { Fields } from '../http/fields.ts';
import type { Limits } from '../http/limits.ts';
import { type RequestHead, type Version, type Violation, violation } from '../http/message.ts';
import { isToken } from '../http/method.ts';
import { absoluteAuthority } from '../http/target.ts';
import type { Input } from './input.ts';
import { LineReader } from './line.ts';
import { SectionReader } from './section.ts';
import type { SectionReading, SeenHeads } from './seen-heads.ts';

/** Reads one request head, in as many pieces as it comes. RFC 9112 §2.2, §3, §5. */
export class HeadReader {
  readonly #limits: Limits;
  readonly #lines: LineReader;
  readonly #seen: SeenHeads | undefined;
  #emptyLines = 0;
  #known: SectionReading | undefined;
  #section: Uint8Array | undefined;
  /** What is known once the request line has been read. */
  #after: { readonly requestLine: RequestLine; readonly section: SectionReader } | undefined;

  /** `seen` may know the field section. */
  constructor(limits: Limits, seen?: SeenHeads) {
    this.#limits = limits;
    this.#seen = seen;
    this.#lines = new LineReader(limits.requestLineBytesMax, requestLineTooLong);
  }

  /** What is known of the field section that was read last; undefined when it was parsed. */
  get known(): SectionReading | undefined {
    return this.#known;
  }

  /** The octets of the field section that was parsed last, until the input changes; undefined when it came in pieces. */
  get section(): Uint8Array | undefined {
    return this.#section;
  }

  /** Whether not even an empty line has been taken. */
  get isUntouched(): boolean {
    return this.isBlank && this.#emptyLines === 0;
  }

  /** Whether nothing but empty lines has been taken. */
  get isBlank(): boolean {
    return !this.#lines.hasBegun && this.#after === undefined;
  }

  /**
   * Takes the head out of the input once it is whole; undefined: more is needed. Violations: 400 for whatever the
   * grammar does not allow, 414 and 431 as soon as a limit is passed, 505 for a version that is not spoken. The
   * request line is judged when it ends, so that a client that sends nothing after it (HTTP/0.9) is answered.
   */
  read(input: Input): RequestHead | Violation | undefined {
    if (this.#after === undefined) {
      const requestLine = this.#readRequestLine(input);
      if (requestLine === undefined || 'kind' in requestLine) return requestLine;
      if (requestLine.target.startsWith('/') && requestLine.version === '1.1') {
        this.#known = this.#recallSection(input);
        if (this.#known !== undefined) return requestHead(requestLine, this.#known.fields);
      }
      this.#after = { requestLine, section: new SectionReader(this.#limits) };
    }
    const fields = this.#after.section.read(input);
    if (fields === undefined || 'kind' in fields) return fields;
    return requestHead(this.#after.requestLine, fields);
  }

  #recallSection(input: Input): SectionReading | undefined {
    if (this.#seen === undefined) return undefined;
    const { buffer, start, end } = input;
    // The empty line of a section without a field follows the request line at once.
    const last = buffer.indexOf(emptyLine, start - 2, 'latin1');
    const next = last + emptyLine.length;
    if (last === -1 || next > end) return undefined;
    const known = this.#seen.recallSection(buffer, start, next);
    if (known !== undefined) input.drop(next - start);
    else this.#section = buffer.subarray(start, next);
    return known;
  }

  #readRequestLine(input: Input): RequestLine | Violation | undefined {
    for (;;) {
      const text = this.#lines.read(input);
      if (typeof text !== 'string') return text;
      if (text !== '') return parseRequestLine(text);
      // Some clients send a CRLF after the content of a POST: RFC 9112 §2.2.
      if (++this.#emptyLines > this.#limits.emptyLinesMax) {
        return violation(400, 'too many empty lines before the request line');
      }
    }
  }
}

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly version: Version;
}

/** `text` is the line without its CRLF. Violations: 400 for a malformed line, 505 for an unspoken version. */
function parseRequestLine(text: string): RequestLine | Violation {
  // Nearly all of them; no parts have to be taken out of these one by one.
  const asked = text.startsWith('GET ') && text.endsWith(' HTTP/1.1') ? text.slice(4, -9) : '';
  if (visibleAscii.test(asked)) return { method: 'GET', target: asked, version: '1.1' };
  const [, method, target, major, minor] = requestLineForm.exec(text) ?? [];
  if (method === undefined || target === undefined || !isToken(method)) return malformedRequestLine(text);
  // HTTP/0.9 had no version in its request line, so that whoever writes one is not speaking it.
  if (major === '0') return violation(400, 'an HTTP version that never was');
  if (major !== '1') return violation(505, 'an HTTP version that is not spoken here');
  // A higher minor version is read as the highest that we know: RFC 9110 §2.5.
  return { method, target, version: minor === '0' ? '1.0' : '1.1' };
}

/**
 * Whether a head names one host as RFC 9112 §3.2 demands: exactly one valid Host in HTTP/1.1, at most one in
 * HTTP/1.0, and a valid authority in an absolute-form target. A 400 violation, or undefined when all is well.
 */
export function judgeHost({ version, target, authority, fields }: RequestHead): Violation | undefined {
  const hosts = fields.values('host');
  const [host] = hosts;
  if (host === undefined && version === '1.1') return violation(400, 'no Host');
  if (hosts.length > 1) return violation(400, 'more than one Host');
  const named = host === undefined ? undefined : parseAuthority(host);
  if (host !== undefined && named === undefined) return violation(400, 'an invalid Host');
  // An empty Host says that the target has no authority, which is so for `OPTIONS *` only: an http target
  // without a host is invalid. RFC 9110 §4.2.1.
  if (authority === undefined || (authority === '' && target === '*')) return undefined;
  const meant = authority === host ? named : parseAuthority(authority);
  return meant?.host ? undefined : violation(400, 'a target without a valid host');
}

function requestHead(line: RequestLine, fields: Fields): RequestHead {
  // The authority of the target wins over Host: RFC 9112 §3.2.2.
  const named = line.target.startsWith('/') ? undefined : absoluteAuthority(line.target);
  const authority = named ?? fields.values('host')[0];
  return { method: line.method, target: line.target, version: line.version, authority, fields };
}

function malformedRequestLine(text: string): Violation {
  const why = /^\S+ \S+$/.test(text) ? 'a request line without a version' : 'a malformed request line';
  return violation(400, why);
}

const emptyLine = '\r\n\r\n';
const visibleAscii = /^[\x21-\x7e]+$/;
const requestLineForm = /^([^ ]+) ([\x21-\x7e]+) HTTP\/([0-9])\.([0-9])$/;
const requestLineTooLong = violation(414, 'the request line is too long');
