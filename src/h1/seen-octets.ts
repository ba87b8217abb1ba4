import { SecondSight, sampleOf } from '../http/second-sight.ts';

/** Octets that are worth remembering; longer ones are rare and would crowd out the others. */
const octetsMax = 4 * 1024;

/** Octets of all that is remembered, with what was read from them: those of a thousand browsers or more. */
const seenBytesMax = 8 * 1024 * 1024;

/** Octets whose sample is the same. More are those of somebody who tries: the oldest of them makes room. */
const alikeMax = 8;

/** Octets that were read before, and what was read from them. */
export interface Seen<Reading> {
  readonly octets: Buffer;
  readonly reading: Reading;
}

/**
 * What was read from octets that have passed a strict parser more than once. As the key of a map, the text of a
 * browser's head cost 0.9 µs on Node 20; a sample of its octets and the comparison with those that have the same one
 * cost 0.12. Nothing is in here that was not parsed, and what is read from it is shared by all who send it. When it is
 * full it begins anew, so that a client that never repeats itself costs the others one parse.
 */
export class SeenOctets<Reading> {
  #alike = new Map<number, Seen<Reading>[]>();
  readonly #sight: SecondSight = new SecondSight();
  #bytes = 0;

  /** What was read from exactly the octets from `start` up to `end`; undefined when they are not known. */
  recall(buffer: Uint8Array, start: number, end: number): Seen<Reading> | undefined {
    const alike = this.#alike.get(sampleOf(buffer, start, end));
    if (alike === undefined) return undefined;
    for (const seen of alike) {
      if (seen.octets.length === end - start && seen.octets.compare(buffer, start, end) === 0) return seen;
    }
    return undefined;
  }

  /** Remembers a reading when its octets come again. They are copied; `readingBytes` is what it costs beside them. */
  remember(octets: Uint8Array, reading: Reading, readingBytes: number): void {
    const { length } = octets;
    if (length > octetsMax) return;
    const sample = sampleOf(octets, 0, length);
    if (!this.#sight.isSecond(sample)) return;
    const bytes = length + readingBytes;
    this.#bytes += bytes;
    if (this.#bytes > seenBytesMax) {
      this.#alike = new Map();
      this.#bytes = bytes;
    }
    const alike = this.#alike.get(sample) ?? [];
    if (alike.length === alikeMax) alike.shift();
    // A piece of the buffer that Node shares out would hold the whole of it: 8 KiB for each head.
    const own = Buffer.allocUnsafeSlow(length);
    own.set(octets);
    alike.push({ octets: own, reading });
    this.#alike.set(sample, alike);
  }
}
