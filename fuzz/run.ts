/**
 * `npm run fuzz -- --seconds 20 --seed 1 --only head,range`: gives made-up bytes to what reads what clients send, as
 * `targets.ts` lists it. The first broken rule ends the run with exit code 1 and leaves its input in `fuzz/crashes/`.
 */
import { parseArgs } from 'node:util';
import { keepCrash } from './corpus.ts';
import { type Finding, fuzz, replay } from './engine.ts';
import { hashOf, Random, seedOf } from './random.ts';
import type { FuzzTarget } from './target.ts';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
});
const seed = seedOf(values.seed);
const chosen = choose(values.only);
const budgetMs = (Number(values.seconds) * 1000) / chosen.length;

console.log(`fuzz: seed ${seed}`);
for (const target of chosen) {
  stopAt(replay(target));
  const round = fuzz(target, new Random(seed ^ hashOf(target.name)), budgetMs);
  const perSecond = Math.round((round.executions / round.durationMs) * 1000);
  console.log(
    `${target.name.padEnd(12)} ${String(round.executions).padStart(9)} inputs, ${perSecond} a second, ${round.behaviours} behaviours`,
  );
  stopAt(round.finding);
}

function choose(only: string | undefined): readonly FuzzTarget[] {
  if (only === undefined) return targets;
  const names = only.split(',');
  const unknown = names.find(name => !targets.some(target => target.name === name));
  if (unknown === undefined) return targets.filter(target => names.includes(target.name));
  console.error(`fuzz: no target ${unknown}; there are ${targets.map(target => target.name).join(', ')}`);
  process.exit(2);
}

function stopAt(finding: Finding | undefined): void {
  if (finding === undefined) return;
  const { target, input, why } = finding;
  console.error(`fuzz: ${target} with seed ${seed}: ${why}`);
  console.error(`hex:  ${input.toString('hex')}`);
  console.error(`text: ${JSON.stringify(input.toString('latin1'))}`);
  console.error(`kept: ${keepCrash(target, input)}`);
  process.exit(1);
}
