import assert from 'node:assert/strict';
import { test } from 'node:test';
import { H1Connection } from '../../src/h1/connection.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import { type Fixture, type Round, readFixtures } from './fixtures.ts';
import { answerAll, randomFrom, randomPieces, singleBytes, transcript } from './transcript.ts';

type Cut = (bytes: Uint8Array) => Iterable<Uint8Array>;

const whole: Cut = bytes => [bytes];
const nextRequest = Buffer.from('GET /next HTTP/1.1\r\nHost: next\r\n\r\n', 'latin1');

for (const [name, fixtures] of readFixtures()) {
  for (const fixture of fixtures) test(`${name}: ${fixture.title}`, () => runEveryWay(fixture));
}

test('no two fixtures have the same title', () => {
  const titles = [...readFixtures().values()].flat().map(fixture => fixture.title);
  assert.deepEqual(
    titles.filter((title, at) => titles.indexOf(title) !== at),
    [],
  );
  assert.ok(titles.length > 150, `${titles.length} fixtures`);
});

function runEveryWay({ rounds }: Fixture): void {
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
}

function run(rounds: readonly Round[], cut: Cut, way: string): void {
  const connection = new H1Connection(defaultLimits);
  for (const { bytes, ends, events } of rounds) {
    const withFields = events.some(line => line.startsWith('  '));
    const seen = transcript(connection, cut(bytes), withFields);
    if (ends) {
      connection.receiveEnd();
      seen.push(...answerAll(connection, withFields));
    }
    seen.push(connection.phase);
    assert.deepEqual(...comparable(seen, events, way === 'whole'), way);
    if (connection.phase === 'idle' || connection.phase === 'ended')
      assert.equal(connection.bufferedBytes, 0, way);
  }
}

/** Whether `continue?` happens depends on the pieces, unless the bytes come whole: then it must not. */
function comparable(
  seen: readonly string[],
  events: readonly string[],
  isWhole: boolean,
): [readonly string[], readonly string[]] {
  if (!events.includes('continue?')) return [seen, events];
  return [
    isWhole ? seen : seen.filter(line => line !== 'continue'),
    events.filter(line => line !== 'continue?'),
  ];
}

/** The rounds with another request behind the last, which is read on an idle connection and ignored on an ended one. */
function withBytesLeftOver(rounds: readonly Round[]): readonly Round[] | undefined {
  const last = rounds.at(-1);
  const phase = last?.events.at(-1);
  if (last === undefined || last.ends || (phase !== 'idle' && phase !== 'ended')) return undefined;
  const fields = last.events.some(line => line.startsWith('  ')) ? ['  Host: next'] : [];
  const events =
    phase === 'ended'
      ? last.events
      : [...last.events.slice(0, -1), 'request GET /next HTTP/1.1 at next', ...fields, 'idle'];
  return [...rounds.slice(0, -1), { ...last, bytes: Buffer.concat([last.bytes, nextRequest]), events }];
}
