import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { errorPage } from '../../src/page/error.ts';
import { listingSheet } from '../../src/page/listing-style.ts';
import { errorPolicy, errorSheet, listingPolicy } from '../../src/page/style.ts';

test('the policy of error pages allows exactly the style sheet that they carry', () => {
  const digest = createHash('sha256').update(errorSheet).digest('base64');
  assert.ok(
    errorPolicy.includes(`style-src 'sha256-${digest}';`),
    `write 'sha256-${digest}' into errorPolicy`,
  );
  const document = errorPage({ status: 404, reason: 'Not Found', explanation: '' });
  assert.equal(document.split('<style>')[1]?.split('</style>')[0], errorSheet);
});

const policies: readonly (readonly [page: string, policy: string, wanted: readonly string[]])[] = [
  ['errors', errorPolicy, ["form-action 'none'"]],
  [
    'listings',
    listingPolicy,
    ["script-src 'self'", "style-src 'self'", "require-trusted-types-for 'script'"],
  ],
];

test('no policy allows what is inline, from elsewhere, in a foreign frame or below a foreign base', () => {
  for (const [page, policy, wanted] of policies) {
    const directives = policy.split('; ');
    for (const directive of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", ...wanted])
      assert.ok(directives.includes(directive), `${page}: ${directive}`);
    assert.doesNotMatch(policy, /unsafe|https?:|data:|blob:|\*/, page);
  }
  assert.doesNotMatch(errorPolicy, /script-src|connect-src/);
});

test('the style sheets ask nothing of the network, and cannot end a style element', () => {
  for (const sheet of [errorSheet, listingSheet]) assert.doesNotMatch(sheet, /url\(|@import|@font-face|</);
});
