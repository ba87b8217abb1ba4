import { constants, type Dirent } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../config/options.ts';
import type { Address } from '../index.ts';
import { isLoopback } from './banner.ts';
import type { MountedFolder } from './root.ts';
import { printable } from './style.ts';

/** What a root holds that nobody means to publish, by whether a client can get at it, and what no client can ask for. */
export interface Hazards {
  readonly served: readonly string[];
  readonly denied: readonly string[];
  /** Names that are not UTF-8, as well as they can be shown. */
  readonly misnamed: readonly string[];
}

/**
 * Looks through the top of each folder that is served (its first 10,000 names) for `.env` files, `.git`, private keys
 * and `node_modules`, and for names that are not UTF-8. A key is one by its content. What cannot be read is passed over.
 */
export async function findHazards(folders: readonly MountedFolder[]): Promise<Hazards> {
  const found: Hazards[] = [];
  for (const { at, path, dotfiles } of folders) {
    const { served, denied, misnamed } = await hazardsIn(path, dotfiles);
    const named = (name: string): string => (at === '' ? name : `${at}/${name}`);
    found.push({ served: served.map(named), denied: denied.map(named), misnamed: misnamed.map(named) });
  }
  return {
    served: found.flatMap(one => one.served),
    denied: found.flatMap(one => one.denied),
    misnamed: found.flatMap(one => one.misnamed),
  };
}

async function hazardsIn(root: string, dotfiles: boolean): Promise<Hazards> {
  const served: string[] = [];
  const denied: string[] = [];
  const misnamed: string[] = [];
  let namesLeft = namesMax;
  let keysLeft = keysReadMax;
  try {
    for await (const entry of await opendir(root)) {
      namesLeft -= 1;
      if (namesLeft < 0) break;
      if (await isMisnamed(root, entry.name)) misnamed.push(entry.name);
      const mayBeKey = entry.isFile() && keyName.test(entry.name);
      if (mayBeKey) keysLeft -= 1;
      const isHazard =
        isHazardByName(entry) ||
        (mayBeKey && keysLeft >= 0 && (await holdsPrivateKey(join(root, entry.name))));
      if (!isHazard) continue;
      const isDenied = entry.name.startsWith('.') && !dotfiles;
      (isDenied ? denied : served).push(entry.name);
    }
  } catch {
    // The folder went away or may not be read: the server answers for that itself.
  }
  return { served: served.sort(), denied: denied.sort(), misnamed: misnamed.sort() };
}

/** The hazards in words: what anyone can read, and what is kept back and why. None when there is nothing to say. */
export function hazardLines({
  served,
  denied,
  misnamed,
}: Hazards): readonly (readonly ['warning' | 'note', string])[] {
  return [
    ...(served.length > 0 ? [['warning', `anyone here can read ${names(served)}`] as const] : []),
    ...(denied.length > 0 ? [['note', `not served, as dotfiles are off: ${names(denied)}`] as const] : []),
    ...(misnamed.length > 0
      ? [['note', `not served, as the name is not UTF-8: ${names(misnamed)}`] as const]
      : []),
  ];
}

/** That passwords can be read on their way to the server, where others can reach it. */
export function passwordLines(
  { auth, tls, tlsCert }: Pick<Settings, 'auth' | 'tls' | 'tlsCert'>,
  addresses: readonly Address[],
): readonly (readonly ['warning', string])[] {
  const isReached = addresses.some(address => address.kind === 'tcp' && !isLoopback(address.host));
  if (auth.length === 0 || !isReached || tls || tlsCert.length > 0) return [];
  return [['warning', 'passwords come in the clear; --tls-cert secures them']];
}

const namesMax = 10_000;
const keysReadMax = 32;
const keyHeadBytes = 4096;
const namedMax = 4;
const keyName = /\.(pem|key)$|^id_(rsa|dsa|ecdsa|ed25519)$/i;

function isHazardByName({ name }: Dirent): boolean {
  return /^\.env(\.|$)/i.test(name) || /^(\.git|node_modules)$/i.test(name);
}

/** Octets that are no UTF-8 have been replaced in a name; under what came of that nothing is found. */
async function isMisnamed(root: string, name: string): Promise<boolean> {
  if (!name.includes('\ufffd')) return false;
  return lstat(join(root, name)).then(
    () => false,
    () => true,
  );
}

async function holdsPrivateKey(path: string): Promise<boolean> {
  try {
    // It was a file a moment ago; if it is a pipe by now, opening it must not wait for a writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const head = Buffer.alloc(keyHeadBytes);
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      return /-----BEGIN (\w+ )*PRIVATE KEY/.test(head.toString('latin1', 0, bytesRead));
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, namedMax).map(printable).join(', ');
  return all.length > namedMax ? `${shown} and ${all.length - namedMax} more` : shown;
}
