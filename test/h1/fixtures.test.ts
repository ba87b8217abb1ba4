import assert from 'node:assert/strict';
import { H1Connection } from '../../src/h1/connection.ts';
import { defaultLimits } from '../../src/http/limits.ts';
import { type Cut, type Round, testFixtures } from '../fixtures.ts';
import { readFixtures } from './fixtures.ts';
import { answerAll, transcript } from './transcript.ts';

const nextRequest = Buffer.from('GET /next HTTP/1.1\r\nHost: next\r\n\r\n', 'latin1');

testFixtures(readFixtures(), 150, run, withBytesLeftOver);

function run(rounds: readonly Round[], cut: Cut, way: string): void {
  const connection = new H1Connection(defaultLimits);
  for (const { bytes, ends, lines } of rounds) {
    const withFields = lines.some(line => line.startsWith('  '));
    const seen = transcript(connection, cut(bytes), withFields);
    if (ends) {
      connection.receiveEnd();
      seen.push(...answerAll(connection, withFields));
    }
    seen.push(connection.phase);
    assert.deepEqual(...comparable(seen, lines, way === 'whole'), way);
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
  const phase = last?.lines.at(-1);
  if (last === undefined || last.ends || (phase !== 'idle' && phase !== 'ended')) return undefined;
  const fields = last.lines.some(line => line.startsWith('  ')) ? ['  Host: next'] : [];
  const lines =
    phase === 'ended'
      ? last.lines
      : [...last.lines.slice(0, -1), 'request GET /next HTTP/1.1 at next', ...fields, 'idle'];
  return [...rounds.slice(0, -1), { ...last, bytes: Buffer.concat([last.bytes, nextRequest]), lines }];
}
