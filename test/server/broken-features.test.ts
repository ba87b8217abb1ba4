// Features are written by others: what goes wrong in one must not harm an answer's framing, or anybody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noContent } from '../../src/http/message.ts';
import { type FieldLine, type Finisher, type Gate, memoryStore, type Observer } from '../../src/index.ts';
import { RawConnection, text } from '../wire/client.ts';
import { startRaw } from '../wire/transports.ts';

const store = memoryStore({ 'a.txt': 'hello' });
const adding =
  (line: FieldLine): Finisher =>
  (_request, response) => ({ ...response, fields: [...response.fields, line] });

const broken: readonly (readonly [name: string, gate: Gate | undefined, finisher: Finisher | undefined])[] = [
  ['a length beside ours', undefined, adding(['Content-Length', '99'])],
  ['a transfer coding', undefined, adding(['Transfer-Encoding', 'chunked'])],
  ['a line that is two', undefined, adding(['X-A', 'b\r\nSet-Cookie: x'])],
  ['an interim status', () => ({ status: 100, fields: [], content: noContent }), undefined],
  ['a status that is none', () => ({ status: 9999, fields: [], content: noContent }), undefined],
  [
    'a gate that throws',
    () => {
      throw new Error('gate');
    },
    undefined,
  ],
  [
    'a finisher that throws',
    undefined,
    () => {
      throw new Error('finisher');
    },
  ],
];

for (const [name, gate, finisher] of broken) {
  test(`a feature with ${name} is answered 500 and reported, and the connection lives on`, async t => {
    const gates = gate === undefined ? [] : [gate];
    const finishers = finisher === undefined ? [] : [finisher];
    const server = await startRaw({ store, gates, finishers });
    t.after(() => server.stop());
    const client = await RawConnection.open(server.place);
    for (let round = 0; round < 2; round++) {
      client.write('GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n');
      const response = await client.response();
      assert.equal(response.status, 500);
      assert.match(text(response), /^500 Internal Server Error/);
    }
    client.destroy();
    assert.match(server.reports[0] ?? '', /^bug: /);
  });
}

test('a reporter that throws harms nobody', async t => {
  const observer: Observer = () => {
    throw new Error('observer');
  };
  const onReport = (): void => {
    throw new Error('reporter');
  };
  const server = await startRaw({ store, observers: [observer], onReport });
  t.after(() => server.stop());
  for (let round = 0; round < 2; round++) {
    assert.equal((await server.exchange({ method: 'GET', target: '/a.txt', fields: [] })).status, 200);
  }
});

test('the note of a gate is for the log and never sent', async t => {
  const notes: unknown[] = [];
  const gate: Gate = () => ({ status: 403, fields: [], content: noContent, note: 'bob is no admin' });
  const server = await startRaw({ store, gates: [gate], observers: [({ note }) => notes.push(note)] });
  t.after(() => server.stop());
  const response = await server.exchange({ method: 'GET', target: '/a.txt', fields: [] });
  assert.equal(text(response), '403 Forbidden\n');
  assert.deepEqual(notes, ['bob is no admin']);
});
