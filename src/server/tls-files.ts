import type { BigIntStats } from 'node:fs';
import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type CertificateFault,
  type Certificates,
  derSequence,
  type ReadFile,
  readAuthorities,
  readCertificates,
} from './certificates.ts';
import type { TlsMeans } from './tls.ts';

/** The files that connections are secured with, by their paths. */
export interface TlsPaths {
  /** A certificate with its key that is in no file. */
  readonly made?: ReadFile | undefined;
  readonly certs: readonly string[];
  readonly keys: readonly string[];
  /** Its first line opens encrypted keys. */
  readonly passphrase: string | undefined;
  readonly clientAuthorities: string | undefined;
}

/** What was read, and what an operator should know of it. */
interface Loaded extends TlsMeans {
  readonly kind: 'loaded';
  readonly warnings: readonly string[];
}

/** Octets of a file that is still read. */
const fileBytesMax = 1024 * 1024;
/** How soon changed files are seen. */
const lookEachMs = 1000;

/**
 * Reads the files now. A fault says in words what keeps them from being used, and names the file. Where others may read
 * a key, that is a warning.
 */
export function loadTlsFiles(paths: TlsPaths, nowMs: number): Loaded | CertificateFault {
  const files = new Map<string, Buffer>();
  const warnings: string[] = [];
  for (const path of allOf(paths)) {
    try {
      const status = statSync(path);
      const why = whyUnfit(status);
      if (why !== undefined) return { kind: 'fault', why: `${path}: ${why}` };
      files.set(path, readFileSync(path));
      if (
        isSecret(path, files.get(path), paths) &&
        process.platform !== 'win32' &&
        (status.mode & looseMode) !== 0
      )
        warnings.push(`${path}: others than its owner may read or change this key; chmod 600 keeps them out`);
    } catch (error) {
      return { kind: 'fault', why: `${path}: cannot be read: ${(error as Error).message}` };
    }
  }
  return meansOf(paths, files, warnings, nowMs);
}

/**
 * Reads the files again when one of them has become another: by a rename, by a link that was flipped, in place. `renew`
 * gets what was read. What cannot be used is reported and changes nothing; but only once it has stayed so from one look
 * to the next, as a certificate and its key are rarely replaced in one step.
 */
export class TlsFileWatch {
  readonly #paths: TlsPaths;
  readonly #renew: (means: TlsMeans) => void;
  readonly #report: (line: string) => void;
  #seen: string | undefined;
  #trouble: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isResting = false;

  constructor(paths: TlsPaths, renew: (means: TlsMeans) => void, report: (line: string) => void) {
    this.#paths = paths;
    this.#renew = renew;
    this.#report = report;
  }

  /** Begins to look. */
  async begin(): Promise<void> {
    this.#seen = await this.#state();
    this.#lookLater();
  }

  /** Looks no more. */
  rest(): void {
    this.#isResting = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (!this.#isResting) this.#timer = setTimeout(() => this.#look(), lookEachMs).unref();
  }

  async #look(): Promise<void> {
    const state = await this.#state();
    if (state === this.#seen) this.#tellTrouble();
    else {
      this.#seen = state;
      const loaded = await this.#load();
      if (this.#isResting) return;
      this.#trouble = loaded.kind === 'fault' ? loaded.why : undefined;
      if (loaded.kind === 'loaded') this.#take(loaded);
    }
    this.#lookLater();
  }

  #take(loaded: Loaded): void {
    this.#renew(loaded);
    for (const warning of loaded.warnings) this.#report(`warning: ${warning}`);
    const until = Math.min(...loaded.certificates.map(({ validUntilMs }) => validUntilMs));
    this.#report(`certificates renewed, valid until ${new Date(until).toISOString()}`);
  }

  #tellTrouble(): void {
    if (this.#trouble === undefined) return;
    this.#report(`${this.#trouble}; the certificates stay as they were`);
    this.#trouble = undefined;
  }

  async #load(): Promise<Loaded | CertificateFault> {
    const files = new Map<string, Buffer>();
    for (const path of allOf(this.#paths)) {
      try {
        const why = whyUnfit(await stat(path));
        if (why !== undefined) return { kind: 'fault', why: `${path}: ${why}` };
        files.set(path, await readFile(path));
      } catch (error) {
        return { kind: 'fault', why: `${path}: cannot be read: ${(error as Error).message}` };
      }
    }
    return meansOf(this.#paths, files, [], Date.now());
  }

  /** Another one whenever a file is another, wherever links lead. */
  async #state(): Promise<string> {
    const states = allOf(this.#paths).map(async path => {
      try {
        return stateOf(await stat(path, { bigint: true }));
      } catch (error) {
        return (error as Error).message;
      }
    });
    return (await Promise.all(states)).join('\n');
  }
}

/** Bits of a mode that let anybody read, or the group change. A group that may read is often meant to. */
const looseMode = 0o027;

function allOf({ certs, keys, passphrase, clientAuthorities }: TlsPaths): readonly string[] {
  const all = [...certs, ...keys, passphrase, clientAuthorities].filter(path => path !== undefined);
  return [...new Set(all.map(path => resolve(path)))];
}

/** A private key, what may hold one (PFX), or what opens one. */
function isSecret(path: string, octets: Buffer | undefined, { passphrase }: TlsPaths): boolean {
  if (passphrase !== undefined && path === resolve(passphrase)) return true;
  return octets !== undefined && (octets[0] === derSequence || octets.includes('PRIVATE KEY-----'));
}

function whyUnfit(status: { readonly size: number; isFile(): boolean }): string | undefined {
  if (!status.isFile()) return 'is not a file';
  return status.size > fileBytesMax ? `is larger than ${fileBytesMax} octets` : undefined;
}

function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function meansOf(
  paths: TlsPaths,
  files: ReadonlyMap<string, Buffer>,
  warnings: readonly string[],
  nowMs: number,
): Loaded | CertificateFault {
  const read = (path: string): ReadFile => ({
    path,
    octets: files.get(resolve(path)) ?? Buffer.alloc(0),
  });
  const passphrase = paths.passphrase && firstLine(read(paths.passphrase).octets);
  const certificates: Certificates | CertificateFault = readCertificates(
    {
      certs: [...(paths.made ? [paths.made] : []), ...paths.certs.map(read)],
      keys: paths.keys.map(read),
      passphrase,
    },
    nowMs,
  );
  if (certificates.kind === 'fault') return certificates;
  const authorities = paths.clientAuthorities && readAuthorities(read(paths.clientAuthorities));
  if (typeof authorities === 'object' && authorities.kind === 'fault') return authorities;
  return {
    kind: 'loaded',
    certificates: certificates.all,
    clientAuthorities: typeof authorities === 'object' ? authorities.pem : undefined,
    warnings: [...warnings, ...certificates.warnings],
  };
}

function firstLine(octets: Buffer): string {
  return octets.toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}
