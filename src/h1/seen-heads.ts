import type { Fields } from '../http/fields.ts';
import type { RequestHead } from '../http/message.ts';
import { type Seen, SeenOctets } from './seen-octets.ts';

/** What a field line costs beside its text, and a head beside its lines. */
const lineOverheadBytes = 256;

/** What was read from a head without content. */
export interface HeadReading {
  readonly head: RequestHead;
  readonly isPersistent: boolean;
}

/** What was read from a field section, and means in every HTTP/1.1 request for a path: it is well formed and has no content. */
export interface SectionReading {
  readonly fields: Fields;
  readonly isPersistent: boolean;
}

/** A head that is known by its octets, with the empty line. */
export type SeenHead = Seen<HeadReading>;

/**
 * Request heads without content that need not be parsed again: clients repeat theirs. One who asks for another target
 * each time still repeats the field section.
 */
export class SeenHeads {
  readonly #heads: SeenOctets<HeadReading> = new SeenOctets<HeadReading>();
  readonly #sections: SeenOctets<SectionReading> = new SeenOctets<SectionReading>();

  /** What was read from a head of exactly the octets from `start` up to `end`; undefined when it is not known. */
  recall(buffer: Uint8Array, start: number, end: number): SeenHead | undefined {
    return this.#heads.recall(buffer, start, end);
  }

  /** The same of a field section with its empty line. */
  recallSection(buffer: Uint8Array, start: number, end: number): SectionReading | undefined {
    return this.#sections.recall(buffer, start, end)?.reading;
  }

  /**
   * Remembers what was read from a head of these octets when it comes again. One with a password is not kept: nobody
   * shall be able to compare theirs with it octet by octet.
   */
  remember(octets: Uint8Array, reading: HeadReading): void {
    const { fields } = reading.head;
    if (!hasPassword(fields)) this.#heads.remember(octets, reading, costOf(fields));
  }

  /** The same of a field section. */
  rememberSection(octets: Uint8Array, reading: SectionReading): void {
    const { fields } = reading;
    if (!hasPassword(fields)) this.#sections.remember(octets, reading, costOf(fields));
  }
}

function hasPassword(fields: Fields): boolean {
  return fields.values('authorization').length > 0;
}

function costOf({ lines }: Fields): number {
  return lineOverheadBytes * (1 + lines.length);
}
