/** Real folders for tests of the disk store. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type DiskOptions, type DiskStore, diskStore } from '../../src/store/disk.ts';

/** A new folder with these files in it, without links in its own path; the caller removes it. */
async function newFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'plinth-store-')));
  await put(folder, files);
  return folder;
}

/** A new folder that is removed when the test ends. */
export async function folderFor(
  t: TestContext,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await newFolder(files);
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files below a folder, making the folders that they need. */
export async function put(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Dates a file, in milliseconds since 1970. */
export async function date(path: string, modifiedMs: number): Promise<void> {
  // As a Date, since Node takes a negative number for the present.
  await utimes(path, new Date(modifiedMs), new Date(modifiedMs));
}

/** A store with the defaults of the command line, unless told otherwise. */
export function storeAt(root: string, options: Partial<DiskOptions> = {}): DiskStore {
  return diskStore({
    root,
    dotfiles: false,
    followSymlinks: false,
    openFilesMax: 64,
    openWaitTimeoutMs: 10_000,
    ...options,
  });
}

/** Waits until a store holds no descriptor: they are given back in the background. Fails after 5 s. */
export async function allClosed(store: DiskStore): Promise<void> {
  for (let waited = 0; store.openFiles > 0; waited += 1) {
    if (waited === 1000) throw new Error(`${store.openFiles} descriptors are still held`);
    await setTimeout(5);
  }
}

/** Does something while the swapper is at work in a process of its own, and ends it. */
export async function whileSwapping(
  kind: 'file' | 'folder' | 'root',
  path: string,
  target: string,
  deed: () => Promise<void>,
): Promise<void> {
  const script = join(import.meta.dirname, 'swapper.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, kind, path, target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    await deed();
    assert.equal(child.exitCode, null, 'the swapper was at work to the end');
  } finally {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }
}

/** The numbers of this process's descriptors that lead to a path or below it; Linux only. */
export function descriptorsBelow(path: string): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter(fd => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
      } catch {
        return false;
      }
    });
}
