import { readdirSync, readFileSync } from 'node:fs';

/** Bytes to receive, whether the client then ends its sending, and the events that must come of it. */
export interface Round {
  readonly bytes: Buffer;
  readonly ends: boolean;
  readonly events: readonly string[];
}

/** One fixture of `fixtures/*.md`; README.md there says how they are written. */
export interface Fixture {
  readonly title: string;
  readonly rounds: readonly Round[];
}

const folder = new URL('./fixtures/', import.meta.url);

/** Every fixture, by the name of its file. */
export function readFixtures(): ReadonlyMap<string, readonly Fixture[]> {
  const names = readdirSync(folder)
    .filter(name => name.endsWith('.md') && name !== 'README.md')
    .sort();
  return new Map(names.map(name => [name, parseFixtures(readFileSync(new URL(name, folder), 'utf8'))]));
}

function parseFixtures(markdown: string): readonly Fixture[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map(section => {
      const title = section.slice(0, section.indexOf('\n'));
      const blocks = [...section.matchAll(/^```bytes\n(.*?)^```\n\n```events\n(.*?)^```$/gms)];
      const fences = section.match(/^```/gm)?.length;
      if (fences !== 4 * blocks.length) throw new Error(`a block without its pair in the fixture "${title}"`);
      return { title, rounds: blocks.map(([, bytes = '', events = '']) => parseRound(bytes, events)) };
    });
}

function parseRound(bytes: string, events: string): Round {
  const lines = bytes.split('\n').filter(line => line !== '');
  const ends = lines.at(-1) === '(end)';
  const text = (ends ? lines.slice(0, -1) : lines).join('');
  return {
    bytes: octets(text),
    ends,
    events: repeated(events)
      .split('\n')
      .filter(line => line !== ''),
  };
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
