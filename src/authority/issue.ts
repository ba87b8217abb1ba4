/**
 * authority/: certificates for this machine alone, made by an authority of its own. Here certificates are made (X.509,
 * RFC 5280); `local.ts` keeps the authority in the user's data folder, `trust.ts` has the system and browsers trust it.
 * Nothing here knows a socket or a request.
 */
import { randomBytes, webcrypto } from 'node:crypto';
import { Integer, OctetString, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  GeneralSubtree,
  NameConstraints,
} from 'pkijs';
import { addressOctets } from '../http/authority.ts';

/** A certificate and its private key, both in PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is to say. */
export interface Wish {
  /** Its common name: what people see in a list of certificates. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly validFromMs: number;
  readonly validUntilMs: number;
}

/** Hosts that an authority may vouch for: a name stands for all names below it, too. */
export interface Bounds {
  readonly names: readonly string[];
  /** Addresses with masks: `10.0.0.0/255.0.0.0`, as octets one behind the other. */
  readonly ranges: readonly Uint8Array[];
}

/**
 * Makes an authority with a new key (P-256). Within `bounds` (RFC 5280 §4.2.1.10) it may vouch for servers, and for
 * nothing else: who steals its key cannot pretend to be the rest of the world. Without, it is bound by nothing.
 */
export function issueAuthority(wish: Wish, bounds?: Bounds): Promise<Issued> {
  return issue(wish, undefined, identifier => [
    extension('2.5.29.19', new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
    keyUsage(signsCertificates),
    new Extension({ extnID: '2.5.29.14', extnValue: new OctetString({ valueHex: identifier }).toBER(false) }),
    ...(bounds === undefined ? [] : [extension('2.5.29.30', boundsOf(bounds), true)]),
  ]);
}

/** Makes a certificate for a server with these names and addresses, and a new key for it. */
export function issueServer(wish: Wish, hosts: readonly string[], issuer: Issued): Promise<Issued> {
  return issue(wish, issuer, (_, issuerIdentifier) => [
    keyUsage(signsHandshakes),
    extension('2.5.29.37', new ExtKeyUsage({ keyPurposes: [forServers, forClients] })),
    extension('2.5.29.17', new GeneralNames({ names: hosts.map(nameOf) })),
    extension(
      '2.5.29.35',
      new AuthorityKeyIdentifier({ keyIdentifier: new OctetString({ valueHex: issuerIdentifier }) }),
    ),
  ]);
}

const forServers = '1.3.6.1.5.5.7.3.1';
const forClients = '1.3.6.1.5.5.7.3.2';
/** Bits of a key usage with the number of those that are unused before them, in DER. RFC 5280 §4.2.1.3. */
const signsCertificates = Buffer.from([0x03, 0x02, 0x01, 0x06]);
const signsHandshakes = Buffer.from([0x03, 0x02, 0x07, 0x80]);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;

async function issue(
  { subject, validFromMs, validUntilMs }: Wish,
  issuer: Issued | undefined,
  extensions: (identifier: ArrayBuffer, issuerIdentifier: ArrayBuffer) => Extension[],
): Promise<Issued> {
  const { subtle } = webcrypto;
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = new Certificate();
  certificate.version = 2;
  // Twenty octets at most, and positive.
  certificate.serialNumber = new Integer({
    valueHex: arrayOf(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
  });
  certificate.subject.typesAndValues.push(commonName(subject));
  certificate.notBefore.value = new Date(validFromMs);
  certificate.notAfter.value = new Date(validUntilMs);
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey as never);
  const signing = issuer === undefined ? undefined : await readIssuer(issuer);
  certificate.issuer = signing?.certificate.subject ?? certificate.subject;
  const identifier = await identifierOf(certificate);
  const issuerIdentifier = signing === undefined ? identifier : await identifierOf(signing.certificate);
  certificate.extensions = extensions(identifier, issuerIdentifier);
  await certificate.sign((signing?.key ?? keys.privateKey) as never, 'SHA-256');
  const pkcs8 = await subtle.exportKey('pkcs8', keys.privateKey);
  return {
    cert: pem('CERTIFICATE', certificate.toSchema(true).toBER(false)),
    key: pem('PRIVATE KEY', pkcs8),
  };
}

async function readIssuer({
  cert,
  key,
}: Issued): Promise<{ readonly certificate: Certificate; readonly key: webcrypto.CryptoKey }> {
  return {
    certificate: Certificate.fromBER(octetsOf(cert)),
    key: await webcrypto.subtle.importKey('pkcs8', octetsOf(key), algorithm, false, ['sign']),
  };
}

/** The hash by which certificates name the key of their issuer. RFC 5280 §4.2.1.2 (1). */
function identifierOf({ subjectPublicKeyInfo }: Certificate): Promise<ArrayBuffer> {
  const { valueHexView } = subjectPublicKeyInfo.subjectPublicKey.valueBlock;
  return webcrypto.subtle.digest('SHA-1', valueHexView as Uint8Array<ArrayBuffer>);
}

function commonName(value: string): AttributeTypeAndValue {
  return new AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value }) });
}

function extension(
  id: string,
  value: { toSchema(): { toBER(sizeOnly?: boolean): ArrayBuffer } },
  isCritical = false,
): Extension {
  return new Extension({ extnID: id, critical: isCritical, extnValue: value.toSchema().toBER(false) });
}

function keyUsage(bits: Buffer): Extension {
  return new Extension({ extnID: '2.5.29.15', critical: true, extnValue: arrayOf(bits) });
}

function boundsOf({ names, ranges }: Bounds): NameConstraints {
  const trees = [
    ...names.map(value => new GeneralName({ type: dnsName, value })),
    ...ranges.map(
      octets => new GeneralName({ type: ipAddress, value: new OctetString({ valueHex: arrayOf(octets) }) }),
    ),
  ];
  return new NameConstraints({ permittedSubtrees: trees.map(base => new GeneralSubtree({ base })) });
}

const dnsName = 2;
const ipAddress = 7;

function nameOf(host: string): GeneralName {
  const octets = addressOctets(host);
  return octets === undefined
    ? new GeneralName({ type: dnsName, value: host })
    : new GeneralName({ type: ipAddress, value: new OctetString({ valueHex: arrayOf(octets) }) });
}

function arrayOf(octets: Uint8Array): ArrayBuffer {
  return new Uint8Array(octets).buffer;
}

function octetsOf(text: string): ArrayBuffer {
  return arrayOf(Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
}

function pem(label: string, octets: ArrayBuffer): string {
  const lines = Buffer.from(octets)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
