import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { versionBytes } from './version.ts';

/** Stands in every file that no answer may hold. */
export const secret = 'SECRET-THAT-NO-ANSWER-HOLDS';

/** A file that never changes. */
export interface StaticFile {
  readonly target: string;
  readonly content: Buffer;
}

/** The folder that is served, beside a folder of secrets and one in which new files are made. */
export interface TortureSite {
  readonly root: string;
  /** On the same file system and not served: what is made here is renamed into place. */
  readonly workshop: string;
  readonly staticFiles: readonly StaticFile[];
  readonly remove: () => void;
}

const staticLengths: readonly (readonly [name: string, length: number])[] = [
  ['small.txt', 1024],
  ['empty.txt', 0],
  ['one-octet.bin', 1],
  ['page.html', 5000],
  ['step.bin', 64 * 1024],
  ['step-and-one.bin', 64 * 1024 + 1],
  ['large.bin', 4 * 1024 * 1024 + 7],
  ['a name & ü.txt', 2000],
];

/** Makes the site; the changing files are made by `files.ts`. */
export function makeSite(): TortureSite {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-torture-')));
  const root = join(folder, 'site');
  const workshop = join(folder, 'workshop');
  for (const name of ['site/static/folder', 'site/changing/releases', 'site-secret', 'workshop']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  writeFileSync(join(folder, 'site-secret', 'key.txt'), secret);
  writeFileSync(join(root, '.env'), secret);
  writeFileSync(join(root, 'static', '.hidden'), secret);
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>Torture</title>\n');
  symlinkSync('../../site-secret/key.txt', join(root, 'static', 'way-out.txt'));
  symlinkSync('../../site-secret', join(root, 'static', 'way-out'));
  const staticFiles = staticLengths.map(([name, length], index) => {
    const content = versionBytes({ version: 1_000_000 + index, length });
    writeFileSync(join(root, 'static', name), content);
    return { target: `/static/${encodeURIComponent(name)}`, content };
  });
  return { root, workshop, staticFiles, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
