// Every input that is kept, and some seconds of new ones. A row fails with the smallest input that breaks a rule; put
// it into `fuzz/corpus/` with the fix, where it guards for ever. PLINTH_FUZZ_SEED repeats a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepCrash } from '../../fuzz/corpus.ts';
import { type Finding, fuzz, replay } from '../../fuzz/engine.ts';
import { hashOf, Random, seedOf } from '../../fuzz/random.ts';
import { targets } from '../../fuzz/targets.ts';

const seed = seedOf(process.env.PLINTH_FUZZ_SEED);
const budgetMs = (process.env.CI ? 20_000 : 5000) / targets.length;

for (const target of targets) {
  test(`${target.name}: no input that is kept breaks a rule`, () => {
    expectNone(replay(target));
  });

  test(`${target.name}: no new input breaks a rule`, context => {
    const { executions, behaviours, finding } = fuzz(
      target,
      new Random(seed ^ hashOf(target.name)),
      budgetMs,
    );
    context.diagnostic(`seed ${seed}: ${executions} inputs, ${behaviours} behaviours`);
    expectNone(finding);
    assert.ok(executions > 0);
  });
}

function expectNone(finding: Finding | undefined): void {
  if (finding === undefined) return;
  const { target, input, why } = finding;
  const path = keepCrash(target, input);
  assert.fail(`seed ${seed}, ${JSON.stringify(input.toString('latin1'))} (kept in ${path}): ${why}`);
}
