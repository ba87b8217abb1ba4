import { type Fixtures, readFixturesOf } from '../fixtures.ts';
import { clientOctets } from './client-frames.ts';

/** Every fixture of HTTP/2. */
export function readFixtures(): Fixtures {
  const folder = new URL('./fixtures/', import.meta.url);
  return readFixturesOf(folder, { sent: 'client', expected: 'server', bytesOf: clientOctets });
}
