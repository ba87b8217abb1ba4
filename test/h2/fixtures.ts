import { readdirSync, readFileSync } from 'node:fs';
import { clientOctets } from './client-frames.ts';

/** What a client sends, whether it then ends its sending, and what must come of it. */
export interface Round {
  readonly bytes: Buffer;
  readonly ends: boolean;
  readonly lines: readonly string[];
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
      const blocks = [...section.matchAll(/^```client\n(.*?)^```\n\n```server\n(.*?)^```$/gms)];
      const fences = section.match(/^```/gm)?.length;
      if (blocks.length === 0 || fences !== 4 * blocks.length)
        throw new Error(`a block without its pair in the fixture "${title}"`);
      return { title, rounds: blocks.map(([, client = '', server = '']) => parseRound(client, server)) };
    });
}

function parseRound(client: string, server: string): Round {
  const lines = client.split('\n').filter(line => line !== '');
  const ends = lines.at(-1) === '(end)';
  return {
    bytes: clientOctets(ends ? lines.slice(0, -1) : lines),
    ends,
    lines: server.split('\n').filter(line => line !== ''),
  };
}
