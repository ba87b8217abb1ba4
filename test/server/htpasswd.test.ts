import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHtpasswd } from '../../src/server/htpasswd.ts';

const bcrypt = '$2y$05$eu.Ws914BZeL0IJssqF67ubUA2WSNzCQKShVSjc98rJRaBQVECime';
const argon2 =
  '$argon2id$v=19$m=1024,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ZlTk5NT+AhPrf5/INjp7z7SKhHWBzBUtQBzHpErnabM';
const apr1 = '$apr1$aFDu5xvy$bwE.0TomrC6vRo7oColaP1';
const sha = '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=';

test('users are read line by line, in each kind of hash that keeps a secret', () => {
  const text = `\xef\xbb\xbf# people\r\nann:${bcrypt}\r\n\r\nbob b:${argon2}\n  \ncid:${apr1}\n\xe9:${sha}`;
  const { users, faults } = parseHtpasswd(text);
  assert.deepEqual(faults, []);
  assert.deepEqual(
    [...users],
    [
      ['ann', bcrypt],
      ['bob b', argon2],
      ['cid', apr1],
      ['\xe9', sha],
    ],
  );
});

const plain = 'a password in plain text; make it anew with htpasswd -B';
const foreign = 'a hash that is none of bcrypt, argon2, apr1 and {SHA}; make it anew with htpasswd -B';
const malformed = 'a hash that is cut short or malformed; make it anew with htpasswd -B';

const faults: readonly (readonly [text: string, line: number, why: string])[] = [
  ['', 1, 'no users'],
  ['# nobody\n\n', 1, 'no users'],
  ['ann', 1, 'wanted name:hash'],
  [`:${bcrypt}`, 1, 'wanted name:hash'],
  [`ann:${bcrypt}\nann:${apr1}`, 2, 'a user who has a line already'],
  [`a\x1bnn:${bcrypt}`, 1, 'a name with a control character'],
  ['ann:apple', 1, plain],
  ['ann:', 1, plain],
  [`ann:${sha} `, 1, malformed],
  ['ann:rqXexS6ZhobKA', 1, foreign],
  ['ann:$1$aFDu5xvy$bwE.0TomrC6vRo7oColaP1', 1, foreign],
  ['ann:$6$salt$hash', 1, foreign],
  ['ann:{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 1, foreign],
  [`ann:${bcrypt.slice(0, -1)}`, 1, malformed],
  [`ann:${bcrypt.replace('$2y$', '$2x$')}`, 1, malformed],
  [`ann:${apr1.slice(0, -1)}`, 1, malformed],
  [`ann:${bcrypt.replace('$05$', '$03$')}`, 1, 'a bcrypt cost of 03, wanted 04 to 16'],
  [`ann:${bcrypt.replace('$05$', '$31$')}`, 1, 'a bcrypt cost of 31, wanted 04 to 16'],
  [
    `ann:${argon2.replace('m=1024', 'm=99999999')}`,
    1,
    'argon2 with m=99999999, t=2, p=1; at most m=1048576, t=64, p=64',
  ],
  [`ann:${argon2.replace('t=2', 't=0')}`, 1, 'argon2 with m=1024, t=0, p=1; at most m=1048576, t=64, p=64'],
  [
    `ann:${argon2.replace('p=1', 'p=999')}`,
    1,
    'argon2 with m=1024, t=2, p=999; at most m=1048576, t=64, p=64',
  ],
  [
    `ann:${argon2.replace('v=19', 'v=16')}`,
    1,
    'an argon2 hash that is malformed or not of version 19; make it anew with htpasswd -B',
  ],
  [
    `ann:${argon2.replace('MDEyMzQ1Njc4OWFiY2RlZg', 'MDEy')}`,
    1,
    'an argon2 hash with a salt below 8 octets, or not of 16 to 64',
  ],
];

for (const [text, line, why] of faults) {
  test(`${JSON.stringify(text.slice(0, 60))} is a fault in line ${line}: ${why}`, () => {
    assert.deepEqual(parseHtpasswd(text).faults, [{ line, why }]);
  });
}

test('each line that is no user is told of', () => {
  const { faults } = parseHtpasswd(`ann:${bcrypt}\nbob:apple\n\ncid\nann:${sha}\n`);
  assert.deepEqual(
    faults.map(({ line }) => line),
    [2, 4, 5],
  );
});

test('no text is more than a fault, and no fault says what stands in the file', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      for (const { why } of parseHtpasswd(`user:SECRET${text}`).faults) assert.doesNotMatch(why, /SECRET/);
    }),
  );
});
