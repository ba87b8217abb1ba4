import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Streams } from '../../src/server/streams.ts';

test('streams are let in while there is room for what they hold, and the first one always', () => {
  const streams = new Streams(100);
  assert.equal(streams.take(1000), true);
  assert.equal(streams.take(1), false);
  streams.give(1000);
  assert.equal(streams.take(60), true);
  assert.equal(streams.take(41), false);
  assert.equal(streams.take(40), true);
  streams.give(60);
  assert.equal(streams.take(60), true);
});

test('a stream that comes to hold more is let in like the first while it is alone', () => {
  const streams = new Streams(100);
  assert.equal(streams.take(80), true);
  assert.equal(streams.take(80, 80), true, 'nobody else holds anything');
  assert.equal(streams.take(1), false);
  streams.give(160);
  assert.equal(streams.take(50), true);
  assert.equal(streams.take(40), true);
  assert.equal(streams.take(10, 40), true);
  assert.equal(streams.take(1, 50), false);
});
