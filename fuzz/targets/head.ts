import assert from 'node:assert/strict';
import { readFixtures } from '../../test/h1/fixtures.ts';
import { behaviourOf, checkMachine } from '../machine.ts';
import type { FuzzTarget } from '../target.ts';
import { wireWords } from '../words.ts';

/** Request heads. What is taken for one has the form of RFC 9112 §3 and §5 as written down here once more. */
export const head: FuzzTarget = {
  name: 'head',
  words: wireWords,
  seeds: fixtureBytes,
  check: input => {
    const life = checkMachine(input);
    const [first] = life.events;
    if (first?.kind === 'request') {
      const text = input.toString('latin1');
      const [whole] = strictHead.exec(text) ?? [];
      assert.ok(whole !== undefined, `no head, and taken for one: ${JSON.stringify(first.head)}`);
      const [requestLine = '', ...lines] = whole.trimStart().slice(0, -4).split('\r\n');
      const { method, target, fields } = first.head;
      assert.ok(requestLine.startsWith(`${method} ${target} HTTP/1.`), 'another request line');
      assert.equal(fields.lines.length, lines.length, 'another number of field lines');
      const hosts = lines.filter(line => /^host:/i.test(line)).length;
      assert.ok(first.head.version === '1.0' ? hosts <= 1 : hosts === 1, `${hosts} Host lines`);
    }
    return behaviourOf(life);
  },
};

/** The bytes of every fixture of `h1/`, each round of it put behind the last. */
export function fixtureBytes(): readonly Buffer[] {
  return [...readFixtures().values()].flatMap(fixtures =>
    fixtures.map(({ rounds }) => Buffer.concat(rounds.map(({ bytes }) => bytes))),
  );
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const strictHead = new RegExp(
  `^(?:\\r\\n){0,4}${token} [\\x21-\\x7e]+ HTTP/1\\.[0-9]\\r\\n(?:${token}:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*\\r\\n`,
);
