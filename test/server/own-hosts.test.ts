import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { hosts } from '../../src/features/hosts.ts';
import { ownHosts } from '../../src/server/own-hosts.ts';
import { request } from '../site/fixture.ts';

const rows: readonly (readonly [authority: string, isOwn: boolean])[] = [
  ['localhost', true],
  ['localhost:8080', true],
  ['app.localhost:5173', true],
  ['127.0.0.1', true],
  ['[::1]:8080', true],
  [hostname(), true],
  [`${hostname()}.local:80`, true],
  ['attacker.example', false],
  ['localhost.attacker.example', false],
  ['203.0.113.77', false],
];

const guard = hosts(ownHosts());

for (const [authority, isOwn] of rows) {
  test(`CVE-2025-24010 GHSA-67mh-4wv8-2f99: ${authority} is ${isOwn ? '' : 'not '}a host of this machine`, () => {
    assert.equal(guard({ ...request('/'), authority })?.status, isOwn ? undefined : 403);
  });
}
