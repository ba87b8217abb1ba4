// What the fixtures of the protocol machines share: how they are read, and in how many ways each is run.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { randomFrom, randomPieces, singleBytes } from './h1/transcript.ts';

/** What a client sends, whether it then ends its sending, and the lines that tell what must come of it. */
export interface Round {
  readonly bytes: Buffer;
  readonly ends: boolean;
  readonly lines: readonly string[];
}

/** One fixture of a folder's `*.md`; README.md there says how they are written. */
interface Fixture {
  readonly title: string;
  readonly rounds: readonly Round[];
}

/** Fixtures by the name of their file. */
export type Fixtures = ReadonlyMap<string, readonly Fixture[]>;

/** How the two kinds of blocks are named and read. */
export interface Blocks {
  readonly sent: string;
  readonly expected: string;
  readonly bytesOf: (lines: readonly string[]) => Buffer;
  /** Of what is expected, before it is taken apart into lines. */
  readonly unfold?: (text: string) => string;
}

/** Cuts octets into the pieces in which they come. */
export type Cut = (bytes: Uint8Array) => Iterable<Uint8Array>;

/** Runs the rounds of a fixture with their octets cut so; fails with `way` in its message. */
export type Run = (rounds: readonly Round[], cut: Cut, way: string) => void;

/** Every fixture of a folder. Throws for one with a block that lacks its other half. */
export function readFixturesOf(folder: URL, blocks: Blocks): Fixtures {
  const names = readdirSync(folder)
    .filter(name => name.endsWith('.md') && name !== 'README.md')
    .sort();
  return new Map(
    names.map(name => [name, parseFixtures(readFileSync(new URL(name, folder), 'utf8'), blocks)]),
  );
}

/**
 * A test for each fixture, which is run whole, byte by byte, in random pieces, and with octets left over where
 * `withBytesLeftOver` can put some behind it. There must be more than `countMin`, each with a title of its own.
 */
export function testFixtures(
  fixtures: Fixtures,
  countMin: number,
  run: Run,
  withBytesLeftOver: (rounds: readonly Round[]) => readonly Round[] | undefined,
): void {
  for (const [name, ofFile] of fixtures) {
    for (const { title, rounds } of ofFile) {
      test(`${name}: ${title}`, () => {
        run(rounds, whole, 'whole');
        run(rounds, singleBytes, 'byte by byte');
        for (let seed = 1; seed <= 5; seed++) {
          const random = randomFrom(seed);
          run(rounds, bytes => randomPieces(bytes, random), `in random pieces of seed ${seed}`);
        }
        const followed = withBytesLeftOver(rounds);
        if (followed === undefined) return;
        run(followed, whole, 'with bytes left over');
        run(followed, singleBytes, 'with bytes left over, byte by byte');
      });
    }
  }
  test('no two fixtures have the same title', () => {
    const titles = [...fixtures.values()].flat().map(({ title }) => title);
    assert.deepEqual(
      titles.filter((title, at) => titles.indexOf(title) !== at),
      [],
    );
    assert.ok(titles.length > countMin, `${titles.length} fixtures`);
  });
}

function parseFixtures(markdown: string, blocks: Blocks): readonly Fixture[] {
  const pair = new RegExp(
    `^\`\`\`${blocks.sent}\\n(.*?)^\`\`\`\\n\\n\`\`\`${blocks.expected}\\n(.*?)^\`\`\`$`,
    'gms',
  );
  return markdown
    .split(/^## /m)
    .slice(1)
    .map(section => {
      const title = section.slice(0, section.indexOf('\n'));
      const pairs = [...section.matchAll(pair)];
      const fences = section.match(/^```/gm)?.length;
      if (pairs.length === 0 || fences !== 4 * pairs.length)
        throw new Error(`a block without its pair in the fixture "${title}"`);
      return {
        title,
        rounds: pairs.map(([, sent = '', expected = '']) => parseRound(sent, expected, blocks)),
      };
    });
}

function parseRound(sent: string, expected: string, { bytesOf, unfold }: Blocks): Round {
  const lines = linesOf(sent);
  const ends = lines.at(-1) === '(end)';
  return {
    bytes: bytesOf(ends ? lines.slice(0, -1) : lines),
    ends,
    lines: linesOf(unfold?.(expected) ?? expected),
  };
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter(line => line !== '');
}

const whole: Cut = bytes => [bytes];
