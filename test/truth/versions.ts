// Contents that tell which version they are of, in every line: a piece of another version, or from another place, shows.
import { createHash } from 'node:crypto';

/** Octets of a line. */
const lineBytes = 64;

/** One version of a file. */
export interface Version {
  readonly number: number;
  /** Octets of the whole version; 0, or enough for one line. */
  readonly length: number;
}

/** The octets of a version. Its lines begin with the version, its length and where they stand. */
export function octetsOf({ number, length }: Version): Buffer {
  const head = `v${digits(number)} l${digits(length)} ${digits(0)} `;
  // The filling differs from version to version too.
  const line = head.padEnd(lineBytes - 1, letters[number % letters.length]);
  const octets = Buffer.alloc(length, `${line}\n`, 'latin1');
  for (let at = 0; at + lineBytes <= length; at += lineBytes) {
    let place = at + head.length - 2;
    for (let rest = at; rest > 0; rest = Math.floor(rest / 10)) octets[place--] = 48 + (rest % 10);
  }
  return octets;
}

/** What the first line says; undefined when it says nothing. */
export function versionIn(octets: Buffer): Version | undefined {
  const [, number, length] = /^v(\d{9}) l(\d{9}) /.exec(octets.toString('latin1', 0, 22)) ?? [];
  return number === undefined ? undefined : { number: Number(number), length: Number(length) };
}

/** The hash by which contents are compared. */
export function hashOf(octets: Buffer): string {
  return createHash('sha1').update(octets).digest('base64');
}

const letters = 'abcdefghijklmnopqrstuvwxyz';

function digits(number: number): string {
  return String(number).padStart(9, '0');
}
