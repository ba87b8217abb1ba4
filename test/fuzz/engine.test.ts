// Who guards the guards: a fuzzer that finds nothing must be one that could.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz, replay } from '../../fuzz/engine.ts';
import { minimise } from '../../fuzz/minimise.ts';
import { mutate } from '../../fuzz/mutate.ts';
import { hashOf, Random } from '../../fuzz/random.ts';
import type { FuzzTarget } from '../../fuzz/target.ts';

/** Breaks for any input with a word of the given ones; stands on the corpus of another target. */
function fragile(...breaking: readonly string[]): FuzzTarget {
  return {
    name: 'range',
    words: ['a', 'b'],
    check: input => {
      const text = input.toString('latin1');
      if (breaking.some(word => text.includes(word))) throw new Error(`broken by ${text.length} octets`);
      return String(text.length % 3);
    },
  };
}

test('a fuzzer finds what breaks and makes it small', () => {
  const { finding, executions } = fuzz(fragile('ab', 'ba'), new Random(1), 60_000);
  assert.ok(finding !== undefined);
  assert.ok(executions > 0);
  assert.match(finding.input.toString(), /^(ab|ba)$/);
  assert.match(finding.why, /^broken by 2 octets/);
});

test('what is made small breaks the rule that was broken, though less would break another', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const broken: string[] = [];
    const target: FuzzTarget = {
      ...fragile(),
      words: ['ab'],
      check: input => {
        const text = input.toString('latin1');
        if (text.includes('ab')) {
          broken.push('has the word');
          throw new Error('has the word');
        }
        if (text.length < 2) {
          broken.push('is short');
          throw new Error('is short');
        }
        return '';
      },
    };
    const { finding } = fuzz(target, new Random(seed), 60_000);
    assert.equal(finding?.why.split('\n')[0], broken[0]);
    assert.match(finding?.input.toString('latin1') ?? '', broken[0] === 'is short' ? /^$/ : /^ab$/);
  }
});

test('an input that is kept and breaks something is found without fuzzing', () => {
  assert.match(replay(fragile('bytes=0-0'))?.why ?? '', /^broken/);
  assert.equal(replay(fragile('nowhere')), undefined);
});

test('an input that takes much of the processor is a finding', () => {
  const slow: FuzzTarget = {
    ...fragile(),
    cpuPerInputMaxMs: 150,
    check: () => {
      const before = process.cpuUsage();
      for (let used = process.cpuUsage(before); used.user + used.system < 250_000; ) {
        used = process.cpuUsage(before);
      }
      return '';
    },
  };
  assert.match(replay(slow)?.why ?? '', /^takes \d+ ms of the processor for \d+ bytes$/);
});

test('the same seed makes the same inputs', () => {
  const pool = [Buffer.from('GET / HTTP/1.1'), Buffer.from('bytes=0-1')];
  const inputs = (seed: number): readonly string[] => {
    const random = new Random(seed);
    return Array.from({ length: 200 }, () =>
      mutate(random.pick(pool), { pool, words: ['\r\n'] }, random).toString('latin1'),
    );
  };
  assert.deepEqual(inputs(7), inputs(7));
  assert.notDeepEqual(inputs(7), inputs(8));
  assert.ok(new Set(inputs(7)).size > 100, 'mutations change little');
});

test('what is small is what still breaks, and plain where it may be', () => {
  const input = Buffer.from('xx<yyyy>zz');
  const breaks = (bytes: Buffer): boolean => /<.*>/.test(bytes.toString());
  assert.equal(minimise(input, breaks).toString(), '<>');
  assert.equal(minimise(input, bytes => bytes.length === input.length).toString(), 'a'.repeat(input.length));
});

test('a hash is of 32 bits and the one of FNV-1a', () => {
  assert.equal(hashOf(''), 0x811c9dc5);
  assert.equal(hashOf('a'), 0xe40c292c);
  assert.equal(hashOf(Buffer.from('foobar')), 0xbf9cf968);
});
