// Each worker watches for itself.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exchange, get, scratch, serving } from '../cli/command.ts';
import { neverMs, settledMs, until } from './servers.ts';

test('a change shows at once from every worker', async t => {
  const root = join(scratch, 'watched');
  mkdirSync(root);
  writeFileSync(join(root, 'a.txt'), 'one');
  await new Promise(resolve => setTimeout(resolve, settledMs));
  const revalidate = ['--revalidate', `${neverMs}ms`];
  const { run, port } = await serving([root, '0', '-q', '-w', '2', '-H', '127.0.0.1', ...revalidate]);
  t.after(() => run.stop());
  // So many connections that no worker is left out.
  const isEverywhere = async (content: string): Promise<boolean> => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => exchange(port, get('/a.txt'))));
    return answers.every(answer => answer.endsWith(`\r\n\r\n${content}`));
  };
  for (let round = 0; round < 3; round++) assert.ok(await isEverywhere('one'));
  writeFileSync(join(root, 'a.txt'), 'two');
  await until(() => isEverywhere('two'), 'no worker answers with what was');
});
