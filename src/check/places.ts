import { resolve } from 'node:path';
import { checkCacheFolder } from '../server/cache-folder.ts';
import { readPasswordFile, type Served } from '../server/password-file.ts';
import { loadTlsFiles, type TlsPaths } from '../server/tls-files.ts';
import type { Finding } from './check.ts';

/** A path, and what findings call it. */
export interface Named {
  readonly path: string;
  readonly name: string;
}

/** What is wrong with password files, line by line; one that is named twice is read once. */
export function checkPasswords(files: readonly Named[], served: Served): readonly Finding[] {
  const once = new Map(files.map(({ path, name }) => [resolve(path), name]));
  return [...once].flatMap(([path, name]) => {
    const reading = readPasswordFile(path, served);
    if (reading.kind === 'read') return [];
    return reading.faults.map(
      ({ line, why }): Finding => ({ kind: 'fault', source: { file: name, ...(line && { line }) }, why }),
    );
  });
}

/** What keeps connections from being secured with these files, and what only ought to be otherwise; each names its file. */
export function checkTlsFiles(paths: TlsPaths, nowMs: number): readonly Finding[] {
  if (paths.certs.length === 0) return [];
  const source = { file: '' };
  const loaded = loadTlsFiles(paths, nowMs);
  if (loaded.kind === 'fault') return [{ kind: 'fault', source, why: loaded.why }];
  return loaded.warnings.map((why): Finding => ({ kind: 'warning', source, why }));
}

/** What is wrong with the folder for coded contents; it is not made. */
export function checkCache({ path, name }: Named, folders: readonly string[]): readonly Finding[] {
  const judged = checkCacheFolder(path, folders);
  return judged.kind === 'fit' ? [] : [{ kind: 'fault', source: { file: name }, why: judged.why }];
}
