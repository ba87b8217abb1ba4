import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hosts } from '../../src/features/hosts.ts';
import { request } from '../site/fixture.ts';

const rows: readonly (readonly [allowed: string, authority: string | undefined, isAllowed: boolean])[] = [
  ['example.com', 'example.com', true],
  ['Example.COM.', 'example.com:80', true],
  ['example.com', 'EXAMPLE.com.', true],
  ['example.com', 'www.example.com', false],
  ['example.com', 'example.com.evil.example', false],
  ['*.example.com', 'www.example.com', true],
  ['*.example.com', 'a.b.example.com.:443', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', '.example.com', false],
  ['*.example.com', 'evilexample.com', false],
  ['::1', '[::1]', true],
  ['[::1]', '[0:0:0:0:0:0:0:1]:80', true],
  ['2001:DB8::1', '[2001:db8:0::1]', true],
  ['::ffff:192.0.2.1', '[::FFFF:c000:201]', true],
  ['192.0.2.1', '192.0.2.1:80', true],
  ['192.0.2.1', '[::ffff:192.0.2.1]', false],
  ['fe80::1%eth0', 'example.com', false],
  ['example.com', undefined, false],
  ['example.com', '', false],
  ['example.com', 'user@example.com', false],
];

for (const [allowed, authority, isAllowed] of rows) {
  test(`where ${allowed} is allowed, ${authority || 'no host'} is ${isAllowed ? '' : 'not '}`, () => {
    const response = hosts([allowed])({ ...request('/'), authority });
    assert.equal(response?.status, isAllowed ? undefined : 403);
  });
}
