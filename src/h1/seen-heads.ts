import type { RequestHead } from '../http/message.ts';
import type { Input } from './input.ts';

/** Octets of a head that is worth remembering; longer ones are rare and would crowd out the others. */
const headBytesMax = 4 * 1024;

/** Octets of all heads remembered, with what was read from them: a thousand browsers' or more. */
const seenBytesMax = 8 * 1024 * 1024;

/** What a field line costs beside its text, and a head beside its lines. */
const lineOverheadBytes = 256;

/** What was read from a head. */
export interface SeenHead {
  readonly head: RequestHead;
  readonly isPersistent: boolean;
}

/**
 * Request heads without content that have passed the strict parser, by their octets: clients repeat theirs, and
 * what was parsed once need not be parsed again. Nothing is in here that was not parsed, and what is read from it is
 * shared by all who send it. When it is full it begins
 * anew, so that a client that never repeats itself costs the others one parse.
 */
export class SeenHeads {
  #heads = new Map<string, SeenHead>();
  #bytes = 0;

  /** The text of the head at the beginning of the input, up to and with its empty line; undefined while it is not whole. */
  textOf({ buffer, start, end }: Input): string | undefined {
    const last = buffer.indexOf(emptyLine, start, 'latin1');
    const textEnd = last + emptyLine.length;
    if (last === -1 || textEnd > end || textEnd - start > headBytesMax) return undefined;
    return buffer.toString('latin1', start, textEnd);
  }

  /** What was read from a head of this text; undefined when it is not known. */
  recall(text: string): SeenHead | undefined {
    return this.#heads.get(text);
  }

  /** Remembers what was read from a head. */
  remember(text: string, seen: SeenHead): void {
    const bytes = 2 * text.length + lineOverheadBytes * (1 + seen.head.fields.lines.length);
    this.#bytes += bytes;
    if (this.#bytes > seenBytesMax) {
      this.#heads = new Map();
      this.#bytes = bytes;
    }
    this.#heads.set(text, seen);
  }
}

const emptyLine = '\r\n\r\n';
