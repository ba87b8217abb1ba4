import { parseAuthority } from '../http/authority.ts';
import { noContent, type Request, type Response } from '../http/message.ts';
import type { Declared } from './feature.ts';

/**
 * Refuses (403) requests for other hosts than these: names, `*.example.com` for every name below one (not for itself)
 * and IP addresses, with or without brackets; the port does not count. A page of somebody else whose name was made to
 * lead here (DNS rebinding) sends that name as its Host. A request that names no host is refused as well.
 */
export function hosts(allowed: readonly string[]): ((request: Request) => Response | undefined) & Declared {
  const names = new Set<string>();
  const suffixes: string[] = [];
  for (const one of allowed.map(canonical)) {
    if (one.startsWith('*.')) suffixes.push(one.slice(1));
    else names.add(one);
  }
  const judge = ({ authority = '' }: Request): Response | undefined => {
    const host = canonical(parseAuthority(authority)?.host ?? '');
    const isAllowed = names.has(host) || suffixes.some(end => host.endsWith(end) && host !== end);
    return isAllowed ? undefined : refusal;
  };
  return Object.assign(judge, { reads: [':authority'], title: 'the list of hosts' });
}

const refusal: Response = {
  status: 403,
  fields: [],
  content: noContent,
  explanation:
    'This server does not answer under the name that was asked for; --hosts names those that it has.',
  note: 'a host that is not allowed',
};

/** One spelling for each host: lower case, no final dot, an IPv6 address in its shortest form without brackets. */
function canonical(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '');
  const address = /^\[?([^[\]]*:[^[\]]*)\]?$/.exec(name)?.[1];
  if (address === undefined) return name;
  return URL.canParse(`http://[${address}]/`)
    ? new URL(`http://[${address}]/`).hostname.slice(1, -1)
    : address;
}
