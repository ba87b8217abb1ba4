/** Numbers that are held; at 64 KiB it tells what comes again within some thousand others. */
const numbersHeld = 4 * 1024;

/** At most this many octets are looked at for a sample. */
const sampledMax = 64;

/**
 * Tells what comes again from what comes once: to keep what is never asked for again cost more than to make it.
 * It may take two things for one, or forget one of many; so it only decides what is worth keeping.
 */
export class SecondSight {
  readonly #numbers = new Int32Array(numbersHeld);

  /** Whether a thing of this sample came lately; if not, it has now. */
  isSecond(sample: number): boolean {
    const place = (sample >>> 0) % numbersHeld;
    if (this.#numbers[place] === sample) return true;
    this.#numbers[place] = sample;
    return false;
  }
}

/**
 * A number made of some of the octets from `start` up to `end`, spread over all: equal octets have equal ones, others
 * may. Four go in at a time: one by one, each had to wait for the one before.
 */
export function sampleOf(octets: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const stride = 1 + Math.floor(length / sampledMax);
  let number = length;
  let at = start;
  for (const last = end - 3 * stride; at < last; at += 4 * stride) {
    const low = (octets[at] ?? 0) | ((octets[at + stride] ?? 0) << 8);
    const high = (octets[at + 2 * stride] ?? 0) | ((octets[at + 3 * stride] ?? 0) << 8);
    number = mixed(number, low | (high << 16));
  }
  for (; at < end; at += stride) number = mixed(number, octets[at] ?? 0);
  // What the upper octets of the last four have changed is in the upper bits only.
  return number ^ (number >>> 16);
}

/** The same of a text, by the lower octet of each of its characters. */
export function sampleOfText(text: string): number {
  return sampleOf(Buffer.from(text, 'latin1'), 0, text.length);
}

/** A step of FNV-1a. */
function mixed(number: number, unit: number): number {
  return Math.imul(number ^ unit, 0x01000193);
}
