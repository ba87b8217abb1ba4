// The command lines that the documents show are ones that the command understands.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commands } from '../../src/cli/commands.ts';
import { readWords } from '../../src/cli/words.ts';
import { loadSettings } from '../../src/config/load.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = [
  'README.md',
  'README.zh-CN.md',
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
];

for (const page of pages) {
  const lines = commandLines(readFileSync(join(root, page), 'utf8'));
  if (lines.length === 0) continue;
  test(`the command understands what ${page} shows`, () => {
    for (const line of lines) {
      const reading = readLine(line);
      assert.notEqual(reading.kind, 'fault', `plinth ${line.join(' ')}: ${JSON.stringify(reading)}`);
    }
  });
}

test('command lines are found, and without what a shell keeps for itself', () => {
  const text =
    "```sh\nA=1 plinth a --cache '/x/**=max-age=1' -p 1   # why\nplinth b > c &\nplinth d && plinth e\n```\n`plinth f`\n";
  assert.deepEqual(commandLines(text), [['a', '--cache', '/x/**=max-age=1', '-p', '1'], ['b'], ['d'], ['e']]);
});

/** Reads a line as the command would, as far as its words go. */
function readLine([first = '', ...words]: readonly string[]): { readonly kind: string } {
  const command = Object.entries(commands).find(([name]) => name === first)?.[1];
  if (command === undefined) return loadSettings([first, ...words].filter(Boolean), {}, false);
  if (first !== 'check' && first !== 'explain') return readWords(words, command.flags);
  // These take the flags of a server besides their own.
  const isOwn = (word = '', argument: boolean): boolean =>
    command.flags.some(flag => `--${flag.flag}` === word && (!argument || flag.argument !== undefined));
  const rest = words.filter((word, at) => !isOwn(word, false) && !isOwn(words[at - 1], true));
  return loadSettings(first === 'explain' ? rest.slice(1) : rest, {}, false);
}

/** The words behind `plinth` in blocks of code. */
function commandLines(text: string): readonly (readonly string[])[] {
  const blocks = [...text.matchAll(/^```(?:sh)?\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const parts = blocks.flatMap(block => block.split(/\n|&&/));
  return parts.flatMap(part => {
    const [, words] = /^\s*(?:\w+=\S+ )*plinth( .*)?$/.exec(part) ?? [];
    return words === undefined ? [] : [wordsOf(words.replace(/\s(?:#|[>&|]).*$/, ''))];
  });
}

function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
