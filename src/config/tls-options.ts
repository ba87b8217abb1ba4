/** The rows of the table of options that say how connections are secured, and their readers. */

import { found } from '../rules/found.ts';
import type { Option } from './options.ts';
import { type Reading, readFile, readPort, readSwitch } from './values.ts';

/** How connections are secured. */
export interface TlsSettings {
  /** Whether they are, with a certificate that is made for this machine where none is given. */
  readonly tls: boolean;
  /** Files with certificates; the first is for whoever names no host. Some of them: connections are secured. */
  readonly tlsCert: readonly string[];
  /** Files with their private keys. */
  readonly tlsKey: readonly string[];
  /** A file whose first line opens keys that are encrypted. */
  readonly tlsPass: string | undefined;
  /** A file with the authorities whose clients alone are let in; undefined: all clients are. */
  readonly tlsClientCa: string | undefined;
  /** A port on which plain HTTP is redirected to HTTPS; undefined: none. */
  readonly httpsRedirect: number | undefined;
  /** For how many seconds browsers are to ask by HTTPS only; undefined: nothing is said of it. */
  readonly hsts: number | undefined;
}

/** Whether a server's connections are secured. */
export function isSecured({ tls, tlsCert }: Pick<TlsSettings, 'tls' | 'tlsCert'>): boolean {
  return tls || tlsCert.length > 0;
}

/** Why settings mean nothing, as connections are not secured; undefined when none is such. */
export function whyNotSecured(settings: TlsSettings): string | undefined {
  if (isSecured(settings)) return undefined;
  const { tlsKey, tlsPass, tlsClientCa, httpsRedirect, hsts } = settings;
  const idle = Object.entries({
    '--tls-key': tlsKey[0],
    '--tls-pass': tlsPass,
    '--tls-client-ca': tlsClientCa,
    '--https-redirect': httpsRedirect,
    '--hsts': hsts,
  }).find(([, value]) => value !== undefined);
  return idle && `${idle[0]}: found no certificate, wanted --tls-cert or --tls`;
}

/** The rows, in the order of the help text. */
export const tlsOptions: { readonly [Key in keyof TlsSettings]: Option<TlsSettings[Key]> } = {
  tls: {
    key: 'tls',
    flag: 'tls',
    environment: [],
    initial: false,
    help: 'HTTPS with a certificate made for this machine',
    read: readSwitch,
  },
  tlsCert: {
    key: 'tlsCert',
    flag: 'tls-cert',
    argument: '<file>',
    repeats: true,
    environment: [],
    initial: [],
    help: 'HTTPS with this certificate: chain in PEM, or PFX',
    read: readFiles,
  },
  tlsKey: {
    key: 'tlsKey',
    flag: 'tls-key',
    argument: '<file>',
    repeats: true,
    environment: [],
    initial: [],
    help: 'Its private key in PEM',
    read: readFiles,
  },
  tlsPass: {
    key: 'tlsPass',
    flag: 'tls-pass',
    argument: '<file>',
    isRare: true,
    environment: [],
    initial: undefined,
    help: 'A file with the passphrase of the key',
    read: readFile,
  },
  tlsClientCa: {
    key: 'tlsClientCa',
    flag: 'tls-client-ca',
    argument: '<ca>',
    isRare: true,
    environment: [],
    initial: undefined,
    help: 'Let in only clients with a certificate of these',
    read: readFile,
  },
  httpsRedirect: {
    key: 'httpsRedirect',
    flag: 'https-redirect',
    argument: '[n]',
    isRare: true,
    environment: [],
    initial: undefined,
    help: 'Redirect plain HTTP on this port (80) to HTTPS',
    read: readRedirectPort,
  },
  hsts: {
    key: 'hsts',
    flag: 'hsts',
    argument: '[seconds]',
    isRare: true,
    environment: [],
    initial: undefined,
    help: 'Have browsers ask by HTTPS only (for a year)',
    read: readHsts,
  },
};

/** One file or an array of them, as `readFile` reads each. */
export function readFiles(value: unknown): Reading<readonly string[]> {
  const files: string[] = [];
  for (const one of Array.isArray(value) ? value : [value]) {
    const reading = readFile(one);
    if (reading.kind === 'fault') return reading;
    files.push(reading.value);
  }
  return { kind: 'read', value: files };
}

/** A port, or yes for 80; no for none. Not 0: whoever is to be redirected could not know which port that became. */
export function readRedirectPort(value: unknown): Reading<number | undefined> {
  if (isYes(value)) return { kind: 'read', value: 80 };
  if (value === false) return nothing;
  const port = readPort(value);
  if (port.kind === 'read' && port.value > 0) return port;
  return { kind: 'fault', why: `found ${found(value)}, wanted a port, a whole number from 1 to 65535` };
}

/** Seconds, or yes for a year; no for none. 0 tells browsers to forget what they were told. RFC 6797 §6.1.1. */
export function readHsts(value: unknown): Reading<number | undefined> {
  if (isYes(value)) return { kind: 'read', value: yearSeconds };
  if (value === false) return nothing;
  const seconds = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 0)
    return { kind: 'read', value: seconds };
  return { kind: 'fault', why: `found ${found(value)}, wanted a whole number of seconds` };
}

const nothing: Reading<undefined> = { kind: 'read', value: undefined };
const yearSeconds = 31_536_000;

/** A flag without its number comes as `*`. */
function isYes(value: unknown): boolean {
  return value === true || value === '*';
}
