import assert from 'node:assert/strict';
import { defaultLimits } from '../../src/http/limits.ts';
import { behaviourOf, checkMachine, live } from '../machine.ts';
import type { FuzzTarget } from '../target.ts';
import { wireWords } from '../words.ts';
import { fixtureBytes } from './head.ts';

/**
 * Requests with content. Where the first one ends is found a second time, by the plain reading of RFC 9112 §6 and
 * §7.1 below; what lies behind it must be what a fresh connection makes of it, or a request could be smuggled.
 */
export const body: FuzzTarget = {
  name: 'body',
  words: wireWords,
  seeds: fixtureBytes,
  check: input => {
    const life = checkMachine(input);
    const [first, ...others] = life.told;
    if (life.events[0]?.kind === 'request') {
      const text = input.toString('latin1');
      const end = requestEnd(text);
      assert.ok(end !== undefined, 'taken for whole, and is not');
      // Whoever asks to close is not listened to further.
      const isLast = others[0]?.startsWith('then ended');
      const rest = isLast ? undefined : live([input.subarray(end)], defaultLimits);
      if (rest !== undefined) assert.deepEqual(rest.told, others, `behind octet ${end}, after ${first}`);
    }
    return behaviourOf(life);
  },
};

/** Where the first request ends; undefined when it does not, or when its framing is not exactly one of the two. */
function requestEnd(text: string): number | undefined {
  const start = /^(?:\r\n)*/.exec(text)?.[0].length ?? 0;
  const headEnd = text.indexOf('\r\n\r\n', start) + 4;
  if (headEnd < 4) return undefined;
  const values = (name: string): readonly string[] =>
    text
      .slice(start, headEnd)
      .split('\r\n')
      .filter(line => line.toLowerCase().startsWith(`${name}:`))
      .map(line => line.slice(name.length + 1).replace(/^[ \t]+|[ \t]+$/g, ''));
  const codings = values('transfer-encoding');
  const lengths = values('content-length');
  if (codings.length === 0 && lengths.length === 0) return headEnd;
  if (codings.length === 0) return countedEnd(text, headEnd, lengths);
  const isChunked = lengths.length === 0 && codings.length === 1 && codings[0]?.toLowerCase() === 'chunked';
  return isChunked ? chunkedEnd(text, headEnd) : undefined;
}

function countedEnd(text: string, from: number, lengths: readonly string[]): number | undefined {
  const [length = ''] = lengths;
  if (lengths.length > 1 || !/^[0-9]+$/.test(length)) return undefined;
  const end = from + Number(length);
  return end <= text.length ? end : undefined;
}

function chunkedEnd(text: string, from: number): number | undefined {
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = /^[0-9A-Fa-f]{1,16}(?=[ \t]*;|$)/.exec(text.slice(at, lineEnd))?.[0];
    if (size === undefined) return undefined;
    const dataEnd = lineEnd + 2 + Number.parseInt(size, 16);
    if (Number.parseInt(size, 16) === 0) return trailerEnd(text, lineEnd + 2);
    if (text.slice(dataEnd, dataEnd + 2) !== '\r\n') return undefined;
    at = dataEnd + 2;
  }
}

function trailerEnd(text: string, from: number): number | undefined {
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    if (lineEnd === at) return lineEnd + 2;
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n\0]*$/.test(text.slice(at, lineEnd))) return undefined;
    at = lineEnd + 2;
  }
}
