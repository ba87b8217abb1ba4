import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorPage } from '../../src/page/error.ts';

const notFound = { status: 404, reason: 'Not Found', explanation: 'There is nothing at this address.' };

test('an error page says the status, the reason and one sentence, and leads to the front page', () => {
  const document = errorPage(notFound);
  assert.ok(document.includes('<title>404 Not Found</title>'));
  assert.ok(document.includes('<p class="status">404</p>'));
  assert.ok(document.includes('<h1>Not Found</h1>'));
  assert.ok(document.includes('There is nothing at this address.'));
  assert.deepEqual(
    [...document.matchAll(/href="([^"]*)"/g)].map(match => match[1]),
    ['/'],
  );
});

test('CVE-2024-43799 CVE-2018-3716 words of an error page cannot become markup', () => {
  const document = errorPage({ status: 400, reason: '<b>', explanation: '</p><script>alert("1")</script>' });
  assert.ok(document.includes('<h1>&#60;b&#62;</h1>'));
  assert.ok(!document.includes('<script'));
});

test('an error without an explanation has no empty paragraph', () => {
  assert.ok(!errorPage({ ...notFound, explanation: '' }).includes('<p class="why">'));
});
