import assert from 'node:assert/strict';
import { H2Connection } from '../../src/h2/connection.ts';
import { type Cut, type Round, testFixtures } from '../fixtures.ts';
import { clientOctets } from './client-frames.ts';
import { readFixtures } from './fixtures.ts';
import { sharing, Transcript } from './transcript.ts';

const nextStream = 100_001;
const nextRequest = clientOctets([`GET ${nextStream} /next`]);

testFixtures(readFixtures(), 120, run, withBytesLeftOver);

function run(rounds: readonly Round[], cut: Cut, way: string): void {
  const shared = sharing();
  const transcript = new Transcript(new H2Connection(shared), shared);
  transcript.pump();
  for (const { bytes, ends, lines } of rounds) {
    transcript.lines.length = 0;
    for (const piece of cut(bytes)) transcript.receive(piece);
    if (ends) {
      transcript.connection.receiveEnd();
      transcript.pump();
    }
    const seen = [...transcript.lines, stateOf(transcript.connection)];
    // What came in one piece has one outcome, the order of streams and of the connection's own frames included.
    if (way === 'whole') assert.deepEqual(seen, lines, way);
    else assert.deepEqual(byStream(seen), byStream(lines), way);
    const { phase, bufferedBytes } = transcript.connection;
    if (phase === 'idle' || phase === 'ended') assert.equal(bufferedBytes, 0, way);
  }
}

/** The phase, and that the connection is over when it is. */
function stateOf(connection: H2Connection): string {
  return connection.next().kind === 'ended' ? 'ended' : connection.phase;
}

/** How streams mix depends on the pieces that come; what happens to each does not. */
function byStream(lines: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const groups: Record<string, string[]> = {};
  for (const line of lines) {
    const stream =
      /^(?:request|violation|finished|> (?:DATA|HEADERS|RST_STREAM)) (\d+)/.exec(line)?.[1] ?? 'all';
    groups[stream] = [...(groups[stream] ?? []), line];
  }
  return groups;
}

/** The rounds with another request behind the last, which is answered on an idle connection and ignored on an ended one. */
function withBytesLeftOver(rounds: readonly Round[]): readonly Round[] | undefined {
  const last = rounds.at(-1);
  const state = last?.lines.at(-1);
  if (last === undefined || last.ends || (state !== 'idle' && state !== 'ended')) return undefined;
  const answer = [`request ${nextStream} GET /next at a`, `> HEADERS ${nextStream} END_STREAM 200`];
  const lines = state === 'ended' ? last.lines : [...last.lines.slice(0, -1), ...answer, 'idle'];
  return [...rounds.slice(0, -1), { ...last, bytes: Buffer.concat([last.bytes, nextRequest]), lines }];
}
