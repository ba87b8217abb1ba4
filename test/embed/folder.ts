// A folder for sites in programs, and what this process holds open of it.
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Larger than what systems take for a reader that has stopped. */
export const bigBytes: number = 24 * 2 ** 20;

/** Octets of which no two pieces are alike. */
export const big: Buffer = patterned(bigBytes);

/** A folder, and how to be rid of it. */
export interface Folder {
  readonly root: string;
  /** Descriptors of this process that lead into it. Linux tells; elsewhere it is always 0. */
  readonly descriptors: () => number;
  readonly remove: () => void;
}

/** Makes one with pages, a large file, a folder without an index page, and what must not be seen. */
export function makeFolder(): Folder {
  const above = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-embed-')));
  const root = join(above, 'site');
  mkdirSync(join(root, 'docs'), { recursive: true });
  mkdirSync(join(root, 'bare'));
  mkdirSync(join(root, 'private'));
  const files = {
    'index.html': 'home',
    'a.txt': 'content of a',
    '404.html': 'not here',
    'docs/index.html': 'docs index',
    'private/page.html': 'private page',
    'bare/x.txt': 'x',
    '.env': 'TOP-SECRET',
    _redirects: '/old /docs/ 301\n',
    '../secret': 'TOP-SECRET',
    'big.bin': big,
  };
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content);
  symlinkSync('../secret', join(root, 'way-out'));
  const descriptors = (): number => {
    if (process.platform !== 'linux') return 0;
    return readdirSync('/proc/self/fd').filter(name => linkOf(name).startsWith(join(root, 'big.bin'))).length;
  };
  return { root, descriptors, remove: () => rmSync(above, { recursive: true }) };
}

/** What tells octets apart. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

function patterned(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
  return bytes;
}
