import { connectionFields } from '../http/answer-head.ts';
import { parseAuthority } from '../http/authority.ts';
import { Fields } from '../http/fields.ts';
import type { Limits } from '../http/limits.ts';
import type { FieldLine, RequestHead } from '../http/message.ts';
import { isToken } from '../http/method.ts';
import type { DecodedBlock } from './hpack-decoder.ts';
import { defaultPriority, type Priority, readPriority } from './priority.ts';

/** What requests of a connection are held to. */
export interface RequestRules {
  readonly limits: Limits;
  /** Of the URIs that its server answers for: https where the connection is secured. */
  readonly scheme: 'http' | 'https';
}

/** What the fields of a request say. */
export type RequestReading =
  | {
      readonly kind: 'request';
      readonly head: RequestHead;
      /** What Content-Length says; undefined without one. */
      readonly declaredBytes: number | undefined;
      /** The client waits for leave to send its content. RFC 9110 §10.1.1. */
      readonly isExpectant: boolean;
      readonly priority: Priority;
    }
  | Malformed
  /** It is understood, and refused. */
  | {
      readonly kind: 'violation';
      readonly status: number;
      readonly why: string;
      readonly head: RequestHead | undefined;
    };

/** It breaks a rule of HTTP/2: a stream error, whoever sent it. RFC 9113 §8.1.1. */
interface Malformed {
  readonly kind: 'malformed';
  readonly why: string;
}

/** Reads the field section of a request. RFC 9113 §8.2, §8.3. */
export function readRequest(block: DecodedBlock, { limits, scheme }: RequestRules): RequestReading {
  const pseudo = new Map<string, string>();
  const lines: FieldLine[] = [];
  let bytes = 0;
  for (const line of block.lines) {
    const [name, value] = line;
    if (name.charCodeAt(0) === colon) {
      if (lines.length > 0) return malformed('a pseudo-field behind a field');
      if (!pseudoFields.has(name)) return malformed('an unknown pseudo-field');
      if (pseudo.has(name)) return malformed('a pseudo-field twice');
      if (!isValue(value)) return malformed('a pseudo-field with a value that is none');
      pseudo.set(name, value);
      continue;
    }
    const why = whyMalformed(line);
    if (why !== undefined) return malformed(why);
    bytes += name.length + value.length + lineOverheadBytes;
    lines.push(line);
  }
  const isWhole = block.lines.length === block.count;
  const head = readHead(pseudo, new Fields(joinedCookies(lines)), isWhole);
  if (head === undefined || 'kind' in head) return head ?? refusal(431, sectionTooLong, undefined);
  if (head.method.length + head.target.length + requestLineOverheadBytes > limits.requestLineBytesMax)
    return refusal(414, 'the target is too long', head);
  if (block.count - pseudo.size > limits.fieldLinesMax) return refusal(431, 'too many field lines', head);
  if (!isWhole || bytes > limits.fieldSectionBytesMax) return refusal(431, sectionTooLong, head);
  // RFC 9110 §7.4: what was asked for under another scheme is another resource, and that of https is nobody's in the clear.
  if (head.method !== 'CONNECT' && pseudo.get(':scheme')?.toLowerCase() !== scheme)
    return refusal(421, 'the scheme is not that of the connection', head);
  return judge(head);
}

/** Why a trailer section is malformed; undefined when it is not. RFC 9113 §8.1. */
export function whyMalformedTrailer(block: DecodedBlock): string | undefined {
  for (const line of block.lines) {
    if (line[0].charCodeAt(0) === colon) return 'a pseudo-field in a trailer';
    const why = whyMalformed(line);
    if (why !== undefined) return why;
    // Whoever sends framing behind the content hopes that someone believes it: RFC 9110 §6.5.1.
    if (line[0] === 'content-length') return 'framing fields in a trailer';
  }
  return undefined;
}

/** The control data; undefined when it may be among what was left out. */
function readHead(
  pseudo: ReadonlyMap<string, string>,
  fields: Fields,
  isWhole: boolean,
): RequestHead | Malformed | undefined {
  const method = pseudo.get(':method');
  const scheme = pseudo.get(':scheme');
  const path = pseudo.get(':path');
  const named = pseudo.get(':authority');
  const authority = named ?? fields.values('host')[0];
  if (method === 'CONNECT') {
    if (scheme !== undefined || path !== undefined) return malformed('CONNECT with a scheme or a path');
    if (named === undefined) return isWhole ? malformed('CONNECT without an authority') : undefined;
    return { method, target: named, version: '2.0', authority, fields };
  }
  if (method === undefined || scheme === undefined || path === undefined)
    return isWhole ? malformed('a request without method, scheme or path') : undefined;
  if (!isToken(method)) return malformed('a method that is no token');
  if (!schemeForm.test(scheme)) return malformed('a malformed scheme');
  if (!pathForm.test(path) && !(path === '*' && method === 'OPTIONS')) return malformed('a malformed path');
  return { method, target: path, version: '2.0', authority, fields };
}

/** What HTTP itself wants of a request, as HTTP/1.1 is held to it. */
function judge(head: RequestHead): RequestReading {
  const { fields, authority } = head;
  const hosts = fields.values('host');
  if (hosts.length > 1) return refusal(400, 'more than one Host', head);
  // Which of two would be believed depends on who reads: RFC 9113 §8.3.1.
  const [host] = hosts;
  if (host !== undefined && host.toLowerCase() !== authority?.toLowerCase())
    return malformed('a Host that is not the authority');
  if (authority === undefined) return refusal(400, 'no Host', head);
  if (!parseAuthority(authority)?.host && !(authority === '' && head.target === '*'))
    return refusal(400, 'an invalid Host', head);
  const lengths = fields.values('content-length');
  const [length] = lengths;
  if (lengths.length > 1) return malformed('more than one Content-Length');
  if (length !== undefined && !/^[0-9]+$/.test(length)) return malformed('a malformed Content-Length');
  const expectation = fields.get('expect')?.toLowerCase();
  if (expectation !== undefined && expectation !== '100-continue')
    return refusal(417, 'an unknown expectation', head);
  const priority = fields.get('priority');
  return {
    kind: 'request',
    head,
    declaredBytes: length === undefined ? undefined : Number(length),
    isExpectant: expectation !== undefined,
    priority: priority === undefined ? defaultPriority : readPriority(priority),
  };
}

/** RFC 9113 §8.2.1, §8.2.2. */
function whyMalformed([name, value]: FieldLine): string | undefined {
  if (!nameForm.test(name)) return 'a field name that is no token in lower case';
  if (!isValue(value)) return 'a field value that is none';
  if (connectionFields.has(name)) return 'a field about the connection';
  if (name === 'te' && value.toLowerCase() !== 'trailers') return 'TE with more than trailers';
  return undefined;
}

function isValue(value: string): boolean {
  return valueForm.test(value);
}

/** One Cookie field from the crumbs that HTTP/2 lets a client make of it. RFC 9113 §8.2.3. */
function joinedCookies(lines: FieldLine[]): readonly FieldLine[] {
  const crumbs = lines.filter(([name]) => name === 'cookie');
  if (crumbs.length < 2) return lines;
  const cookie: FieldLine = ['cookie', crumbs.map(([, value]) => value).join('; ')];
  return [...lines.filter(([name]) => name !== 'cookie'), cookie];
}

function malformed(why: string): Malformed {
  return { kind: 'malformed', why };
}

function refusal(status: number, why: string, head: RequestHead | undefined): RequestReading {
  return { kind: 'violation', status, why, head };
}

const colon = 0x3a;
/** Colon, space and CRLF; two spaces, the version and its CRLF: so a request has the limits that it has in HTTP/1.1. */
const lineOverheadBytes = 4;
const requestLineOverheadBytes = 10;
const sectionTooLong = 'the field section is too long';
const nameForm = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const valueForm = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;
const schemeForm = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const pathForm = /^\/[\x21-\x7e]*$/;
const pseudoFields: ReadonlySet<string> = new Set([':method', ':scheme', ':path', ':authority']);
