import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** A file that was read. */
export interface ReadFile {
  readonly path: string;
  readonly octets: Buffer;
}

/** The files that certificates are made from. */
export interface CertificateFiles {
  /** PEM with the certificates of the issuers behind the server's own and perhaps its key, or PFX. */
  readonly certs: readonly ReadFile[];
  /** PEM. To which certificate a key belongs is seen by the key. */
  readonly keys: readonly ReadFile[];
  /** Opens keys and PFX files that are encrypted. */
  readonly passphrase: string | undefined;
}

/** A certificate and its key, as OpenSSL takes them. */
type Credentials =
  | { readonly cert: string; readonly key: string }
  | { readonly pfx: Buffer; readonly passphrase: string | undefined };

/** A certificate that can be shown, with its key. */
export interface Certificate {
  readonly path: string;
  /** The hosts that it is for: names in lower case, perhaps with `*` for their first label, and addresses. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly validUntilMs: number;
  readonly credentials: Credentials;
}

/** Certificates, and what an operator should know of them. */
export interface Certificates {
  readonly kind: 'read';
  readonly all: readonly Certificate[];
  readonly warnings: readonly string[];
}

/** What keeps certificates from being used, in words that name the file. */
export interface CertificateFault {
  readonly kind: 'fault';
  readonly why: string;
}

/**
 * Finds each certificate's key and checks that OpenSSL takes both. What browsers will not accept, such as a certificate
 * that has expired, is a warning: whoever renews it does so while the server runs.
 */
export function readCertificates(
  { certs, keys, passphrase }: CertificateFiles,
  nowMs: number,
): Certificates | CertificateFault {
  const known: { readonly path: string; readonly key: KeyObject }[] = [];
  for (const { path, octets } of [...keys, ...certs]) {
    const blocks = blocksOf(octets, keyBlock);
    const isKeyFile = keys.some(file => file.path === path);
    if (isKeyFile && blocks.length === 0) return fault(path, 'is no private key in PEM');
    for (const block of blocks) {
      const key = keyOf(block, passphrase);
      if (typeof key === 'string') return fault(path, key);
      known.push({ path, key });
    }
  }
  const all: Certificate[] = [];
  const warnings: string[] = [];
  const used = new Set<KeyObject>();
  for (const file of certs) {
    const blocks = blocksOf(file.octets, certificateBlock);
    const [leaf, ...issuers] = blocks.map(parsed);
    if (leaf === undefined) {
      const found = readPfx(file, passphrase);
      if (found.kind === 'fault') return found;
      all.push(found.certificate);
      warnings.push(...remarksOn(found.leaf, file.path, nowMs));
      continue;
    }
    if (leaf === null || issuers.includes(null))
      return fault(file.path, 'holds a certificate that cannot be read');
    const own = known.find(({ key }) => leaf.checkPrivateKey(key));
    if (own === undefined) return fault(file.path, whyNoKey(leaf, blocks, known));
    used.add(own.key);
    const key = own.key.export({ type: 'pkcs8', format: 'pem' }).toString();
    const credentials: Credentials = { cert: blocks.join('\n'), key };
    const refusal = refusalOf(credentials);
    if (refusal !== undefined) return fault(file.path, `OpenSSL refuses it: ${refusal}`);
    all.push(certificateOf(file.path, leaf, credentials));
    warnings.push(...remarksOn(leaf, file.path, nowMs));
    // Who was issued by somebody that browsers do not know by heart has to show that one's certificate, too.
    if (issuers.length === 0 && /CA Issuers/.test(leaf.infoAccess ?? ''))
      warnings.push(`${file.path}: lacks the certificate of its issuer, and many clients will not trust it`);
  }
  const idle = known.filter(({ key }) => !used.has(key)).map(({ path }) => path);
  warnings.push(...new Set(idle.map(path => `${path}: no certificate belongs to this key`)));
  return { kind: 'read', all, warnings };
}

/** The certificates of authorities in a file; why there are none. */
export function readAuthorities({
  path,
  octets,
}: ReadFile): CertificateFault | { readonly kind: 'read'; readonly pem: string } {
  const blocks = blocksOf(octets, certificateBlock);
  if (blocks.length === 0) return fault(path, 'holds no certificate in PEM');
  if (blocks.map(parsed).includes(null)) return fault(path, 'holds a certificate that cannot be read');
  return { kind: 'read', pem: blocks.join('\n') };
}

/**
 * The hosts of a certificate's subject alternative names (RFC 6125 §6.4): its common name counts no more.
 * @internal
 */
export function namesOf({ subjectAltName }: Pick<X509Certificate, 'subjectAltName'>): readonly string[] {
  const found = (subjectAltName ?? '').matchAll(/(?:^|, )(?:DNS|IP Address):([^,"]+)(?=,|$)/g);
  return [...found].map(([, name = '']) => name.toLowerCase());
}

const certificateBlock =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;
const keyBlock = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[^-]*(?:-[^-]+)*-----END \1-----/g;

function blocksOf(octets: Buffer, pattern: RegExp): readonly string[] {
  return octets.toString('latin1').match(pattern) ?? [];
}

function parsed(block: string | Buffer): X509Certificate | null {
  try {
    return new X509Certificate(block);
  } catch {
    return null;
  }
}

function keyOf(block: string, passphrase: string | undefined): KeyObject | string {
  try {
    return createPrivateKey(passphrase === undefined ? block : { key: block, passphrase });
  } catch (error) {
    if (!/ENCRYPTED/.test(block))
      return `holds a private key that cannot be read: ${(error as Error).message}`;
    return passphrase === undefined ? lacksPassphrase : wrongPassphrase;
  }
}

const lacksPassphrase = 'is encrypted; wanted the file of its passphrase as --tls-pass';
const wrongPassphrase = 'the passphrase does not open it';

function whyNoKey(
  leaf: X509Certificate,
  blocks: readonly string[],
  known: readonly { readonly path: string; readonly key: KeyObject }[],
): string {
  const other = blocks.slice(1).find(block => known.some(({ key }) => parsed(block)?.checkPrivateKey(key)));
  if (other !== undefined) return 'the certificate of the server is not the first in it';
  const paths = [...new Set(known.map(({ path }) => path))];
  if (paths.length === 0) return 'its private key is missing; wanted its file as --tls-key';
  const subject = namesOf(leaf).join(', ') || leaf.subject;
  return `the certificate for ${subject} and the key do not belong together (${paths.join(', ')})`;
}

/** What is no PEM may be PFX (PKCS #12). Its names are read back from what OpenSSL made of it. */
function readPfx(
  { path, octets }: ReadFile,
  passphrase: string | undefined,
):
  | CertificateFault
  | { readonly kind: 'read'; readonly certificate: Certificate; readonly leaf: X509Certificate } {
  // PEM is text; what is neither text nor a sequence in DER is no certificate of any kind.
  if (octets[0] !== derSequence) return fault(path, 'holds no certificate in PEM, and is no PFX either');
  if (parsed(octets) !== null) return fault(path, 'is a certificate in DER, wanted PEM or PFX');
  const credentials: Credentials = { pfx: octets, passphrase };
  try {
    const { context } = createSecureContext(credentials as object) as unknown as { readonly context: Native };
    const der = context.getCertificate?.();
    const leaf = der ? parsed(der) : null;
    if (leaf === null) return fault(path, 'is a PFX without a certificate that can be read');
    return { kind: 'read', certificate: certificateOf(path, leaf, credentials), leaf };
  } catch (error) {
    const { message } = error as Error;
    if (/mac verify failure/i.test(message))
      return fault(path, passphrase === undefined ? lacksPassphrase : wrongPassphrase);
    if (/unsupported/i.test(message))
      return fault(
        path,
        'is encrypted in a way that is no longer used; make it anew with openssl pkcs12 -export',
      );
    return fault(path, `is neither PEM nor a PFX with a certificate and its key (${message})`);
  }
}

/** The first octet of what is written in DER, as PFX is. */
export const derSequence = 0x30;

/** What OpenSSL holds behind a context; not public. */
interface Native {
  readonly getCertificate?: () => Buffer | null;
}

function certificateOf(path: string, leaf: X509Certificate, credentials: Credentials): Certificate {
  return { path, names: namesOf(leaf), validUntilMs: Date.parse(leaf.validTo), credentials };
}

function refusalOf(credentials: Credentials): string | undefined {
  try {
    createSecureContext(credentials as object);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function remarksOn(leaf: X509Certificate, path: string, nowMs: number): readonly string[] {
  const remarks: string[] = [];
  if (Date.parse(leaf.validTo) <= nowMs) remarks.push(`${path}: expired on ${leaf.validTo}`);
  else if (Date.parse(leaf.validFrom) > nowMs) remarks.push(`${path}: is not valid before ${leaf.validFrom}`);
  else if (Date.parse(leaf.validTo) - nowMs < soonMs) remarks.push(`${path}: expires on ${leaf.validTo}`);
  if (namesOf(leaf).length === 0)
    remarks.push(`${path}: names no host (subjectAltName), and no browser will trust it`);
  return remarks;
}

/** Certificates of 90 days are renewed when a third is left; those of 6 days, when half is. */
const soonMs = 2 * 24 * 3600 * 1000;

function fault(path: string, why: string): CertificateFault {
  return { kind: 'fault', why: `${path}: ${why}` };
}
