import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathTo } from '../../src/http/target.ts';
import { rulesBelow } from '../../src/rules/base.ts';
import { matchPattern } from '../../src/rules/pattern.ts';
import { readRedirects } from '../../src/rules/read-redirects.ts';
import { readServeJson } from '../../src/rules/read-serve-json.ts';
import { fillLocation } from '../../src/rules/template.ts';

/** Where the one rule of a text leads a path, for a site whose top is at `/b a`. */
function led(text: string, path: readonly string[], endsInSlash = false): string | undefined {
  const { rules, faults } = readRedirects(text, '_redirects', 'netlify');
  assert.deepEqual(faults, []);
  const [route] = rulesBelow(rules, ['b a']).routes;
  assert.ok(route?.action.kind === 'redirect');
  const target = pathTo(path, endsInSlash);
  const captures = matchPattern(route.from, target);
  return captures && fillLocation(route.action.to, captures, target);
}

test('patterns match below a base, and paths lead below it', () => {
  const rows: readonly (readonly [string, readonly string[], boolean, string | undefined])[] = [
    ['/old /new', ['b a', 'old'], false, '/b%20a/new'],
    ['/old /new', ['old'], false, undefined],
    ['/old /new', ['b aold'], false, undefined],
    ['/ /new', ['b a'], true, '/b%20a/new'],
    ['/ /new', [], true, undefined],
    ['/x /', ['b a', 'x'], false, '/b%20a/'],
    ['/* /y/:splat', ['b a'], true, '/b%20a/y/'],
    ['/* /y/:splat', ['b a', 'c', 'd'], false, '/b%20a/y/c/d'],
    ['/* /y/:splat', ['b', 'c'], false, undefined],
    ['/:name/z https://h.example/:name', ['b a', 'q', 'z'], false, 'https://h.example/q'],
  ];
  for (const [text, path, endsInSlash, location] of rows)
    assert.equal(led(text, path, endsInSlash), location, `${text} for ${path.join('/')}`);
});

test('a pattern for which the final slash counts keeps that', () => {
  const { rules } = readServeJson('{"redirects":[{"source":"/","destination":"/x"}]}', 'serve.json');
  const [route] = rulesBelow(rules, ['app']).routes;
  assert.ok(route !== undefined);
  for (const [path, endsInSlash, isMatch] of [
    [['app'], true, true],
    [['app', 'x'], false, false],
    [[], true, false],
  ] as const)
    assert.equal(matchPattern(route.from, pathTo(path, endsInSlash)) !== undefined, isMatch, path.join('/'));
});

test('rules of a site at the very top stay the same value', () => {
  const { rules } = readRedirects('/a /b', '_redirects', 'netlify');
  assert.equal(rulesBelow(rules, []), rules);
});
