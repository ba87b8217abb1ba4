// Certificates and keys for tests, made anew for each file of tests, and files with them.
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Issued, issueAuthority, issueServer } from '../../src/authority/issue.ts';

const dayMs = 24 * 3600 * 1000;

/** A wish for a certificate that is good now. */
export const goodNow = { validFromMs: Date.now() - dayMs, validUntilMs: Date.now() + 30 * dayMs };

/** A wish for one that was good until yesterday. */
export const goodOnce = { validFromMs: Date.now() - 9 * dayMs, validUntilMs: Date.now() - dayMs };

/** A folder with files of PEM; the test removes it. */
export interface TlsFolder {
  readonly authority: Issued;
  readonly path: (name: string) => string;
  /** Issues a certificate for these hosts, and writes `<name>.crt` and `<name>.key`, which only its owner may read. */
  readonly issue: (name: string, hosts: readonly string[], wish?: typeof goodNow) => Promise<Issued>;
  readonly write: (name: string, text: string | Buffer, mode?: number) => string;
  readonly remove: () => void;
}

/** Makes a folder and an authority, whose certificate is `authority.crt` in it. */
export async function makeTlsFolder(): Promise<TlsFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-tls-'));
  const authority = await issueAuthority({ subject: 'Authority of a test', ...goodNow });
  const path = (name: string): string => join(folder, name);
  const write: TlsFolder['write'] = (name, text, mode = 0o600) => {
    writeFileSync(path(name), text, { mode });
    return path(name);
  };
  write('authority.crt', authority.cert);
  return {
    authority,
    path,
    write,
    issue: async (name, hosts, wish = goodNow) => {
      const issued = await issueServer({ subject: hosts[0] ?? name, ...wish }, hosts, authority);
      write(`${name}.crt`, issued.cert);
      write(`${name}.key`, issued.key);
      return issued;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The same key behind a passphrase. */
export function encrypted(key: string, passphrase: string): string {
  return createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString();
}
