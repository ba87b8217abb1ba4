/** One start and one look at the memory, of servers and of a Node process that has nothing to do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bringUp, check, type Rival, rest, type Setting, siteFolder, type Up } from './bring-up.ts';
import { residentMiB, start } from './processes.ts';
import type { Outcome } from './turns.ts';
import { overConnections, writeSite } from './workloads.ts';

const workload = overConnections(1);

/** Column: milliseconds from spawn to the first whole answer, on no particular core, as a user starts it. */
export async function measureStartUp(rival: Rival, setting: Setting): Promise<Outcome> {
  return withServer(rival, setting, async up => up.firstAnswerMs);
}

/** Column: milliseconds from spawn until a Node process with nothing to do runs its first statement. */
export async function measureBareStartUp(): Promise<Outcome> {
  const beganMs = performance.now();
  const program = start({ file: process.execPath, args: ['-e', "require('fs').writeSync(1, '.')"] });
  await program.firstOutput;
  const elapsedMs = performance.now() - beganMs;
  await program.ended;
  return { kind: 'measured', values: [elapsedMs] };
}

/** Column: resident MiB at rest, after one answer and 0.7 s of silence. */
export async function measureMemory(rival: Rival, setting: Setting): Promise<Outcome> {
  return withServer(rival, setting, async up => {
    await rest();
    return residentMiB(up.program.pid);
  });
}

/** Column: resident MiB of a Node process that only waits. */
export async function measureBareMemory(): Promise<Outcome> {
  const wait = "require('fs').writeSync(1, '.'); setInterval(() => {}, 1e9)";
  const program = start({ file: process.execPath, args: ['-e', wait] });
  await program.firstOutput;
  await rest();
  const values = [residentMiB(program.pid)];
  await program.stop();
  return { kind: 'measured', values };
}

/** Takes a figure of a server that has just started, if it then answers rightly. */
async function withServer(
  rival: Rival,
  setting: Setting,
  measure: (up: Up) => Promise<number>,
): Promise<Outcome> {
  const up = await bringUp(rival, apart(setting), workload.floorAnswer);
  if (up.kind === 'failed') return up;
  try {
    const value = await measure(up);
    const checked = await check(up, workload);
    return checked.kind === 'failed' ? checked : { kind: 'measured', values: [value] };
  } finally {
    await up.program.stop();
  }
}

/** With a site of its own: a server that reads all of a folder when it starts would pay for what other rows left in theirs. */
function apart(setting: Setting): Setting {
  const folder = join(setting.folder, 'at-rest');
  if (!existsSync(folder)) writeSite(siteFolder(folder));
  return { ...setting, folder };
}
