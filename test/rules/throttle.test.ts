import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchPattern } from '../../src/rules/pattern.ts';
import { readThrottleRule } from '../../src/rules/throttle.ts';

const rows: readonly (readonly [
  text: string,
  bytesPerSecond: number,
  latencyMs: number,
  paths: string,
  others: string,
])[] = [
  ['slow-3g', 50_000, 2000, '/ /a /a/b.jpg', ''],
  ['fast-3g', 180_000, 560, '/', ''],
  ['500', 500, 0, '/', ''],
  ['100k', 102_400, 0, '/', ''],
  ['1m,200ms', 1_048_576, 200, '/', ''],
  ['20k,3s', 20_480, 3000, '/', ''],
  ['*.jpg=fast-3g', 180_000, 560, '/a.jpg /b/c/a.jpg', '/a.png /a.jpg/b'],
  ['*.{jpg,png}=1k', 1024, 0, '/a.jpg /b/c.png', '/a.gif'],
  ['/img/**=1k,1s', 1024, 1000, '/img /img/a /img/b/c', '/imgs/a /a'],
  ['/a=b/*=1k', 1024, 0, '/a=b/c', '/a'],
];

for (const [text, bytesPerSecond, latencyMs, paths, others] of rows) {
  test(`${text} is ${bytesPerSecond} octets a second after ${latencyMs} ms for ${paths}`, () => {
    const rule = readThrottleRule(text);
    assert.ok(!('kind' in rule));
    assert.deepEqual([rule.bytesPerSecond, rule.latencyMs], [bytesPerSecond, latencyMs]);
    const matches = (path: string): boolean =>
      matchPattern(rule.from, { segments: path.split('/').filter(Boolean), endsInSlash: false }) !==
      undefined;
    for (const path of paths.split(' ')) assert.ok(matches(path), path);
    for (const path of others.split(' ').filter(Boolean)) assert.ok(!matches(path), path);
  });
}

test('what is no speed, and no pattern, is unreadable', () => {
  const speed = /^wanted slow-3g, fast-3g, or octets a second such as 100k or 1m,200ms$/;
  const unread: readonly (readonly [string, RegExp])[] = [
    ['', speed],
    ['3g', speed],
    ['0', speed],
    ['100k,', speed],
    ['100k,2', speed],
    ['100g', speed],
    ['-1', speed],
    ['*.jpg', speed],
    ['*.jpg=', speed],
    ['a/b=1k', /begin/],
    ['=1k', /./],
  ];
  for (const [text, why] of unread) {
    const rule = readThrottleRule(text);
    assert.ok('kind' in rule, text);
    assert.match(rule.why, why);
  }
});
