import type { RequestHead } from '../http/message.ts';
import { SecondSight, sampleOf } from './second-sight.ts';

/** Octets of a head that is worth remembering; longer ones are rare and would crowd out the others. */
const headBytesMax = 4 * 1024;

/** Octets of all heads remembered, with what was read from them: a thousand browsers' or more. */
const seenBytesMax = 8 * 1024 * 1024;

/** What a field line costs beside its text, and a head beside its lines. */
const lineOverheadBytes = 256;

/** Heads whose sample is the same. More are those of somebody who tries: the oldest of them makes room. */
const alikeMax = 8;

/** What was read from a head. */
export interface SeenHead {
  readonly head: RequestHead;
  readonly isPersistent: boolean;
  /** Its octets, with the empty line. */
  readonly octets: Buffer;
}

/**
 * Request heads without content that have passed the strict parser more than once, by their octets: clients repeat
 * theirs. As the key of a map, the text of a browser's head cost 0.9 µs on Node 20; a sample of its octets and the
 * comparison with those that have the same one cost 0.12. Nothing is in here that was not parsed, and what is read from it is
 * shared by all who send it. When it is full it begins anew, so that a client that never repeats itself costs the
 * others one parse.
 */
export class SeenHeads {
  #alike = new Map<number, SeenHead[]>();
  readonly #sight: SecondSight = new SecondSight();
  #bytes = 0;

  /** What was read from a head of exactly the octets from `start` up to `end`; undefined when it is not known. */
  recall(buffer: Uint8Array, start: number, end: number): SeenHead | undefined {
    const alike = this.#alike.get(sampleOf(buffer, start, end));
    if (alike === undefined) return undefined;
    for (const seen of alike) {
      if (seen.octets.length === end - start && seen.octets.compare(buffer, start, end) === 0) return seen;
    }
    return undefined;
  }

  /**
   * Remembers what was read from a head of these octets when it comes again. They are copied. One with a password is
   * not kept: nobody shall be able to compare theirs with it octet by octet.
   */
  remember(octets: Uint8Array, head: RequestHead, isPersistent: boolean): void {
    const { length } = octets;
    if (length > headBytesMax || head.fields.values('authorization').length > 0) return;
    const sample = sampleOf(octets, 0, length);
    if (!this.#sight.isSecond(sample)) return;
    const bytes = length + lineOverheadBytes * (1 + head.fields.lines.length);
    this.#bytes += bytes;
    if (this.#bytes > seenBytesMax) {
      this.#alike = new Map();
      this.#bytes = bytes;
    }
    const alike = this.#alike.get(sample) ?? [];
    if (alike.length === alikeMax) alike.shift();
    alike.push({ head, isPersistent, octets: Buffer.from(octets) });
    this.#alike.set(sample, alike);
  }
}
