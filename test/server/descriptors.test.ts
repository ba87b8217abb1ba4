import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultLimits } from '../../src/http/limits.ts';
import { withinDescriptors } from '../../src/server/descriptors.ts';

test('zeros are filled in, numbers are left alone', () => {
  const { connectionsMax, openFilesMax } = withinDescriptors(defaultLimits);
  assert.ok(connectionsMax >= 4 && openFilesMax >= 4);
  const given = { ...defaultLimits, connectionsMax: 7, openFilesMax: 9 };
  assert.deepEqual(withinDescriptors(given), given);
});

for (const [limit, half] of [
  [64, 16],
  [40, 4],
  [1024, 496],
] as const) {
  test(`with ${limit} descriptors, connections and files get ${half} each`, {
    skip: process.platform !== 'linux',
  }, () => {
    const module = JSON.stringify(join(import.meta.dirname, '../../src/server/descriptors.ts'));
    const limits = JSON.stringify(join(import.meta.dirname, '../../src/http/limits.ts'));
    const script = `
      const { withinDescriptors } = await import(${module});
      const { defaultLimits } = await import(${limits});
      const { connectionsMax, openFilesMax } = withinDescriptors(defaultLimits);
      console.log(connectionsMax, openFilesMax);`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const told = execFileSync('prlimit', [`--nofile=${limit}:${limit}`, process.execPath, ...args], {
      encoding: 'utf8',
    });
    assert.equal(told.trim(), `${half} ${half}`);
  });
}
