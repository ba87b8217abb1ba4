import type { Socket } from 'node:net';
import { AnswerReader, type Framing, fieldIn, type ReceivedHead } from './answer-reader.ts';
import { decoded } from './ask.ts';
import { failureInWords } from './failure.ts';
import { type Connection, connectTo, lookUp, type Name, type Security, secure } from './route.ts';

/** The steps of a request, in their order. */
export type StepName = 'name' | 'connection' | 'tls' | 'request' | 'waiting' | 'content';

/** When a step was under way, in milliseconds since the journey began. */
export interface Span {
  readonly step: StepName;
  readonly startMs: number;
  readonly endMs: number;
}

/** One request and its answer, from the name to the last octet; what lies beyond a failure is undefined. */
export interface Journey {
  readonly url: string;
  readonly name: Name | undefined;
  readonly connection: Connection | undefined;
  /** Undefined for http, too. */
  readonly security: Security | undefined;
  /** The octets that were sent, as text. */
  readonly request: string | undefined;
  /** Heads that came before the final one. */
  readonly interim: readonly ReceivedHead[];
  readonly head: ReceivedHead | undefined;
  readonly content: ReceivedContent | undefined;
  readonly spans: readonly Span[];
  /** Where it ended before its end, and why. */
  readonly failure: { readonly step: StepName; readonly why: string } | undefined;
}

/** What came behind the head. */
interface ReceivedContent {
  readonly framing: Framing;
  /** Octets without the framing, in their coding. */
  readonly bytes: number;
  /** Octets without the coding; undefined when that is not known. */
  readonly decodedBytes: number | undefined;
  /** False when it was left at a bound. */
  readonly isWhole: boolean;
}

/** Bounds of a journey. */
export interface JourneyLimits {
  readonly nameTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly tlsTimeoutMs: number;
  /** From the request to the last octet of the answer. */
  readonly answerTimeoutMs: number;
  /** Octets of content that are read. */
  readonly contentBytesMax: number;
  /** Octets of content that are kept to be decoded, and that decoding may yield. */
  readonly keptBytesMax: number;
  readonly decodedBytesMax: number;
}

/** The bounds that a journey keeps to. */
export const journeyLimits: JourneyLimits = {
  nameTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  tlsTimeoutMs: 10_000,
  answerTimeoutMs: 60_000,
  contentBytesMax: 256 * 1024 * 1024,
  keptBytesMax: 16 * 1024 * 1024,
  decodedBytesMax: 128 * 1024 * 1024,
};

/**
 * Sends one GET, over sockets of its own, and tells of each step. Redirects are not followed. `extra` are field lines
 * that stand for or behind those that it sends anyway. Never rejects.
 */
export async function travel(
  url: string,
  extra: readonly (readonly [name: string, value: string])[],
  limits: JourneyLimits,
): Promise<Journey> {
  const { hostname, port, protocol } = new URL(url);
  const watch = new Stopwatch();
  let journey: Journey = { url, ...untravelled };
  const failing = (step: StepName, why: string): Journey => {
    return { ...journey, spans: watch.spans, failure: { step, why } };
  };

  const name = await watch.during('name', () => lookUp(hostname, limits.nameTimeoutMs));
  if ('why' in name) return failing('name', name.why);
  journey = { ...journey, name };

  const portNumber = Number(port || (protocol === 'https:' ? 443 : 80));
  const reached = await watch.during('connection', () =>
    connectTo(name.addresses, portNumber, limits.connectTimeoutMs),
  );
  if ('why' in reached) return failing('connection', reached.why);
  journey = { ...journey, connection: reached.connection };
  let socket: Socket = reached.socket;

  if (protocol === 'https:') {
    const secured = await watch.during('tls', () => secure(socket, name.host, limits.tlsTimeoutMs));
    if ('why' in secured) {
      socket.destroy();
      return failing('tls', secured.why);
    }
    socket = secured.socket;
    journey = { ...journey, security: secured.security };
    const { distrust } = secured.security;
    if (distrust !== undefined) {
      // What is not to be trusted is not told what we want.
      socket.destroy();
      return failing('tls', distrust);
    }
  }
  const request = requestText(url, extra);
  const answer = await readAnswer(socket, request, watch, limits);
  return { ...journey, request, ...answer, spans: watch.spans };
}

/**
 * The request as it is sent: the line, the fields, the empty line. RFC 9112 §3.
 * @internal
 */
export function requestText(url: string, extra: readonly (readonly [name: string, value: string])[]): string {
  const { host, pathname, search } = new URL(url);
  const standing: readonly (readonly [string, string])[] = [
    ['Host', host],
    ['User-Agent', 'plinth-explain'],
    ['Accept', '*/*'],
    ['Accept-Encoding', 'br, gzip'],
    ['Connection', 'close'],
  ];
  const given = new Set(extra.map(([name]) => name.toLowerCase()));
  const lines = [...standing.filter(([name]) => !given.has(name.toLowerCase())), ...extra];
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `GET ${pathname}${search} HTTP/1.1\r\n${fields}\r\n`;
}

type Answer = Pick<Journey, 'interim' | 'head' | 'content' | 'failure'>;

function readAnswer(
  socket: Socket,
  request: string,
  watch: Stopwatch,
  limits: JourneyLimits,
): Promise<Answer> {
  return new Promise(resolve => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const reader = new AnswerReader(content => {
      bytes += content.length;
      if (bytes <= limits.keptBytesMax) chunks.push(content);
    });
    let step: StepName = 'request';
    let isEnded = false;
    const end = (why?: string): void => {
      if (isEnded) return;
      isEnded = true;
      clearTimeout(timer);
      watch.end();
      socket.removeAllListeners('data').destroy();
      const { interim, head, framing } = reader;
      const isWhole = reader.outcome === 'done';
      const failure = why === undefined ? undefined : { step, why };
      const kept = bytes <= limits.keptBytesMax ? Buffer.concat(chunks) : undefined;
      decodedLength(head, kept, limits).then(decodedBytes => {
        const content = head && { framing, bytes, decodedBytes, isWhole };
        resolve({ interim, head, content, failure });
      });
    };
    const timer = setTimeout(
      () => end(`it did not come to its end within ${limits.answerTimeoutMs / 1000} s`),
      limits.answerTimeoutMs,
    );
    const judge = (): void => {
      const { outcome } = reader;
      if (outcome === 'done') end();
      else if (outcome !== 'more') end(outcome.why);
      else if (bytes > limits.contentBytesMax) end();
    };
    const begin = (next: StepName): void => {
      step = next;
      watch.begin(next);
    };
    socket.on('data', (data: Buffer) => {
      if (step === 'request') begin('waiting');
      reader.receive(data);
      if (reader.head !== undefined && step === 'waiting') begin('content');
      judge();
    });
    socket.on('end', () => {
      reader.finish();
      judge();
    });
    socket.on('error', error => end(failureInWords(error)));
    socket.on('close', () => end('the server ended the connection'));
    begin('request');
    socket.write(request, 'latin1', () => {
      if (step === 'request') begin('waiting');
    });
  });
}

async function decodedLength(
  head: ReceivedHead | undefined,
  content: Buffer | undefined,
  limits: JourneyLimits,
): Promise<number | undefined> {
  if (head === undefined || content === undefined) return undefined;
  const coding = fieldIn(head.fields, 'content-encoding');
  const fields = new Map(coding === undefined ? [] : [['content-encoding', coding]]);
  return (await decoded({ fields, content }, limits.decodedBytesMax))?.length;
}

/** Keeps when each step was under way; one begins where the one before it ends. */
class Stopwatch {
  readonly #startedAtMs: number = performance.now();
  readonly #spans: Span[] = [];
  #current: { readonly step: StepName; readonly startMs: number } | undefined;

  get spans(): readonly Span[] {
    return this.#spans;
  }

  begin(step: StepName): void {
    this.end();
    this.#current = { step, startMs: performance.now() - this.#startedAtMs };
  }

  end(): void {
    if (this.#current === undefined) return;
    this.#spans.push({ ...this.#current, endMs: performance.now() - this.#startedAtMs });
    this.#current = undefined;
  }

  async during<Value>(step: StepName, work: () => Promise<Value>): Promise<Value> {
    this.begin(step);
    const value = await work();
    this.end();
    return value;
  }
}

const untravelled: Omit<Journey, 'url'> = {
  name: undefined,
  connection: undefined,
  security: undefined,
  request: undefined,
  interim: [],
  head: undefined,
  content: undefined,
  spans: [],
  failure: undefined,
};
