import type { OwnFiles } from '../page/own-files.ts';
import type { Site } from '../site/site.ts';

/** What listings are made with. */
export const listingMeans: Required<Pick<Site, 'ownFiles' | 'turn'>> = {
  ownFiles,
  turn: () => new Promise(done => setImmediate(done)),
};

let ownFilesOnce: Promise<OwnFiles> | undefined;

/** The sheets and scripts, the same for every server of the process; loaded when the first page asks for them. */
export function ownFiles(): Promise<OwnFiles> {
  ownFilesOnce ??= import('../assets/own-files.ts')
    .then(({ loadOwnFiles }) => loadOwnFiles())
    .catch((error: unknown) => {
      // The next page tries again.
      ownFilesOnce = undefined;
      throw error;
    });
  return ownFilesOnce;
}
