import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Handle } from '../../src/server/adopt.ts';
import { Balance } from '../../src/workers/balance.ts';
import type { Account, Worker } from '../../src/workers/process.ts';

type Nature =
  | 'sound'
  /** None of its connections waits. */
  | 'busy'
  /** It ends instead of taking one. */
  | 'dies taking'
  /** It has no room or no descriptor for another one. */
  | 'full'
  /** It ends right after it has let go of one, and that is heard first. */
  | 'dies giving';

class Held implements Handle {
  reading = false;
  isClosed = false;
  readonly readStop = (): void => {};
  readonly close = (): void => {
    this.isClosed = true;
  };
}

/** A worker that does what its nature is. */
class Member implements Pick<Worker, 'ask'> {
  lasting: number;
  isServing = true;
  readonly given: Held[] = [];
  readonly #nature: Nature;

  constructor(lasting: number, nature: Nature) {
    this.lasting = lasting;
    this.#nature = nature;
  }

  readonly ask: Worker['ask'] = async (order, handle): Promise<Account> => {
    await new Promise(setImmediate);
    if (order === 'take') return this.#take(handle);
    const account = { given: undefined, hasTaken: false, isLast: false };
    if (order === 'count' || this.#nature === 'busy') return { ...account, lasting: this.lasting };
    const given = new Held();
    this.given.push(given);
    this.lasting -= 1;
    if (this.#nature === 'dies giving') this.#end();
    return { ...account, given, lasting: this.lasting, isLast: !this.isServing };
  };

  #take(handle: Handle | undefined): Account {
    assert.ok(handle instanceof Held && !handle.isClosed);
    if (this.#nature === 'dies taking') this.#end();
    const hasTaken = this.isServing && this.#nature !== 'full';
    if (hasTaken) this.lasting += 1;
    return { lasting: this.lasting, given: undefined, hasTaken, isLast: !this.isServing };
  }

  #end(): void {
    this.isServing = false;
    this.lasting = 0;
  }
}

for (const [what, before, after] of [
  [
    'none are moved where two differ by one',
    [
      [8, 'sound'],
      [7, 'sound'],
    ],
    [8, 7],
  ],
  [
    'two share evenly',
    [
      [30, 'sound'],
      [2, 'sound'],
    ],
    [16, 16],
  ],
  [
    'four share evenly',
    [
      [9, 'sound'],
      [0, 'sound'],
      [3, 'sound'],
      [0, 'sound'],
    ],
    [3, 3, 3, 3],
  ],
  ['one alone keeps all', [[5, 'sound']], [5]],
  [
    'who is busy with all keeps them',
    [
      [9, 'busy'],
      [1, 'sound'],
    ],
    [9, 1],
  ],
  [
    'who is busy with all does not keep others from sharing',
    [
      [9, 'busy'],
      [5, 'sound'],
      [1, 'sound'],
    ],
    [9, 3, 3],
  ],
  [
    'what one dies of taking goes to another',
    [
      [6, 'sound'],
      [0, 'dies taking'],
      [2, 'sound'],
    ],
    [4, 0, 4],
  ],
  [
    'what the only other dies of taking comes back',
    [
      [4, 'sound'],
      [0, 'dies taking'],
    ],
    [4, 0],
  ],
  [
    'what a dying one let go of is not lost',
    [
      [4, 'dies giving'],
      [0, 'sound'],
      [1, 'sound'],
    ],
    [0, 1, 1],
  ],
] as const satisfies readonly (readonly [
  string,
  readonly (readonly [number, Nature])[],
  readonly number[],
])[]) {
  test(what, async () => {
    const members = before.map(([lasting, nature]) => new Member(lasting, nature));
    await new Balance(() => members.filter(({ isServing }) => isServing)).look();
    assert.deepEqual(
      members.map(({ lasting }) => lasting),
      after,
    );
    assert.ok(
      members.every(({ given }) => given.every(({ isClosed }) => isClosed)),
      'we keep no hold of any',
    );
  });
}

test('what a full one will not have comes back, and it is not asked without end', async () => {
  const members = [new Member(6, 'sound'), new Member(0, 'full')];
  await new Balance(() => members).look();
  assert.deepEqual(
    members.map(({ lasting }) => lasting),
    [6, 0],
  );
});

test('who looks while others look has the share looked at once more', async () => {
  const members = [new Member(2, 'sound'), new Member(0, 'sound')];
  const balance = new Balance(() => members);
  const first = balance.look();
  const [one] = members;
  await new Promise(setImmediate);
  assert.ok(one);
  one.lasting += 4;
  await balance.look();
  await first;
  assert.equal(Math.abs((members[0]?.lasting ?? 0) - (members[1]?.lasting ?? 0)) < 2, true);
});

test('what all refuse who were there goes to one that serves only since', async () => {
  const [giver, late] = [new Member(4, 'dies giving'), new Member(0, 'sound')];
  const members = [giver, new Member(0, 'full')];
  const looking = new Balance(() => members.filter(({ isServing }) => isServing)).look();
  while (giver.isServing) await new Promise(setImmediate);
  members.push(late);
  await looking;
  assert.equal(late.lasting, 1);
});

test('when the server stops, nothing is asked', async () => {
  await new Balance(() => []).look();
});
