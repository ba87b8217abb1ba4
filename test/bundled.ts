import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Bundles the sources as they are now, as the build does, into a package in an empty folder, and answers the file of its
 * command; what lies in dist/ may be older. Throws when the bundler fails.
 */
export function bundleInto(folder: string): string {
  const project = join(import.meta.dirname, '..');
  const dist = join(folder, 'dist');
  const script = join(project, 'scripts', 'bundle.mjs');
  const { status } = spawnSync(process.execPath, [script, dist], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} failed`);
  cpSync(join(project, 'package.json'), join(folder, 'package.json'));
  return join(dist, 'cli.js');
}
