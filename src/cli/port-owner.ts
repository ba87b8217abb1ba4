import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { workerVariable } from '../workers/protocol.ts';
import { printable } from './style.ts';

/** Who has a TCP port, as far as the system tells. */
export type PortHolder =
  | {
      readonly kind: 'process';
      readonly pid: number;
      readonly name: string;
      readonly isPlinth: boolean;
      /** The supervisor, where the process is one or a worker of one. */
      readonly supervisorPid: number | undefined;
    }
  /** A process that this user may not look into. */
  | { readonly kind: 'hidden'; readonly uid: number }
  | { readonly kind: 'nobody' }
  /** Only Linux tells. */
  | { readonly kind: 'unknown' };

/**
 * The process that listens on a TCP port, as `name (pid 123)`, where the system tells: on Linux, for
 * processes that this user may look into. Undefined otherwise. Asked only when nothing could be started, so it
 * may look without giving way to anything else.
 */
export function portOwner(port: number): string | undefined {
  const holder = portHolder(port);
  if (holder.kind !== 'process') return undefined;
  return holder.name === '' ? `pid ${holder.pid}` : `${holder.name} (pid ${holder.pid})`;
}

/** The same in more words, for whoever wants to do something about it. It sends no signal and opens no connection. */
export function portHolder(port: number): PortHolder {
  const tables = [textOf('/proc/net/tcp'), textOf('/proc/net/tcp6')];
  if (tables.every(table => table === '')) return { kind: 'unknown' };
  const sockets = tables.flatMap(table => listeners(table, port));
  const [first] = sockets;
  if (first === undefined) return { kind: 'nobody' };
  const links = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  const pids = namesIn('/proc').filter(name => /^\d+$/.test(name) && holds(name, links));
  const [pid] = pids;
  if (pid === undefined) return { kind: 'hidden', uid: first.uid };
  const worker = pids.find(isWorker);
  return {
    kind: 'process',
    pid: Number(pid),
    name: printable(textOf(`/proc/${pid}/comm`).trim()),
    isPlinth: isPlinth(pid),
    supervisorPid: worker === undefined ? undefined : parentOf(worker),
  };
}

/** State of a socket that listens, in the tables of proc(5). */
const listening = '0A';

function listeners(table: string, port: number): readonly { readonly inode: string; readonly uid: number }[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(`:${wanted}`) && state === listening)
    .map(columns => ({ inode: columns[9] ?? '', uid: Number(columns[7]) }));
}

function isWorker(pid: string): boolean {
  return textOf(`/proc/${pid}/environ`)
    .split('\0')
    .some(one => one.startsWith(`${workerVariable}=`));
}

function parentOf(pid: string): number | undefined {
  const [, parent] = /^PPid:\s*(\d+)$/m.exec(textOf(`/proc/${pid}/status`)) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

/** Whether the process runs a script that lies in a package of our name. */
function isPlinth(pid: string): boolean {
  const cwd = linkOf(`/proc/${pid}/cwd`);
  const words = textOf(`/proc/${pid}/cmdline`)
    .split('\0')
    .slice(1, 1 + wordsMax);
  return words.some(word => {
    try {
      const script = realpathSync(resolve(cwd, word));
      return JSON.parse(textOf(join(dirname(script), '..', 'package.json')) || '{}').name === 'plinth';
    } catch {
      return false;
    }
  });
}

/** Words of a command line among which the script is looked for: Node's own flags go before it. */
const wordsMax = 16;

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
