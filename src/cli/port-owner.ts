import { readdir, readFile, readlink } from 'node:fs/promises';
import { printable } from './style.ts';

/**
 * The process that listens on a TCP port, as `name (pid 123)`, where the system tells: on Linux, for
 * processes that this user may look into. Undefined otherwise.
 */
export async function portOwner(port: number): Promise<string | undefined> {
  const links = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const inode of listeningInodes(await textOf(table), port)) links.add(`socket:[${inode}]`);
  }
  if (links.size === 0) return undefined;
  for (const pid of await namesIn('/proc')) {
    if (/^\d+$/.test(pid) && (await holds(pid, links))) {
      const name = printable((await textOf(`/proc/${pid}/comm`)).trim());
      return name === '' ? `pid ${pid}` : `${name} (pid ${pid})`;
    }
  }
  return undefined;
}

/** State of a socket that listens, in the tables of proc(5). */
const listening = '0A';

function listeningInodes(table: string, port: number): readonly string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(`:${wanted}`) && state === listening)
    .map(columns => columns[9] ?? '');
}

async function holds(pid: string, links: ReadonlySet<string>): Promise<boolean> {
  for (const descriptor of await namesIn(`/proc/${pid}/fd`)) {
    const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (links.has(link)) return true;
  }
  return false;
}

function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
