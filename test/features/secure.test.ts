import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentPolicy, secure } from '../../src/features/secure.ts';
import { fieldValue } from '../../src/http/fields.ts';
import { noContent } from '../../src/http/message.ts';

test('a policy without knowledge of the page forbids only what no page needs', () => {
  assert.equal(contentPolicy(), "base-uri 'self'; object-src 'none'; frame-ancestors 'self'");
});

test('a policy of a known page names what may run in it', () => {
  const policy = contentPolicy({ scripts: ["'sha256-a='"], styles: ["'sha256-b='", "'sha256-c='"] });
  const directives = policy.split('; ');
  for (const wanted of [
    "default-src 'self'",
    "script-src 'self' 'sha256-a='",
    "style-src 'self' 'sha256-b=' 'sha256-c='",
    "frame-ancestors 'self'",
    "object-src 'none'",
  ]) {
    assert.ok(directives.includes(wanted), wanted);
  }
  assert.doesNotMatch(policy, /script-src[^;]*unsafe/);
});

test('a field that the answer has stays as it is, whatever its case, and the others are added', () => {
  const fields = [['content-security-policy', "default-src 'none'"]] as const;
  const secured = secure(true).finisher(undefined, { status: 200, fields, content: noContent });
  assert.equal(fieldValue(secured.fields, 'Content-Security-Policy'), "default-src 'none'");
  assert.equal(secured.fields.filter(([name]) => /policy$/i.test(name)).length, 4);
  assert.equal(fieldValue(secured.fields, 'X-Frame-Options'), 'SAMEORIGIN');
});
