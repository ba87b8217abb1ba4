/**
 * `npm run torture -- --seconds 60 --seed 1`: the built server under mutated requests, hostile clients and changing
 * files, while a calm client checks every answer. Exit code 1 says that something was found.
 */
import { parseArgs } from 'node:util';
import { seedOf } from './random.ts';
import { type Course, torture } from './torture/session.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const seed = seedOf(values.seed);
const seconds = Number(values.seconds);
const isTerminal = process.stderr.isTTY === true;
const clear = '\r\x1b[K';

console.log(`torture: seed ${seed}, ${seconds} s`);
const { failure, counts, versions, descriptors, memoryMiB } = await torture({
  seconds,
  seed,
  onProgress: line => {
    if (isTerminal) process.stderr.write(`${clear}${line}`);
  },
});
if (isTerminal) process.stderr.write(clear);
console.log(
  [
    `calm client     ${counts.calm} answers checked (${counts.partial} partial, ${counts.notModified} not modified), ${counts.torn} torn as they may be`,
    `changing files  ${counts.changes} changes, ${versions} versions seen`,
    `mutated         ${counts.mutated} requests, ${counts.mutatedAnswers} answers checked`,
    `hostile         ${counts.hostile} clients, ${counts.hostileAnswers} answers checked`,
    `connections     ${counts.connectionsMax} at once`,
    `descriptors     ${course(descriptors)}`,
    `memory (MiB)    ${course(memoryMiB)}`,
  ].join('\n'),
);
if (failure !== undefined) {
  console.error(`torture: seed ${seed}: ${failure}`);
  process.exitCode = 1;
}

function course({ before, most, after }: Course): string {
  const shown = (figure: number | undefined): string =>
    figure === undefined ? 'not known' : figure.toFixed(0);
  return `${shown(before)} before, ${shown(most)} at most, ${shown(after)} after`;
}
