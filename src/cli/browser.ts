import type { ChildProcess } from 'node:child_process';
import { printable } from './style.ts';

/** Opens an address in the browser that the user likes best. What cannot be done is reported in a line; never rejects. */
export async function openInBrowser(url: string, report: (line: string) => void): Promise<void> {
  const startedMs = performance.now();
  const tell = (why: string): void => report(`no browser could be opened (${printable(why)}); see ${url}`);
  try {
    const { default: open } = await import('open');
    const opener: ChildProcess = await open(url);
    opener.once('error', error => tell(error.message));
    opener.once('exit', code => {
      // What stays is the browser itself: how that ends one day is nothing to us.
      const isOpener = performance.now() - startedMs < openerMaxMs;
      if (isOpener && code !== null && code !== 0) tell(`exit code ${code} of ${opener.spawnfile}`);
    });
  } catch (error) {
    tell((error as Error).message);
  }
}

/** No program takes longer to find out that it cannot open a browser. */
const openerMaxMs = 30_000;
