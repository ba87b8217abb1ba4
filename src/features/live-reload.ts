import type { FieldLine, Request, Response, StreamContent } from '../http/message.ts';
import { noContent } from '../http/message.ts';
import type { Declared } from './feature.ts';

/** Where pages learn what has changed. */
export interface LiveSource {
  /** The script for pages, which begins at the present. */
  readonly script: () => string;
  /** Rises with every event: the script that was made before begins in the past. */
  readonly revision: () => number;
  /** A stream of events from behind one on; undefined when there are too many. */
  readonly events: (since: string | undefined) => StreamContent['chunks'] | undefined;
}

/** Where the script of live reload stands, in a site whose top is at these segments. */
export function liveScriptAt(base: readonly string[]): readonly string[] {
  return [...base, '.plinth', 'live.js'];
}

/**
 * Answers for live reload: its script, and a stream of server-sent events. Only pages of this origin are told what is
 * being worked on; a page of somebody else that asks gets 403. `base` is where the top of the site is.
 */
export function liveReload(
  source: LiveSource,
  base: readonly string[],
): ((request: Request) => Response | undefined) & Declared {
  const folder = liveScriptAt(base).slice(0, -1);
  const scriptPath = `/${liveScriptAt(base).join('/')}`;
  const eventsPath = `/${[...folder, 'events'].join('/')}`;
  const answer = (request: Request): Response | undefined => {
    const path = pathOf(request);
    if (path !== scriptPath && path !== eventsPath) return undefined;
    if (isForeign(request)) return refusal;
    return path === scriptPath ? scriptAnswer(source) : eventsAnswer(request, source);
  };
  const reads = ['origin', 'sec-fetch-site', ':authority'];
  return Object.assign(answer, { reads, revision: source.revision, title: 'live reload' });
}

function pathOf({ target }: Request): string | undefined {
  return target.kind === 'path' && !target.endsInSlash ? `/${target.segments.join('/')}` : undefined;
}

/**
 * Whether a browser says that the request was made by a page of another origin. The scheme does not count: behind a
 * proxy that speaks TLS it is another one than ours.
 */
function isForeign({ fields, authority }: Request): boolean {
  const site = fields.get('sec-fetch-site') ?? 'same-origin';
  if (site !== 'same-origin' && site !== 'none') return true;
  const origin = fields.get('origin');
  return (
    origin !== undefined && origin.replace(/^https?:\/\//i, '').toLowerCase() !== authority?.toLowerCase()
  );
}

function scriptAnswer(source: LiveSource): Response {
  const fields: FieldLine[] = [
    ['Content-Type', 'text/javascript; charset=utf-8'],
    ['Cache-Control', 'no-store'],
  ];
  return { status: 200, fields, content: { kind: 'bytes', bytes: Buffer.from(source.script()) } };
}

function eventsAnswer({ target, fields }: Request, source: LiveSource): Response {
  const asked = new URLSearchParams(target.kind === 'path' ? target.query : '').get('since');
  const chunks = source.events(fields.get('last-event-id') ?? asked ?? undefined);
  if (chunks === undefined)
    return { status: 503, fields: [['Retry-After', '5']], content: noContent, note: 'too many live pages' };
  return {
    status: 200,
    fields: [
      ['Content-Type', 'text/event-stream'],
      ['Cache-Control', 'no-store'],
      // nginx would keep the events back until there are enough of them.
      ['X-Accel-Buffering', 'no'],
    ],
    content: { kind: 'stream', length: undefined, bytesHeld: 0, chunks },
  };
}

const refusal: Response = {
  status: 403,
  fields: [],
  content: noContent,
  note: 'live reload was asked for by a page of another origin',
};
