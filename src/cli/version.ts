import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The package's version, as package.json has it. */
export function readVersion(): string {
  const path = join(import.meta.dirname, '..', '..', 'package.json');
  return String(JSON.parse(readFileSync(path, 'utf8')).version);
}
