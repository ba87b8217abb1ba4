import { type Client, noContent, type RequestHead, type Response } from '../http/message.ts';
import { plainError } from '../site/errors.ts';
import type { Look, Store } from '../store/store.ts';
import type { Handler } from './handler.ts';
import { type Body, emptyBody, openBody } from './send.ts';

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
  const { handler, store, report } = service;
  try {
    for (let attempt = 1; ; attempt++) {
      const looks: Look[] = [];
      const response = await handler.respond(head, client, looks);
      // The content of a HEAD is described and never opened.
      if (head.method === 'HEAD') return { response, body: emptyBody, looks };
      const body = await openBody(response.content, store);
      if (typeof body !== 'string') return { response, body, looks };
      // An error whose page cannot be opened is still that error.
      if (response.status >= 400) return withoutPage(response, head);
      if (body === 'denied') return refused(handler, head, 404, 'the file cannot be read');
      if (body === 'busy') return refused(handler, head, 503, 'no descriptor is free to open the file');
      if (attempt === attemptsMax) return refused(handler, head, 503, 'the file does not stop changing');
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

function withoutPage(response: Response, head: RequestHead): Prepared {
  const fields = response.fields.filter(([name]) => !pageFields.has(name));
  return inMemory(plainError({ ...response, fields, content: noContent }, head.fields.get('accept')));
}

/** What `withErrorContent` says of a page and not of an error. */
const pageFields: ReadonlySet<string> = new Set(['Content-Type', 'Cache-Control', 'Vary']);

function inMemory(response: Response): Prepared {
  const { content } = response;
  return { response, body: content.kind === 'bytes' ? { kind: 'bytes', bytes: content.bytes } : emptyBody };
}

/** What an open file's `read` may throw: not ours to mend, so it is told without a stack and not as a bug. */
function isSystemFailure(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
