/**
 * explain/: why the server answers as it does. A request goes the way that every request goes, through the same
 * handler, and what it is made of is watched: gates, rewrites and finishers, the store, and the trace of the site. Nothing
 * is decided here a second time, and a server that nobody asks for reasons has none of it. `watch.ts` watches; `cli/`
 * puts it in words.
 */
import { compose } from '../compose.ts';
import type { Settings } from '../config/options.ts';
import { H1Connection } from '../h1/connection.ts';
import { acceptedCodings, type Coding } from '../http/coding.ts';
import { Fields } from '../http/fields.ts';
import { type Client, contentLength, type RequestHead, type Response } from '../http/message.ts';
import type { Representation } from '../site/represent.ts';
import type { Selected } from '../site/select.ts';
import { type Passed, type Seen, type SignedField, Watch } from './watch.ts';

/** The way of one request to its answer. */
export interface Decision {
  /** The request as it was read, octet by octet. */
  readonly request: string;
  /** The decoded path; undefined when the request has none that can be read. */
  readonly path: string | undefined;
  readonly query: string;
  readonly gates: readonly Passed[];
  readonly rewrites: readonly Passed[];
  /** Where it was looked, in order. */
  readonly looks: readonly Seen[];
  /** The codings that the client accepts, the one that it likes best first. */
  readonly accepted: readonly Coding[];
  readonly form: ChosenForm | undefined;
  /** What came of the preconditions; undefined when the request has none, or nothing to hold them against. */
  readonly preconditions: 'proceed' | 'not-modified' | 'failed' | undefined;
  readonly status: number;
  readonly fields: readonly SignedField[];
  readonly content: string;
  /** A remark of the server that is never sent. */
  readonly note: string | undefined;
}

/** The form in which a file is sent. */
export interface ChosenForm {
  readonly kind: Selected['kind'];
  readonly path: string;
  readonly bytes: number;
  readonly from: Coding;
  readonly to: Coding;
  readonly mediaType: string;
  readonly etag: string | undefined;
  /** Whether another Accept-Encoding could have had another form. */
  readonly isNegotiated: boolean;
}

/**
 * Decides about a GET for a target under settings, as a server that starts now would, and tells how. `fields` are sent
 * beside Host. Opens no socket and sends nothing. Throws what composing a server throws.
 */
export async function decide(
  settings: Settings,
  target: string,
  fields: readonly (readonly [name: string, value: string])[],
): Promise<Decision> {
  const watch = new Watch();
  const { service, rest } = compose(
    // Every look-up asks the disk; nothing is logged, and nothing kept.
    { ...settings, revalidateMs: 0, cacheDir: undefined, log: 'off' },
    { ...nothingGiven, watch: parts => watch.over(parts) },
  );
  try {
    const request = requestText(target, fields);
    const connection = new H1Connection(settings.limits);
    connection.receive(Buffer.from(request, 'latin1'));
    const event = connection.next();
    if (event.kind === 'violation') {
      return decisionOf(request, event.head, service.handler.refuse(event, event.head), watch);
    }
    if (event.kind !== 'request') {
      const unread = { status: 400, why: 'the request does not come to its end' };
      return decisionOf(request, undefined, service.handler.refuse(unread, undefined), watch);
    }
    return decisionOf(request, event.head, await service.handler.respond(event.head, nobody), watch);
  } finally {
    await rest();
  }
}

function decisionOf(
  request: string,
  head: RequestHead | undefined,
  response: Response,
  watch: Watch,
): Decision {
  const { selected, representation, target } = watch;
  const { fields } = head ?? { fields: new Fields([]) };
  return {
    request,
    path: target?.kind === 'path' ? `/${target.segments.join('/')}` : undefined,
    query: target?.kind === 'path' ? target.query : '',
    gates: watch.gates,
    rewrites: watch.rewrites,
    looks: watch.looks,
    accepted: acceptedCodings(fields.get('accept-encoding')),
    form: formOf(selected, representation, watch),
    preconditions: representation && preconditionsOf(fields, response),
    status: response.status,
    fields: watch.signed(response.fields),
    content: contentText(response),
    note: response.note,
  };
}

function formOf(
  selected: Selected | undefined,
  representation: Representation | undefined,
  watch: Watch,
): ChosenForm | undefined {
  if (selected?.kind !== 'form' || representation === undefined) return undefined;
  const { file, from, to } = selected.form;
  const { mediaType, validators } = representation;
  const [path, bytes] = [watch.pathOf(file), file.size];
  const { isNegotiated } = selected;
  return { kind: 'form', path, bytes, from, to, mediaType, etag: validators.etag, isNegotiated };
}

/** The status tells what came of them: nothing else answers 304 or 412 where there is a representation. */
function preconditionsOf(fields: Fields, { status }: Response): Decision['preconditions'] {
  if (!preconditions.some(name => fields.get(name) !== undefined)) return undefined;
  return status === 304 ? 'not-modified' : status === 412 ? 'failed' : 'proceed';
}

function contentText({ content }: Response): string {
  switch (content.kind) {
    case 'none':
      return 'none';
    case 'bytes':
      return `${content.bytes.length} octets that are made for the answer`;
    case 'stored':
      return `${contentLength(content)} octets, of a file of ${content.file.size}`;
    case 'coded':
      return `${content.file.size} octets of the file, turned from ${content.from} into ${content.to} as they are sent`;
    default:
      return content satisfies never;
  }
}

/** What is not visible ASCII is sent as browsers send it. */
function requestText(target: string, fields: readonly (readonly [string, string])[]): string {
  const sent = target.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
  const host = fields.some(([name]) => name.toLowerCase() === 'host') ? [] : [['Host', 'localhost']];
  const lines = [...host, ...fields].map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${sent} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const nobody: Client = { address: '127.0.0.1', port: 0 };
const nothingGiven = {
  store: undefined,
  gates: [],
  rewrites: [],
  finishers: [],
  observers: [],
  onReport: () => {},
};
const preconditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];
