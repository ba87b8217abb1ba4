import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '../../src/server/turns.ts';

/** Requests are numbers; the tens are their urgency. */
function turns(asked: readonly number[]): Turns<number> {
  const all = new Turns<number>(each => Math.floor(each / 10));
  for (const each of asked) all.add(each);
  return all;
}

function given(from: Turns<number>): readonly number[] {
  const got: number[] = [];
  for (let next = from.next(); next !== undefined; next = from.next()) got.push(next);
  return got;
}

const many = Array.from({ length: 40 }, () => 30);

test('so many are made at a time, and each that ends makes room for one', () => {
  const all = turns(many);
  assert.equal(given(all).length, 32);
  all.made();
  all.made();
  assert.equal(given(all).length, 2);
  for (let n = 0; n < 32; n++) all.made();
  assert.equal(given(all).length, 6);
});

test('a content that holds something takes the room of an answer until it lets go', () => {
  const all = turns(many);
  for (let n = 0; n < 32; n++) all.hold();
  assert.deepEqual(given(all), []);
  all.letGo();
  assert.equal(given(all).length, 1);
  all.hold();
  all.made();
  assert.equal(given(all).length, 0);
});

test('of those that wait the most urgent comes first, of equal ones who came first', () => {
  assert.deepEqual(given(turns([31, 32, 12, 33, 11, 70, 0])), [0, 12, 11, 31, 32, 33, 70]);
});

test('who waits keeps its place when there is no room', () => {
  const all = turns(many.map((_, n) => 100 + n / 10));
  const first = given(all);
  const rest: number[] = [];
  for (let n = 0; n < 8; n++) {
    assert.equal(all.next(), undefined);
    all.hold();
    all.made();
    assert.equal(all.next(), undefined);
    all.letGo();
    rest.push(...given(all));
  }
  assert.deepEqual(
    [...first, ...rest],
    many.map((_, n) => 100 + n / 10),
  );
});

test('who waits is told once that there will be no turn', () => {
  const all = turns(many);
  given(all);
  assert.equal(all.clear().length, 8);
  assert.equal(all.clear().length, 0);
  for (let n = 0; n < 32; n++) all.made();
  assert.equal(all.next(), undefined);
});
