/**
 * explain/: why the server answers as it does. A request goes the way that every request goes, through the same
 * handler, and what it is made of is watched: gates, rewrites and finishers, the store, and the trace of the site. Nothing
 * is decided here a second time, and a server that nobody asks for reasons has none of it. `watch/` watches; `cli/`
 * puts it in words.
 */
import { compose, type Given } from '../compose.ts';
import type { Settings } from '../config/options.ts';
import { H1Connection } from '../h1/connection.ts';
import { acceptedCodings, type Coding } from '../http/coding.ts';
import { Fields } from '../http/fields.ts';
import { type Client, contentLength, type RequestHead, type Response } from '../http/message.ts';
import type { PathTarget } from '../http/target.ts';
import { noRules } from '../rules/rules.ts';
import { createHandler } from '../server/handler.ts';
import { isTimeless, type Representation } from '../site/represent.ts';
import type { Selected } from '../site/select.ts';
import { type Passed, type Seen, type SignedField, Watch } from '../watch/watch.ts';

/** The way of one request to its answer. */
export interface Decision {
  /** The request as it was read, octet by octet. */
  readonly request: string;
  /** The decoded path; undefined when the request has none that can be read. */
  readonly path: string | undefined;
  readonly query: string;
  /** Who may see it is asked first. */
  readonly guards: readonly Passed[];
  readonly gates: readonly Passed[];
  readonly rewrites: readonly Passed[];
  /** The rules of the site that apply. */
  readonly rules: readonly Passed[];
  /** Where it was looked, in order. */
  readonly looks: readonly Seen[];
  /** The codings that the client accepts, the one that it likes best first. */
  readonly accepted: readonly Coding[];
  /** Which of the files that stand for the same thing was chosen, and by what; undefined where there was no choice. */
  readonly variant: ChosenVariant | undefined;
  readonly form: ChosenForm | undefined;
  /** What came of the preconditions; undefined when the request has none, or nothing to hold them against. */
  readonly preconditions: 'proceed' | 'not-modified' | 'failed' | undefined;
  readonly status: number;
  readonly fields: readonly SignedField[];
  readonly content: string;
  /** A remark of the server that is never sent. */
  readonly note: string | undefined;
  /** What the server tells its operator: rules that cannot be read, for one. */
  readonly reports: readonly string[];
}

/** The choice between a file and those that may be sent in its stead. */
export interface ChosenVariant {
  readonly field: 'Accept' | 'Accept-Language';
  /** What the request says there. */
  readonly value: string | undefined;
  /** The ending of the file that is sent in the stead of the one that was found: `avif`, `zh`. */
  readonly chosen: string | undefined;
  /** Of a page. */
  readonly language: string | undefined;
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
  /** What the tag was made of: a file whose time tells nothing has one by its content. */
  readonly tagOf: 'size and time' | 'content';
  /** Whether another Accept-Encoding could have had another form. */
  readonly isNegotiated: boolean;
}

/**
 * Decides about a GET for a target under settings, as a server that starts now would, and tells how. `fields` are sent
 * beside Host; `given` is what a configuration gives beside its settings. Opens no socket and sends nothing. Throws what composing a server throws.
 */
export async function decide(
  settings: Settings,
  target: string,
  fields: readonly (readonly [name: string, value: string])[],
  given: Partial<Given> = {},
): Promise<Decision> {
  const watch = new Watch();
  const reports: string[] = [];
  const { service, rest } = compose(
    // Every look-up asks the disk; nothing is logged, and nothing kept.
    { ...settings, revalidateMs: 0, cacheDir: undefined, log: 'off' },
    {
      ...nothingGiven,
      ...given,
      watch: { ruled: watch.ruled, handler: parts => createHandler(watch.over(parts)) },
      onReport: line => reports.push(line),
    },
  );
  // A password is checked in a thread that holds no process back; without a socket nothing else does.
  const stay = setInterval(() => {}, stayMs);
  try {
    const request = requestText(target, fields);
    const connection = new H1Connection(settings.limits);
    connection.receive(Buffer.from(request, 'latin1'));
    const event = connection.next();
    if (event.kind === 'violation') {
      const refusal = service.handler.refuse(event, event.head);
      return decisionOf({ request, head: event.head, response: refusal, watch, reports });
    }
    if (event.kind !== 'request') {
      const unread = { status: 400, why: 'the request does not come to its end' };
      const refusal = service.handler.refuse(unread, undefined);
      return decisionOf({ request, head: undefined, response: refusal, watch, reports });
    }
    const { head } = event;
    const { client } = service.clientOf?.(head, nobody) ?? { client: nobody };
    const response = await service.handler.respond(head, client);
    return decisionOf({ request, head, response, watch, reports });
  } finally {
    clearInterval(stay);
    await rest();
  }
}

/** What there is to tell of once the answer is there. */
interface Decided extends Pick<Decision, 'request' | 'reports'> {
  readonly head: RequestHead | undefined;
  readonly response: Response;
  readonly watch: Watch;
}

function decisionOf({ request, head, response, watch, reports }: Decided): Decision {
  const { selected, representation, target } = watch;
  const { fields } = head ?? { fields: new Fields([]) };
  return {
    request,
    path: target?.kind === 'path' ? pathText(target) : undefined,
    query: target?.kind === 'path' ? target.query : '',
    guards: watch.guards,
    gates: watch.gates,
    rewrites: watch.rewrites,
    rules: watch.rules,
    looks: watch.looks,
    accepted: acceptedCodings(fields.get('accept-encoding')),
    variant: variantOf(fields, watch),
    form: formOf(selected, representation, watch),
    preconditions: representation && preconditionsOf(fields, response),
    status: response.status,
    fields: watch.signed(response.fields),
    content: contentText(response),
    note: response.note,
    reports,
  };
}

/** Decoded; a final slash tells a folder from a file. */
function pathText({ segments, endsInSlash }: PathTarget): string {
  return `/${segments.join('/')}${endsInSlash && segments.length > 0 ? '/' : ''}`;
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
  const { etag } = validators;
  const tagOf = isTimeless(file) ? 'content' : 'size and time';
  return { kind: 'form', path, bytes, from, to, mediaType, etag, tagOf, isNegotiated };
}

function variantOf(fields: Fields, { variant }: Watch): ChosenVariant | undefined {
  if (variant?.varyingOn === undefined) return undefined;
  const { varyingOn: field, mark, language } = variant;
  return { field, value: fields.get(field.toLowerCase()), chosen: mark === '' ? undefined : mark, language };
}

/** The status tells what came of them: nothing else answers 304 or 412 where there is a representation. */
function preconditionsOf(fields: Fields, { status }: Response): Decision['preconditions'] {
  if (!preconditions.some(name => fields.get(name) !== undefined)) return undefined;
  return status === 304 ? 'not-modified' : status === 412 ? 'failed' : 'proceed';
}

function contentText({ content }: Pick<Response, 'content'>): string {
  switch (content.kind) {
    case 'none':
      return 'none';
    case 'bytes':
      return `${content.bytes.length} octets that are made for the answer`;
    case 'stored':
      return `${contentLength(content)} octets, of a file of ${content.file.size}`;
    case 'coded':
      return `${content.file.size} octets of the file, turned from ${content.from} into ${content.to} as they are sent`;
    case 'turned':
      return `${contentText({ content: content.content })}, turned into ${content.to}`;
    case 'stream':
      return content.length === undefined
        ? 'made while it is sent'
        : `${content.length} octets that are made while they are sent`;
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

const stayMs = 60_000;
const nobody: Client = { address: '127.0.0.1', port: 0 };
const nothingGiven: Omit<Given, 'onReport'> = {
  store: undefined,
  gates: [],
  rewrites: [],
  finishers: [],
  observers: [],
  rules: noRules,
};
const preconditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];
