import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { codeOf } from './places.ts';

/**
 * A socket file that nobody listens on is left over from a crash and is removed. Rejects with EEXIST when
 * something that is no socket stands at its path.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isSocket()) {
    const error: NodeJS.ErrnoException = new Error(`something that is no socket stands at ${path}`);
    throw Object.assign(error, { code: 'EEXIST', address: path });
  }
  const isStale = await new Promise<boolean>(resolve => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.on('error', error => resolve(codeOf(error) === 'ECONNREFUSED'));
  });
  if (isStale) unlinkSync(path);
}
