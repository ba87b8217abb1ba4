import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveEvents } from '../../src/server/live-events.ts';

/** Reads pieces until their text holds what is wanted. */
async function upTo(stream: AsyncGenerator<Uint8Array, void>, wanted: string): Promise<string> {
  let text = '';
  while (!text.includes(wanted)) {
    const { value, done } = await stream.next();
    assert.notEqual(done, true, `ended after ${JSON.stringify(text)}`);
    text += Buffer.from(value ?? []).toString();
  }
  return text;
}

function open(events: LiveEvents, since?: string): AsyncGenerator<Uint8Array, void> {
  const chunks = events.stream(since);
  assert.ok(chunks);
  return chunks();
}

test('a stream begins with where it stands, and tells each event in words that a browser reads', async () => {
  const events = new LiveEvents('e');
  const stream = open(events);
  assert.equal(await upTo(stream, '\n\n'), 'retry: 500\nid: e-0\n\n');
  events.tell(['/a.css', '/"ö\n']);
  assert.equal(await upTo(stream, '\n\n'), 'id: e-1\nevent: change\ndata: ["/a.css","/\\"ö\\n"]\n\n');
  assert.equal(events.last, 'e-1');
});

test('who comes back is told what was missed, and everything when that is not known any more', async () => {
  const events = new LiveEvents('e');
  events.tell(['/a']);
  events.tell(['/b', '/a']);
  const rows: readonly (readonly [string | undefined, string])[] = [
    ['e-0', '["/a","/b"]'],
    ['e-1', '["/b","/a"]'],
    ['other-1', '["/"]'],
    ['', '["/"]'],
    ['e-9', '["/"]'],
  ];
  for (const [since, data] of rows)
    assert.match(
      await upTo(open(events, since), 'data'),
      new RegExp(`data: ${data.replaceAll('[', '\\[')}\n`),
    );
  for (let index = 0; index < 200; index++) events.tell(['/c']);
  assert.match(await upTo(open(events, 'e-1'), 'data'), /data: \["\/"\]/);
  const present = open(events, events.last);
  await upTo(present, '\n\n');
  events.tell(['/d']);
  assert.match(await upTo(present, 'data'), /data: \["\/d"\]/);
});

test('a reader that does not keep up is told in one word what it missed', async () => {
  const events = new LiveEvents('e');
  const stream = open(events);
  await upTo(stream, '\n\n');
  for (let index = 0; index < 1000; index++) events.tell([`/${index}`]);
  assert.match(await upTo(stream, 'data: ["/"]'), /./);
  assert.match(await upTo(stream, '/999'), /./);
});

test('so many streams are open and no more, and what has been left makes room', async () => {
  const events = new LiveEvents('e');
  const streams = [];
  for (let chunks = events.stream(undefined); chunks !== undefined; chunks = events.stream(undefined)) {
    const stream = chunks();
    await stream.next();
    streams.push(stream);
  }
  assert.equal(streams.length, 100);
  await streams.pop()?.return();
  assert.equal(events.readers, 99);
  assert.ok(events.stream(undefined));
  for (const stream of streams) await stream.return();
  assert.equal(events.readers, 0);
});

test('a stream whose reader leaves makes room at once, whatever it waits for', async () => {
  const events = new LiveEvents('e');
  const left = new AbortController();
  const stream = events.stream(undefined)?.(left.signal);
  assert.ok(stream);
  await stream.next();
  const next = stream.next();
  left.abort();
  assert.deepEqual(await next, { value: undefined, done: true });
  const late = events.stream(undefined)?.(left.signal);
  assert.ok(late);
  await upTo(late, '\n\n');
  assert.deepEqual(await late.next(), { value: undefined, done: true });
  assert.equal(events.readers, 0);
});

test('all streams end at once, one that begins meanwhile too, and later ones last', async () => {
  const events = new LiveEvents('e');
  const waiting = open(events);
  await waiting.next();
  const end = waiting.next();
  events.end();
  assert.deepEqual(await end, { value: undefined, done: true });
  assert.equal(events.readers, 0);
  // A request that came while the server stopped.
  const late = open(events);
  await upTo(late, '\n\n');
  assert.deepEqual(await late.next(), { value: undefined, done: true });
  events.resume();
  const next = open(events);
  await upTo(next, '\n\n');
  events.tell(['/a']);
  await upTo(next, 'data: ["/a"]');
});
