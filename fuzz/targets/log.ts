import assert from 'node:assert/strict';
import { type AccessLogFormat, accessLog } from '../../src/features/access-log.ts';
import type { Exchange, RequestHead } from '../../src/http/message.ts';
import { behaviourOf, checkMachine } from '../machine.ts';
import type { FuzzTarget } from '../target.ts';
import { pathWords, wireWords } from '../words.ts';

/** Lines of the access log: whatever was sent, a line is one line of printable ASCII. */
export const log: FuzzTarget = {
  name: 'log',
  words: [...wireWords, ...pathWords, 'User-Agent: ', 'Referer: ', '\x1b[31m', '\x9b', '"', '\\'],
  check: input => {
    const life = checkMachine(input);
    for (const event of life.events) {
      for (const format of formats) checkLine(format, event.head);
    }
    return behaviourOf(life);
  },
};

const formats = ['human', 'combined', 'json'] as const;

function checkLine(format: AccessLogFormat, head: RequestHead | undefined): void {
  const lines: string[] = [];
  const options = { utcOffsetMinutes: () => 60, isColoured: false };
  const observe = accessLog(format, options, line => lines.push(line));
  const exchange: Exchange = {
    ...{ client: { address: '127.0.0.1', port: 1 }, head, status: 200, responseFields: [], contentBytes: 1 },
    ...{ startedAtMs: 0, durationMs: 1, outcome: 'completed', note: undefined },
  };
  observe(exchange);
  const [line = ''] = lines;
  assert.equal(lines.length, 1);
  assert.match(line, /^[\x20-\x7e]+$/, `a line of the format ${format}`);
  if (format === 'json') assert.equal(JSON.parse(line).target, head?.target ?? null);
  if (format === 'combined') assert.match(line, combined);
}

const combined = /^\S+ - - \[[^\]]+\] "[^"]*" \d{3} (?:\d+|-) "[^"]*" "[^"]*"$/;
