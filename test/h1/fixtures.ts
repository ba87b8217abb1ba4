import { type Fixtures, readFixturesOf } from '../fixtures.ts';

/** Every fixture of HTTP/1.1. */
export function readFixtures(): Fixtures {
  const folder = new URL('./fixtures/', import.meta.url);
  return readFixturesOf(folder, {
    sent: 'bytes',
    expected: 'events',
    bytesOf: lines => octets(lines.join('')),
    unfold: repeated,
  });
}

/** `«ab × 3»` is `ababab`. */
function repeated(text: string): string {
  return text.replace(/«([^»]*) × (\d+)»/g, (_, part: string, count: string) => part.repeat(Number(count)));
}

function octets(text: string): Buffer {
  const unescaped = repeated(text).replace(
    /\\(?:x([0-9a-f]{2})|(.))/g,
    (whole, hex: string | undefined, letter = '') => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      const octet = letters.get(letter);
      if (octet === undefined) throw new Error(`unknown escape ${whole}`);
      return octet;
    },
  );
  return Buffer.from(unescaped, 'latin1');
}

const letters = new Map([
  ['r', '\r'],
  ['n', '\n'],
  ['t', '\t'],
  ['0', '\0'],
  ['s', ' '],
  ['\\', '\\'],
]);
