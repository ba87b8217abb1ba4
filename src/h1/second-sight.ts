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
 * may.
 */
export function sampleOf(octets: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const stride = 1 + Math.floor(length / sampledMax);
  let number = length;
  for (let at = start; at < end; at += stride) number = mixed(number, octets[at] ?? 0);
  return number;
}

/** The same of a text. */
export function sampleOfText(text: string): number {
  const stride = 1 + Math.floor(text.length / sampledMax);
  let number = text.length;
  for (let at = 0; at < text.length; at += stride) number = mixed(number, text.charCodeAt(at));
  return number;
}

/** A step of FNV-1a. */
function mixed(number: number, unit: number): number {
  return Math.imul(number ^ unit, 0x01000193);
}
