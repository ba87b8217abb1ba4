import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowingOwn } from '../../src/http/content-policy.ts';

test('a policy comes to allow scripts of a nonce and connections to its own origin, and nothing else', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['', ''],
    ['img-src *', 'img-src *'],
    ["default-src 'self'", "default-src 'self'"],
    ["default-src 'none'", "default-src 'none'; script-src 'self'; connect-src 'self'"],
    [
      "default-src https://a 'none'; IMG-SRC *",
      "default-src https://a 'none'; img-src *; script-src https://a 'self'; connect-src https://a 'self'",
    ],
    ["script-src 'none'; connect-src 'NONE'", "script-src 'self'; connect-src 'self'"],
    ["script-src *; connect-src 'Self'", "script-src *; connect-src 'Self'"],
    ["script-src 'unsafe-inline'", "script-src 'unsafe-inline' 'self'"],
    ["script-src 'self' 'strict-dynamic'", "script-src 'self' 'strict-dynamic' 'nonce-N'"],
    ["script-src 'nonce-a'", "script-src 'nonce-a' 'nonce-N'"],
    ["script-src 'sha256-a'", "script-src 'sha256-a' 'nonce-N'"],
    ["script-src 'none'; script-src-elem https://a", "script-src 'none'; script-src-elem https://a 'self'"],
    ["script-src 'none'; script-src *", "script-src 'self'"],
    ['script-src;;connect-src', "script-src 'self'; connect-src 'self'"],
    ["img-src *, default-src 'none'", "img-src *, default-src 'none'; script-src 'self'; connect-src 'self'"],
  ];
  for (const [policy, expected] of rows) assert.equal(allowingOwn(policy, 'N'), expected, policy);
});

test('what has been allowed once stays as it is', () => {
  for (const policy of [
    "default-src 'none'",
    "script-src 'nonce-a'; connect-src 'none'",
    "default-src 'sha256-a'",
  ])
    assert.equal(allowingOwn(allowingOwn(policy, 'N'), 'N'), allowingOwn(policy, 'N'));
});
