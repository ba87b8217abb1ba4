import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSiteRules } from '../../src/config/rules.ts';
import { addressesByPlace } from '../../src/features/addresses.ts';
import { request } from '../site/fixture.ts';

const { rules } = readSiteRules({ access: [{ from: '/intern', host: 'a.example', deny: 'unix' }] }, () => ({
  file: 'plinth.config.ts',
}));

test('whom every rule serves nothing is kept from, so that it costs nothing', () => {
  const serving = addressesByPlace(
    rules.access.map(rule => ({ ...rule, allows: undefined, denies: () => false })),
  );
  const refusing = addressesByPlace(
    rules.access.map(rule => ({ ...rule, allows: () => false, denies: undefined })),
  );
  const there = { ...request('/intern/x'), authority: 'a.example' };
  const elsewhere = { ...there, authority: 'b.example' };
  assert.equal(serving.reach(there), undefined);
  assert.equal(refusing.reach(elsewhere), undefined);
  assert.equal(refusing.reach(there)?.(['intern', 'y']), false);
  assert.equal(refusing.reach(there)?.(['other']), true);
});

test('what is guarded from anybody is known, whatever the host, and what is read is declared', () => {
  const { guard, isGuarded } = addressesByPlace(
    rules.access.map(rule => ({ ...rule, allows: undefined, denies: undefined })),
  );
  assert.deepEqual([isGuarded(['intern', 'x']), isGuarded(['x'])], [true, false]);
  assert.deepEqual(guard.reads, [':client', ':authority']);
});
