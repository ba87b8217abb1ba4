import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Queue, Seat } from '../../src/server/waiting.ts';

test('queues keep the order of coming, whoever comes, moves and leaves', () => {
  const step = fc.tuple(fc.constantFrom('first', 'second', 'leave'), fc.nat(5));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const queues = { first: new Queue<number>(), second: new Queue<number>() };
      const expected: Record<'first' | 'second', number[]> = { first: [], second: [] };
      const seats = [0, 1, 2, 3, 4, 5].map(member => new Seat(member));
      for (const [where, member] of steps) {
        const seat = seats[member] ?? assert.fail();
        for (const name of ['first', 'second'] as const) {
          expected[name] = expected[name].filter(other => other !== member);
        }
        if (where === 'first' || where === 'second') {
          queues[where].join(seat);
          expected[where].push(member);
        } else seat.leave();
        for (const name of ['first', 'second'] as const) {
          assert.equal(queues[name].first, expected[name][0]);
        }
      }
      for (const name of ['first', 'second'] as const) {
        const order: number[] = [];
        for (let { first } = queues[name]; first !== undefined; first = queues[name].first) {
          order.push(first);
          seats[first]?.leave();
        }
        assert.deepEqual(order, expected[name]);
      }
    }),
  );
});
