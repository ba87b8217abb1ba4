import { ipVersion } from './authority.ts';
import type { Fields } from './fields.ts';
import type { Client } from './message.ts';

/** Whose request it is. */
export interface Origin {
  readonly client: Client;
  /** A remark for the log: what proxies said could not be believed. */
  readonly note?: string;
}

/** The address of a client about whom the proxies do not say who it is. No range holds it. */
export const unknownAddress: string = 'unknown';

/**
 * Whose request it is when the peer is a proxy that is trusted, or behind several: each adds the address of its own
 * peer on the right, so they are read from right to left for as long as they are trusted; the first that is not is the
 * client. What stands left of it anybody may have written. A client that is not named, or not by an address, is unknown,
 * and so is one of whom Forwarded (RFC 7239) and X-Forwarded-For say different things: one of them comes from a proxy
 * that adds to it, the other perhaps from the client, and nobody can tell which. `isTrusted` is asked for addresses
 * without a zone; a peer on a Unix socket has the empty one.
 */
export function originOf(fields: Fields, peer: Client, isTrusted: (address: string) => boolean): Origin {
  if (!isTrusted(peer.address)) return { client: peer };
  const given = [
    addressIn(fields.get('forwarded'), forwardedHops, isTrusted),
    addressIn(fields.get('x-forwarded-for'), listedHops, isTrusted),
  ].filter(address => address !== undefined);
  const [address, other = address] = given;
  if (address === undefined) return { client: peer };
  if (address !== other) return unknown('Forwarded and X-Forwarded-For name different clients');
  if (address === unknownAddress) return unknown('a proxy did not say for which address it asks');
  return { client: { address, port: 0 } };
}

function unknown(note: string): Origin {
  return { client: { address: unknownAddress, port: 0 }, note };
}

/** The address in one field; undefined when the field is absent. */
function addressIn(
  value: string | undefined,
  hopsOf: (value: string) => readonly string[],
  isTrusted: (address: string) => boolean,
): string | undefined {
  if (value === undefined) return undefined;
  let address = unknownAddress;
  for (const hop of hopsOf(value).toReversed()) {
    address = addressOf(hop) ?? unknownAddress;
    if (address === unknownAddress || !isTrusted(address)) return address;
  }
  // All of them are trusted: the one that is farthest away asks for itself.
  return address;
}

function listedHops(value: string): readonly string[] {
  return value.split(',');
}

/** What `for` says in each element; an element without it names nobody. A value that is malformed names nobody either. */
function forwardedHops(value: string): readonly string[] {
  const hops: string[] = [];
  let hop = '';
  let last: string | undefined = ',';
  pair.lastIndex = 0;
  while (pair.lastIndex < value.length) {
    const groups = pair.exec(value)?.groups;
    if (groups === undefined) return nobody;
    const { name = '', token, quoted, end } = groups;
    if (name.toLowerCase() === 'for') hop = token ?? quoted?.replace(/\\(.)/g, '$1') ?? '';
    last = end;
    if (end === ';') continue;
    hops.push(hop);
    hop = '';
  }
  return last === '' ? hops : nobody;
}

const nobody: readonly string[] = [''];

// RFC 7239 §4: name=token or name="quoted", joined by semicolons within an element and by commas between them.
const pair =
  /[ \t]*(?<name>[\w!#$%&'*+.^`|~-]+)=(?:(?<token>[\w!#$%&'*+.^`|~-]+)|"(?<quoted>(?:[^"\\]|\\.)*)")[ \t]*(?<end>[;,]|$)/y;

/** `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`, spaces around; else undefined. */
function addressOf(hop: string): string | undefined {
  const text = hop.trim();
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  return ipVersion(bare) === undefined ? undefined : bare;
}
