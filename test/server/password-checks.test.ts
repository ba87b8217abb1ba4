import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Checked, PasswordChecks } from '../../src/server/password-checks.ts';

const reports: string[] = [];
const checks = new PasswordChecks(line => reports.push(line));
// The thread of passwords keeps no process alive, and a test waits for it.
const keeper = setInterval(() => {}, 1000);
after(() => {
  checks.stop();
  clearInterval(keeper);
  assert.deepEqual(reports, []);
});

/** What `htpasswd`, `openssl passwd -apr1` and the argon2 command make of passwords. */
const made: readonly (readonly [password: string, hash: string])[] = [
  ['secret', '$2y$05$rYTOiRo75osaibB.dK0WceO3RmoJZy5nFSC7OrDeiDzsmgqQtL5ma'],
  ['pässword', '$2b$04$5nLF5kWg.lN.m.2lTmTlaO8M2tQlTK4eXMIcxQu3UnpjtamrEi6jS'],
  ['secret', '$2a$04$p6WsvnD1UcervBkNIKy/sekvn./yLQHxewa3JWVoWwfWU1kgsZQPm'],
  ['x', '$2y$04$Bh9Y1kCJUeZP69.ajD71B.TuY4/YBn0xPmnd1vnn8FSgGnXOagcKS'],
  ['secret', '$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/'],
  ['x', '$apr1$abcdefgh$82JubPF2dQkt1tVfvLnXS.'],
  ['0123456789abcdef', '$apr1$abcdefgh$sxHfOFLANAYXeGF./FBFh.'],
  ['0123456789abcdefg', '$apr1$abcdefgh$1EmOoQBtUQ/xoE6y2eLUr/'],
  ['pässword', '$apr1$abcdefgh$rRdIxwY5XRHT4TMtBPZn.0'],
  ['secret', '$apr1$PfceMES9$wMQW.oQFJeILlqj1afp5z1'],
  ['secret', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='],
  [
    'secret',
    '$argon2id$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$AlfGoiFvbfKdIUZ5lBdLO5R504zi+gyRy3jSWwjvH9s',
  ],
  [
    'secret',
    '$argon2i$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$rxeUx6V6cEYJgmXDVd55H+tl/YW+9azCcOozMoFgw/4',
  ],
  [
    'secret',
    '$argon2d$v=19$m=256,t=2,p=4$MDEyMzQ1Njc4OWFiY2RlZg$Vqrl3zu6/mVHe+2v8Slr8Jt+fCYp3N1XcEQwZt46U5A',
  ],
];

for (const [password, hash] of made) {
  test(`${hash.slice(0, 30)}… is of ${password.slice(0, 20)} and of nothing else`, async () => {
    const check = (text: string): Promise<Checked> => checks.check({ hash, password: Buffer.from(text) }, '');
    assert.equal(await check(password), 'right');
    for (const wrong of [`${password.slice(0, -1)}?`, password.slice(0, -1) || '?', 'other']) {
      assert.equal(await check(wrong), 'wrong', wrong);
    }
  });
}

const [[, slow = ''] = []] = made;

test('addresses take turns, and one of them waits for its own only', async () => {
  const order: string[] = [];
  const ask = async (address: string): Promise<void> => {
    await checks.check({ hash: slow, password: Buffer.from('wrong') }, address);
    order.push(address);
  };
  await Promise.all([...'aaaaaa'].map(ask).concat(ask('b'), ask('c')));
  assert.deepEqual(order.slice(0, 5).toSorted(), ['a', 'a', 'a', 'b', 'c']);
});

test('more than may wait are told to come again, from one address and from all', async () => {
  const ask = (address: string): Promise<Checked> =>
    checks.check({ hash: slow, password: Buffer.from('wrong') }, address);
  const one = await Promise.all(Array.from({ length: 40 }, () => ask('a')));
  assert.equal(one.filter(checked => checked === 'wrong').length, 17, 'one under way and sixteen that wait');
  const kin = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(`2001:db8::${n}`)));
  assert.equal(kin.filter(checked => checked === 'wrong').length, 17, 'a network counts as one');
  const all = await Promise.all(Array.from({ length: 300 }, (_, n) => ask(`${n % 20}`)));
  assert.equal(all.filter(checked => checked === 'wrong').length, 129);
});

test('a stop gives up what waits, and the next check is made all the same', async () => {
  const given = Promise.all(
    Array.from({ length: 5 }, () => checks.check({ hash: slow, password: Buffer.from('wrong') }, '')),
  );
  checks.stop();
  assert.deepEqual([...new Set(await given)], ['busy']);
  assert.equal(await checks.check({ hash: slow, password: Buffer.from('wrong') }, ''), 'wrong');
});

test('a hash that no function takes is reported, and the next check is made all the same', async () => {
  const told: string[] = [];
  const others = new PasswordChecks(line => told.push(line));
  const password = Buffer.from('apple');
  assert.equal(await others.check({ hash: '$argon2id$broken', password }, ''), 'busy');
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /^a password could not be checked: /);
  assert.equal(await others.check({ hash: slow, password }, ''), 'wrong');
  others.stop();
});
