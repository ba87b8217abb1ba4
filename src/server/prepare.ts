import { varyingOn } from '../http/fields.ts';
import { type Client, type FieldLine, noContent, type RequestHead, type Response } from '../http/message.ts';
import { plainError } from '../site/errors.ts';
import type { Look, Store } from '../store/store.ts';
import type { Coder, CodingFailure } from './coding.ts';
import { Growth } from './growth.ts';
import type { Handler } from './handler.ts';
import { type Body, emptyBody, openBody } from './send.ts';
import type { Streams } from './streams.ts';
import { turn } from './turn.ts';

/** A response whose body is open and still what the response describes. */
export interface Prepared {
  readonly response: Response;
  readonly body: Body;
  /** What the answer rests on; undefined when it is not to be given again. */
  readonly looks?: readonly Look[];
}

/** What `prepare` works with. */
export interface Preparing {
  readonly handler: Handler;
  readonly store: Store;
  readonly coder: Coder;
  /** Bounds what streams hold in memory; without it nothing does. */
  readonly streams?: Streams | undefined;
  readonly report: (line: string) => void;
}

/**
 * Times that a file which changes between look-up and opening is looked up again. One that is replaced now
 * and then is always served; one that is rewritten without a pause ends in 503.
 */
const attemptsMax = 8;

/**
 * Answers a request and opens what the answer describes. When the file is no longer the version that was
 * resolved, the handler is asked again. Never rejects: a bug or a disk that fails becomes a 500 and a report.
 */
export async function prepare(head: RequestHead, client: Client, service: Preparing): Promise<Prepared> {
  const { handler, report } = service;
  try {
    for (let attempt = 1; ; attempt++) {
      const looks: Look[] = [];
      const response = await handler.respond(head, client, looks);
      const prepared = await open(head, response, service, looks);
      if (typeof prepared !== 'string') return prepared;
      // An error whose page cannot be opened is still that error.
      if (response.status >= 400) return withoutPage(response, head);
      const refusal = refusals[prepared];
      if (prepared === 'corrupt') report(`${head.target}: ${refusal.why}`);
      if (refusal.isFinal || attempt === attemptsMax) {
        const given = refused(handler, head, refusal.status, refusal.why);
        // One who accepts the coding of the file as it is gets that.
        return response.content.kind === 'coded' ? varyingOnCoding(given) : given;
      }
      for (const look of looks) look.expire();
    }
  } catch (error) {
    const isBug = !isSystemFailure(error);
    report(
      isBug
        ? `bug: ${error instanceof Error ? error.stack : String(error)}`
        : `${head.target}: ${error.message}`,
    );
    try {
      return refused(handler, head, 500, isBug ? 'a bug was met' : 'the system failed to read the file');
    } catch {
      return lastResort();
    }
  }
}

/** The answer to a request that cannot be answered otherwise, with its body in memory. */
export function refused(
  handler: Handler,
  head: RequestHead | undefined,
  status: number,
  why: string,
): Prepared {
  return inMemory(handler.refuse({ status, why }, head));
}

/** The 500 that no feature has touched, for when a feature is what is broken. */
export function lastResort(): Prepared {
  return inMemory(
    plainError({ status: 500, fields: [], content: noContent, note: 'a bug was met' }, undefined),
  );
}

/** Codes what is to be coded and opens what is to be sent, or tells why it cannot be. */
async function open(
  head: RequestHead,
  response: Response,
  service: Preparing,
  looks: Look[],
): Promise<Prepared | CodingFailure> {
  const { coder, store, streams } = service;
  const { content } = response;
  if (content.kind === 'turned')
    return open(head, { ...response, content: await turn(content) }, service, looks);
  // The content of a HEAD is described and never opened; only what must be coded to be described is coded.
  const isHead = head.method === 'HEAD';
  if (content.kind === 'stream') {
    if (isHead) return { response, body: emptyBody };
    const { chunks, length, bytesHeld } = content;
    if (streams?.take(bytesHeld) === false) return 'busy';
    const release = (): void => streams?.give(bytesHeld);
    return { response, body: { kind: 'stream', chunks, length, bytesHeld, release } };
  }
  if (content.kind !== 'coded') {
    const body = isHead ? emptyBody : await openBody(content, store);
    return typeof body === 'string' ? body : { response, body, looks };
  }
  // HTTP/1.0 knows no chunks: there the length is told. RFC 9112 §6.1.
  const isGradual = head.version !== '1.0' && coder.isGradual(content);
  const haste = { ...response, fields: response.fields.map(weakened) };
  if (isGradual && isHead) return { response: haste, body: emptyBody };
  const made = await (isGradual ? coder.begin(content, store) : coder.make(content, store));
  if (typeof made === 'string') return made;
  if (made instanceof Growth) return { response: haste, body: { kind: 'growing', growth: made } };
  const body: Body = { kind: 'bytes', bytes: made.bytes };
  const ready = { ...response, content: body };
  if (!made.isProvisional) return { response: ready, body: isHead ? emptyBody : body, looks };
  const weak = { ...haste, content: body };
  return { response: weak, body: isHead ? emptyBody : body, looks: [...looks, made] };
}

interface Refusal {
  readonly status: number;
  readonly why: string;
  /** Whether looking again would change nothing. */
  readonly isFinal: boolean;
}

const restless: Refusal = { status: 503, why: 'the file does not stop changing', isFinal: false };

const refusals: Readonly<Record<CodingFailure, Refusal>> = {
  changed: restless,
  absent: restless,
  denied: { status: 404, why: 'the file cannot be read', isFinal: true },
  busy: { status: 503, why: 'too much is under way to open another file', isFinal: true },
  'too large': { status: 406, why: 'the file is too large to be decoded', isFinal: true },
  corrupt: { status: 500, why: 'the file is not in the content coding that its name says', isFinal: true },
};

/** The same meaning and perhaps other octets next time: such a tag is weak. RFC 9110 §8.8.1. */
function weakened([name, value]: FieldLine): FieldLine {
  return name === 'ETag' && !value.startsWith('W/') ? [name, `W/${value}`] : [name, value];
}

function varyingOnCoding({ response, body }: Prepared): Prepared {
  return { response: { ...response, fields: varyingOn(response.fields, 'Accept-Encoding') }, body };
}

function withoutPage(response: Response, head: RequestHead): Prepared {
  const fields = response.fields.filter(([name]) => !pageFields.has(name));
  return inMemory(plainError({ ...response, fields, content: noContent }, head.fields.get('accept')));
}

/** What `withErrorContent` says of a page and not of an error. */
const pageFields: ReadonlySet<string> = new Set(['Content-Type', 'Cache-Control']);

function inMemory(response: Response): Prepared {
  const { content } = response;
  return { response, body: content.kind === 'bytes' ? { kind: 'bytes', bytes: content.bytes } : emptyBody };
}

/** What an open file's `read` may throw: not ours to mend, so it is told without a stack and not as a bug. */
function isSystemFailure(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
