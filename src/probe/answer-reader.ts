/** A head as it was received. */
export interface ReceivedHead {
  /** Every octet as one character, with the empty line at its end. */
  readonly text: string;
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** How the end of a content is told. RFC 9112 §6.3. */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

type State =
  | { readonly kind: 'head' }
  | { readonly kind: 'counted'; readonly remaining: number }
  | { readonly kind: 'chunk-line' }
  | { readonly kind: 'chunk'; readonly remaining: number }
  | { readonly kind: 'chunk-end' }
  | { readonly kind: 'trailer' }
  | { readonly kind: 'until-close' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Reads one answer to a GET out of octets, as a client does; more forgiving than a server may be, since it is to tell
 * what came. Sans-IO: `receive` octets, `finish` when none follow.
 */
export class AnswerReader {
  readonly #take: (content: Buffer) => void;
  #state: State = { kind: 'head' };
  #rest: Buffer = Buffer.alloc(0);
  #head: ReceivedHead | undefined;
  #framing: Framing = 'none';
  #interim: readonly ReceivedHead[] = [];

  /** `take` is given the content without its framing, piece by piece. */
  constructor(take: (content: Buffer) => void) {
    this.#take = take;
  }

  /** The final head, once it is there. */
  get head(): ReceivedHead | undefined {
    return this.#head;
  }

  /** Heads that came before the final one, such as 103 Early Hints. */
  get interim(): readonly ReceivedHead[] {
    return this.#interim;
  }

  get framing(): Framing {
    return this.#framing;
  }

  /** 'more': the answer is not at its end. */
  get outcome(): 'more' | 'done' | { readonly why: string } {
    if (this.#state.kind === 'failed') return { why: this.#state.why };
    return this.#state.kind === 'done' ? 'done' : 'more';
  }

  /** Octets behind those that were received. */
  receive(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#step());
  }

  /** Nothing follows. */
  finish(): void {
    const { kind } = this.#state;
    if (kind === 'until-close') this.#state = { kind: 'done' };
    else if (kind === 'head' && this.#rest.length + this.#interim.length === 0) {
      this.#fail('the server ended the connection without a word');
    } else if (kind === 'head') this.#fail('the connection ended within the head');
    else if (kind !== 'done' && kind !== 'failed') this.#fail('the connection ended within the content');
  }

  /** Whether something was understood that leads on. */
  #step(): boolean {
    const state = this.#state;
    if (this.#rest.length === 0) return false;
    switch (state.kind) {
      case 'head':
        return this.#readHead();
      case 'counted':
      case 'chunk': {
        const taken = this.#rest.subarray(0, state.remaining);
        this.#drop(taken.length);
        this.#take(taken);
        const remaining = state.remaining - taken.length;
        if (remaining > 0) this.#state = { ...state, remaining };
        else this.#state = { kind: state.kind === 'counted' ? 'done' : 'chunk-end' };
        return true;
      }
      case 'chunk-line':
        return this.#readLine(line => {
          const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
          if (size === undefined) return this.#fail('a chunk has no size that can be read');
          const remaining = Number.parseInt(size, 16);
          this.#state = remaining === 0 ? { kind: 'trailer' } : { kind: 'chunk', remaining };
        });
      case 'chunk-end':
        return this.#readLine(line => {
          if (line === '') this.#state = { kind: 'chunk-line' };
          else this.#fail('a chunk is longer than it says');
        });
      case 'trailer':
        return this.#readLine(line => {
          if (line === '') this.#state = { kind: 'done' };
        });
      case 'until-close': {
        const taken = this.#rest;
        this.#drop(taken.length);
        this.#take(taken);
        return false;
      }
      case 'done':
      case 'failed':
        return false;
      default:
        return state satisfies never;
    }
  }

  #readHead(): boolean {
    // What speaks another protocol is known by its first octets; one that waits for us would else be waited for.
    const start = this.#rest.toString('latin1', 0, 5);
    if (!'HTTP/'.startsWith(start)) {
      const said = this.#rest.toString('latin1', 0, 40).split(/[\r\n]/, 1)[0] ?? '';
      this.#fail(`what came back is not HTTP/1: ${JSON.stringify(said)}`);
      return false;
    }
    const end = /\r?\n\r?\n/.exec(this.#rest.toString('latin1', 0, headBytesMax));
    if (end === null) {
      if (this.#rest.length >= headBytesMax) this.#fail(`the head has more than ${headBytesMax} octets`);
      return false;
    }
    const bytes = end.index + end[0].length;
    const head = parseHead(this.#rest.toString('latin1', 0, bytes));
    this.#drop(bytes);
    if (head === undefined) {
      this.#fail('the status line cannot be read');
      return false;
    }
    // Protocols are switched (101) only for those who ask for it.
    if (head.status >= 100 && head.status < 200 && this.#interim.length < interimMax) {
      this.#interim = [...this.#interim, head];
      return true;
    }
    this.#head = head;
    this.#frame(head);
    return true;
  }

  /** RFC 9112 §6.3. */
  #frame({ status, fields }: ReceivedHead): void {
    const codings = fieldIn(fields, 'transfer-encoding');
    const length = fieldIn(fields, 'content-length');
    if (status === 204 || status === 304) this.#state = { kind: 'done' };
    else if (codings !== undefined && /(?:^|,)\s*chunked\s*$/i.test(codings)) {
      this.#framing = 'chunked';
      this.#state = { kind: 'chunk-line' };
    } else if (codings === undefined && length !== undefined) {
      this.#framing = 'length';
      const octets = /^\d{1,15}$/.test(length) ? Number(length) : undefined;
      if (octets === undefined) this.#fail('the Content-Length is no number');
      else this.#state = octets === 0 ? { kind: 'done' } : { kind: 'counted', remaining: octets };
    } else {
      this.#framing = 'close';
      this.#state = { kind: 'until-close' };
    }
  }

  #readLine(use: (line: string) => void): boolean {
    const end = this.#rest.indexOf(0x0a);
    if (end < 0 || end > lineBytesMax) {
      if (this.#rest.length > lineBytesMax) this.#fail('a line between the chunks is too long');
      return false;
    }
    const line = this.#rest.toString('latin1', 0, end).replace(/\r$/, '');
    this.#drop(end + 1);
    use(line);
    return true;
  }

  #drop(count: number): void {
    this.#rest = this.#rest.subarray(count);
  }

  #fail(why: string): void {
    this.#state = { kind: 'failed', why };
  }
}

/** The value of the field lines of a name, in any case, joined by commas; undefined when there is none. */
export function fieldIn(
  fields: readonly (readonly [name: string, value: string])[],
  name: string,
): string | undefined {
  const values = fields.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

function parseHead(text: string): ReceivedHead | undefined {
  const [first = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const found = /^HTTP\/(\d\.\d) (\d{3})(?: (.*))?$/.exec(first);
  if (found === null) return undefined;
  const [, version = '', status = '', reason = ''] = found;
  const fields = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return colon < 0 ? ['', line] : [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { text, version, status: Number(status), reason, fields };
}

const headBytesMax = 65_536;
const lineBytesMax = 4096;
const interimMax = 10;
