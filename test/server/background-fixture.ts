import { after } from 'node:test';
import { Background } from '../../src/server/background.ts';

/** A background for the tests of one file, which ends with them, and what it reports. */
export function startBackground(): { readonly background: Background; readonly reports: string[] } {
  const reports: string[] = [];
  const background = new Background(line => void reports.push(line));
  // The thread keeps no process alive, this one neither.
  const alive = setInterval(() => {}, 1000);
  after(() => {
    clearInterval(alive);
    background.stop();
  });
  return { background, reports };
}
