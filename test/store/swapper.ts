/**
 * Run by tests as a process of its own: swaps what stands at a path for a link to another place and back,
 * leaving each for a tenth of a millisecond or so, until it is ended, or for a minute if whoever should end it is gone. `file` makes the file anew each time, `folder` moves the folder aside.
 * `root` is a deployment: a release `<target>/<n>` is made, the link at the path flipped to it, the old one removed.
 */
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';

const [kind = '', path = '', target = ''] = process.argv.slice(2);
const aside = `${path}.aside`;
console.log('swapping');
const endMs = Date.now() + 60_000;
for (let round = 1; Date.now() < endMs; round += 1) {
  if (kind === 'root') {
    mkdirSync(`${target}/${round}/sub`, { recursive: true });
    writeFileSync(`${target}/${round}/sub/a.txt`, 'public');
    symlinkSync(`${target}/${round}`, aside);
    renameSync(aside, path);
    rmSync(`${target}/${round - 1}`, { recursive: true, force: true });
    // Asleep, not spinning: a look that is slow on a busy machine must fit between two deployments.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 + Math.random() * 20);
  } else if (kind === 'file') {
    symlinkSync(target, aside);
    renameSync(aside, path);
    pause();
    writeFileSync(aside, 'public');
    renameSync(aside, path);
  } else {
    renameSync(path, aside);
    symlinkSync(target, path);
    pause();
    unlinkSync(path);
    renameSync(aside, path);
  }
  pause();
}

/** Uneven, so that the swaps fall between any two calls of whoever reads. */
function pause(): void {
  const endsAtMs = performance.now() + Math.random() * 0.3;
  while (performance.now() < endsAtMs);
}
