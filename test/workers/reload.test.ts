import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch, serving } from '../cli/command.ts';
import { load } from './load.ts';
import { clientPortsOf, until, workersOf } from './processes.ts';

const site = join(scratch, 'site');
mkdirSync(site);
writeFileSync(join(site, 'small.txt'), 'small');

const reloads = 20;
const killsEvery = 4;

test('20 reloads and 5 killed workers under load lose only what the killed ones held', async t => {
  const { run, port } = await serving([site, '0', '-q', '-w', '2']);
  const stopLoad = load(port, '/small.txt', 'small', 16);
  const held = new Set<number>();
  let kills = 0;
  for (let count = 1; count <= reloads; count++) {
    run.child.kill('SIGHUP');
    await until(() => countOf(/reloaded: 2 workers are new/g, run.stderr) === count, `${count} reloads`);
    if (count % killsEvery !== 0) continue;
    // The youngest is no retiring one. While it stands still, what it holds stays the same.
    const victim = workersOf(run).at(-1) ?? 0;
    process.kill(victim, 'SIGSTOP');
    for (const clientPort of clientPortsOf(victim, port)) held.add(clientPort);
    process.kill(victim, 'SIGKILL');
    kills += 1;
    await run.said(new RegExp(`worker ${victim} ended with SIGKILL; another one starts in \\d+ ms\n`));
  }
  const { answers, failedPorts, why } = await stopLoad();
  t.diagnostic(
    `${answers} answers, ${kills} kills held ${held.size} connections, ${failedPorts.length} lost`,
  );
  assert.ok(answers > 1000, `${answers} answers`);
  const unexplained = failedPorts.filter(failed => !held.has(failed));
  assert.deepEqual(unexplained, [], why.join('\n'));
  const { code, stderr } = await run.stop();
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /bug|given up/);
});

function countOf(pattern: RegExp, text: string): number {
  return [...text.matchAll(pattern)].length;
}
