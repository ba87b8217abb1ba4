import { randomBytes, X509Certificate } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bounds, type Issued, issueAuthority, issueServer } from './issue.ts';
import { authorityFile, dataFolder } from './place.ts';

/** The authority of this user on this machine. */
export interface LocalAuthority extends Issued {
  /** The file that it is kept in, with its key: for its owner alone. */
  readonly path: string;
  /** Whether it was made just now: nothing can trust it yet. */
  readonly isNew: boolean;
}

/** What keeps an authority from being had, in words that name the file. */
export interface AuthorityFault {
  readonly kind: 'fault';
  readonly why: string;
}

/**
 * The authority in the user's data folder; made there when there is none, or none that can still be used. Of several
 * processes that make it at once one wins, and all use what that one has made. `machine` is the name of this one.
 */
export async function openAuthority(
  machine: string,
  nowMs: number,
  folder: string = dataFolder(),
): Promise<LocalAuthority | AuthorityFault> {
  const path = join(folder, authorityFile);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = readAuthority(path);
    if (found !== undefined && isUsable(found, nowMs)) return { ...found, path, isNew: false };
    if (found !== undefined) rmSync(path);
    const made = await issueAuthority(
      {
        subject: authorityName(machine),
        validFromMs: nowMs - clockLeewayMs,
        validUntilMs: nowMs + authorityLifeMs,
      },
      localBounds(machine),
    );
    const isOurs = putInPlace(path, `${made.cert}${made.key}`);
    const kept = isOurs ? made : readAuthority(path);
    if (kept === undefined) return { kind: 'fault', why: `${path}: another process is making it; try again` };
    return { ...kept, path, isNew: isOurs };
  } catch (error) {
    return { kind: 'fault', why: (error as Error).message };
  }
}

/** The authority that `openAuthority` would find; undefined where it would make one. Throws the system's error. */
export function usableAuthority(nowMs: number, folder: string = dataFolder()): Issued | undefined {
  const found = readAuthority(join(folder, authorityFile));
  return found !== undefined && isUsable(found, nowMs) ? found : undefined;
}

/** The name of the authority that is made on a machine of this name. */
export function authorityName(machine: string): string {
  return `Plinth local authority (${machine})`;
}

/** The authority that is there, however old, for whoever wants none to be made; undefined when there is none. Throws the system's error. */
export function readAuthority(path: string): Issued | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new Error(
      `${path}: others may read the key of your authority; remove it, and plinth trust a new one`,
    );
  const [cert = ''] = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n/.exec(text) ?? [];
  const [key = ''] = /-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----\n/.exec(text) ?? [];
  if (cert === '' || key === '')
    throw new Error(`${path}: is no authority of ours; remove it or move it away`);
  return { cert, key };
}

/**
 * Makes a certificate for those of these hosts that the authority may vouch for: its bounds were drawn when it was made,
 * and a machine can get another name or an address that all the world may have.
 */
export function issueLocally(
  authority: Issued,
  machine: string,
  hosts: readonly string[],
  nowMs: number,
): Promise<Issued> {
  const subject = new X509Certificate(authority.cert).subject;
  const isNamed = subject.includes(`(${machine})`);
  const held = hosts.filter(host => isLocal(host) || (isNamed && host === machine));
  const wish = {
    subject: 'localhost',
    validFromMs: nowMs - clockLeewayMs,
    validUntilMs: nowMs + serverLifeMs,
  };
  return issueServer(wish, [...new Set(held)], authority);
}

/** Whether it outlives a certificate that it issues now. */
function isUsable({ cert }: Issued, nowMs: number): boolean {
  return Date.parse(new X509Certificate(cert).validTo) - nowMs > serverLifeMs;
}

const dayMs = 24 * 3600 * 1000;
const clockLeewayMs = 3600 * 1000;
const authorityLifeMs = 3650 * dayMs;
/** Apple's systems accept no more than 825 days. */
const serverLifeMs = 397 * dayMs;

/** The names and addresses that no more than one network can have, and with them this machine's own name. */
function localBounds(machine: string): Bounds {
  return {
    names: [...localNames, ...(machine === '' ? [] : [machine])],
    ranges: localRanges.map(rangeOctets),
  };
}

const localNames = ['localhost', 'local', 'test', 'internal', 'home.arpa'];
/** Loopback, private and link-local addresses, with the bits of their prefixes. RFC 1918, 3927, 4193, 4291. */
const localRanges: readonly (readonly [number[], bits: number])[] = [
  [[127, 0, 0, 0], 8],
  [[10, 0, 0, 0], 8],
  [[172, 16, 0, 0], 12],
  [[192, 168, 0, 0], 16],
  [[169, 254, 0, 0], 16],
  [[...Array<number>(15).fill(0), 1], 128],
  [[0xfc, ...Array<number>(15).fill(0)], 7],
  [[0xfe, 0x80, ...Array<number>(14).fill(0)], 10],
];

function rangeOctets([address, bits]: readonly [number[], number]): Uint8Array {
  const mask = address.map((_, index) => (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 0xff);
  return Uint8Array.from([...address, ...mask]);
}

function isLocal(host: string): boolean {
  const name = host.toLowerCase();
  if (/^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\.[\d.]+$/.test(name)) return true;
  if (name.includes(':')) return name === '::1' || /^f[cd]/.test(name) || /^fe[89ab]/.test(name);
  return localNames.some(end => name === end || name.endsWith(`.${end}`));
}

/** False when somebody else's is there already. It appears whole, and is never anybody's to read but its owner's. */
function putInPlace(path: string, text: string): boolean {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
