/** What the clients of the rows over TLS offer: one thing only, so that every server has the same to compute. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from './processes.ts';

/** What two ends agree on, in OpenSSL's words. */
export interface Agreed {
  readonly protocol: string;
  readonly suite: string;
  readonly group: string;
}

/** What is offered. */
export const offer: Agreed = { protocol: 'TLSv1.3', suite: 'TLS_AES_128_GCM_SHA256', group: 'X25519' };

/** The same for the page. */
export const offerInWords = `The client offers nothing but TLS 1.3 with AES-128-GCM (\`${offer.suite}\`) and ${offer.group}, and every server was seen to agree to that.`;

/** What makes a program that uses OpenSSL offer just that; the file that says so is written into the folder. */
export function offering(folder: string): Readonly<Record<string, string>> {
  const path = join(folder, 'openssl.cnf');
  writeFileSync(path, configuration);
  return { OPENSSL_CONF: path };
}

/** Why a server on this port of the loopback has not agreed to the offer, or undefined. Rejects without openssl. */
export async function judgeOffer(port: number, folder: string): Promise<string | undefined> {
  const args = ['s_client', '-brief', '-connect', `127.0.0.1:${port}`];
  const client = start({ file: 'openssl', args, env: offering(folder) });
  const { output } = await client.ended;
  return judgeAgreed(readAgreed(`${output}\n${client.complaint()}`));
}

/** What `openssl s_client -brief` or h2load printed of what was agreed on, or undefined. */
export function readAgreed(printed: string): Agreed | undefined {
  const protocol = /^(?:Protocol version|TLS Protocol): (\S+)/m.exec(printed)?.[1];
  const suite = /^Cipher(?:suite)?: (\S+)/m.exec(printed)?.[1];
  const group = /^(?:(?:Server|Peer) Temp Key|Negotiated TLS1\.3 group): ([\w-]+)/m.exec(printed)?.[1];
  if (protocol === undefined || suite === undefined || group === undefined) return undefined;
  return { protocol, suite, group };
}

/** Why this is not what was offered, or undefined. */
export function judgeAgreed(agreed: Agreed | undefined): string | undefined {
  if (agreed === undefined) return 'agreed to no offer of TLS';
  const said = ({ protocol, suite, group }: Agreed): string => [protocol, suite, group].join(' ');
  return said(agreed) === said(offer) ? undefined : `agreed on ${said(agreed)} where ${said(offer)} is right`;
}

/** Why rows that need it cannot be measured, or undefined. */
export function opensslMissing(): string | undefined {
  const { error } = spawnSync('openssl', ['version']);
  return error === undefined ? undefined : 'openssl is not installed (Debian: apt-get install openssl)';
}

const configuration = `openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = offer
[offer]
MinProtocol = ${offer.protocol}
MaxProtocol = ${offer.protocol}
Ciphersuites = ${offer.suite}
Groups = ${offer.group}
`;
