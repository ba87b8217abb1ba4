/**
 * embed/: the site inside a program of somebody else, who has the sockets and the messages. A request goes through the
 * same service as in a server of ours, and comes out as status, fields and octets. This room knows no option and no
 * socket; `fetch.ts`, `node.ts` and `fastify.ts` put what is here into the forms that such programs know.
 */
import { mayHaveContent, writtenLength, writtenLines } from '../http/answer-head.ts';
import type { Fields } from '../http/fields.ts';
import { type Client, type FieldLine, noContent, type RequestHead, type Response } from '../http/message.ts';
import { type Answered, Exchanges, inFull } from '../server/exchanges.ts';
import { lastResort, type Prepared, prepare, refused } from '../server/prepare.ts';
import type { Repeat } from '../server/recall.ts';
import { discardBody, emptyBody } from '../server/send.ts';
import { keepAnswer, type Service } from '../server/service.ts';
import { Octets } from './octets.ts';
import { plainForm } from './plain-form.ts';

/** A request as the program around us has received it. */
export interface Incoming extends Pick<RequestHead, 'method' | 'version' | 'authority'> {
  /** Path and query below the prefix, as the client wrote them. */
  readonly target: string;
  /** The path of the program below which the site stands, without a slash at its end; empty for none. */
  readonly prefix: string;
  /** Whether the path was the prefix without a slash behind it: relative links of its page would lead astray. */
  readonly lacksSlash: boolean;
  readonly fields: Fields;
  readonly client: Client;
}

/** An answer for the program around us. Either `octets` are read or given back, or `dismiss` is called. */
export interface Outgoing {
  readonly status: number;
  /** The fields, Content-Length among them where it is known; Date and what is of one connection only are not. */
  readonly fields: readonly FieldLine[];
  /** The whole content; else what it comes from, piece by piece. */
  readonly content: Uint8Array | Octets;
  /** For an answer without octets: it has been given, or its client has left before. */
  readonly tell: (outcome: 'completed' | 'aborted') => void;
  /** Gives the answer back: the program has a better one. */
  readonly dismiss: () => void;
}

/** A composed site: what answers, what has to be done before the first answer, what gives everything back. */
export interface EmbeddedParts {
  readonly service: Service;
  readonly ready: () => Promise<void>;
  readonly rest: () => Promise<void>;
}

/** What gives back all that a site holds while nobody asks it. */
export interface Closing {
  /**
   * Gives back watchers, threads and kept descriptors. What is being sent comes to its end; what is asked for later gets
   * 503. A second call joins the first.
   */
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A site inside another program. */
export class EmbeddedSite implements Closing {
  readonly #parts: EmbeddedParts;
  readonly #exchanges: Exchanges;
  #readying: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: EmbeddedParts) {
    this.#parts = parts;
    this.#exchanges = new Exchanges(parts.service.observers, parts.service.report);
  }

  /** Answers a request. Rejects only when what has to be known before the first answer cannot be read. */
  async answer(incoming: Incoming): Promise<Outgoing> {
    const { service } = this.#parts;
    const startedAtMs = service.clock.now();
    const startedMs = performance.now();
    const { method, target, version, authority, fields } = incoming;
    const head: RequestHead = { method, target, version, authority, fields };
    const origin = service.clientOf?.(head, incoming.client) ?? { client: incoming.client };
    const found = await this.#prepare(head, origin.client, startedMs);
    const isElsewhere = incoming.lacksSlash && found.response.status < 400;
    if (isElsewhere) discardBody(found.body);
    const { response, body } = isElsewhere ? led(target) : found;
    const whole = wholeTarget(incoming);
    const answered = { response, origin, head: { ...head, target: whole }, startedAtMs, startedMs };
    const sent = mayHaveContent(method, response.status) ? body : emptyBody;
    if (sent !== body) discardBody(body);
    const isHeld = sent.kind === 'bytes';
    const told = (contentBytes: number, outcome: 'completed' | 'aborted'): void =>
      this.#tell({ ...answered, contentBytes }, outcome);
    return {
      status: response.status,
      fields: fieldsOf(response, incoming.prefix),
      content: isHeld
        ? sent.bytes
        : new Octets(sent, { told, report: why => service.report(`${whole}: ${why}`) }),
      tell: outcome => isHeld && told(outcome === 'completed' ? sent.bytes.length : 0, outcome),
      dismiss: () => discardBody(sent),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#rest();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #prepare(head: RequestHead, client: Client, startedMs: number): Promise<Prepared> {
    const { service, ready } = this.#parts;
    if (this.#closing !== undefined) return refused(service.handler, head, 503, 'the site is closed');
    const plain = plainForm(head.method, head.target);
    if (plain !== undefined) return led(plain);
    this.#readying ??= ready().catch((error: unknown) => {
      // The next request tries again.
      this.#readying = undefined;
      throw error;
    });
    await this.#readying;
    const known = service.recall?.find(head, client, startedMs);
    if (known !== undefined) return again(known);
    const prepared = await prepare(head, client, service);
    const fit = written(prepared, service);
    // What could not be written as it was is not kept either.
    if (fit === prepared) keepAnswer(head, client, prepared, startedMs, service);
    return fit;
  }

  #tell(answered: Answered, outcome: 'completed' | 'aborted'): void {
    this.#exchanges.add(answered);
    this.#exchanges.tell(outcome);
  }

  async #rest(): Promise<void> {
    const { service, rest } = this.#parts;
    service.endStreams?.();
    await this.#readying?.catch(() => {});
    await rest();
  }
}

/** What the client has asked the program for; the site knows nothing of its prefix. */
function wholeTarget({ prefix, target, lacksSlash }: Incoming): string {
  return prefix + (lacksSlash ? target.slice(1) : target);
}

/** A remembered answer; of one whose content is read anew, the response does not know it. */
function again(known: Repeat): Prepared {
  const { response } = known;
  const body = { kind: 'bytes', bytes: known.octets() } as const;
  return { response: response.content.kind === 'none' ? { ...response, content: body } : response, body };
}

/** An answer whose fields can be written; a feature that made others has a bug. */
function written(prepared: Prepared, { report }: Service): Prepared {
  try {
    writtenLines(prepared.response);
    return prepared;
  } catch (error) {
    discardBody(prepared.body);
    report(`bug: ${inFull(error)}`);
    return lastResort();
  }
}

/** A path in Location is one of the site, and the site stands below the prefix; `//host/path` is one of another host. */
function fieldsOf(response: Response, prefix: string): readonly FieldLine[] {
  const lines = writtenLines(response).map(
    ([name, value]): FieldLine =>
      prefix !== '' && name === 'Location' && /^\/(?!\/)/.test(value)
        ? [name, `${prefix}${value}`]
        : [name, value],
  );
  const length = writtenLength(response);
  return length === undefined ? lines : [...lines, ['Content-Length', String(length)]];
}

/** Leads a client to a path of the site. */
function led(location: string): Prepared {
  const fields: readonly FieldLine[] = [
    ['Location', location],
    ['Cache-Control', 'no-cache'],
  ];
  return { response: { status: 308, fields, content: noContent }, body: emptyBody };
}
