import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from './random.ts';

/** One input that is kept. */
export interface Seed {
  /** Its file, for people. */
  readonly name: string;
  readonly bytes: Buffer;
}

const corpusFolder = join(import.meta.dirname, 'corpus');
const crashFolder = join(import.meta.dirname, 'crashes');

/** The inputs that are kept for a target, in the order of their names. */
export function readCorpus(target: string): readonly Seed[] {
  const folder = join(corpusFolder, target);
  return readdirSync(folder)
    .sort()
    .map(name => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** Writes an input that broke something where git does not look, and answers its path. */
export function keepCrash(target: string, bytes: Uint8Array): string {
  mkdirSync(crashFolder, { recursive: true });
  const path = join(crashFolder, `${target}-${hashOf(bytes).toString(16).padStart(8, '0')}`);
  writeFileSync(path, bytes);
  return path;
}
