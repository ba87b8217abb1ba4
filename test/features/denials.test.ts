import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportDenials } from '../../src/features/denials.ts';
import { noFields } from '../../src/http/fields.ts';
import type { Exchange } from '../../src/http/message.ts';

function exchange(status: number, note: string | undefined, startedAtMs = 0): Exchange {
  const head = { method: 'GET', target: '/x', version: '1.1', authority: 'h', fields: noFields } as const;
  const client = { address: '', port: 0 };
  const sent = { responseFields: [], contentBytes: 0, durationMs: 0, outcome: 'completed' } as const;
  return { client, head, status, startedAtMs, note, ...sent };
}

test('a denied file is reported with its reason, other answers are not', () => {
  const lines: string[] = [];
  const observe = reportDenials(line => lines.push(line));
  observe(exchange(404, 'unreadable'));
  observe(exchange(404, undefined));
  observe(exchange(400, 'no Host'));
  observe(exchange(503, 'no descriptor is free'));
  assert.deepEqual(lines, ['/x: unreadable', '/x: no descriptor is free']);
});

test('whoever probes without end fills twenty lines a minute', () => {
  const lines: string[] = [];
  const observe = reportDenials(line => lines.push(line));
  for (let round = 0; round < 1000; round++) observe(exchange(404, 'hidden', 1000 + round));
  assert.equal(lines.length, 20);
  observe(exchange(404, 'hidden', 61_000));
  assert.deepEqual(lines.slice(20), ['980 more requests were denied', '/x: hidden']);
});
