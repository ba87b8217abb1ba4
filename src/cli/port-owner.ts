import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { printable } from './style.ts';

/**
 * The process that listens on a TCP port, as `name (pid 123)`, where the system tells: on Linux, for
 * processes that this user may look into. Undefined otherwise. Asked only when nothing could be started, so it
 * may look without giving way to anything else.
 */
export function portOwner(port: number): string | undefined {
  const tables = [textOf('/proc/net/tcp'), textOf('/proc/net/tcp6')];
  const links = new Set(
    tables.flatMap(table => listeningInodes(table, port)).map(inode => `socket:[${inode}]`),
  );
  if (links.size === 0) return undefined;
  const pid = namesIn('/proc').find(name => /^\d+$/.test(name) && holds(name, links));
  if (pid === undefined) return undefined;
  const name = printable(textOf(`/proc/${pid}/comm`).trim());
  return name === '' ? `pid ${pid}` : `${name} (pid ${pid})`;
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

function holds(pid: string, links: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  return namesIn(folder).some(descriptor => links.has(linkOf(`${folder}/${descriptor}`)));
}

// Processes and descriptors go while we look, and some are not ours to see: those hold nothing.

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
