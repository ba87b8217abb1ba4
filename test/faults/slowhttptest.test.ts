// The four attacks of slowhttptest with a thousand connections each, against the command as it is shipped.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { type Run, scratch } from '../cli/command.ts';
import { stayCalm } from './calm-client.ts';
import {
  descriptorsAtRest,
  descriptorsOf,
  endInOrder,
  processorMs,
  skipWithout,
  watched,
} from './process.ts';
import { until } from './until.ts';

const root = join(scratch, 'attacked');
const content = 'calm\n';
const skip = skipWithout('slowhttptest', 'slowhttptest');

before(() => {
  mkdirSync(root);
  writeFileSync(join(root, 'calm.txt'), content);
  writeFileSync(join(root, 'small.bin'), 'x'.repeat(5000));
  writeFileSync(join(root, 'big.bin'), '');
  truncateSync(join(root, 'big.bin'), 256 * 1024 * 1024);
});

const connections = 1000;

/** Each attack, and whether its connections stay or end with their answers. */
const attacks: readonly {
  readonly name: string;
  readonly argv: readonly string[];
  readonly target: string;
  readonly ends: boolean;
}[] = [
  { name: 'slow headers', argv: ['-H', '-i', '2', '-x', '24'], target: '/small.bin', ends: false },
  {
    name: 'slow body',
    argv: ['-B', '-i', '2', '-s', '8192', '-x', '10'],
    target: '/small.bin',
    ends: false,
  },
  {
    name: 'slow read',
    argv: ['-X', '-w', '10', '-y', '20', '-n', '1', '-z', '32'],
    target: '/big.bin',
    ends: false,
  },
  {
    name: 'overlapping ranges (CVE-2011-3192)',
    argv: ['-R', '-t', 'GET', '-a', '5', '-b', '2000'],
    target: '/small.bin',
    ends: true,
  },
];

for (const { name, argv, target, ends } of attacks) {
  test(`a calm client is served throughout: ${name}`, { skip, timeout: 90_000 }, async t => {
    const server = await watched({ root, argv: ['--log', 'combined'] });
    // What a server needs once, such as the descriptor of its watcher, is there after the first answers.
    await stayCalm(server.place, '/calm.txt', content, Promise.resolve());
    const held = await descriptorsAtRest(server);
    let peak = held;
    const sampler = setInterval(() => {
      peak = Math.max(peak, descriptorsOf(server));
    }, 100);
    t.after(() => clearInterval(sampler));
    const attack = promisify(execFile)('prlimit', [
      ...['--nofile=4096', 'slowhttptest', ...argv],
      ...['-u', `http://${server.place.host}:${server.place.port}${target}`],
      ...['-c', String(connections), '-r', '500', '-l', '8', '-p', '5'],
    ]);
    t.after(() => attack.child.kill());
    const { answers, worstMs } = await stayCalm(server.place, '/calm.txt', content, attack);
    t.diagnostic(
      `${answers} calm answers, the worst after ${worstMs.toFixed(0)} ms; ` +
        `${processorMs(server)} ms of processor time, ${peak} descriptors at most`,
    );
    // The attack took place.
    if (ends) await untilAsked(server.run, target);
    else assert.ok(peak >= held + connections, `${peak} descriptors at most`);
    await until(() => `${descriptorsOf(server)} descriptors`, `${held} descriptors`);
    clearInterval(sampler);
    await endInOrder(server);
  });
}

/** Waits for the log to tell of every connection's request: its last lines come after the attack has ended. */
async function untilAsked(run: Run, target: string): Promise<void> {
  const asked = (): number => run.stdout.split('\n').filter(line => line.includes(` ${target} `)).length;
  await until(() => (asked() >= connections ? 'all asked' : `${asked()} asked`), 'all asked');
}
