import { readFileSync } from 'node:fs';
import type { Limits } from '../http/limits.ts';

/**
 * The limits with every 0 of `connectionsMax` and `openFilesMax` replaced by what the process may really open:
 * half for connections, half for files. A connection sends one file at a time, so whoever is let in can be
 * served; without this bound the system's EMFILE would hit whichever comes next.
 */
export function withinDescriptors(limits: Limits): Limits {
  const half = Math.max(4, Math.floor((descriptorsMax() - reservedDescriptors) / 2));
  return {
    ...limits,
    connectionsMax: limits.connectionsMax === 0 ? half : limits.connectionsMax,
    openFilesMax: limits.openFilesMax === 0 ? half : limits.openFilesMax,
  };
}

/** Standard streams, the event loop's own and the listening sockets; a bare Node process holds about 20. */
const reservedDescriptors = 32;

/** Linux tells in /proc; elsewhere Node has raised the soft limit to the hard one, commonly this or more. */
function descriptorsMax(): number {
  const otherwise = 10_240;
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found?.[1] === undefined ? otherwise : Number(found[1]);
  } catch {
    return otherwise;
  }
}
